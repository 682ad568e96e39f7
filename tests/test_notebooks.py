"""The stored chapters and solutions are complete, were run from their sources, and check something.

nbval compares outputs, but it skips a cell that was never executed and cannot tell that a chapter
checks nothing. These tests close that gap without running a chapter.
"""

import re
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))
import build  # noqa: E402

SOURCES = build.all_sources()
NAMES = sorted(
    {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    | {f"exercises/{path.stem}" for path in NOTEBOOKS.glob("solutions/*.ipynb")}
    | set(SOURCES)
)
# What a notebook saved from JupyterLab may hold and the book must not.
WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS_BAR = re.compile(r"\d+%\|")
# What a chapter checks are its claims, what a solution checks are its answers; each prints a line.
CHECK = re.compile(r"^\s*(?:lb\.)?(claim|check)\(", re.MULTILINE)
PRINTED = {"claim": "Claim holds: ", "check": "Right: "}
tags = build.tags


def stored(name):
    if not build.stored(name).exists():
        pytest.fail(f"{name} is not stored: run `make notebooks`", pytrace=False)
    return nbformat.read(build.stored(name), as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def printed(cell):
    """What the cell wrote to standard output."""
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")


def test_there_are_chapters():
    assert NAMES, f"no chapter in {SOURCES}: the tests below would pass by checking nothing"


@pytest.mark.parametrize("name", NAMES)
class TestStoredNotebook:
    def test_has_a_source_and_is_stored(self, name):
        assert name in SOURCES, f"{name} has no source in notebooks/src"
        assert stored(name)

    def test_agrees_with_its_source_cell_for_cell(self, name):
        def cells(notebook):
            return [(cell.cell_type, cell.source, tags(cell)) for cell in notebook.cells]

        source = build.read(SOURCES[name])
        for number, (was, now) in enumerate(zip(cells(stored(name)), cells(source), strict=False)):
            assert was == now, f"cell {number} differs from the source: run `make notebooks`"
        assert len(stored(name).cells) == len(source.cells)

    def test_was_run_from_this_source_and_package(self, name):
        assert stored(name).metadata.lrsched_book.digest == build.digest(SOURCES[name]), (
            "the source or the package changed since this was run: run `make notebooks`"
        )

    def test_every_code_cell_was_executed_in_order(self, name):
        counts = [cell.execution_count for cell in code_cells(stored(name))]
        assert counts, "a chapter without code"
        assert counts == list(range(1, len(counts) + 1))

    def test_outputs_hold_no_error_warning_or_progress_bar(self, name):
        for cell in code_cells(stored(name)):
            for output in cell.outputs:
                if output.output_type == "error":
                    assert "raises-exception" in tags(cell), f"an error is stored:\n{cell.source}"
                assert output.get("name") != "stderr", f"stderr is stored: {output.text}"
                assert WIDGET not in output.get("data", {}), f"a widget is stored:\n{cell.source}"
            assert not PROGRESS_BAR.search(printed(cell)), (
                f"a progress bar is stored:\n{cell.source}"
            )

    def test_outputs_name_no_folder_of_the_author(self, name):
        text = nbformat.writes(stored(name))
        for folder in (NOTEBOOKS.parent, Path.home()):
            assert str(folder) not in text

    def test_some_output_is_compared(self, name):
        compared = [
            cell
            for cell in code_cells(stored(name))
            if not {"nbval-ignore-output", "nbval-skip"} & set(tags(cell))
            and any(
                output.output_type == "stream" or set(output.get("data", {})) - {"image/png"}
                for output in cell.outputs
            )
        ]
        assert compared, "nbval would compare nothing in this chapter"

    def test_checks_are_stored_and_compared(self, name):
        total = 0
        for cell in code_cells(stored(name)):
            found = CHECK.search(cell.source)
            if not found:
                continue
            total += 1
            assert PRINTED[found[1]] in printed(cell), f"nothing was printed:\n{cell.source}"
            assert not {"nbval-ignore-output", "nbval-skip"} & set(tags(cell)), (
                f"nbval must compare what is checked:\n{cell.source}"
            )
        assert total, "nothing is checked here"

    def test_every_figure_has_titles_for_those_who_cannot_see_it(self, name):
        for cell in code_cells(stored(name)):
            if any("image/png" in output.get("data", {}) for output in cell.outputs):
                alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
                assert alt, f"a figure without a title, or drawn without use_style:\n{cell.source}"

    def test_no_line_ends_with_a_semicolon(self, name):
        # It silences a cell in Jupyter but not under nbval, which then finds an output too many.
        for cell in code_cells(stored(name)):
            assert not re.search(r";\s*$", cell.source, re.MULTILINE), cell.source
