"""Words of the glossary are linked from their first use on a page, and nowhere else."""

import re
import sys
from pathlib import Path

import pytest
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "site"))
import glossary  # noqa: E402

START = """
# Start

A peak is not linked here.

## The words, on one screen

| word | meaning |
| --- | --- |
| **peak**, top | the highest rate |
| **schedule** | **bold** but no word |
| **batch** | examples |
| **`fit`** | the loop |
"""
CHAPTER = """
# A peak in a title

`peak` and *peak* and [peak](00_start_here.md) are no uses, nor is "batch them". Batches have
schedules; a peak, and another Peak. The scheduler is bold, the top is none, and fit is code.

| batch | schedule |
| --- | --- |
| 1 | 2 |
"""


def built(folder, start=START):
    (folder / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'site')!r})\n"
        "extensions = ['myst_parser', 'glossary']\nexclude_patterns = ['out']\n"
    )
    (folder / "00_start_here.md").write_text(start)
    (folder / "05_step.md").write_text(CHAPTER)
    (folder / "classroom.md").write_text(CHAPTER)
    (folder / "index.md").write_text("# Book\n\n```{toctree}\n:glob:\n\n*\n```\n")
    Sphinx(folder, folder, folder / "out", folder / "trees", "html", status=None).build()
    return {path.stem: path.read_text() for path in (folder / "out").glob("*.html")}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return built(tmp_path_factory.mktemp("site"))


def links(page):
    return re.findall(r'href="00_start_here.html#(word-\w+)">(?:<[^>]*>)*(\w+)', page)


def test_the_first_use_in_running_text_is_linked(pages):
    assert links(pages["05_step"]) == [
        ("word-batch", "Batches"),
        ("word-schedule", "schedules"),
        ("word-peak", "peak"),
    ]


def test_the_words_have_anchors_and_are_not_linked_on_their_own_page(pages):
    assert re.findall(r'<strong id="(word-\w+)"', pages["00_start_here"]) == [
        "word-peak",
        "word-schedule",
        "word-batch",
    ]
    assert not links(pages["00_start_here"])


def test_pages_that_are_no_chapters_have_no_such_links(pages):
    assert not links(pages["classroom"])


def test_a_glossary_that_moved_is_missed(tmp_path):
    with pytest.raises(Exception, match="must have a table with bold words in its section 'the-wo"):
        built(tmp_path, START.replace("## The words", "## Words"))


def test_the_book_has_the_section():
    source = (ROOT / "notebooks" / "src" / f"{glossary.PAGE}.md").read_text()
    assert "## The words, on one screen" in source
