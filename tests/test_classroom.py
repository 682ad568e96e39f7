"""What a class is given: no solution among it, every check, and every figure."""

import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "notebooks"), str(ROOT / "site")]
import build  # noqa: E402
import classroom  # noqa: E402
import contents  # noqa: E402

from lrsched_book import exercises  # noqa: E402

SOURCES = classroom.exercises()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("class") / "classroom"
    (target / "nbgrader").mkdir(parents=True)
    (target / "nbgrader" / "old").touch()
    classroom.write(target)
    return target


def test_what_stood_there_is_replaced(folder):
    assert {p.name for p in folder.iterdir()} == {"exercises.zip", "figures.zip", "nbgrader"}
    assert not (folder / "nbgrader" / "old").exists()
    assert [p.name for p in folder.parent.iterdir()] == ["classroom"]


def test_the_students_copies_give_nothing_away(folder):
    with zipfile.ZipFile(folder / "exercises.zip") as packed:
        assert packed.namelist() == [f"{name}.ipynb" for name in SOURCES]
        for name, source in SOURCES.items():
            copy = nbformat.reads(packed.read(f"{name}.ipynb"), as_version=4)
            shown = [cell.source for cell in copy.cells]
            assert not any("solutions/" in text for text in shown)
            for cell in build.read(source, leave_out=()).cells:
                if {"solution", "answers"} & set(build.tags(cell)):
                    assert cell.source not in shown


@pytest.mark.parametrize("name", SOURCES)
def test_every_exercise_is_a_point_for_nbgrader(folder, name):
    path = folder / "nbgrader" / "source" / f"ch{name}" / f"{name}.ipynb"
    cells = [c for c in nbformat.read(path, as_version=4).cells if "nbgrader" in c.metadata]
    numbers = [n.replace(".", "-") for n in exercises._exercises([f"ch{name}"])]
    ids = [cell.metadata.nbgrader.grade_id for cell in cells]
    assert ids == [f"{kind}-{n}" for n in numbers for kind in ("answer", "check")]
    for answer, check in zip(cells[::2], cells[1::2], strict=True):
        stub, rest = answer.source.split("### BEGIN SOLUTION\n")
        assert "..." in stub
        assert rest.endswith("\n### END SOLUTION")
        assert check.metadata.nbgrader.points == 1


def test_every_figure_of_the_chapters_is_there_with_its_title(folder):
    with zipfile.ZipFile(folder / "figures.zip") as packed:
        *names, last = packed.namelist()
        titles = packed.read(last).decode().splitlines()
        assert all(packed.read(name).startswith(b"\x89PNG") for name in names)
    assert [line.partition(": ")[0] for line in titles] == names
    assert all(line.partition(": ")[2] for line in titles)
    chapters = {path.stem for path in build.HERE.glob("*_*.ipynb")}
    assert {name.rpartition("-")[0] for name in names} == chapters


def test_the_page_for_teachers_lists_every_exercise():
    rows = contents.exercises(ROOT / "notebooks" / "exercises")
    everyone = exercises._exercises([f"ch{name}" for name in SOURCES])
    for number, exercise in everyone.items():
        (row,) = [row for row in rows.splitlines() if f"[{number} " in row]
        assert row.endswith(f"| {len(exercise.wrong)} |")
    assert "not checked" in rows


def test_other_data_go_in_as_the_page_says():
    import torch

    import lrsched_book as lb

    def part(n):
        return torch.rand(n, 5), torch.randint(3, (n,))

    data = lb.Data(train=part(40), validation=part(20), test=part(20))
    setup = lb.Setup(
        data=lambda: data,
        model=lambda seed: lb.mlp(seed, widths=(5, 8, 3)),
        epochs=1,
        batch_size=20,
    )
    runs = lb.compare(
        {"constant": lb.constant()}, setup, peaks=(0.01, 0.1, 0.3), tuning=2, judging=2
    )
    assert len(runs.table)
