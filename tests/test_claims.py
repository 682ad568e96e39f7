"""A claim prints one fixed line or raises; a gain says what the pairs support, and no more."""

import json
import math

import numpy as np
import pytest
import torch

from lrsched_book import ClaimError, Gain, Verdict, claim
from lrsched_book.claims import record


@pytest.fixture(autouse=True)
def no_collecting(monkeypatch):
    monkeypatch.delenv("LRSCHED_CLAIMS", raising=False)
    monkeypatch.delenv("LRSCHED_CLAIMS_FILE", raising=False)


@pytest.fixture
def collected(monkeypatch, tmp_path):
    """Collect claims, and return a function that reads what was collected."""
    path = tmp_path / "claims.jsonl"
    monkeypatch.setenv("LRSCHED_CLAIMS", "collect")
    monkeypatch.setenv("LRSCHED_CLAIMS_FILE", str(path))
    return lambda: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("holds", [True, np.bool_(True), np.float64(1) < 2, Verdict(True, 7.0)])
def test_a_claim_that_holds_prints_one_fixed_line(holds, capsys):
    claim("cosine ends lower", holds)
    assert capsys.readouterr().out == "Claim holds: cosine ends lower\n"


@pytest.mark.parametrize("holds", [False, np.bool_(False), Verdict(False, 1.0)])
def test_a_claim_that_fails_raises_and_prints_nothing(holds, capsys):
    with pytest.raises(ClaimError, match=r"^Claim fails: cosine ends lower$"):
        claim("cosine ends lower", holds)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (Verdict(False, 1.25, "too near"), r"\(too near, margin 1\.2 standard errors\)$"),
        (Verdict(False, None, "not settled: lost"), r"\(not settled: lost\)$"),
    ],
)
def test_a_failing_verdict_gives_its_reason(verdict, why):
    with pytest.raises(ClaimError, match=rf"^Claim fails: cosine ends lower {why}"):
        claim("cosine ends lower", verdict)


def test_a_failed_claim_is_an_assertion():
    assert issubclass(ClaimError, AssertionError)


@pytest.mark.parametrize(
    "holds", [1, "yes", None, np.array([True, True]), torch.tensor(True), [True]]
)
def test_only_a_single_truth_value_is_a_claim(holds):
    with pytest.raises(
        TypeError, match=f"^holds must be True, False or a Verdict, got {type(holds).__name__}"
    ):
        claim("some of it holds", holds)


# --- collecting ----------------------------------------------------------------------------------


def test_collected_claims_go_on_after_a_failure_and_stand_in_the_file(collected, capsys):
    claim("α < β", True)
    claim("γ < β", False)
    claim("gains", Verdict(True, np.float64(7.5)))
    claim("lost", Verdict(False, None, "not settled: lost"))
    claim("all pairs alike", Verdict(True, math.inf))
    assert collected() == [
        {"claim": "α < β", "holds": True, "margin": None},
        {"claim": "γ < β", "holds": False, "margin": None},
        {"claim": "gains", "holds": True, "margin": 7.5},
        {"claim": "lost", "holds": False, "margin": None},
        {"claim": "all pairs alike", "holds": True, "margin": None},
    ]
    assert capsys.readouterr().out.splitlines() == [
        "Claim holds: α < β",
        "Claim fails: γ < β",
        "Claim holds: gains",
        "Claim fails: lost",
        "Claim holds: all pairs alike",
    ]


def test_collecting_needs_a_file(monkeypatch):
    monkeypatch.setenv("LRSCHED_CLAIMS", "collect")
    with pytest.raises(ValueError, match=r"^LRSCHED_CLAIMS_FILE must name a file"):
        claim("two is two", True)


@pytest.mark.parametrize("value", ["1", "Collect"])
def test_collecting_is_asked_for_by_its_name(monkeypatch, value):
    monkeypatch.setenv("LRSCHED_CLAIMS", value)
    with pytest.raises(
        ValueError, match=f"^LRSCHED_CLAIMS must be 'collect' or unset, got '{value}'"
    ):
        record({})


def test_nothing_is_recorded_unless_asked(monkeypatch, tmp_path):
    monkeypatch.setenv("LRSCHED_CLAIMS_FILE", str(tmp_path / "claims"))
    assert record({"claim": "x"}) is False
    monkeypatch.setenv("LRSCHED_CLAIMS", "")
    assert record({"claim": "x"}) is False
    assert not list(tmp_path.iterdir())


# --- verdicts ------------------------------------------------------------------------------------


def test_a_verdict_is_a_truth_value_with_a_margin():
    assert Verdict(True, 3.0)
    assert not Verdict(False, 3.0)
    assert repr(Verdict(True, 3.14)) == "Verdict(holds, margin 3.1 standard errors)"
    assert repr(Verdict(False, None, "not settled")) == "Verdict(does not hold: not settled)"


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Verdict(True, 3.0), Verdict(True, 2.0), Verdict(True, 2.0)),
        (Verdict(True, 3.0), Verdict(False, 0.5, "why"), Verdict(False, 0.5, "why")),
        (Verdict(False, 3.0, "a"), Verdict(False, None, "b"), Verdict(False, None, "a; b")),
    ],
)
def test_both_hold_if_each_does_with_the_smaller_margin(one, other, both):
    assert one & other == both


def test_a_verdict_joins_verdicts_alone():
    with pytest.raises(TypeError):
        Verdict(True, 1.0) & True


# --- gains ---------------------------------------------------------------------------------------


def gain(*pairs, comparisons=1, doubt=""):
    return Gain("a", "b", "test loss", dict(enumerate(pairs)), comparisons, doubt)


# By hand: pairs 1, 2, 3, 4, 5 have mean 3, sample variance 10 / 4 = 2.5 and standard error
# √(2.5 / 5) = .70711. The tables of Student's t with 4 degrees of freedom give 2.7764 for 95%,
# 3.4954 for 1 - .05 / 2 = 97.5%, 3.9608 for 1 - .05 / 3.
@pytest.mark.parametrize(("comparisons", "quantile"), [(1, 2.7764), (2, 3.4954), (3, 3.9608)])
def test_the_interval_is_students_widened_for_the_comparisons(comparisons, quantile):
    five = gain(1, 2, 3, 4, 5, comparisons=comparisons)
    assert five.effect == 3
    assert five.error == pytest.approx(math.sqrt(0.5))
    assert five.interval == pytest.approx(
        (3 - quantile * math.sqrt(0.5), 3 + quantile * math.sqrt(0.5)), abs=5e-5
    )


def test_above_asks_for_the_whole_interval_and_measures_from_the_effect():
    five = gain(1, 2, 3, 4, 5)  # interval 3 ± 1.96325
    assert five.above(1.0367)
    assert not five.above(1.0368)
    assert five.above(1).margin == pytest.approx(2 / math.sqrt(0.5))
    assert five.above(4).margin == pytest.approx(-1 / math.sqrt(0.5))
    assert not five.above(-1).reason
    assert five.above(4).reason == "[+1.0368, +4.9632] is not above 4"


def test_within_asks_for_both_ends_of_the_interval():
    five = gain(1, 2, 3, 4, 5)
    assert five.within(4.9633)
    assert not five.within(4.9632)
    assert five.within(6).margin == pytest.approx(3 / math.sqrt(0.5))
    assert five.within(2).margin == pytest.approx(-1 / math.sqrt(0.5))
    losing = gain(-1, -2, -3, -4, -5)
    assert losing.within(4.9633)
    assert not losing.within(4.9632), "a loss matters as much as a gain"
    assert losing.within(6).margin == pytest.approx(3 / math.sqrt(0.5))
    assert five.within(2).reason == "[+1.0368, +4.9632] is not within ±2"


def test_what_is_beyond_a_share_is_taken_pair_by_pair_and_keeps_every_doubt():
    mine = gain(1, 2, 3, comparisons=2)
    rest = mine.beyond(1 / 4, of=gain(4, 4, 8, comparisons=6))
    assert dict(rest.pairs) == {0: 0, 1: 1, 2: 1}
    assert (rest.name, rest.over, rest.metric) == ("a", "25% of a", "test loss")
    assert rest.comparisons == 6, "the wider interval of both"
    assert not rest.doubt
    assert mine.beyond(1 / 2, of=gain(1, 1, 1, doubt="edge")).doubt == "edge"
    both = gain(1, 1, doubt="edge").beyond(1 / 2, of=gain(1, 1, doubt="lost"))
    assert both.above(-100) == Verdict(False, None, "not settled: edge; lost")
    assert gain(1, 1, doubt="edge").beyond(1, of=gain(1, 1, doubt="edge")).doubt == "edge"


def test_what_is_beyond_a_share_of_a_gain_without_pairs_is_not_settled():
    none = gain(doubt="each peak of 'a' loses a tuning run")
    unsettled = Verdict(False, None, f"not settled: {none.doubt}")
    assert gain(1, 2).beyond(1 / 2, of=none).above(0) == unsettled
    assert none.beyond(1 / 2, of=gain(1, 2)).within(1) == unsettled
    assert none.beyond(1 / 2, of=none).above(0) == unsettled
    assert repr(gain(1, 2).beyond(1 / 2, of=none)).endswith("pairs by seed: none")
    with pytest.raises(ValueError, match="over the same seeds"):
        gain(1, 2).beyond(1 / 2, of=gain())  # nothing says why there are none


def test_a_share_of_another_metric_or_of_other_seeds_is_refused():
    with pytest.raises(ValueError, match="of must be a gain in test loss over the same seeds"):
        gain(1, 2).beyond(1 / 2, of=gain(1, 2, 3))
    accuracy = Gain("a", "b", "test accuracy", {0: 0.5, 1: 0.5})
    with pytest.raises(ValueError, match="got test accuracy"):
        gain(1, 2).beyond(1 / 2, of=accuracy)
    with pytest.raises(ValueError, match="share must be"):
        gain(1, 2).beyond(float("nan"), of=gain(1, 2))


def test_pairs_without_any_spread_are_infinitely_sure():
    same = gain(0.5, 0.5, 0.5)
    assert same.above(0) == Verdict(True, math.inf)
    assert same.above(0.75).margin == -math.inf
    assert not same.above(0.5)
    assert same.above(0.5).margin == 0
    assert gain(0.0, 0.0).within(0.01)


@pytest.mark.parametrize("ask", [lambda g: g.above(0), lambda g: g.within(100)])
def test_what_is_not_settled_neither_holds_nor_has_a_margin(ask):
    verdict = ask(gain(1, 2, float("nan"), doubt="1 of 3 runs of 'b' are lost"))
    assert verdict == Verdict(False, None, "not settled: 1 of 3 runs of 'b' are lost")
    with pytest.raises(ClaimError, match="not settled"):
        claim("a is better", verdict)


def test_a_gain_shows_effect_interval_and_pairs():
    assert repr(gain(1, 2, 3, 4, 5, comparisons=3)) == (
        "Gain of 'a' over 'b' in test loss: +3.0000, 95% interval [+0.1993, +5.8007], "
        "widened for 3 comparisons\n"
        "pairs by seed: 0: +1.0000, 1: +2.0000, 2: +3.0000, 3: +4.0000, 4: +5.0000"
    )
    assert repr(gain(doubt="lost")) == (
        "Gain of 'a' over 'b' in test loss: not settled: lost\npairs by seed: none"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0", None])
def test_a_threshold_is_a_finite_number(value):
    with pytest.raises(ValueError, match=r"^threshold must be a finite number"):
        gain(1, 2).above(value)
    with pytest.raises(ValueError, match=r"^limit must be a finite number > 0"):
        gain(1, 2).within(value)
    with pytest.raises(ValueError, match=r"^limit must be a finite number > 0"):
        gain(1, 2).within(0)
