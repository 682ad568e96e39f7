"""Sphinx settings of the book: the Makefile copies this folder beside the executed chapters."""

import posixpath
import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

HERE = Path(__file__).resolve().parent
lrsched_root = next(path for path in HERE.parents if (path / "pyproject.toml").exists())
sys.path[:0] = [str(HERE), str(lrsched_root / "notebooks")]
import repository  # noqa: E402

project = "Learning-rate schedules"
author = "The lrsched-book authors"
copyright = "the lrsched-book authors; text CC BY 4.0, code MIT"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # serves MathJax from the built site, so formulas need no network
    "sphinx_design",
    "sphinxcontrib.bibtex",
    "explorer_data",
    "cheatsheet",
    "contents",
    "reference",
    "glossary",
]
exclude_patterns = ["**.ipynb_checkpoints"]

# The chapters come executed: the page shows what was run, and building it runs nothing.
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "myst"  # a table made by a cell may hold formulas and links
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Of a docstring's single backquotes: a link where there is such a name, code where there is none.
default_role = "py:obj"
napoleon_use_ivar = True  # the attributes of a dataclass, without a second entry for each
napoleon_attr_annotations = False
suppress_warnings = ["ref.python"]  # several classes have an attribute of that name: it stays code
autodoc_typehints = "none"  # the signature's hints are long, and the docstrings say it in words
autodoc_member_order = "bysource"

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"

html_theme = "sphinx_book_theme"
html_title = "Learning-rate schedules: a book that runs"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_show_search_summary = False  # it is fetched, which no page opened from the disk may do
html_theme_options = {
    "home_page_in_toc": True,
    "navbar_persistent": [],  # the sidebar already has the search
    "show_navbar_depth": 1,
    "use_download_button": True,
    **repository.theme_options(repository.address(lrsched_root / "pyproject.toml")),
}

NOTEBOOK = re.compile(r'(href=")([^":#]+)\.ipynb(["#])')
# A tag may stand in it, as long as no words do.
EMPTY_HEADER = re.compile(r"<th\b[^>]*>(?:\s|<(?!/th)[^>]*>)*</th>")


class NotebookLinks(SphinxPostTransform):
    """Let links to notebooks in the outputs of cells lead to their pages.

    An output such as the table of `diagnose` is HTML, which Sphinx hands on as it is. In JupyterLab
    its link opens the notebook beside it; here the notebook is a page.
    """

    default_priority = 900  # after MyST-NB has chosen among the forms of an output

    def run(self, **_):
        for output in self.document.findall(nodes.raw):
            if output.get("format") == "html":
                html = NOTEBOOK.sub(self.to_page, output.astext())
                output.clear()
                output += nodes.Text(html)

    def to_page(self, link):
        start, target, end = link.groups()
        page = posixpath.normpath(posixpath.join(posixpath.dirname(self.env.docname), target))
        return f"{start}{target}.html{end}" if page in self.env.found_docs else link.group()


def without_empty_headers(app, pagename, templatename, context, doctree):
    """Make the corner of a table a plain cell: a header without words tells a listener nothing."""
    context["body"] = EMPTY_HEADER.sub("<td></td>", context.get("body", ""))


def setup(app):
    app.connect("html-page-context", without_empty_headers)
    app.add_post_transform(NotebookLinks)
