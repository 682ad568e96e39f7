"""What pages of the site show of the notebooks beside them: read from the files, never typed twice.

The directives: `chapters` is the table of contents with minutes, `syllabus` a plan of a course,
`exercises` what each exercise checks, `readme` a section of the README.
"""

import fnmatch
import os
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from lrsched_book.exercises import find
from lrsched_book.schedules import Schedule

# The parts of the book, by the names of their files.
PARTS = {
    "I Foundations": ["0[0-4]_*"],
    "II Schedules": ["0[5-9]_*", "1[0-3]_*"],
    "III In practice": ["1[45]_*"],
    "IV Beyond": ["1[6-9]_*", "2?_*"],
    "Reference": ["[A-Z]_*"],
}
MINUTES = re.compile(r"<b>(\d+) minutes</b>")  # the header box, as build.py writes it
NEEDS = re.compile(r"^\*\*Needs:\*\* (.+)$", re.MULTILINE)


@dataclass
class Chapter:
    """A chapter as its notebook describes it; `minutes` is None where it is for looking up."""

    file: str
    title: str
    minutes: int | None
    needs: str

    @property
    def number(self):
        return self.file.split("_")[0]

    @property
    def link(self):
        return f"[{self.title}]({self.file})"


def read_chapters(folder):
    """Return the chapters of a folder in the order of their names."""
    chapters = []
    for path in sorted(Path(folder).glob("[0-9A-Z]*_*.ipynb")):
        first = nbformat.read(path, as_version=4).cells[0].source
        title = first.partition("\n")[0]
        if not title.startswith("# "):
            raise ValueError(f"{path.name} must begin with its title, '# ...', got {title!r}")
        minutes, needs = MINUTES.search(first), NEEDS.search(first)
        chapters.append(
            Chapter(
                path.name,
                title.removeprefix("# "),
                int(minutes[1]) if minutes else None,
                needs[1] if needs else "",
            )
        )
    return chapters


def matching(chapters, patterns):
    """Return the chapters that one of the patterns names, in the order of the patterns."""
    return [c for pattern in patterns for c in chapters if fnmatch.fnmatch(c.file, pattern)]


def contents(chapters):
    """Write the table of contents, and the navigation of the same parts."""
    lines = ["| chapter | minutes | needs |", "| --- | ---: | --- |"]
    for part, patterns in PARTS.items():
        found = matching(chapters, patterns)
        if not found:
            continue
        lines.append(f"| **{part}** | {total(found) or ''} | |")
        lines += [f"| {c.link} | {c.minutes or '–'} | {c.needs} |" for c in found]
    for part, patterns in PARTS.items():
        files = [c.file for c in matching(chapters, patterns)]
        if files:
            lines += ["", "```{toctree}", ":hidden:", f":caption: {part}", "", *files, "```"]
    return "\n".join(lines)


def total(chapters):
    return sum(c.minutes or 0 for c in chapters)


def syllabus(chapters, plan):
    """Write a plan of a course: a row for each line `when: chapters: what else is done`.

    A chapter is named by its number. One that is not there yet is left out, and so is a row that
    has no other.
    """
    lines = ["| | chapters | minutes | in class |", "| --- | --- | ---: | --- |"]
    shown = []
    for row in plan:
        fields = [field.strip() for field in row.split("|")]
        if len(fields) != 3:
            raise ValueError(f"a row must be 'when | numbers of chapters | what else', got {row!r}")
        when, numbers, rest = fields
        found = matching(chapters, [f"{number}_*" for number in numbers.split()])
        if numbers and not found:
            continue
        shown += found
        links = "<br>".join(c.link for c in found)
        lines.append(f"| {when} | {links} | {total(found) or ''} | {rest} |")
    lines.append(f"| together | {len(shown)} chapters | {total(shown)} | |")
    return "\n".join(lines)


def exercises(folder):
    """Write a table of what is checked, from the notebooks and from what `check` knows."""
    lines = ["| exercise | asks for | mistakes with a hint of their own |", "| --- | --- | ---: |"]
    for path in sorted(Path(folder).glob("*.ipynb")):
        text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        for number, title in re.findall(r"^## (\d\d\.\d+) (.+)$", text, re.MULTILINE):
            link = f"[{number} {title}](exercises/{path.name})"
            if f'lb.check("{number}"' not in text:
                lines.append(f"| {link} | a thought, not checked | |")
                continue
            exercise = find(number)
            lines.append(f"| {link} | {asked(exercise)} | {len(exercise.wrong)} |")
    return "\n".join(lines)


def asked(exercise):
    model = exercise.right[0]
    if isinstance(model, Schedule):
        return "a schedule"
    if callable(model):
        return f"a function, called {len(exercise.calls)} times"
    return "an array" if np.ndim(model) else "a number"


def section(readme, heading):
    """Return the text below a heading of the README, up to the next heading."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", readme, re.M | re.S)
    if found:
        return found[1].strip()
    known = ", ".join(re.findall(r"^## (.+)$", readme, re.M))
    raise ValueError(f"the README has no section {heading!r}; there are: {known}")


def for_page(text, root):
    """Let the links of a text from the README lead to pages; `root` leads to the checkout.

    A file that is no page, such as CONTRIBUTING.md, is named without a link.
    """

    def target(link):
        picture, shown, address = link.groups()
        if picture:
            return f"![{shown}]({root}/{address})"
        if address.startswith(("http", "#")):
            return link[0]
        page = re.sub("^(notebooks|site)/", "", address)
        return f"[{shown}]({page})" if page != address else shown

    return re.sub(r"(!?)\[([^\]]*)\]\(([^)]+)\)", target, text)


class FromFiles(SphinxDirective):
    """A directive whose text follows from files and is read as Markdown."""

    def run(self):
        try:
            text = self.text()
        except ValueError as error:
            raise self.error(str(error)) from error
        container = nodes.Element()
        lines = text.splitlines()
        self.state.nested_parse(StringList(lines, self.env.docname), 0, container)
        return container.children


class Chapters(FromFiles):
    def text(self):
        self.env.note_reread()  # the notebooks may change where the page does not
        return contents(read_chapters(self.env.srcdir))


class Exercises(FromFiles):
    def text(self):
        self.env.note_reread()
        return exercises(Path(self.env.srcdir) / "exercises")


class Syllabus(FromFiles):
    has_content = True

    def text(self):
        self.env.note_reread()
        return syllabus(read_chapters(self.env.srcdir), self.content)


class Readme(FromFiles):
    required_arguments = 1
    final_argument_whitespace = True

    def text(self):
        root = self.config.lrsched_root
        self.env.note_dependency(str(root / "README.md"))
        text = section((root / "README.md").read_text(encoding="utf-8"), self.arguments[0])
        return for_page(text, Path(os.path.relpath(root, self.env.srcdir)).as_posix())


def setup(app):
    app.add_config_value("lrsched_root", None, "env")
    app.add_directive("chapters", Chapters)
    app.add_directive("exercises", Exercises)
    app.add_directive("syllabus", Syllabus)
    app.add_directive("readme", Readme)
    return {"parallel_read_safe": True}
