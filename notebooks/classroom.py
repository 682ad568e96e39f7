"""Write what a class needs into a folder: classroom.py DIR (make exercises: _build/classroom).

exercises.zip   the students' copies, without solutions
figures.zip     every figure of the chapters, for slides, with a list of their titles
nbgrader/       a course for `nbgrader generate_assignment` and `nbgrader autograde`
"""

import base64
import io
import os
import re
import shutil
import sys
import zipfile
from pathlib import Path

import build
import nbformat

CONFIG = '''"""Settings of the course for nbgrader."""

c = get_config()
c.CourseDirectory.course_id = "lrsched_book"
c.ClearSolutions.code_stub = {"python": "# Put your answer in place of the three dots above."}
c.Execute.iopub_timeout = 120  # the usual 4 seconds fail a right copy on a busy machine
'''
CHECK = re.compile(r'^lb\.check\("(\d\d)\.(\d+)"', re.MULTILINE)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same notebooks make the same archive, whenever it is made


def exercises():
    """Return the sources of the exercises by chapter."""
    return {p.stem: p for p in sorted((build.SOURCES / "exercises").glob("*.md"))}


def for_students(source):
    """Return the student's copy without the line that leads to the solutions."""
    notebook = build.student_copy(source)
    notebook.cells = [
        c for c in notebook.cells if c.cell_type == "code" or "student" not in build.tags(c)
    ]
    return notebook


def for_nbgrader(source):
    """Return the exercises with nbgrader's metadata: a solution to cut out, a check to grade.

    Questions without a check are shown, and not graded.
    """
    notebook = build.read(source, leave_out=("answers",))
    del notebook.metadata["lrsched_book"]
    cells, stub = [], None
    for cell in notebook.cells:
        kind = {"student", "solution"} & set(build.tags(cell))
        if cell.cell_type == "markdown":
            cells += [] if kind else [cell]
        elif kind == {"student"}:
            stub = cell
        elif kind == {"solution"}:
            cells += [solution_of(stub, cell)] if stub else []
        else:
            found = CHECK.search(cell.source)
            if found:
                mark(cells[-1], f"answer-{found[1]}-{found[2]}", solution=True)
                mark(cell, f"check-{found[1]}-{found[2]}", grade=True, locked=True, points=1)
                stub = None
            cells.append(cell)
    notebook.cells = cells
    return notebook


def solution_of(stub, cell):
    """Join the dots of the student and the solution, between the lines that nbgrader looks for."""
    cell.source = f"{stub.source}\n### BEGIN SOLUTION\n{cell.source}\n### END SOLUTION"
    cell.metadata.pop("tags")
    return cell


def mark(cell, name, **settings):
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata.nbgrader = {**plain, "grade_id": name, **settings}


def figures(notebook):
    """Return the pictures of an executed notebook with their titles."""
    for cell in notebook.cells:
        title = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                yield base64.b64decode(output.data["image/png"]), title


def archive(files):
    """Return a zip archive of these contents by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return target.getvalue()


def pictures():
    """Return the figures of all chapters by name, and a list of their titles."""
    files, titles = {}, []
    for path in sorted(build.HERE.glob("*_*.ipynb")):
        stored = figures(nbformat.read(path, as_version=4))
        for number, (picture, title) in enumerate(stored, start=1):
            name = f"{path.stem}-{number:02d}.png"
            files[name] = picture
            titles.append(f"{name}: {title}")
    return {**files, "titles.txt": "\n".join(titles) + "\n"}


def course(folder):
    """Write a course for nbgrader into a folder that is not there yet."""
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    for name, source in exercises().items():
        build.write(for_nbgrader(source), folder / "source" / f"ch{name}" / f"{name}.ipynb")


def write(folder):
    """Write all of it; what stands there of an earlier time is replaced when the new is whole."""
    new = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(new, ignore_errors=True)
    course(new / "nbgrader")
    copies = {f"{n}.ipynb": nbformat.writes(for_students(s)) for n, s in exercises().items()}
    (new / "exercises.zip").write_bytes(archive(copies))
    (new / "figures.zip").write_bytes(archive(pictures()))
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(new, folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]).resolve())
    print(f"For the class: {sys.argv[1]}")
