"""Studies that compare: resuming, what is refused, and what the reader of a table gives back."""

import dataclasses
import functools
import json
import shutil

import pytest

import lrsched_book as lb
from studies import comparisons
from studies.choosing.settings import CHOOSING
from studies.choosing.settings import settings as choosing
from studies.comparisons import COLUMNS, Setting, Study, measure, read_results
from studies.modern.settings import MODERN
from studies.modern.settings import settings as modern
from studies.provenance import describe


def few():
    return lb.load_fashion_mnist().take(train=400, validation=100, test=100)


def narrow(seed):
    return lb.mlp(seed, widths=(784, 8, 10))


SETUP = lb.Setup(epochs=1, batch_size=100, data=few, model=narrow)
PLANS = {"constant": lb.constant(), "last 50% linear": lb.wsd(0, 2, lb.linear(2))}
TINY = {
    "own peaks": Setting(SETUP, PLANS, (0.02, 0.08, 0.32), apart=True),
    "ends": Setting(dataclasses.replace(SETUP, lr=0.1), PLANS, None, apart=True),
    "one grid": Setting(SETUP, PLANS, (0.02, 0.08, 0.32)),
}
STUDY = Study("modern", tuning=1, judging=2)
tiny = functools.partial(measure, STUDY, TINY, jobs=1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("modern")
    tiny(folder / "work", folder / "out")
    assert not (folder / "work").exists()
    return folder / "out"


@pytest.fixture
def results(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "results")


@pytest.mark.parametrize(("study", "settings"), [(MODERN, modern), (CHOOSING, choosing)])
def test_the_stored_table_is_that_of_the_settings(study, settings):
    found = read_results(study)
    assert {name: list(runs.chosen) for name, runs in found.items()} == {
        name: list(setting.schedules) for name, setting in settings().items()
    }
    assert not any(runs.lost(name) for runs in found.values() for name in runs.chosen)


def test_all_plans_of_a_setting_fill_its_run_and_reach_the_peak():
    for setting in [*modern().values(), *choosing().values()]:
        for name, plan in setting.schedules.items():
            factors = plan.values(setting.setup.updates)
            assert 0.999 < factors.max() <= 1
            first = 1 / round(0.05 * setting.setup.updates)
            assert factors[0] == (1 / 25 if name == "one cycle" else first)


def test_the_table_gives_back_what_was_compared(results):
    found = read_results(STUDY, results)
    setting = TINY["own peaks"]
    runs = lb.compare(PLANS, SETUP, peaks=setting.peaks, tuning=1, judging=2, jobs=1)
    mine = found["own peaks"]
    assert set(mine.chosen) == set(runs.chosen)
    ours, theirs = (each.gain("constant", over="last 50% linear") for each in (mine, runs))
    if mine.chosen == runs.chosen:  # a grid that grows alone may choose beyond the common one
        assert ours.pairs == pytest.approx(theirs.pairs, abs=1e-5)
    assert found["ends"].chosen == {"constant": 0.1, "last 50% linear": 0.1}
    assert not found["ends"].edge
    together, gain = found["one grid"], runs.gain("constant", over="last 50% linear")
    assert together.chosen == runs.chosen
    assert together.gain("constant", over="last 50% linear").pairs == pytest.approx(
        gain.pairs, abs=1e-5
    )


def test_an_interrupted_study_redoes_no_finished_comparison(tmp_path, monkeypatch, finished):
    work, out = tmp_path / "work", tmp_path / "out"
    write = comparisons.write_table

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(comparisons, "write_table", interrupt)
    with pytest.raises(KeyboardInterrupt):
        tiny(work, out)
    assert not out.exists(), "no table before the last comparison"
    kept = {path: path.stat().st_mtime_ns for path in work.glob("[eo]*.json")}
    assert len(kept) == 5, "each schedule apart, or all of a setting at once"
    lost = sorted(kept)[0]
    lost.unlink()
    again = {}

    def look_and_write(*arguments):
        again.update((path, path.stat().st_mtime_ns) for path in work.glob("[eo]*.json"))
        write(*arguments)

    monkeypatch.setattr(comparisons, "write_table", look_and_write)
    tiny(work, out)
    assert {path for path in kept if again[path] != kept[path]} == {lost}
    assert (out / STUDY.table).read_text() == (finished / STUDY.table).read_text()


def test_comparisons_of_another_version_are_not_continued(tmp_path):
    (tmp_path / "about.json").write_text(json.dumps({**describe(STUDY.code), "torch": "1.0"}))
    with pytest.raises(ValueError, match=r"another version: torch 1\.0 instead of"):
        tiny(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("content", ["", "{}", "[]"])
def test_comparisons_of_an_unknown_version_are_not_continued(tmp_path, content):
    (tmp_path / "about.json").write_text(content)
    with pytest.raises(ValueError, match="does not say what made the comparisons beside it"):
        tiny(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("content", ["", "{", "[]", "[1]", '[{"seed": 1}]'])
def test_a_damaged_comparison_is_named_before_any_training(tmp_path, content):
    (tmp_path / "about.json").write_text(json.dumps(describe(STUDY.code)))
    (tmp_path / "ends-constant.json").write_text(content)
    with pytest.raises(ValueError, match=r"ends-constant\.json is no finished comparison"):
        tiny(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def rows(results):
    path = results / STUDY.table
    return path, path.read_text().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: [], "cannot be read"),
        (lambda lines: [lines[0].replace("peak", "top"), *lines[1:]], "of another version"),
        (lambda lines: lines[:1], "one code, got no rows"),
        (lambda lines: lines[:-1], "it is cut short"),
        (lambda lines: lines[:-3], "it is cut short"),
        (lambda lines: [*lines[:-1], lines[-1][:40]], "cut short|one code"),
        (lambda lines: [*lines[:-1], lines[-1].replace(lb_code(lines), "0" * 12)], "one code"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(results, damage, message):
    path, lines = rows(results)
    path.write_text("".join(damage(lines)))
    with pytest.raises(ValueError, match=message):
        read_results(STUDY, results)


def lb_code(lines):
    return lines[1].split(",")[COLUMNS.index("code")]


@pytest.mark.parametrize(
    ("role", "message"),
    [("judging", "one run of 'constant'"), ("tuning", "must judge 'constant' at the best")],
)
def test_a_missing_run_is_named(results, role, message):
    path, lines = rows(results)
    mine = [line for line in lines[1:] if line.startswith("own peaks,constant")]
    mine = [line for line in mine if f",{role}," in line]
    if role == "tuning":  # the try that was chosen
        chosen = read_results(STUDY, results)["own peaks"].chosen["constant"]
        mine = [line for line in mine if float(line.split(",")[2]) == chosen]
    lines.remove(mine[0])
    n = len(lines) - 1
    lines = [lines[0], *(line.rpartition(",")[0] + f",{n}\n" for line in lines[1:])]
    path.write_text("".join(lines))
    with pytest.raises(ValueError, match=message):
        read_results(STUDY, results)


def test_a_missing_table_names_the_command(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"python -m studies\.modern"):
        read_results(STUDY, tmp_path)
