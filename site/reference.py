"""The API reference: the directive `api`, and the links to it from the chapters.

A name is looked up in `lrsched_book`, so that it is shown as a reader would write it. The
docstrings are written for those who read the code, with single backquotes around code, which
Sphinx takes for references: where there is such a name it links there, and elsewhere shows code.
"""

import inspect
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

import lrsched_book

PAGE = "api"
ELSEWHERE = (nodes.reference, nodes.title, addnodes.pending_xref)
MENTION = re.compile(r"lb\.([a-z_A-Z.]+)(\(.*\))?")  # `lb.fit`, `lb.fit(…)`, and no other code


def find(name):
    """Return what stands behind a dotted name in the package, such as `theory.best_peak`.

    Raises:
        ValueError: if there is nothing.
    """
    found = lrsched_book
    for part in name.split("."):
        if not hasattr(found, part):
            raise ValueError(f"the page lists {name!r}, but lrsched_book has no such name")
        found = getattr(found, part)
    return found


class Api(SphinxDirective):
    """A list of names, one a line: each becomes an entry."""

    has_content = True

    def run(self):
        lines = []
        for name in self.content:
            kind = "class" if inspect.isclass(found := find(name)) else "function"
            kind = "exception" if kind == "class" and issubclass(found, BaseException) else kind
            lines += [f".. auto{kind}:: lrsched_book.{name}", ""]
            if kind == "class":
                lines[-1:] = ["   :members:", ""]
        section = nodes.container()
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), 0, section)
        return section.children


class Mentions(SphinxPostTransform):
    """Let the first mention of a public name on a page, such as `lb.fit`, lead to its entry."""

    default_priority = 5  # before references are resolved

    def run(self, **_):
        if self.env.docname == PAGE:
            return
        known, linked = self.env.domains.python_domain.objects, set()
        for code in list(self.document.findall(nodes.literal)):
            mention = MENTION.fullmatch(code.astext())
            name = f"lrsched_book.{mention[1]}" if mention else None
            if name not in known or name in linked or _leads_elsewhere(code):
                continue
            linked.add(name)
            link = addnodes.pending_xref(
                "", code.deepcopy(), refdomain="py", reftype="obj", reftarget=name,
                refexplicit=True, refdoc=self.env.docname,
            )  # fmt: skip
            code.replace_self(link)


def _leads_elsewhere(node):
    """Whether a node lies in a link already, or in a title, which is shown in menus, too."""
    while node is not None and not isinstance(node, ELSEWHERE):
        node = node.parent
    return node is not None


def setup(app):
    """Register the directive and the links."""
    app.add_directive("api", Api)
    app.add_post_transform(Mentions)
