"""nbgrader makes an assignment of the exported exercises, and grades a right and an empty copy."""

import os
import re
import subprocess
import sys
from pathlib import Path

import build
import classroom
import nbformat
import pytest

pytest.importorskip("nbgrader", reason="make nbgrader installs it")
from nbgrader.api import Gradebook

SOURCES = classroom.exercises()
BIN = Path(sys.executable).parent


def nbgrader(folder, *arguments):
    # It looks for alembic on the PATH.
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course, each chapter an assignment that was generated."""
    folder = tmp_path_factory.mktemp("course") / "course"
    classroom.course(folder)
    nbgrader(folder, "generate_assignment", "ch08")
    return folder


def read(folder, *parts):
    return nbformat.read(folder.joinpath(*parts), as_version=4)


def submit(course, student, notebook):
    target = course / "submitted" / student / "ch08" / "08.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)


@pytest.mark.parametrize("name", SOURCES)
def test_every_chapter_becomes_an_assignment_without_solutions(course, name):
    if name != "08":
        nbgrader(course, "generate_assignment", f"ch{name}")
    released = read(course, "release", f"ch{name}", f"{name}.ipynb")
    text = "\n".join(cell.source for cell in released.cells)
    assert "SOLUTION" not in text
    assert "solutions/" not in text
    checks = [c for c in released.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert len(checks) == len(re.findall(r'^lb\.check\("', text, re.MULTILINE)) > 0
    for cell in build.read(SOURCES[name]).cells:
        if "solution" in build.tags(cell):
            assert cell.source not in text


def test_a_right_copy_gets_every_point_and_an_empty_one_none(course):
    empty = read(course, "release", "ch08", "08.ipynb")
    right = read(course, "release", "ch08", "08.ipynb")
    solved = {
        c.metadata.nbgrader.grade_id: c
        for c in classroom.for_nbgrader(SOURCES["08"]).cells
        if "nbgrader" in c.metadata
    }
    for cell in right.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = solved[cell.metadata.nbgrader.grade_id].source
    submit(course, "right", right)
    submit(course, "empty", empty)
    nbgrader(course, "autograde", "ch08")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        scores = {s.student.id: (s.score, s.max_score) for s in book.assignment_submissions("ch08")}
    assert scores["right"] == (3, 3)
    assert scores["empty"] == (0, 3)
