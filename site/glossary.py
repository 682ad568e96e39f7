"""The words of the glossary in chapter 00 are linked from their first use in every other chapter.

The bold words of its table are linked. What stands in it as code is not, since the API reference
explains that.
"""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PAGE, SECTION = "00_start_here", "the-words-on-one-screen"
CHAPTER = re.compile(r"(\d\d|[A-Z])_\w+")
# What is no running text: a word is no use of the glossary's there, or is a link already.
ELSEWHERE = (
    nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.reference, nodes.raw,
    nodes.title, nodes.emphasis, nodes.thead, addnodes.pending_xref,
)  # fmt: skip


def collect(app, document):
    """Give each bold word of the glossary a label."""
    if app.env.docname != PAGE:
        return
    sections = [s for s in document.findall(nodes.section) if SECTION in s["ids"]]
    bold = [
        strong
        for row in (row for s in sections for row in s.findall(nodes.row))
        for strong in row.children[0].findall(nodes.strong)
        if not list(strong.findall(nodes.literal)) and not isinstance(row.parent, nodes.thead)
    ]
    if not bold:
        raise ValueError(f"{PAGE} must have a table with bold words in its section {SECTION!r}")
    labels = app.env.domains.standard_domain
    app.env.glossary = {}
    for strong in bold:
        word = strong.astext()
        label = nodes.make_id(f"word {word}")
        strong["ids"].append(label)
        labels.labels[label] = PAGE, label, word
        labels.anonlabels[label] = PAGE, label
        app.env.glossary[word.lower()] = label


class FirstUses(SphinxPostTransform):
    """Link the first use of each word on a page."""

    default_priority = 5  # before references are resolved

    def run(self, **_):
        page, labels = self.env.docname, getattr(self.env, "glossary", {})
        if page == PAGE or not CHAPTER.fullmatch(page) or not labels:
            return
        # Plurals are meant, too, and the beginning of a sentence, but no verb: "step it".
        known = "|".join(map(re.escape, labels))
        words = re.compile(rf"\b({known})(e?s)?\b(?! (it|its|them|the)\b)", re.IGNORECASE)
        seen = set()
        for text in list(self.document.findall(nodes.Text)):
            if _in_running_text(text):
                pieces = list(_pieces(text.astext(), words, labels, seen, page))
                if len(pieces) > 1:
                    text.parent.replace(text, pieces)


def _pieces(text, words, labels, seen, page):
    """Cut a text where words are used that were not seen before, and link those."""
    start = 0
    for use in words.finditer(text):
        word = use[1].lower()
        if word in seen:
            continue
        seen.add(word)
        yield nodes.Text(text[start : use.start()])
        start = use.end()
        yield addnodes.pending_xref(
            "", nodes.Text(use[0]), refdomain="std", reftype="ref",
            reftarget=labels[word], refexplicit=True, refdoc=page,
        )  # fmt: skip
    yield nodes.Text(text[start:])


def _in_running_text(node):
    """Whether a text is part of a paragraph, and of nothing that has a sense of its own."""
    paragraph = False
    while node is not None:
        if isinstance(node, ELSEWHERE):
            return False
        paragraph = paragraph or isinstance(node, nodes.paragraph)
        node = node.parent
    return paragraph


def setup(app):
    """Register both."""
    app.connect("doctree-read", collect)
    app.add_post_transform(FirstUses)
