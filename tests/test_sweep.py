"""A sweep gives the same tidy table however many runs go at once, and its summary is right."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import joblib
import numpy as np
import pandas as pd
import pytest
import torch

from lrsched_book import SweepError, base_seed, report, seeds, summarize, sweep

SETTINGS = {"flat": {"slope": 0}, "steep": {"slope": 2}}


posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps the number of a dead parent")


def sequentially(*arguments, **keywords):
    with joblib.parallel_config(backend="sequential"):
        return sweep(*arguments, **keywords)


def test_a_sweep_runs_in_processes_of_one_thread_and_its_table_is_that_of_a_sequential_one():
    # Nested, so that joblib sends the function itself: the processes cannot import this module.
    def run(seed, slope):
        torch.manual_seed(seed)
        weights = torch.rand(50, 50) * slope
        return {
            "y": (weights @ weights).sum().item(),
            "threads": torch.get_num_threads(),
            "process": os.getpid(),
        }

    threads = torch.get_num_threads()
    parallel = sweep(run, SETTINGS, seeds=[3, 1, 2], jobs=2)
    alone = sequentially(run, SETTINGS, seeds=[3, 1, 2])
    pd.testing.assert_frame_equal(parallel.drop(columns="process"), alone.drop(columns="process"))
    assert os.getpid() not in set(parallel["process"])
    assert set(alone["process"]) == {os.getpid()}
    assert set(parallel["threads"]) == {1}
    assert torch.get_num_threads() == threads


def test_rows_are_in_the_order_of_settings_and_seeds_not_of_arrival():
    slow = threading.Event()

    def run(seed, slope):
        # The first run of all ends last.
        slow.wait(20) if (slope, seed) == (0, 3) else None
        if (slope, seed) == (2, 1):
            slow.set()
        return {"y": slope * seed}

    with joblib.parallel_config(backend="threading"):
        table = sweep(run, SETTINGS, seeds=[3, 1], jobs=2)
    assert slow.is_set()
    assert list(table) == ["setting", "seed", "y"]
    assert table.to_numpy().tolist() == [
        ["flat", 3, 0],
        ["flat", 1, 0],
        ["steep", 3, 6],
        ["steep", 1, 2],
    ]


def test_the_callers_backend_is_used():
    def run(seed):
        return {"process": os.getpid(), "thread": threading.get_ident()}

    with joblib.parallel_config(backend="threading"):
        table = sweep(run, {"only": {}}, seeds=[1, 2], jobs=2)
    assert set(table["process"]) == {os.getpid()}
    assert threading.get_ident() not in set(table["thread"])


@pytest.mark.parametrize("backend", ["sequential", "threading"])
def test_the_number_of_threads_is_as_before_also_after_an_error(backend):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:

        def run(seed):
            assert torch.get_num_threads() == 1
            if seed == 2:
                raise ArithmeticError("as in a run that diverges")
            return {}

        with joblib.parallel_config(backend=backend), pytest.raises(SweepError, match="as in"):
            sweep(run, {"only": {}}, seeds=[1, 2, 3], jobs=2)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"settings": {}}, ValueError, "^settings must name at least one setting, got none$"),
        ({"seeds": []}, ValueError, r"^seeds must be one or more different seeds, got \[\]$"),
        ({"seeds": [1, 2, 1]}, ValueError, r"^seeds must be .* got \[1, 2, 1\]$"),
        ({"seeds": [-1]}, ValueError, "^seeds must be a whole number of at least 0, got -1$"),
        ({"seeds": [0.5]}, ValueError, "^seeds must be a whole number of at least 0, got 0.5$"),
        ({"jobs": 0}, ValueError, "^jobs must be a number of processes, .* got 0$"),
        ({"jobs": 1.5}, ValueError, "^jobs must be a number of processes, .* got 1.5$"),
        ({"jobs": -2}, ValueError, "^jobs must be a number of processes, .* got -2$"),
        ({"jobs": True}, ValueError, "^jobs must be a number of processes, .* got True$"),
        ({"settings": {None: {}}}, ValueError, "^settings must have names, got None"),
        ({"settings": {"a": {}, "b": {"seed": 3}}}, ValueError, "^settings must .* one in 'b'$"),
    ],
)
def test_a_bad_argument_is_an_error_before_any_run(changes, error, message):
    def run(**arguments):
        raise AssertionError("no run must start")

    with pytest.raises(error, match=message):
        sequentially(run, **{"settings": {"only": {}}, "seeds": [1], **changes})


# --- what goes wrong in a run --------------------------------------------------------------------


@pytest.mark.parametrize("result", [None, 0.5, [1, 2]])
def test_a_run_must_return_a_mapping(result):
    with pytest.raises(SweepError, match=r"seed 1 failed: TypeError: run must return a mapping"):
        sequentially(lambda seed: result, {"only": {}}, seeds=[1])


@pytest.mark.parametrize("name", ["setting", "seed", "runs", "lost"])
def test_a_result_cannot_take_the_name_of_a_column_of_the_table(name):
    with pytest.raises(SweepError, match=f"run must not return a column named '{name}'"):
        sequentially(lambda seed: {"loss": 1.0, name: 7}, {"only": {}}, seeds=[1])


def test_numbers_without_dimensions_become_numbers():
    def run(seed):
        return {
            "a": torch.tensor(0.5),
            "b": np.array(2),
            "c": True,
            "d": np.float64(seed),
            "e": "x",
        }

    row = sequentially(run, {"only": {}}, seeds=[1]).iloc[0]
    assert row[list("abcde")].to_list() == [0.5, 2, True, 1.0, "x"]
    summary = summarize(sequentially(run, {"only": {}}, seeds=[1, 2]))
    assert [column for column, what in summary if what == "mean"] == ["a", "b", "c", "d"]
    assert summary.loc["only", ("c", "mean")] == 1.0


class Unportable(Exception):
    """Cannot be made from its message alone, as pickle does."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failing_run_is_named_and_the_finished_ones_are_kept(jobs):
    def run(seed, slope):
        if (slope, seed) == (2, 1):
            raise ArithmeticError("too steep")
        time.sleep(0.1)  # so that the failure is seen while the run beside it goes on
        return {"y": slope * seed}

    with pytest.raises(SweepError) as caught:
        sweep(run, {**SETTINGS, "steeper": {"slope": 3}}, seeds=[3, 1, 2, 4], jobs=jobs)
    error = caught.value
    assert str(error).startswith(
        "the run of setting 'steep', seed 1 failed: ArithmeticError: too steep ("
    )
    assert isinstance(error.__cause__, ArithmeticError)
    assert "raise ArithmeticError" in "".join(error.__cause__.__notes__), "where it was raised"
    # Those before it, and the few that had been handed to a worker when it came back.
    assert error.table[["setting", "seed", "y"]].to_numpy().tolist()[:5] == [
        ["flat", 3, 0],
        ["flat", 1, 0],
        ["flat", 2, 0],
        ["flat", 4, 0],
        ["steep", 3, 6],
    ]
    assert len(error.table) <= 5 * jobs
    assert f"({len(error.table)} of 12 runs are finished" in str(error)
    copied = pickle.loads(pickle.dumps(error))
    assert str(copied) == str(error)
    pd.testing.assert_frame_equal(copied.table, error.table)


def test_an_error_that_cannot_travel_comes_as_its_text():
    def run(seed):
        raise Unportable("one", "two")

    run.__globals__["Unportable"] = Unportable
    with pytest.raises(SweepError, match="RuntimeError: Unportable: one and two"):
        sequentially(run, {"only": {}}, seeds=[1])


def test_a_dead_worker_is_told_with_what_was_under_way():
    def run(seed):
        if seed == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.2 if seed < 3 else 20)
        return {"y": seed}

    with pytest.raises(SweepError) as caught:
        sweep(run, {"only": {}}, seeds=[1, 2, 4, 3, 5, 6], jobs=2)
    message = str(caught.value)
    assert message.startswith("a worker process died, killed or out of memory, during one of ")
    assert "setting 'only', seed 3" in message
    assert "seed 5" not in message
    assert "seed 1" not in message
    assert caught.value.table["seed"].tolist() == [1, 2]
    # The next sweep starts new workers.
    assert sweep(lambda seed: {"y": 1}, {"only": {}}, seeds=[1, 2], jobs=2)["y"].tolist() == [1, 1]


def test_what_cannot_be_sent_to_a_worker_is_said():
    locked = threading.Lock()
    with pytest.raises(SweepError, match=r"could not be carried out: .*pickle") as caught:
        sweep(lambda seed: {"y": bool(locked)}, {"only": {}}, seeds=[1, 2], jobs=2)
    assert len(caught.value.table) == 0


def reciprocal(seed):
    """At the top, where a forked process finds it."""
    return {"y": 1 / seed}


@posix
def test_a_backend_that_hands_out_its_results_only_at_the_end_keeps_them_as_well():
    with joblib.parallel_config("multiprocessing"):  # as ray's
        assert sweep(reciprocal, {"only": {}}, seeds=[2, 4, 1], jobs=2)["y"].tolist() == [
            0.5,
            0.25,
            1,
        ]
        with pytest.raises(
            SweepError, match="setting 'only', seed 0 failed: ZeroDivision"
        ) as caught:
            sweep(reciprocal, {"only": {}}, seeds=[2, 0, 4], jobs=2)
    assert caught.value.table["seed"].tolist() == [2, 4]


@pytest.mark.parametrize("backend", ["sequential", "threading"])
def test_an_interrupt_keeps_the_finished_runs(backend):
    def run(seed):
        if seed == 3:
            raise KeyboardInterrupt
        return {"y": seed}

    with joblib.parallel_config(backend=backend), pytest.raises(KeyboardInterrupt) as caught:
        sweep(run, {"only": {}}, seeds=[1, 2, 3, 4], jobs=1)
    assert caught.value.table["seed"].tolist() == [1, 2]
    assert caught.value.__notes__[0].startswith("2 of 4 runs are finished")


CHILD = """
import sys, time
from pathlib import Path
from lrsched_book import sweep

def run(seed, folder):
    folder = Path(folder)
    (folder / f"began-{seed}").touch()
    if seed < 2:
        return {"y": seed}
    for _ in range(400):
        time.sleep(0.05)
        (folder / f"alive-{seed}").write_text(str(time.time()))
    return {"y": seed}

try:
    sweep(run, {"only": {"folder": sys.argv[1]}}, seeds=range(6), jobs=2)
except KeyboardInterrupt as interrupt:
    print(interrupt.table["seed"].tolist(), flush=True)
"""


@pytest.fixture
def child(tmp_path):
    """A process whose sweep has two long runs under way, in a group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.time() + 120
    while not all((tmp_path / f"alive-{seed}").exists() for seed in (2, 3)):
        assert process.poll() is None, process.stderr.read()
        assert time.time() < deadline
        time.sleep(0.05)
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def signs_of_life(folder):
    return {path.name: path.read_text() for path in folder.glob("alive-*")}


@posix
def test_workers_end_when_their_parent_is_killed(child, tmp_path):
    child.kill()
    time.sleep(3)
    before = signs_of_life(tmp_path)
    time.sleep(0.5)
    assert signs_of_life(tmp_path) == before, "a worker trains on for nobody"
    assert not (tmp_path / "began-4").exists()


@posix
def test_ctrl_c_ends_a_sweep_in_processes_and_keeps_what_is_finished(child, tmp_path):
    os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to parent and workers
    output, errors = child.communicate(timeout=60)
    assert output == "[0, 1]\n", errors
    assert not (tmp_path / "began-5").exists()
    before = signs_of_life(tmp_path)
    time.sleep(0.5)
    assert signs_of_life(tmp_path) == before


# --- summaries -----------------------------------------------------------------------------------


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "setting": ["b", "b", "b", "a"],
            "seed": [0, 1, 2, 0],
            "loss": [1.0, 2.0, 6.0, 4.0],
            "note": ["x", "y", "z", "w"],
            "steps": [10, 10, 10, 20],
        }
    )


def test_a_summary_has_mean_and_sample_deviation_of_each_number(table):
    summary = summarize(table)
    assert list(summary.index) == ["b", "a"], "in the order of the sweep"
    assert {column for column, _ in summary} == {"loss", "steps", "runs"}, "text is left out"
    assert [what for column, what in summary if column == "loss"] == ["mean", "std", "lost"]
    assert summary.loc["b", ("loss", "mean")] == 3.0
    assert summary.loc["b", ("loss", "std")] == pytest.approx(np.sqrt((4 + 1 + 9) / 2))
    assert summary.loc["b", ("steps", "std")] == 0
    assert np.isnan(summary.loc["a", ("loss", "std")]), "one run has no spread"
    assert summary["runs", ""].tolist() == [3, 1]


def test_a_report_is_the_summary_in_words(table):
    words = report(table, digits=2)
    assert words.loc["b"].to_dict() == {"loss": "3.00 ± 2.65", "steps": "10.00 ± 0.00", "runs": 3}


@pytest.mark.parametrize("lost", [float("nan"), float("inf")])
def test_a_lost_run_is_never_left_out_silently(lost):
    table = pd.DataFrame(
        {
            "setting": ["a", "a", "a", "b", "b", "b"],
            "seed": [0, 1, 2] * 2,
            "loss": [0.5, 0.6, lost, 0.1, 0.2, 0.3],
        }
    )
    summary = summarize(table)
    assert summary["loss", "lost"].to_dict() == {"a": 1, "b": 0}
    assert np.isnan(summary.loc["a", ("loss", "mean")])
    assert np.isnan(summary.loc["a", ("loss", "std")])
    assert summary["runs", ""].tolist() == [3, 3]
    assert report(table)["loss"].to_dict() == {"a": "1 of 3 lost", "b": "0.200 ± 0.100"}


def test_settings_may_be_named_by_numbers():
    table = pd.DataFrame({"setting": [2, 2, 1], "seed": [0, 1, 0], "loss": [1.0, 3.0, 5.0]})
    summary = summarize(table)
    assert summary["loss", "mean"].to_dict() == {2: 2.0, 1: 5.0}
    assert {column for column, _ in summary} == {"loss", "runs"}


@pytest.mark.parametrize("name", ["runs", "lost"])
def test_a_measurement_cannot_have_the_name_of_a_count(table, name):
    with pytest.raises(ValueError, match=f"^table must not have a column named '{name}'"):
        report(table.assign(**{name: 1}))


@pytest.mark.parametrize("digits", [-1, 1.5])
def test_digits_are_a_whole_number(table, digits):
    with pytest.raises(ValueError, match=r"^digits must be a whole number of at least 0"):
        report(table, digits=digits)


@pytest.mark.parametrize("missing", ["setting", "seed"])
def test_only_the_table_of_a_sweep_is_summarized(table, missing):
    with pytest.raises(ValueError, match=f"^table must come from sweep, but it lacks {missing}$"):
        summarize(table.drop(columns=missing))


# --- seeds ---------------------------------------------------------------------------------------


def test_all_seeds_derive_from_one(monkeypatch):
    monkeypatch.delenv("LRSCHED_SEED", raising=False)
    assert base_seed() == 0
    default = seeds(1000)
    monkeypatch.setenv("LRSCHED_SEED", "2")
    assert base_seed() == 2
    assert seeds() == [2000, 2001, 2002]
    assert not set(default) & set(seeds(1000))


@pytest.mark.parametrize("text", ["", "-1", "1.5", "one", " 1"])
def test_a_base_seed_must_be_a_whole_number(monkeypatch, text):
    monkeypatch.setenv("LRSCHED_SEED", text)
    with pytest.raises(ValueError, match=r"^LRSCHED_SEED must be a whole number .* got '"):
        seeds(3)


@pytest.mark.parametrize("n", [0, -1, 2.5, 1001])
def test_there_are_one_to_a_thousand_seeds(n):
    with pytest.raises(ValueError, match=f"^n must be .* got {n}$"):
        seeds(n)
