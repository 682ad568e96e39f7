"""What the pages of the site read from files, and what they say of files that are not as asked."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from lrsched_book.diagnosis import RULES

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "site"), str(ROOT / "notebooks")]
import build  # noqa: E402
import cheatsheet  # noqa: E402
import contents  # noqa: E402
import repository  # noqa: E402

BOX = "<p><b>{} minutes</b></p>\n\n**Needs:** {}\n"


@pytest.fixture
def folder(tmp_path):
    """A folder of three chapters, one of them to look up, and of a page that is none."""
    for name, text in {
        "03_why": "# 03 · Why?\n\n" + BOX.format(50, "chapter 01"),
        "16_modern": "# 16 · Modern\n\n" + BOX.format(40, "chapter 11"),
        "A_atlas": "# A · Atlas\n\nEvery schedule.",
        "exercises": "no title",
    }.items():
        nbformat.write(new_notebook(cells=[new_markdown_cell(text)]), tmp_path / f"{name}.ipynb")
    return tmp_path


def test_chapters_are_read_from_their_notebooks(folder):
    assert contents.read_chapters(folder) == [
        contents.Chapter("03_why.ipynb", "03 · Why?", 50, "chapter 01"),
        contents.Chapter("16_modern.ipynb", "16 · Modern", 40, "chapter 11"),
        contents.Chapter("A_atlas.ipynb", "A · Atlas", None, ""),
    ]


def test_every_chapter_of_the_book_stands_in_one_part():
    chapters = contents.read_chapters(ROOT / "notebooks")
    parts = [contents.matching(chapters, patterns) for patterns in contents.PARTS.values()]
    assert [c for part in parts for c in part] == chapters
    assert all(c.minutes and c.needs for c in chapters if c.number.isdigit())


def test_the_map_of_chapter_00_says_of_each_what_its_box_says():
    text = (ROOT / "notebooks" / "src" / "00_start_here.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\d\d) .*\| ([^|]*) \| ([^|]*) \|$", text, re.MULTILINE)
    boxes = {c.number: c for c in contents.read_chapters(ROOT / "notebooks") if c.number.isdigit()}
    assert {"00", *(number for number, _, _ in rows)} == boxes.keys()
    mapped, boxed = {}, {}  # what a chapter needs, with what that needs, by its number
    for number, minutes, needs in rows:
        assert int(minutes) == boxes[number].minutes, number
        said = re.sub(r"[^;]*helps?\b", "", boxes[number].needs)
        for found, named in ((mapped, needs), (boxed, said)):
            direct = set(re.findall(r"\b\d\d\b", named))
            found[number] = direct.union(*(found[other] for other in direct))
    assert mapped == boxed


def test_the_contents_have_a_row_for_each_and_sums_for_parts(folder):
    rows = contents.contents(contents.read_chapters(folder)).splitlines()
    assert "| **I Foundations** | 50 | |" in rows
    assert "| [16 · Modern](16_modern.ipynb) | 40 | chapter 11 |" in rows
    assert "| [A · Atlas](A_atlas.ipynb) | – |  |" in rows
    assert not any("II Schedules" in row for row in rows), "a part without chapters yet"


def test_a_notebook_without_a_title_is_named(folder):
    (folder / "exercises.ipynb").rename(folder / "04_none.ipynb")
    with pytest.raises(ValueError, match=r"^04_none.ipynb must begin with its title.*'no title'"):
        contents.read_chapters(folder)


def test_a_syllabus_adds_up_and_leaves_out_what_is_not_there_yet(folder):
    plan = ["1 | 03 16 | compare", "2 | 17 | later", "3 | | questions"]
    assert contents.syllabus(contents.read_chapters(folder), plan).splitlines()[2:] == [
        "| 1 | [03 · Why?](03_why.ipynb)<br>[16 · Modern](16_modern.ipynb) | 90 | compare |",
        "| 3 |  |  | questions |",
        "| together | 2 chapters | 90 | |",
    ]


def test_a_row_of_another_shape_is_named(folder):
    with pytest.raises(ValueError, match=r"'when \| numbers .* got '1 \| 03'"):
        contents.syllabus(contents.read_chapters(folder), ["1 | 03"])


def test_a_section_of_the_readme_ends_at_the_next_heading():
    readme = "# T\n\n## One\n\ntext\n\n### more\n\n## Two\n\nend\n"
    assert contents.section(readme, "One") == "text\n\n### more"
    assert contents.section(readme, "Two") == "end"
    with pytest.raises(ValueError, match="no section 'On'; there are: One, Two"):
        contents.section(readme, "On")


def test_links_of_the_readme_lead_to_pages():
    text = "![a](results/a.png) [C](notebooks/C.ipynb) [L](LICENSE) [w](https://w.org) [t](#t)"
    assert contents.for_page(text, "../..") == (
        "![a](../../results/a.png) [C](C.ipynb) L [w](https://w.org) [t](#t)"
    )


def pyproject(tmp_path, url):
    path = tmp_path / "pyproject.toml"
    urls = f'[project.urls]\nRepository = "{url}"\n' if url else ""
    path.write_text(f'[project]\nname = "book"\n{urls}', encoding="utf-8")
    return path


def test_without_an_address_there_are_no_buttons(tmp_path):
    url = repository.address(pyproject(tmp_path, None))
    assert url is None
    assert repository.theme_options(url) == {}


@pytest.mark.parametrize(("host", "colab"), [("github.com", True), ("gitlab.com", False)])
def test_with_an_address_the_buttons_lead_there(tmp_path, host, colab):
    url = repository.address(pyproject(tmp_path, f"https://{host}/a-b/c.d"))
    options = repository.theme_options(url)
    assert options["repository_url"] == f"https://{host}/a-b/c.d"
    assert ("colab_url" in options["launch_buttons"]) == colab


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a/b",
        "http://github.com/a/b",
        "https://github.com/a",
        "https://github.com/a/b.git",
        "https://github.com/a/b/tree/main",
        "git@github.com:a/b",
    ],
)
def test_an_address_that_no_button_knows_is_named_with_what_is_allowed(tmp_path, url):
    with pytest.raises(ValueError, match=r"must be https://github\.com/OWNER/NAME") as caught:
        repository.address(pyproject(tmp_path, url))
    assert repr(url) in str(caught.value)


def test_a_notebook_brings_its_package_once_there_is_an_address(tmp_path, monkeypatch):
    source = next(iter(build.all_sources().values()))
    monkeypatch.setattr(repository, "address", lambda: None)
    plain, digest = build.read(source).cells, build.digest(source)
    assert "ModuleNotFoundError" not in "".join(cell.source for cell in plain[:2])
    monkeypatch.setattr(repository, "address", lambda: "https://github.com/a/b")
    first, added, *rest = build.read(source).cells
    assert [first, *rest] == plain
    assert "git clone -q --depth 1 https://github.com/a/b lrsched-book" in added.source
    assert "remove-cell" in build.tags(added)
    assert build.digest(source) != digest, "or `make notebooks` would not write it"


def test_the_cheat_sheet_names_codes_that_diagnose_has():
    sheet = (ROOT / "site" / "cheatsheet.md").read_text()
    named = re.findall(r"^\| `([a-z-]+)` \|", sheet, re.MULTILINE)
    assert len(named) == 6
    assert set(named) <= {rule.code for rule in RULES}


def test_the_cheat_sheet_draws_every_line_from_its_peak_to_its_end():
    titles = [axes.get_title() for axes in cheatsheet.figure().axes]
    assert titles == list(cheatsheet.LINES)
    for axes in cheatsheet.figure().axes:
        (line,) = axes.lines
        assert len(line.get_ydata()) == cheatsheet.STEPS
        assert 0.99 < line.get_ydata().max() <= 1
