"""A sweep gives the same tidy table however many runs go at once, and its summary is right."""

import os
import threading

import joblib
import numpy as np
import pandas as pd
import pytest
import torch

from lrsched_book import base_seed, report, seeds, summarize, sweep

SETTINGS = {"flat": {"slope": 0}, "steep": {"slope": 2}}


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

        with joblib.parallel_config(backend=backend), pytest.raises(ArithmeticError, match="as in"):
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
    ],
)
def test_a_bad_argument_is_an_error_before_any_run(changes, error, message):
    def run(**arguments):
        raise AssertionError("no run must start")

    with pytest.raises(error, match=message):
        sequentially(run, **{"settings": {"only": {}}, "seeds": [1], **changes})


@pytest.mark.parametrize("result", [None, 0.5, [1, 2]])
def test_a_run_must_return_a_mapping(result):
    with pytest.raises(TypeError, match=r"^run must return a mapping of columns, got "):
        sequentially(lambda seed: result, {"only": {}}, seeds=[1])


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
    assert summary.loc["b", ("loss", "mean")] == 3.0
    assert summary.loc["b", ("loss", "std")] == pytest.approx(np.sqrt((4 + 1 + 9) / 2))
    assert summary.loc["b", ("steps", "std")] == 0
    assert np.isnan(summary.loc["a", ("loss", "std")]), "one run has no spread"
    assert summary["runs", ""].tolist() == [3, 1]


def test_a_report_is_the_summary_in_words(table):
    words = report(table, digits=2)
    assert words.loc["b"].to_dict() == {"loss": "3.00 ± 2.65", "steps": "10.00 ± 0.00", "runs": 3}


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
