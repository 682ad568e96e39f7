"""What build.py makes of a source, what seeds.py makes of claims, and what the page shows."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from helpers import alive
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pybtex.database import Entry

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "notebooks"))
import build  # noqa: E402
import seeds  # noqa: E402

FRONT = """---
{header}jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""
HEADER = """header:
  minutes: 40
  needs: chapter 03
  able:
    - choose a rate
    - defend it
"""


def code(text, *tags):
    line = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{line}{text}\n```\n\n"


@pytest.fixture
def source(tmp_path):
    """Write a source of these cells, and return its path."""

    def written(*cells, header="", name="03_rates"):
        path = tmp_path / "src" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(FRONT.format(header=header) + "".join(cells), encoding="utf-8")
        return path

    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(build, "HERE", tmp_path)
    monkeypatch.setattr(build, "digest", lambda path: f"digest of {path.name}")
    yield written
    monkeypatch.undo()


class TestCitations:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("He {cite:p}`he2016deep`:", "He [[2016](https://arxiv.org/abs/1512.03385)]:"),
            (
                "Smith {cite:p}`smith2017cyclical,smith2018disciplined`",
                "Smith [[2017](https://arxiv.org/abs/1506.01186), "
                "[2018](https://arxiv.org/abs/1803.09820)]",
            ),
            (
                "Robbins and Monro {cite:p}`robbins1951stochastic`",
                "Robbins and Monro [[1951](https://doi.org/10.1214/aoms/1177729586)]",
            ),
            ("Nesterov {cite:p}`nesterov1983method`", "Nesterov [1983]"),  # nowhere to be read
            ("`{cite}` is no citation", "`{cite}` is no citation"),
        ],
    )
    def test_a_role_becomes_the_year_and_a_link(self, source, text, shown):
        path = source(f"# Rates\n\n{text}\n\n", code("x = 1  # {cite:p}`he2016deep`"))
        title, cell = build.read(path).cells
        assert title.source == f"# Rates\n\n{shown}"
        assert cell.source.endswith("# {cite:p}`he2016deep`"), "code stays as it is"

    def test_an_unknown_source_is_named(self, source):
        with pytest.raises(KeyError, match=r"references\.bib has no source 'he2061deep'"):
            build.read(source("# Rates\n\nHe {cite:p}`he2061deep`\n\n"))

    def test_what_a_source_says_of_itself_makes_a_chapter_stale(self, tmp_path, monkeypatch):
        chapter = tmp_path / "03.md"
        chapter.write_text("He {cite:p}`he2016deep`")
        before = build.digest(chapter)
        entries = {"he2016deep": Entry("article", [("year", "2015")])}
        monkeypatch.setattr(build.citations, "sources", lambda: entries)
        assert build.digest(chapter) != before


class TestFolding:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ('claim("a", 1 < 2)', True),
            ('lb.claim("a", 1 < 2)\nlb.claim(\n    "b", 2 < 3)', True),
            ('# why\nclaim("a", 1 < 2)', True),
            ('x = 1\nclaim("a", x < 2)', False),
            ('claim("a", 1 < 2)\nprint(3)', False),
            ('for x in (1, 2):\n    claim("a", x < 3)', False),
            ('disclaim("a", 1 < 2)', False),
            ("claim", False),
            ("", False),
            ("# nothing", False),
            ("%timeit claim()", False),
        ],
    )
    def test_a_cell_of_claims_alone_is_folded(self, source, text, folded):
        (cell,) = build.read(source(code(text))).cells
        assert ("hide-input" in build.tags(cell)) == folded

    def test_other_tags_stay_and_none_comes_twice(self, source):
        cells = build.read(
            source(code('claim("a", True)', "hide-input"), code('claim("b", True)', "mine"))
        ).cells
        assert [build.tags(cell) for cell in cells] == [["hide-input"], ["mine", "hide-input"]]

    def test_setup_is_folded_on_the_page_and_in_jupyterlab(self, source):
        (cell,) = build.read(source(code("import math", "setup"))).cells
        assert build.tags(cell) == ["setup", "hide-input"]
        assert cell.metadata.jupyter == {"source_hidden": True}

    def test_a_solution_is_folded_as_code_and_as_text(self, source):
        text = '+++ {"tags": ["solution"]}\n\nIt *depends*.\n'
        first, second = build.read(source(code("x = 1", "solution"), text)).cells
        assert build.tags(first) == ["solution", "hide-cell"]
        assert second.source == (
            "<details><summary>Solution</summary>\n\nIt *depends*.\n\n</details>"
        )

    def test_anything_else_is_left_alone(self, source):
        text, cell = build.read(source("Some text.\n\n", code("x = 1"))).cells
        assert (text.source, text.metadata, cell.metadata) == ("Some text.", {}, {})


class TestHeader:
    def test_stands_under_the_title(self, source):
        first = build.read(source("# 03 · Rates\n\nWhy?\n", header=HEADER)).cells[0].source
        assert first == (
            "# 03 · Rates\n\n"
            '<div class="admonition note">\n'
            '<p class="admonition-title"><b>40 minutes</b></p>\n\n'
            "**Needs:** chapter 03\n\n**After it you can**\n\n- choose a rate\n- defend it\n\n"
            "</div>\n\nWhy?"
        )

    def test_a_source_without_one_has_no_box(self, source):
        assert (
            build.read(source("# 03 · Rates\n\nWhy?\n")).cells[0].source == "# 03 · Rates\n\nWhy?"
        )

    def test_a_field_too_few_or_too_many_is_named(self, source):
        for header in (HEADER.replace("needs: chapter 03", "need: 3"), HEADER + "  more: 1\n"):
            with pytest.raises(ValueError, match=r"^03_rates.md: header must have minutes, needs"):
                build.read(source("# 03\n", header=header))


class TestExercises:
    CELLS = (
        "# Exercises 03\n\n",
        code("import lrsched_book as lb", "setup"),
        code("import numpy as np", "answers"),
        code("answer = ...", "student"),
        code("answer = 1", "solution"),
        code('lb.check("03.1", answer)'),
        code("one = 1", "answers"),
    )

    def test_the_student_gets_the_question_and_room_for_an_answer(self, source):
        copy = build.student_copy(source(*self.CELLS))
        shown = [cell.source for cell in copy.cells]
        assert shown == [
            "# Exercises 03",
            "import lrsched_book as lb",
            "answer = ...",
            'lb.check("03.1", answer)',
        ]
        assert "lrsched_book" not in copy.metadata, (
            "it is not run, so it depends on its source alone"
        )

    def test_the_solution_stands_in_place_of_the_dots(self, source):
        shown = [cell.source for cell in build.read(source(*self.CELLS)).cells]
        assert shown == [
            "# Exercises 03",
            "import lrsched_book as lb",
            "answer = 1",
            'lb.check("03.1", answer)',
        ]

    def test_the_answers_become_a_module(self, source):
        assert build.answers_module(source(*self.CELLS, name="03")) == (
            '"""Answers to the exercises of chapter 03, written by notebooks/build.py."""\n\n'
            "import numpy as np\n\n\none = 1\n"
        )

    def test_all_are_written_to_their_places(self, source, tmp_path, monkeypatch):
        monkeypatch.setattr(build, "PACKAGE", tmp_path / "package")
        path = source(*self.CELLS, name="03")
        build.export(path)
        stored = nbformat.read(tmp_path / "exercises" / "03.ipynb", as_version=4)
        assert stored == build.student_copy(path)
        module = tmp_path / "package" / "answers" / "ch03.py"
        assert module.read_text(encoding="utf-8") == build.answers_module(path)
        assert build.stored("exercises/03") == tmp_path / "solutions" / "03.ipynb"
        assert build.stored("03_rates") == tmp_path / "03_rates.ipynb"

    def test_exported_answers_do_not_make_the_chapters_stale(self, tmp_path, monkeypatch):
        package = tmp_path / "package"
        (package / "answers").mkdir(parents=True)
        monkeypatch.setattr(build, "PACKAGE", package)
        monkeypatch.setattr(build, "HERE", tmp_path / "notebooks")
        chapter = tmp_path / "03.md"
        answers, *others = (
            package / "answers" / "ch03.py",
            *(package / f"a.{suffix}" for suffix in ("py", "npz", "gz")),
            chapter,
        )
        for path in (answers, *others):
            path.write_text("1")
        before = build.digest(chapter)
        answers.write_text("2")
        assert build.digest(chapter) == before
        for path in others:
            path.write_text("2")
            assert build.digest(chapter) != before, path.name
            path.write_text("1")

    def test_what_a_chapter_reads_of_the_studies_makes_it_stale(self, tmp_path, monkeypatch):
        monkeypatch.setattr(build, "PACKAGE", tmp_path / "package")
        monkeypatch.setattr(build, "HERE", tmp_path / "notebooks")
        tables = ["results/runs.csv", "results/figure.png"]
        modules = ["studies/sources/tables.py", "studies/sources/more/a.py"]
        benchmark = ["results/benchmark.csv", "results/benchmark.md"]
        shared = "studies/comparisons.py"
        files = [*tables, *modules, *benchmark, shared, "studies/speed/race.py"]
        for file in map(tmp_path.joinpath, files):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("1")

        def makes_stale(text):
            chapter = tmp_path / "03.md"
            chapter.write_text(text)
            before, found = build.digest(chapter), set()
            for name in files:
                (tmp_path / name).write_text("2")
                if build.digest(chapter) != before:
                    found.add(name)
                (tmp_path / name).write_text("1")
            return found

        assert makes_stale("These results are of other studies. The benchmark!") == set()
        assert makes_stale("The tables lie in `results/`.") == {*tables}
        assert makes_stale("`results/benchmark.md` has it.") == {*tables, *benchmark}
        assert makes_stale("from studies.sources import runs") == {*modules}
        assert makes_stale("from studies.comparisons import measure") == {shared}
        assert makes_stale("see `studies/speed` and results/") == {*tables, "studies/speed/race.py"}


ENDLESS = """
import os, pathlib, sys, time

sys.path[:0] = sys.argv[1:3]
import build

def run(folder):
    (folder / str(os.getpid())).touch()
    time.sleep(600)

build.run = run
build.run_all([(name, (pathlib.Path(sys.argv[3]),), {}) for name in "ab"], jobs=2)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows names a dead parent as if it were alive")
def test_workers_end_when_the_build_is_killed(tmp_path):
    paths = [str(ROOT), str(ROOT / "notebooks"), str(tmp_path)]
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, *paths])
    try:
        assert within(120, lambda: len(list(tmp_path.iterdir())) == 2), process.poll()
    finally:
        process.kill()
        process.wait()
    workers = [int(path.name) for path in tmp_path.iterdir()]
    ended = within(10, lambda: not any(map(alive, workers)))
    for pid in filter(alive, workers):
        os.kill(pid, signal.SIGKILL)
    assert ended


def within(seconds, condition):
    """Wait for a condition, and tell whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():
        time.sleep(0.1)
    return condition()


class Refused(Exception):
    pass


class Parser:
    def error(self, message):
        raise Refused(message)


class TestChosen:
    NAMES = ("03_rates", "08_cosine", "exercises/08")

    @pytest.mark.parametrize(
        ("patterns", "names"),
        [
            ([], NAMES),
            (["08_cosine"], ["08_cosine"]),
            (["exercises/*"], ["exercises/08"]),
            (["exercises/08", "03*"], ["03_rates", "exercises/08"]),
        ],
    )
    def test_names_and_patterns(self, patterns, names):
        assert build.chosen(Parser(), self.NAMES, patterns) == list(names)

    def test_an_unknown_name_is_refused(self):
        with pytest.raises(Refused, match="no such chapter: 09_cosine; there are: 03_rates, 08"):
            build.chosen(Parser(), self.NAMES, ["08_cosine", "09_cosine"])


def picture(*titles):
    outputs = [
        new_output("display_data", {"image/png": "…"}, metadata={"alt": title}) for title in titles
    ]
    return new_code_cell("plt.show()", outputs=outputs)


def test_the_titles_of_figures_move_to_the_metadata_of_their_cell():
    notebook = new_notebook(
        cells=[
            new_markdown_cell("text"),
            picture("It falls"),
            picture("One", "Two"),
            new_code_cell("1", outputs=[new_output("execute_result", {"text/plain": "1"})]),
            new_code_cell("2", outputs=[new_output("stream", text="2")]),
        ]
    )
    build.describe_figures(notebook)
    alts = [cell.metadata.get("mystnb") for cell in notebook.cells]
    assert alts == [
        None,
        {"image": {"alt": "It falls"}},
        {"image": {"alt": "One; Two"}},
        None,
        None,
    ]
    assert notebook.cells[1].outputs[0].metadata == {}


def claim(sentence, holds=True, margin=None):
    return {"claim": sentence, "holds": holds, "margin": margin}


def comparison(edge=(), **chosen):
    return {"comparison": list(chosen), "chosen": chosen, "edge": list(edge)}


RECORDS = {
    ("03", 0): [claim("strong", margin=9.0), claim("weak", margin=2.0), claim("plain")],
    ("03", 1): [claim("strong", margin=6.04), claim("weak", False, -1.5), claim("plain")],
    ("03", 2): [claim("strong", margin=8.0), claim("weak", margin=1.0)],
    ("07", 0): [claim("strong", margin=3.0), comparison(cosine=0.1, line=0.2)],
    ("07", 1): [claim("strong", margin=5.0), comparison(["line"], cosine=0.1, line=0.4)],
    ("07", 2): [comparison(cosine=0.2, line=0.2), comparison(cosine=None), claim("| odd", False)],
}


class TestSeedsTables:
    def test_claims_come_weakest_first_and_failures_on_top(self):
        rows = seeds.claims_table(RECORDS)
        assert [(r["chapter"], r["claim"], r["held"], r["fails at seed"]) for r in rows] == [
            ("03", "weak", "2 of 3", [1]),
            ("07", "| odd", "0 of 1", [2]),
            ("07", "strong", "2 of 2", []),
            ("03", "strong", "3 of 3", []),
            ("03", "plain", "2 of 2", []),
        ]
        assert [r["weakest margin"] for r in rows] == [-1.5, float("inf"), 3.0, 6.04, float("inf")]
        assert [r["median margin"] for r in rows[:4]] == [1.0, float("inf"), 4.0, 8.0]

    def test_a_claim_made_twice_is_as_strong_as_its_weaker(self):
        twice = {
            ("03", 0): [
                claim("a", margin=1.0),
                claim("a", margin=4.0),
                claim("b", False),
                claim("b"),
            ]
        }
        first, second = seeds.claims_table(twice)
        assert (first["claim"], first["held"], first["fails at seed"]) == ("b", "0 of 1", [0])
        assert (second["claim"], second["weakest margin"]) == ("a", 1.0)

    def test_peaks_are_counted_for_each_schedule_of_each_comparison(self):
        assert [tuple(row.values()) for row in seeds.peaks_table(RECORDS)] == [
            ("07", 1, "cosine", "0.1 × 2, 0.2 × 1", []),
            ("07", 1, "line", "0.2 × 2, 0.4 × 1", [1]),
            ("07", 2, "cosine", "none to choose × 1", []),
        ]

    def test_the_report_names_what_raised_and_what_failed(self):
        text = seeds.report(RECORDS, {("07", 2): "In cell 3:\nValueError: no data\n"})
        assert text.startswith("5 claims, 2 failed at a seed; 1 chapters raised.\n")
        assert "| 07 | 2 | ValueError: no data |" in text
        assert "| 03 | weak | 2 of 3 | -1.5 | 1.0 | 1 |" in text
        assert "| 03 | strong | 3 of 3 | 6.0 | 8.0 |  |" in text
        assert "| 03 | plain | 2 of 2 |  |  |  |" in text
        assert "| 07 | \\| odd | 0 of 1 |" in text

    def test_a_book_without_claims_or_comparisons_has_no_empty_tables(self):
        assert (
            seeds.report({("03", 0): []}, {})
            == "0 claims, 0 failed at a seed; 0 chapters raised.\n"
        )

    def test_every_claim_is_listed_for_other_programs(self):
        lines = seeds.every_claim({("03", 1): [claim('say "a", b', False, -1.5), comparison(x=1)]})
        assert lines == 'chapter,seed,claim,holds,margin\n03,1,"say ""a"", b",False,-1.5\n'


class TestSeedsRuns:
    """Chapters that write what `claim` would; one of them raises at seed 2."""

    CELL = code(
        "import json, os\n"
        "seed = int(os.environ['LRSCHED_SEED'])\n"
        "assert os.environ['LRSCHED_CLAIMS'] == 'collect'\n"
        "line = {'claim': 'small', 'holds': seed < 2, 'margin': 1.5 - seed}\n"
        "with open(os.environ['LRSCHED_CLAIMS_FILE'], 'a') as file:\n"
        "    file.write(json.dumps(line) + '\\n')"
    )

    @pytest.fixture
    def folder(self, tmp_path, monkeypatch):
        monkeypatch.setattr(seeds, "FOLDER", tmp_path / "seeds")
        return tmp_path / "seeds"

    def test_a_chapter_that_raises_is_named_and_the_others_finish(self, source, folder, capsys):
        raising = code("if seed == 2:\n    raise ValueError('no data')")
        sources = {"03_rates": source(self.CELL, raising)}
        pairs = [("03_rates", 1), ("03_rates", 2)]
        raised = seeds.run(pairs, sources, jobs=2)
        assert list(raised) == [("03_rates", 2)]
        assert raised["03_rates", 2].strip().endswith("ValueError: no data")
        assert "03_rates, seed 2" in capsys.readouterr().err
        assert seeds.recorded(seeds.records_of("03_rates", 1)) == [claim("small", True, 0.5)]
        assert seeds.recorded(seeds.records_of("03_rates", 2)) == [claim("small", False, -0.5)]
        assert [path.stem for path in folder.rglob("*.ipynb")] == ["03_rates"]

    def test_what_is_finished_is_not_run_again(self, source, folder, monkeypatch):
        asked = []
        monkeypatch.setattr(build, "run_all", lambda runs, jobs: asked.extend(runs) or {})
        sources = {"03_rates": source(self.CELL)}
        done, stale, fresh = (folder / str(seed) / "03_rates.ipynb" for seed in (1, 2, 3))
        for path, digest in ((done, "digest of 03_rates.md"), (stale, "older")):
            build.write(new_notebook(metadata={"lrsched_book": {"digest": digest}}), path)
            path.with_suffix(".jsonl").write_text(json.dumps(claim("a")) + "\n")
        seeds.run([("03_rates", seed) for seed in (1, 2, 3)], sources, jobs=1)
        assert [(name, paths[1]) for name, paths, _ in asked] == [
            ("03_rates, seed 2", stale),
            ("03_rates, seed 3", fresh),
        ]
        assert seeds.recorded(done.with_suffix(".jsonl")) == [claim("a")]
        assert not stale.exists(), "or an old run would pass for this one if it is interrupted"
        assert seeds.recorded(stale.with_suffix(".jsonl")) == [], "old claims would be counted"


CHAPTER = (
    "# 03 · Rates\n\nWhy?\n\n"
    + code(
        "import matplotlib.pyplot as plt\n"
        "from IPython.display import HTML\n\n"
        "import lrsched_book as lb\n\n"
        "lb.plotting.use_style()",
        "setup",
    )
    + code(
        "lb.plotting.use_style()  # twice does no harm\n"
        "lb.plotting.plot_schedules({'line': lb.linear(9)}, 9, title='It falls')\n"
        "plt.show()"
    )
    + code(
        "from matplotlib_inline.backend_inline import set_matplotlib_formats\n\n"
        "set_matplotlib_formats('png', dpi=50)  # the titles must come through it\n"
        "figure, axes = plt.subplots(1, 2)\n"
        "figure.suptitle('Both')\n"
        "axes[0].set_title('left')\n"
        "axes[1].set_title('right')\n"
        "plt.show()"
    )
    + code("lb.claim('one is less than two', 1 < 2)")
    + code(
        'HTML(\'<a href="03_rates.ipynb#why">a</a> <a href="missing.ipynb">b</a>\'\n'
        "     '<a href=\"https://x.org/03_rates.ipynb\">c</a>')"
    )
    + code("hidden = 1", "solution")
    + '+++ {"tags": ["solution"]}\n\nIt *depends*.\n\n+++\n\n'
    + code("lb.check('08.1', ...)", "raises-exception")
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Run a little chapter, build the site from it, and return the notebook and its page."""
    pytest.importorskip("myst_nb")
    pytest.importorskip("sphinx_book_theme")
    folder = tmp_path_factory.mktemp("site")
    chapter = folder / "03_rates.md"
    chapter.write_text(FRONT.format(header=HEADER) + CHAPTER, encoding="utf-8")
    built = folder / "source"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "HERE", folder)
        patch.setattr(build, "digest", lambda path: "none")
        build.run(chapter, built / "03_rates.ipynb")
    (built / "index.md").write_text("# Book\n\n```{toctree}\n03_rates\n```\n", encoding="utf-8")
    (built / "references.bib").write_bytes((ROOT / "site" / "references.bib").read_bytes())
    settings = ["-c", str(ROOT / "site"), str(built), str(folder / "html")]
    command = [sys.executable, "-m", "sphinx", "-q", "-E", *settings]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    notebook = nbformat.read(built / "03_rates.ipynb", as_version=4)
    return notebook, (folder / "html" / "03_rates.html").read_text(encoding="utf-8")


class TestPage:
    def test_the_stored_notebook_has_one_picture_an_output_and_its_titles_beside_it(self, page):
        cells = [cell for cell in page[0].cells if cell.metadata.get("mystnb")]
        alts = [cell.metadata.mystnb.image.alt for cell in cells]
        assert alts == ["It falls", "Both: left; right"]
        for cell in cells:
            (output,) = cell.outputs
            assert set(output.data) == {"image/png", "text/plain"}
            assert "alt" not in output.metadata

    def test_the_titles_of_the_figures_are_the_alternative_text(self, page):
        assert 'alt="It falls"' in page[1]
        assert 'alt="Both: left; right"' in page[1]

    def test_a_claim_is_folded_and_its_line_shown(self, page):
        before, line, _ = page[1].partition("Claim holds: one is less than two")
        assert line
        cell = before[before.rindex('<div class="cell tag_') :]
        assert "tag_hide-input" in cell
        assert "<details" in cell
        assert "</details>" in cell, "the line stands after what is folded"

    def test_setup_and_solutions_are_folded(self, page):
        assert "tag_hide-input tag_setup" in page[1] or "tag_setup tag_hide-input" in page[1]
        assert "tag_hide-cell" in page[1]
        assert "<details><summary>Solution</summary>" in page[1].replace("\n", "")
        assert "It <em>depends</em>." in page[1]

    def test_the_header_is_a_box(self, page):
        assert '<p class="admonition-title"><b>40 minutes</b></p>' in page[1]
        assert "<p>choose a rate</p>" in page[1]

    def test_links_to_notebooks_lead_to_their_pages(self, page):
        assert 'href="03_rates.html#why"' in page[1]
        assert 'href="missing.ipynb"' in page[1]
        assert 'href="https://x.org/03_rates.ipynb"' in page[1]

    def test_a_hint_comes_without_a_traceback(self, page):
        (error,) = (
            o for c in page[0].cells for o in c.get("outputs", ()) if o.output_type == "error"
        )
        assert error.ename == "NotYet"
        assert error.traceback == [f"Not yet: {error.evalue}"]
