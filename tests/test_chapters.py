"""A chapter of the second edition keeps to its budget: what is longer is not finished by a reader.

Such a chapter is known by its header box. Counted is what a reader of the page sees unfolded.
"""

import re

import pytest
from test_notebooks import SOURCES, code_cells, printed, stored, tags

WORDS, LINES, CELL, CLAIMS, FIGURES = 2_000, 250, 20, 18, 10
FOLDED = {"setup", "hide-input", "hide-cell"}
PICTURE_WITHIN = 3  # cells of text before the first figure
CHAPTERS = sorted(name for name, path in SOURCES.items() if "\nheader:" in path.read_text())


def words(notebook):
    """What is read, without links' addresses and the header box."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"<div.*?</div>", "", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "", text)
    return len(re.findall(r"\w[\w'’-]*", text))


def visible(notebook):
    """The lines of each cell that is not folded, without empty ones."""
    cells = [cell for cell in code_cells(notebook) if not FOLDED & set(tags(cell))]
    return [[line for line in cell.source.splitlines() if line.strip()] for cell in cells]


def figures(cell):
    return [o for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})]


@pytest.mark.parametrize("name", CHAPTERS)
class TestChapter:
    def test_has_no_more_words_and_code_than_a_reader_finishes(self, name):
        cells = visible(stored(name))
        assert words(stored(name)) <= WORDS
        assert sum(map(len, cells)) <= LINES
        assert max(map(len, cells), default=0) <= CELL

    def test_has_few_claims_and_figures(self, name):
        cells = code_cells(stored(name))
        assert sum(printed(cell).count("Claim holds: ") for cell in cells) <= CLAIMS
        assert sum(len(figures(cell)) for cell in cells) <= FIGURES

    def test_ends_with_a_summary_exercises_and_further_reading(self, name):
        text = "\n".join(c.source for c in stored(name).cells if c.cell_type == "markdown")
        parts = [text.find(part) for part in ("In short", "# Exercises", "# Further reading")]
        assert -1 < parts[0] < parts[1] < parts[2], f"In short, Exercises, Further reading: {parts}"
        assert f"exercises/{name[:2]}" in SOURCES, f"no exercises in notebooks/src/{name[:2]}.md"
