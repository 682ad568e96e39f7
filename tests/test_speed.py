"""The benchmark: what is missing is named, the rest goes on, and what is shown is judged."""

import pytest

from studies.speed import __main__ as bench
from studies.speed import footprint, loops, race, report, stepping, text_loops
from studies.speed.report import Measured, markdown, tidy_csv

MODULES = (loops, text_loops, stepping)
IMPORTS = [{"torch": 2.0, "lrsched_book": 0.02, "loaded": []}]


def full_run(megabytes):
    return {"seconds": 2.5, "peak bytes": megabytes * 1e6, "bytes after imports": 5e8}


def run_through(contestants, *_):
    """Two rounds in which everyone takes a second."""
    for one in contestants:
        one.times, one.checked = [1.0, 1.0], 0.5


def measured(full_runs=(), missing=None):
    races = [module.contestants() for module in MODULES]
    for contestants in races:
        run_through(contestants)
    return Measured(2, *races, IMPORTS, list(full_runs), missing)


def row(text, start):
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.fixture
def quick(monkeypatch):
    """Run the whole command with everything slow replaced."""
    monkeypatch.setattr("sys.argv", ["bench", "--quick"])
    monkeypatch.setattr(footprint, "import_times", lambda rounds: IMPORTS)
    monkeypatch.setattr(race, "race", run_through)

    def run(full_runs):
        monkeypatch.setattr(footprint, "full_runs", full_runs)
        return bench.main()

    return run


@pytest.mark.parametrize(
    ("error", "says", "status"),
    [
        (footprint.MissingData("no network"), "the full data set is not here", 0),
        (RuntimeError("killed"), "failed", 1),
    ],
)
def test_a_row_that_cannot_be_measured_is_named_and_the_rest_goes_on(
    quick, capsys, error, says, status
):
    def fail(rounds):
        raise error

    assert quick(fail) == status
    out, err = capsys.readouterr()
    assert str(error) in err
    assert row(out, "`fit` on all 60,000")[1] == f"not measured: {says}"
    assert row(out, "no full run takes more")[1:] == ["–", "not measured"]
    assert row(out, "skorch")[1] == "1.000 s"
    assert row(out, "an attached schedule steps")[1:] == ["1.00 (1.00 to 1.00)", "yes"]


def test_without_the_full_data_the_run_on_them_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("LRSCHED_DATA", str(tmp_path))
    with pytest.raises(footprint.MissingData, match="LRSCHED_DATA names"):
        footprint.full_runs(rounds=1)


def test_a_full_run_that_fails_says_why(monkeypatch):
    monkeypatch.setattr(footprint, "FULL_RUN", "raise OSError('a\\nb')")
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*OSError: a\nb"):
        footprint.full_runs(rounds=1)


@pytest.mark.parametrize(
    ("peaks", "shown", "holds"),
    [
        ([700, 849.96, 800], "850.0 MB at most", "yes"),
        ([700, 850.04, 800], "850.0 MB at most", "yes"),
        ([700, 850.06, 800], "850.1 MB at most", "no"),
    ],
)
def test_the_memory_that_is_shown_is_the_one_that_is_judged(peaks, shown, holds):
    text = markdown(measured(map(full_run, peaks)))
    assert row(text, "no full run takes more than 850 MB")[1:] == [shown, holds]


@pytest.mark.parametrize(
    ("race", "name", "requirement", "limit"),
    [
        ("images", loops.FIT, "`fit`, recording and evaluating", 1.03),
        ("text", text_loops.FIT, "on text it takes at most 1.05", 1.05),
    ],
)
def test_a_ratio_holds_up_to_its_limit(race, name, requirement, limit):
    run = measured([full_run(700)])
    (fit,) = [one for one in getattr(run, race) if one.name == name]
    for seconds, holds in ((limit, "yes"), (limit + 0.001, "no")):
        fit.times = [seconds, seconds]
        assert row(markdown(run), requirement)[2] == holds


def test_every_measurement_has_its_line():
    lines = tidy_csv(measured([full_run(700)])).splitlines()
    contestants = [one for module in MODULES for one in module.contestants()]
    assert len(lines) == 1 + 3 * len(contestants) + 2 + 3
    assert 'text,"lrsched_book.fit, evaluating",0,seconds,1.0' in lines


def test_a_contestant_that_fails_is_named_and_the_others_race_on(capsys):
    def broken():
        raise OSError("no such thing\nat all")

    good, bad = race.Contestant("good", lambda: lambda: 1), race.Contestant("bad", broken)
    absent = race.Contestant("absent", broken, package="no_such_package_anywhere")
    race.race([good, bad, absent], float, rounds=3, title="test")
    assert (len(good.times), good.checked, good.failed) == (3, 1.0, False)
    assert (bad.problem, bad.failed) == ("OSError: no such thing", True)
    assert (absent.problem, absent.failed) == ("not installed", False)
    assert "–" in report._race_table([good, bad, absent], "result", ".1f")
