"""The protocol: equal tries, choosing apart from judging, pairs by seed, lost runs, edges."""

import copy
import json
import math
import pickle

import joblib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from torch.optim.swa_utils import AveragedModel

import lrsched_book as lb
from lrsched_book import comparison, rounds, setups
from lrsched_book.rounds import TUNING
from lrsched_book.setups import run_once

CLASSES = 3


def points(n, seed):
    """Three clouds of points in the plane, one a class."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % CLASSES
    centres = torch.tensor([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
    return centres[y] + torch.randn(n, 2, generator=generator), y


def clouds():
    return lb.Data(train=points(60, 0), validation=points(30, 1), test=points(33, 2))


def classifier(seed):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Linear(2, CLASSES)


def setup(**changes):
    usual = {"epochs": 2, "batch_size": 20, "model": classifier, "data": clouds}
    return lb.Setup(**{**usual, **changes})


PEAKS = (0.1, 0.2, 0.4)
PLANS = {"a": lb.constant(), "b": lb.constant(0.5)}


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """Base seed 0, no collecting, and the runs in this process."""
    for name in ("LRSCHED_SEED", "LRSCHED_CLAIMS", "LRSCHED_CLAIMS_FILE"):
        monkeypatch.delenv(name, raising=False)
    with joblib.parallel_config("sequential"):
        yield
    plt.close("all")


@pytest.fixture
def told(monkeypatch):
    """Replace the training by a table of results: `told(losses)` makes it do as it is told."""
    calls = []

    def prepare(loss_of, lost=lambda **run: False):
        def run(**run):
            calls.append(run)
            gone = lost(**run)
            loss = loss_of(**run)
            judged = run["judge"] and not gone
            return {
                "lost": gone,
                "validation_loss": math.nan if gone else loss,
                "test_loss": loss + 1 if judged else math.nan,
                "test_accuracy": 1 - loss if judged else math.nan,
                "curve": [loss, math.nan] if gone else [2 * loss, loss],
                "history": (run["lr"], run["seed"]),
            }

        monkeypatch.setattr(rounds, "run_once", run)
        return calls

    return prepare


def best_at(peak):
    """A loss with its minimum at a peak, and a little noise that the seed decides."""
    return lambda lr, seed, **run: 0.1 * abs(math.log2(lr / peak)) + 0.001 * (seed % 7)


def compare(plans=PLANS, its_setup=None, **options):
    return lb.compare(plans, its_setup or setup(), **{"peaks": PEAKS, **options})


# --- choosing and judging ------------------------------------------------------------------------


@pytest.mark.parametrize("base", [0, 3])
def test_other_seeds_judge_than_choose_and_all_derive_from_the_base_seed(told, monkeypatch, base):
    monkeypatch.setenv("LRSCHED_SEED", str(base))
    calls = told(best_at(0.2))
    table = compare(tuning=2, judging=4).table
    tuning, judging = (table[table["role"] == role] for role in ("tuning", "judging"))
    assert sorted(set(tuning["seed"])) == [1000 * base + 500, 1000 * base + 501]
    assert sorted(set(judging["seed"])) == [1000 * base + i for i in range(4)]
    assert set(judging["seed"]) == set(lb.seeds(4))
    assert [call["judge"] for call in calls] == [False] * 12 + [True] * 8
    assert tuning["test_loss"].isna().all()
    assert judging["test_loss"].notna().all()


def test_three_seeds_choose_and_ten_judge_unless_told_otherwise(told):
    told(best_at(0.2))
    table = compare().table
    assert table.groupby("role")["seed"].nunique().to_dict() == {"tuning": 3, "judging": 10}
    assert len(table) == 2 * 3 * 3 + 2 * 10
    assert list(table)[:5] == ["schedule", "peak", "seed", "role", "lost"]


def test_the_mean_validation_loss_chooses_not_a_single_seed(told):
    losses = {0.1: (3, 3, 3), 0.2: (2, 2, 2), 0.4: (0.5, 3, 3)}
    told(lambda lr, seed, **run: losses[lr][seed - 500] if seed >= 500 else 1)
    assert compare().chosen == {"a": 0.2, "b": 0.2}


def test_each_schedule_is_judged_at_its_own_peak(told):
    grid = (0.1, 0.2, 0.4, 0.8)
    told(lambda schedule, lr, **run: abs(lr - (0.2 if schedule is PLANS["a"] else 0.4)))
    runs = compare(peaks=grid[::-1])
    assert runs.chosen == {"a": 0.2, "b": 0.4}
    judged = runs.table[runs.table["role"] == "judging"]
    assert judged.groupby("schedule")["peak"].unique().map(list).to_dict() == {
        "a": [0.2],
        "b": [0.4],
    }
    assert not runs.edge


def test_a_peak_that_loses_a_tuning_run_cannot_be_chosen(told):
    told(
        lambda lr, **run: {0.1: 3.0, 0.2: 2.0, 0.4: 1.0}[lr],
        lost=lambda lr, seed, **run: lr == 0.4 and seed == 501,
    )
    runs = compare()
    assert runs.chosen == {"a": 0.2, "b": 0.2}
    assert not runs.edge, "a larger one was tried, and loses"


# --- the edge of the grid ------------------------------------------------------------------------


def tried(runs, name="a"):
    tuning = runs.table[(runs.table["role"] == "tuning") & (runs.table["schedule"] == name)]
    return sorted(set(tuning["peak"]))


@pytest.mark.parametrize(
    ("best", "grid"),
    [
        (0.05, [0.025, 0.05, 0.1, 0.2, 0.4]),
        (0.8, [0.1, 0.2, 0.4, 0.8, 1.6]),
        (0.2, [0.1, 0.2, 0.4]),
    ],
)
def test_a_grid_grows_for_all_schedules_until_the_choice_is_inside(told, best, grid):
    inside = best_at(0.2)
    told(lambda schedule, **run: best_at(best)(**run) if schedule is PLANS["b"] else inside(**run))
    runs = compare()
    assert tried(runs, "a") == tried(runs, "b") == grid
    assert runs.chosen == {"a": 0.2, "b": best}
    assert not runs.edge
    counts = runs.table[runs.table["role"] == "tuning"].groupby(["schedule", "peak"]).size()
    assert set(counts) == {3}, "nothing is trained twice"


def test_both_sides_may_grow_at_once_each_by_its_own_ratio(told):
    told(lambda schedule, **run: best_at(0.05 if schedule is PLANS["b"] else 1.2)(**run))
    runs = compare(peaks=(0.1, 0.2, 0.6))
    assert tried(runs) == [0.025, 0.05, 0.1, 0.2, 0.6, 1.8, 5.4]
    assert runs.chosen["b"] == 0.05


@pytest.mark.parametrize(
    ("best", "side", "limit"), [(1e-9, "smallest", 0.0125), (1e9, "largest", 3.2)]
)
def test_an_edge_that_remains_is_named_and_no_claim_rests_on_it(told, best, side, limit):
    inside = best_at(0.2)
    told(lambda schedule, **run: best_at(best)(**run) if schedule is PLANS["b"] else inside(**run))
    runs = compare(dict(PLANS, c=None))
    assert runs.chosen["b"] == limit, "three times, no more"
    assert len(tried(runs)) == 6
    assert runs.edge == {"b": side}
    assert runs.summary["edge"].to_dict() == {"a": "", "b": f"{side} tried", "c": ""}
    for gain in (runs.gain("b", over="a"), runs.gain("a", over="b")):
        for verdict in (gain.above(-100), gain.within(100)):
            assert not verdict
            assert verdict.margin is None
            assert verdict.reason == f"not settled: the peak of 'b' is the {side} one tried"
    assert runs.gain("c", over="a").within(1)


def test_where_every_peak_loses_smaller_ones_are_tried(told):
    told(best_at(0.05), lost=lambda lr, **run: lr > 0.06)
    runs = compare()
    assert tried(runs) == [0.025, 0.05, 0.1, 0.2, 0.4]
    assert runs.chosen == {"a": 0.05, "b": 0.05}


def test_a_schedule_that_always_loses_is_not_judged(told):
    told(best_at(0.2), lost=lambda schedule, **run: schedule is PLANS["b"])
    runs = compare()
    assert runs.chosen == {"a": 0.2, "b": None}
    assert set(runs.table[runs.table["role"] == "judging"]["schedule"]) == {"a"}
    assert runs.summary.loc["b", "peak"] == "none"
    verdict = runs.gain("a", over="b").above(0)
    assert verdict == lb.Verdict(False, None, "not settled: each peak of 'b' loses a tuning run")
    assert repr(runs.gain("a", over="b")).endswith("pairs by seed: none")


def test_where_all_schedules_always_lose_there_is_a_table_still(told):
    told(best_at(0.2), lost=lambda **run: True)
    runs = compare()
    assert runs.chosen == {"a": None, "b": None}
    assert runs.summary["lost"].tolist() == ["0 of 0", "0 of 0"]
    assert runs.summary["test loss"].tolist() == ["–", "–"]
    crosses = [line for line in runs.plot_peaks().lines if line.get_marker() == "x"]
    assert sum(len(line.get_xdata()) for line in crosses) == 2 * 6 * 3
    assert "Comparisons: 1." in repr(runs)


# --- lost runs -----------------------------------------------------------------------------------


def test_lost_judging_runs_are_counted_and_nothing_is_settled(told):
    told(
        best_at(0.2),
        lost=lambda schedule, seed, judge, **run: (
            judge and schedule is PLANS["b"] and seed in (3, 7)
        ),
    )
    runs = compare()
    assert (runs.lost("a"), runs.lost("b")) == (0, 2)
    assert runs.summary.loc["b", ["test loss", "test accuracy", "lost"]].to_list() == [
        "–",
        "–",
        "2 of 10",
    ]
    assert runs.summary.loc["a", "lost"] == "0 of 10"
    gain = runs.gain("a", over="b")
    assert math.isnan(gain.pairs[3])
    assert len(gain.pairs) == 10
    assert gain.above(-9) == lb.Verdict(False, None, "not settled: 2 of 10 runs of 'b' are lost")
    assert not gain.within(9)
    with pytest.raises(lb.ClaimError, match="not settled"):
        lb.claim("a ends lower than b", gain.above(0))


# --- gains ---------------------------------------------------------------------------------------


def test_gains_are_paired_by_seed_and_positive_is_better(told):
    def loss(schedule, seed, judge, **run):
        return (0.5 if schedule is PLANS["a"] else 0.3) + (0.01 * seed if judge else 0)

    told(loss)
    runs = compare(judging=3, peaks=None, its_setup=setup(lr=0.1))
    for metric in ("loss", "accuracy"):
        gain = runs.gain("b", over="a", metric=metric)
        assert list(gain.pairs) == [0, 1, 2]
        assert list(gain.pairs.values()) == pytest.approx([0.2] * 3)
        assert (gain.name, gain.over, gain.metric) == ("b", "a", f"test {metric}")
        assert runs.gain("a", over="b", metric=metric).effect == pytest.approx(-0.2)
    shuffled = comparison.Comparison(
        runs.table.sort_values(["schedule", "test_loss"], ascending=[True, False]),
        runs.chosen,
        runs.edge,
    )
    assert list(shuffled.gain("b", over="a").pairs.values()) == pytest.approx([0.2] * 3)


@pytest.mark.parametrize(("schedules", "pairs"), [(1, 0), (2, 1), (3, 3), (5, 10)])
def test_every_pair_of_the_table_is_a_comparison(told, schedules, pairs):
    told(best_at(0.2))
    runs = compare({str(i): lb.constant() for i in range(schedules)}, judging=2)
    assert runs.comparisons == pairs
    assert f"Comparisons: {pairs}." in repr(runs)
    if schedules > 1:
        assert runs.gain("0", over="1").comparisons == pairs


@pytest.mark.parametrize(
    ("name", "over", "metric", "message"),
    [
        ("a", "a", "loss", "^over must be another schedule than 'a'"),
        ("x", "a", "loss", "^name must be one of 'a', 'b', got 'x'"),
        ("a", "x", "loss", "^name must be one of 'a', 'b', got 'x'"),
        ("a", "b", "f1", "^metric must be one of 'loss', 'accuracy', got 'f1'"),
    ],
)
def test_a_gain_is_between_two_schedules_of_the_table(told, name, over, metric, message):
    told(best_at(0.2))
    runs = compare(judging=2)
    with pytest.raises(ValueError, match=message):
        runs.gain(name, over=over, metric=metric)


def test_a_gain_at_one_peak_is_that_of_the_tuning_runs(told):
    told(lambda schedule, lr, judge, **run: lr * (3 if schedule is PLANS["a"] else 1 + judge))
    runs = compare(tuning=4, judging=2)
    gain = runs.gain_at(0.2, "b", over="a")
    assert list(gain.pairs) == [500, 501, 502, 503]
    assert list(gain.pairs.values()) == pytest.approx([0.4] * 4)
    assert (gain.name, gain.over, gain.metric) == ("b", "a", "validation loss")
    assert runs.gain_at(0.4, "a", over="b").effect == pytest.approx(-0.8)


def test_a_gain_at_a_peak_that_loses_a_run_is_not_settled(told):
    told(best_at(0.1), lost=lambda lr, seed, **run: lr == 0.4 and seed == 501)
    runs = compare({**PLANS, "c": lb.constant(0.1)}, peaks=(0.05, *PEAKS), judging=2)
    told_why = "not settled: 'b' and 'a' lost a run at 0.4"
    assert runs.gain_at(0.4, "b", over="a").above(-9) == lb.Verdict(False, None, told_why)
    assert runs.gain_at(0.2, "b", over="a").within(9)


@pytest.mark.parametrize(
    ("peak", "name", "over", "message"),
    [
        (0.3, "a", "b", "^peak must be one of 0.1, 0.2, 0.4, got 0.3"),
        (0.2, "a", "a", "^over must be another schedule than 'a'"),
        (0.2, "x", "a", "^name must be one of 'a', 'b', got 'x'"),
        (0.2, "a", "x", "^name must be one of 'a', 'b', got 'x'"),
    ],
)
def test_a_gain_at_a_peak_is_between_schedules_that_tried_it(told, peak, name, over, message):
    told(best_at(0.2))
    runs = compare(judging=2)
    with pytest.raises(ValueError, match=message):
        runs.gain_at(peak, name, over=over)


# --- given rates, own setups, own grids ----------------------------------------------------------


def test_given_rates_are_judged_without_any_choice(told):
    calls = told(best_at(0.2))
    runs = compare({"a": lb.constant(), "b": (None, setup(lr=0.4))}, setup(lr=0.1), peaks=None)
    assert runs.chosen == {"a": 0.1, "b": 0.4}
    assert set(runs.table["role"]) == {"judging"}
    assert len(calls) == 20
    assert repr(runs).splitlines()[-1].startswith("At given rates; judged on test by 10 seeds")
    with pytest.raises(ValueError, match=r"^plot_peaks needs a grid of peaks"):
        runs.plot_peaks()


def test_each_schedule_may_have_peaks_of_its_own(told):
    calls = told(best_at(0.2))
    own = setup(batch_size=5)
    peaks = {"b": (0.4, 0.1, 0.2), "a": (2, 1, 0.5)}
    runs = compare({"a": None, "b": (lb.constant(), own)}, peaks=peaks)
    assert tried(runs, "a") == [0.125, 0.25, 0.5, 1, 2], "grown beyond its edge"
    assert tried(runs, "b") == [0.025, 0.05, 0.1, 0.2, 0.4], "as often: equal tries"
    assert runs.chosen == {"a": 0.25, "b": 0.2}
    assert {call["setup"].batch_size for call in calls if call["schedule"] is None} == {20}
    assert {call["setup"].batch_size for call in calls if call["schedule"] is not None} == {5}


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"plans": {}}, ValueError, "^schedules must be a mapping with at least one name"),
        ({"plans": [lb.constant()]}, ValueError, "^schedules must be a mapping"),
        ({"plans": {1: lb.constant()}}, TypeError, "^schedules must be named by text, got 1"),
        ({"plans": {"a": 0.1}}, TypeError, r"^schedules\['a'\] must be a Schedule, None or"),
        ({"plans": {"a": (None, 3)}}, TypeError, r"^schedules\['a'\] must be"),
        ({"plans": {"a": (None,)}}, TypeError, r"^schedules\['a'\] must be"),
        ({"plans": {"a": lambda optimizer: 1}}, TypeError, "^schedule must be a Schedule, a torch"),
        ({"its_setup": 3}, TypeError, "^setup must be a Setup, got int"),
        ({"peaks": (0.1, 0.2)}, ValueError, "^peaks must be at least three different rates"),
        ({"peaks": (0.1, 0.2, 0.2)}, ValueError, "^peaks must be at least three different"),
        ({"peaks": (0.1, 0.2, 0.4, 0.4)}, ValueError, "^peaks must be at least three different"),
        ({"peaks": (0.1, 0.2, 0)}, ValueError, "^peaks must be a finite number > 0.0, got 0"),
        ({"peaks": {"a": PEAKS}}, ValueError, "^peaks must name a, b, got a$"),
        ({"peaks": {"a": PEAKS, "b": (1, 2, 3, 4)}}, ValueError, r"^peaks must .* got \[3, 4\]"),
        (
            {"peaks": 0.1},
            TypeError,
            "^peaks must be a sequence of rates, a mapping or None, got 0.1",
        ),
        ({"peaks": None}, ValueError, "^the setup of 'a' must have an lr where peaks is None"),
        ({"tuning": 0}, ValueError, "^tuning must be a whole number of at least 1, got 0"),
        ({"judging": 1}, ValueError, "^judging must be a whole number of at least 2, got 1"),
        ({"judging": 501}, ValueError, "^tuning and judging must be at most 500, got 3, 501"),
        ({"tuning": 501}, ValueError, "^tuning and judging must be at most 500, got 501, 10"),
        ({"jobs": 0}, ValueError, "^jobs must be a number of processes"),
        ({"its_setup": setup(data=lambda: None)}, TypeError, "^data must return a Data"),
        (
            {"its_setup": setup(model=lambda seed: "net")},
            TypeError,
            "^model must return a network, got str",
        ),
        ({"its_setup": setup(optimizer=lambda p, lr: 3)}, TypeError, "^optimizer must be"),
        ({"its_setup": setup(prepare=lambda m, o: None)}, TypeError, "^prepare must return"),
        (
            {"its_setup": setup(data=lambda: lb.Data(points(9, 0), points(9, 1), points(0, 2)))},
            ValueError,
            r"^data\.test must hold at least one example",
        ),
        ({"plans": {"a": lb.Schedule(lambda t: -1.0 + 0 * t)}}, ValueError, "schedule must give"),
        (
            {"plans": {"a": lambda optimizer: ReduceLROnPlateau(optimizer)}},
            ValueError,
            "^step_every must be 'epoch'",
        ),
    ],
)
def test_a_bad_argument_is_an_error_before_any_run(told, changes, error, message):
    calls = told(best_at(0.2))
    with pytest.raises(error, match=message):
        compare(**changes)
    assert not calls


def test_an_error_before_the_runs_names_the_entry(told):
    told(best_at(0.2))
    with pytest.raises(TypeError) as caught:
        compare({"good": None, "bad": (None, setup(prepare=lambda m, o: None))})
    assert caught.value.__notes__ == ["It was raised for 'bad', before any run."]


def test_the_most_seeds_still_never_meet(told):
    told(best_at(0.2))
    table = compare({"a": None}, tuning=500, judging=500).table
    kinds = [set(rows["seed"]) for _, rows in table.groupby("role")]
    assert not kinds[0] & kinds[1]
    assert max(kinds[0] | kinds[1]) < 1000


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "^epochs must be a whole number of at least 1"),
        ({"batch_size": 0}, ValueError, "^batch_size must be a whole number of at least 1"),
        ({"step_every": "week"}, ValueError, "^step_every must be one of 'batch', 'epoch'"),
        ({"clip_norm": 0}, ValueError, "^clip_norm must be a finite number > 0"),
        ({"lr": 0}, ValueError, "^lr must be a finite number > 0"),
        ({"model": 1}, TypeError, "^model must be a function, got 1"),
        ({"optimizer": None}, TypeError, "^optimizer must be a function, got None"),
        ({"data": None}, TypeError, "^data must be a function or a Data, got None"),
        ({"prepare": 1}, TypeError, "^prepare must be a function or None, got 1"),
    ],
)
def test_a_setup_checks_its_arguments(changes, error, message):
    with pytest.raises(error, match=message):
        setup(**changes)


# --- what is kept --------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, ArithmeticError])
def test_an_interrupted_comparison_keeps_the_runs_of_all_its_rounds(told, error):
    def loss(judge, seed, **run):
        if judge and seed == 2:
            raise error
        return best_at(0.2)(seed=seed, **run)

    told(loss)
    with pytest.raises(lb.SweepError if error is ArithmeticError else error) as caught:
        compare()
    table = caught.value.table
    assert table.groupby("role").size().to_dict() == {"tuning": 18, "judging": 2}
    if error is ArithmeticError:
        assert "schedule 'a', peak 0.2, seed 2, role 'judging' failed" in str(caught.value)


def test_choices_are_collected_with_the_claims(told, monkeypatch, tmp_path):
    monkeypatch.setenv("LRSCHED_CLAIMS", "collect")
    monkeypatch.setenv("LRSCHED_CLAIMS_FILE", str(tmp_path / "claims"))
    told(lambda schedule, **run: best_at(1e9 if schedule is PLANS["b"] else 0.2)(**run))
    runs = compare()
    lb.claim("b gains", runs.gain("b", over="a").above(0))
    assert [json.loads(line) for line in (tmp_path / "claims").read_text().splitlines()] == [
        {"comparison": ["a", "b"], "chosen": {"a": 0.2, "b": 3.2}, "edge": ["b"]},
        {"claim": "b gains", "holds": False, "margin": None},
    ]


# --- tables and figures --------------------------------------------------------------------------


def test_a_comparison_shows_itself_as_a_table(told):
    told(lambda schedule, seed, **run: (0.2 if schedule is PLANS["a"] else 0.1) + 0.01 * (seed % 2))
    runs = compare(judging=2, peaks=None, its_setup=setup(lr=0.125))
    assert runs.summary.loc["a"].to_dict() == {
        "peak": "0.125",
        "test loss": "1.2050 ± 0.0071",
        "test accuracy": "0.7950 ± 0.0071",
        "lost": "0 of 2",
        "edge": "",
    }
    told(best_at(0.2))
    runs = compare()
    caption = (
        "Peaks chosen from 3 each by the mean validation loss of 3 seeds; judged on test by 10 "
        "other seeds, mean ± sd. Comparisons: 1."
    )
    assert repr(runs).splitlines()[-1] == caption
    page = runs._repr_html_()
    assert page.endswith(f"<p>{caption}</p>")
    assert "<th>a</th>" in page
    assert "color" not in page, "readable on a dark page"


def test_the_curves_are_those_of_the_judging_runs(told):
    told(lambda lr, **run: abs(lr - 0.2) + 0.25)
    ax = compare(judging=3).plot(title="Both")
    first, second = ax.lines
    assert (first.get_label(), second.get_label()) == ("a", "b")
    assert first.get_ydata().tolist() == [0.5, 0.25]
    assert first.get_xdata().tolist() == [1, 2]
    assert len(ax.collections) == 2, "a band each"
    assert (ax.get_title(loc="left") or ax.get_title()) == "Both"


def test_histories_are_those_of_the_judging_runs_or_of_the_tuning_runs_at_a_peak(told):
    told(best_at(0.2))
    runs = compare(judging=3)
    assert runs.histories("a") == [(0.2, 0), (0.2, 1), (0.2, 2)]
    assert runs.histories("a", peak=0.1) == [(0.1, TUNING + n) for n in range(3)]
    with pytest.raises(ValueError, match="name must be"):
        runs.histories("c")
    with pytest.raises(ValueError, match="peak must be"):
        runs.histories("a", peak=0.11)


def test_the_test_losses_are_those_of_the_judging_runs_by_seed(told):
    told(best_at(0.2), lost=lambda seed, judge, **run: judge and seed == 1)
    runs = compare(judging=3)
    shuffled = lb.Comparison(runs.table.sample(frac=1, random_state=0), runs.chosen, runs.edge)
    losses = shuffled.test_losses("a")
    assert losses.index.to_list() == [0, 1, 2]
    assert losses.to_list() == pytest.approx([1.0, math.nan, 1.002], nan_ok=True)
    with pytest.raises(ValueError, match="name must be"):
        runs.test_losses("c")


def test_where_no_peak_was_chosen_there_are_no_test_losses(told):
    told(best_at(0.2), lost=lambda schedule, **run: schedule is PLANS["b"])
    assert compare().test_losses("b").empty


def test_where_runs_are_lost_no_mean_is_drawn(told):
    told(
        best_at(0.2),
        lost=lambda schedule, seed, judge, **run: judge and schedule is PLANS["b"] and seed == 1,
    )
    ax = compare(judging=3).plot()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["a", "b (2 of 3 runs end)"]
    assert len(ax.collections) == 1
    curves = [line for line in ax.lines if len(line.get_xdata()) and line.get_marker() == "None"]
    assert [line.get_ydata().tolist() for line in curves] == [
        pytest.approx([0.002, 0.001]),  # the mean of a
        [0, 0],
        [0.001],
        [0.004, 0.002],
    ]
    points = [
        (*line.get_xdata(), *line.get_ydata()) for line in ax.lines if line.get_marker() == "o"
    ]
    assert points == [(2, 0), (1, 0.001), (2, 0.002)]


def test_runs_that_are_all_lost_with_equal_curves_have_no_mean_either(told, monkeypatch):
    told(best_at(0.2), lost=lambda schedule, judge, **run: judge and schedule is PLANS["b"])
    runs = compare(judging=2)
    runs.table["curve"] = [[1.0, 1.2]] * len(runs.table)  # finite, but no better than guessing
    ax = runs.plot()
    assert [text.get_text() for text in ax.get_legend().get_texts()][1] == "b (0 of 2 runs end)"


def test_gains_are_drawn_a_row_each_a_dot_a_seed(told):
    told(lambda schedule, seed, **run: 0.1 * (schedule is PLANS["a"]) + 0.001 * seed)
    runs = compare(judging=4)
    ax = runs.plot_gains([("b", "a"), ("a", "b")], title="b is better")
    first, second = (line for line in ax.lines if len(line.get_ydata()) == 4)
    assert list(first.get_ydata()) == [0] * 4, "the last row is the lowest"
    assert list(first.get_xdata()) == pytest.approx([-0.1] * 4)
    assert list(second.get_xdata()) == pytest.approx([0.1] * 4)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a over b", "b over a"]
    assert ax.get_title() == "b is better"
    assert "test loss" in ax.get_xlabel()
    shares = runs.plot_gains([("b", "a")], metric="accuracy", ax=plt.subplots()[1])
    assert "test accuracy" in shares.get_xlabel()


def test_the_grid_is_drawn_with_its_choices_and_its_lost_runs(told):
    told(best_at(0.2), lost=lambda lr, seed, **run: lr == 0.4 and seed == 501)
    ax = compare({"a": None}).plot_peaks()
    assert ax.get_xscale() == "log"
    stars = [line for line in ax.lines if line.get_marker() == "*"]
    assert [float(line.get_xdata()[0]) for line in stars] == [0.2]
    crosses = [line for line in ax.lines if line.get_marker() == "x"]
    assert [len(line.get_xdata()) for line in crosses] == [1]
    left = [line for line in ax.lines if line.get_markerfacecolor() == "none"]
    assert [len(line.get_ydata()) for line in left] == [2]
    (bars,) = ax.containers
    assert bars.lines[0].get_xdata().tolist() == [0.1, 0.2], "no mean where a run is lost"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0.1", "0.2", "0.4"]


# --- one run -------------------------------------------------------------------------------------


def one(its_setup, schedule=None, lr=0.1, seed=0, judge=True):
    return run_once(its_setup, schedule, lr, seed, judge)


def test_a_run_is_that_of_fit_judged_on_test_at_its_end():
    data, model = clouds(), classifier(5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    history = lb.fit(
        model, data, optimizer, lb.linear(6), epochs=2, batch_size=20, clip_norm=0.5, seed=5,
        device="cpu",
    )  # fmt: skip
    result = one(setup(clip_norm=0.5), lb.linear(6), seed=5)
    assert result["history"] == history
    assert result["curve"] == history.validation_loss.tolist()
    assert result["validation_loss"] == history.validation_loss[-1]
    assert (result["test_loss"], result["test_accuracy"]) == lb.evaluate(model, data.test)
    assert result["lost"] is False
    assert one(setup(), lb.linear(6), seed=5)["history"] != history, "clipping matters"


def test_tuning_runs_never_see_the_test_images(monkeypatch):
    seen = []
    measure = setups.evaluate
    monkeypatch.setattr(
        setups, "evaluate", lambda m, part: seen.append(len(part.y)) or measure(m, part)
    )
    result = one(setup(), judge=False)
    assert not seen
    assert math.isnan(result["test_loss"])
    assert math.isnan(result["test_accuracy"])
    one(setup())
    assert seen == [33], "once"


@pytest.mark.parametrize(
    ("last", "lost"),
    [
        (math.log(CLASSES), True),
        (math.nextafter(math.log(CLASSES), 0), False),
        (math.nextafter(math.log(CLASSES), 9), True),
        (math.nan, True),
    ],
)
def test_a_run_no_better_than_guessing_is_lost(monkeypatch, last, lost):
    def fit(*arguments, **options):
        history = lb.History()
        history.add_update(lr=0.1, loss=1.0)
        history.add_epoch(
            train_loss=1.0, train_accuracy=0.5, validation_loss=last, validation_accuracy=0.5
        )
        return history

    monkeypatch.setattr(setups, "fit", fit)
    result = one(setup())
    assert result["lost"] is lost
    assert math.isnan(result["test_loss"]) is lost


def test_a_run_that_diverges_is_lost_and_keeps_its_history():
    result = one(setup(epochs=60), lr=1e38)
    assert result["lost"] is True
    assert math.isnan(result["validation_loss"])
    assert math.isnan(result["test_loss"])
    assert 0 < result["history"].updates < 180


def test_averages_are_judged_and_validated_instead_of_the_trained_weights():
    def average(model, optimizer):
        averaged = AveragedModel(model)
        optimizer.register_step_post_hook(lambda *step: averaged.update_parameters(model))
        return averaged

    mean, plain = one(setup(prepare=average), lr=2.0), one(setup(), lr=2.0)
    for column in ("lr", "loss", "train_loss", "train_accuracy"):
        trained = [getattr(run["history"], column).tolist() for run in (mean, plain)]
        assert trained[0] == trained[1], "the training is the same"
    assert len(mean["curve"]) == 2
    assert mean["curve"] == mean["history"].validation_loss.tolist() != plain["curve"]
    assert mean["validation_loss"] == mean["curve"][-1]
    assert mean["test_loss"] != plain["test_loss"]


def convolution(seed):
    """Convolves the two numbers of a point as an image: `fit` lays such weights out anew."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        image = nn.Unflatten(1, (2, 1, 1))
        return nn.Sequential(image, nn.Conv2d(2, 3, 1), nn.Flatten(), nn.Linear(3, CLASSES))


@pytest.mark.parametrize("network", [classifier, convolution])
def test_an_average_is_what_it_would_be_beside_fit_and_only_it_is_validated(network):
    data, model, asked = clouds(), network(5), []
    averaged = AveragedModel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    optimizer.register_step_post_hook(lambda *step: averaged.update_parameters(model))
    curve = []
    lb.fit(
        model, data, optimizer, lb.linear(6), epochs=2, batch_size=20, seed=5, device="cpu",
        on_epoch=lambda history: curve.append(lb.evaluate(averaged, data.validation)[0]),
    )  # fmt: skip

    def average(model, optimizer):
        model.register_forward_hook(lambda net, *_: asked.append(net.training))
        averaged = AveragedModel(copy.deepcopy(model).eval())
        averaged.module._forward_hooks.clear()
        optimizer.register_step_post_hook(lambda *step: averaged.update_parameters(model))
        return averaged

    result = one(setup(model=network, prepare=average), lb.linear(6), seed=5)
    assert result["curve"] == curve
    assert (result["test_loss"], result["test_accuracy"]) == lb.evaluate(averaged, data.test)
    assert asked.count(True) == 6, "one update each"
    assert asked.count(False) == 0, "the trained network is never validated"


def test_a_margin_of_six_is_enough_for_22_schedules_and_not_for_23():
    pairs = {seed: float(seed) for seed in range(10)}
    for schedules, enough in ((22, True), (23, False)):
        gain = lb.Gain("a", "b", "test loss", pairs, comparisons=math.comb(schedules, 2))
        assert gain.above(gain.effect - 6 * gain.error).holds is enough


def test_a_network_that_comes_asleep_is_woken_beside_its_average():
    asleep = setup(
        model=lambda seed: classifier(seed).eval(), prepare=lambda m, o: AveragedModel(m)
    )
    awake = setup(prepare=lambda m, o: AveragedModel(m))
    assert one(asleep)["history"] == one(awake)["history"]


def test_a_schedule_may_be_a_torch_scheduler_made_in_the_run():
    stepped = one(setup(step_every="epoch"), lambda optimizer: StepLR(optimizer, 1, gamma=0.5))
    assert stepped["history"].lr.tolist() == [0.1] * 3 + [0.05] * 3
    assert one(setup(step_every="epoch"), lb.step(1, 0.5))["history"] == stepped["history"]
    plateau = one(setup(step_every="epoch"), lambda o: ReduceLROnPlateau(o, patience=0))
    assert plateau["history"].epochs == 2


def test_data_are_loaded_once_however_often_the_setup_is_sent():
    loads = []
    its_setup = setup(data=lambda: loads.append(1) or clouds())
    assert its_setup.updates == 6
    assert its_setup.load() is its_setup.load()
    assert len(loads) == 1
    usual = setup(epochs=3)
    usual.load()
    sent = pickle.loads(pickle.dumps(usual))
    assert sent.load() is usual.load()
    for _ in range(9):
        setup().load()
    assert len(setups._LOADED) <= 4, "the memory is not filled by old ones"
    given = clouds()
    assert setup(data=given).load() is given


def test_updates_count_the_last_smaller_batch():
    assert setup(epochs=3, batch_size=25).updates == 9
    assert lb.Setup().updates == 630


def test_a_comparison_in_processes_is_that_of_one_process():
    # Nested, so that the processes need not import this module.
    given = clouds()

    def small(seed):
        torch.manual_seed(seed)
        return nn.Linear(2, 3)

    its_setup = lb.Setup(epochs=2, batch_size=20, model=small, data=lambda: given)
    options = {"peaks": PEAKS, "tuning": 2, "judging": 2}
    alone = lb.compare(PLANS, its_setup, jobs=1, **options)
    with joblib.parallel_config("loky"):
        parallel = lb.compare(PLANS, its_setup, jobs=2, **options)
    pd.testing.assert_frame_equal(
        alone.table.drop(columns="history"), parallel.table.drop(columns="history")
    )
    assert parallel.chosen == alone.chosen
    assert np.isfinite(parallel.gain("a", over="b").effect)
