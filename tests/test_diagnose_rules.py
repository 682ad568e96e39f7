"""The rules of `diagnose` one by one: what each sees, and where exactly it begins to see it."""

import functools
import math
from pathlib import Path

import pytest
import torch
from torch.optim import lr_scheduler as torchs

from lrsched_book import (
    Schedule,
    attach,
    cosine,
    diagnose,
    linear,
    linear_warmup,
    multistep,
    step,
)
from lrsched_book.atlas import ATLAS, CHAPTERS
from lrsched_book.diagnosis import RULES, Seen, rule
from lrsched_book.scheduler import stand_in as sgd


def codes(plan, steps, **keywords):
    return diagnose(plan, steps, **keywords).codes


def by(function, rate=1.0):
    return torchs.LambdaLR(sgd(rate), function)


def table(values, rate=1.0):
    """A LambdaLR whose factors are a list: nothing is known of it beyond the run."""
    values = [*values, values[-1]]  # a scheduler steps once more than there are updates
    return by(lambda t: values[t], rate)


def of(factors, rate=1.0):
    """What is said of a run whose factors are a list."""
    return codes(table(factors, rate), len(factors))


def ramp(low, high, n):
    return [low + (high - low) * k / (n - 1) for k in range(n)]


def wave(floor, updates, horizon=10):
    """A cosine from 1 to the floor, and on as far as the updates go."""
    waves = [(1 + math.cos(math.pi * t / horizon)) / 2 for t in range(updates)]
    return [floor + (1 - floor) * height for height in waves]


# --- a rule of one's own -------------------------------------------------------------------------


def test_a_reader_adds_a_rule_in_ten_lines():
    @rule(
        code="hot-start",
        severity="warning",
        remedy="Put a warmup in front.",
        chapter="warmup",
        unless=("would-raise",),
    )
    def hot_start(run):
        """Large batches diverge without a warmup."""
        if run.rates[0].max() > 1:
            yield Seen(0, f"Update 0 uses {run.rates[0].max():.3g}.")

    try:
        (finding,) = diagnose(cosine(10), 10, peak=2.0)
        assert (finding.code, finding.severity, finding.step) == ("hot-start", "warning", 0)
        assert finding.consequence == "Update 0 uses 2."
        assert finding.remedy == "Put a warmup in front."
        assert finding.link == "11_warmup.ipynb"
        assert codes(cosine(10), 10, peak=1.0) == []
        broken = torchs.OneCycleLR(sgd(9.0), 9.0, 5, div_factor=1, cycle_momentum=False)
        assert "hot-start" not in codes(broken, 10), "would-raise says more"
    finally:
        RULES.pop()
    assert codes(cosine(10), 10, peak=2.0) == []


def test_a_rule_has_one_of_three_severities():
    with pytest.raises(ValueError, match=r"^severity must be one of 'error', 'warning', 'note', "):
        rule(code="x", severity="fatal", remedy="None.")


def test_a_rule_names_a_subject_that_a_chapter_explains():
    with pytest.raises(ValueError, match=r"^chapter must be one of 'why schedule', "):
        rule(code="x", severity="note", remedy="None.", chapter="11_warmup")
    assert {each.chapter for each in RULES} - {None} <= CHAPTERS.keys()


def test_each_subject_is_explained_by_a_chapter_that_exists():
    assert {entry.chapter for entry in ATLAS} <= set(CHAPTERS.values())
    sources = Path(__file__).resolve().parents[1] / "notebooks" / "src"
    missing = [name for name in CHAPTERS.values() if not (sources / f"{name}.md").exists()]
    assert not missing


def test_every_rule_says_what_it_looks_for():
    assert all(each.look.__doc__ for each in RULES)
    assert all(each.unless <= {other.code for other in RULES} for each in RULES)


# --- thresholds, from both sides -----------------------------------------------------------------

TAIL = [1.0] * 60


@pytest.mark.parametrize(
    ("factors", "code", "seen"),
    [
        # Dead: below a thousandth of the peak, for more than half of the run.
        ([1.0] * 49 + [0.99e-3] * 51, "ends-too-early", True),
        ([1.0] * 50 + [0.99e-3] * 50, "ends-too-early", False),
        ([1.0] * 49 + [1.01e-3] * 51, "ends-too-early", False),
        # Over: the last fall is in the first twentieth, and ends at a tenth of the peak or lower.
        ([1.0] * 49 + [0.1] * 951, "ends-too-early", True),
        ([1.0] * 50 + [0.1] * 950, "ends-too-early", False),
        ([1.0] * 49 + [0.101] * 951, "ends-too-early", False),
        # Zero at the end: two updates of a short run, four of a long one, ten if only nearly.
        ([1.0] * 98 + [0.0] * 2, "zero-before-the-end", True),
        ([1.0] * 99 + [0.0], "zero-before-the-end", False),
        ([1.0] * 996 + [0.0] * 4, "zero-before-the-end", True),
        ([1.0] * 997 + [0.0] * 3, "zero-before-the-end", False),
        ([1.0] * 990 + [1e-12] * 10, "zero-before-the-end", True),
        ([1.0] * 991 + [1e-12] * 9, "zero-before-the-end", False),
        ([1.0] * 980 + [0.01] * 10 + [1.1e-12] * 10, "zero-before-the-end", False),
        # Zero for most of the run is an end that came too early only in the first twentieth.
        ([1.0] * 50 + [0.0] * 950, "zero-before-the-end", True),
        ([1.0] * 50 + [0.0] * 950, "ends-too-early", False),
        ([1.0] * 49 + [0.0] * 951, "ends-too-early", True),
        ([1.0] * 49 + [0.0] * 951, "zero-before-the-end", False),
        # The peak is reached at nine tenths, and is none below one tenth.
        (ramp(0.1, 0.899, 50) + ramp(0.89, 0.1, 50), "never-reaches-peak", True),
        (ramp(0.1, 0.901, 50) + ramp(0.90, 0.1, 50), "never-reaches-peak", False),
        (ramp(0.01, 0.101, 50) + ramp(0.1, 0.01, 50), "never-reaches-peak", True),
        (ramp(0.01, 0.099, 50) + ramp(0.09, 0.01, 50), "never-reaches-peak", False),
        (ramp(0.01, 0.099, 100), "never-reaches-peak", True),
        (ramp(0.899, 0.1, 100), "never-reaches-peak", False),
        # A warmup whose decay began with it: it falls by more than a tenth, then by little.
        ([*ramp(0.1, 1, 4), 0.899, 0.89, 0.88], "composition-bends-rates", True),
        ([*ramp(0.1, 1, 3), 0.899, 0.89, 0.88], "composition-bends-rates", False),
        ([*ramp(0.1, 1, 4), 0.901, 0.89, 0.88], "composition-bends-rates", False),
        ([*ramp(0.1, 1, 4), 0.5, 0.451, 0.4], "composition-bends-rates", True),
        ([*ramp(0.1, 1, 4), 0.5, 0.449, 0.4], "composition-bends-rates", False),
        ([*ramp(0.1, 1, 4), 0.5, 0.5, 0.4], "composition-bends-rates", False),
        ([*ramp(0.1, 1, 4), 0.5, 0.499], "composition-bends-rates", True),
        ([*ramp(0.1, 1, 4), 0.5], "composition-bends-rates", False),
        ([0.5, 0.1, 0.5, 1, 0.5, 0.499, 0.4], "composition-bends-rates", False),
        # A warmup that is late by one: down to half at least, up to eight tenths, in two updates.
        ([1.0, 0.5, 0.6, 0.7, 0.8, *TAIL][:5] + [0.8] * 9, "late-warmup", True),
        ([1.0, 0.51, 0.6, 0.7, 0.8] + [0.8] * 9, "late-warmup", False),
        ([1.0, 0.5, 0.6, 0.7, 0.79] + [0.79] * 9, "late-warmup", False),
        ([1.0, 0.1, 0.5, 0.9] + [0.9] * 9, "late-warmup", True),
        ([1.0, 0.1, 0.9] + [0.9] * 9, "late-warmup", False),
        ([0.0, 0.0, 0.5, 0.9] + [0.9] * 9, "late-warmup", False),
        ([1.0, 0.1, 0.5, 0.9], "late-warmup", True),
        # A change of less than a hundredth, in five steps or more.
        (ramp(1.0, 0.9901, 5), "changes-too-little", True),
        (ramp(1.0, 0.9901, 4), "changes-too-little", False),
        (ramp(1.0, 0.9899, 5), "changes-too-little", False),
        ([1.0] * 5, "changes-too-little", False),
        ([0.9] * 5, "changes-too-little", True),
        ([0.9] * 4, "changes-too-little", False),
        # Down below a twentieth, smoothly up by a factor of two.
        (ramp(1, 0.049, 50) + ramp(0.05, 0.1, 10), "rises-again", True),
        (ramp(1, 0.051, 50) + ramp(0.052, 0.2, 10), "rises-again", False),
        (ramp(1, 0.04, 50) + ramp(0.041, 0.081, 10), "rises-again", True),
        (ramp(1, 0.04, 50) + ramp(0.041, 0.079, 10), "rises-again", False),
        ([*ramp(1, 0, 50), 0.099, 0.2], "rises-again", True),
        ([*ramp(1, 0, 50), 0.101, 0.2], "rises-again", False),
        (ramp(0, 1, 50) + ramp(1, 0, 50) + ramp(0.01, 0.5, 50), "rises-again", True),
        (ramp(1, 0, 50) + ramp(0.01, 0.5, 50) + [0.4], "rises-again", False),
        # A restart from nothing, and still up at the end.
        ((ramp(1, 0.04, 50) * 2)[:90], "ends-in-mid-cycle", True),
        ((ramp(1, 0.04, 50) * 2)[:97], "ends-in-mid-cycle", False),
        ((ramp(1, 0.06, 50) * 2)[:90], "ends-in-mid-cycle", False),
        (ramp(1, 0, 50) + ramp(0.1, 1, 50), "ends-in-mid-cycle", False),
        ([0.0] * 9 + [1.0] * 9, "ends-in-mid-cycle", False),
        # More than a hundred cycles, of 110 updates or less.
        ([1.0, 0.5] * 102, "ends-too-early", True),
        ([1.0, 0.5] * 101, "ends-too-early", False),
        (([0.5] + [1.0] * 107) * 102, "ends-too-early", True),
        (([0.5] + [1.0] * 112) * 102, "ends-too-early", False),
        # Above the peak by more than a fiftieth.
        (ramp(0.5, 1.021, 50) + [1.0] * 9, "exceeds-peak", True),
        (ramp(0.5, 1.02, 50) + [1.0] * 9, "exceeds-peak", False),
        (ramp(2.0, 0.0, 50), "exceeds-peak", True),
        (ramp(1.0, 8.0, 50), "exceeds-peak", False),
        ([1.0, *[2.0] * 9, *[3.0] * 9], "exceeds-peak", False),
        ([1.0, *[2.01] * 9, *[3.0] * 9], "exceeds-peak", True),
        (ramp(1.011, 3.0, 50), "exceeds-peak", True),
        (ramp(1.009, 3.0, 50), "exceeds-peak", False),
        ([1e-6 * 1.5**t for t in range(50)], "exceeds-peak", False),
        # Down below a hundredth and up to nine tenths in more than one update, twice.
        ([1, 0.009, 0.5, 0.91, 0.009, 0.5, 0.91, 0.8], "swings", True),
        ([1, 0.011, 0.5, 0.91, 0.009, 0.5, 0.91, 0.8], "swings", False),
        ([1, 0.009, 0.5, 0.89, 0.009, 0.5, 0.91, 0.8], "swings", False),
        ([1, 0.009, 0.91, 0.5, 0.009, 0.91, 0.8], "swings", False),
        ([1, 0.009, 0.91, 0.95, 0.5, 0.009, 0.91, 0.95, 0.8], "swings", False),
        ([1, 0.009, 0.5, 0.91, 0.8], "swings", False),
        ([0.009, 0.5, 0.91, 1.0, 0.009, 0.5, 0.91, 0.8], "swings", False),
        # A climb of more than a third of the fall: a shorter one is a warmup after a restart.
        ([1.0, *([*[0.5] * 5, 0.009, 0.5, 0.5, 0.95] * 2), 0.8], "swings", True),
        ([1.0, *([*[0.5] * 5, 0.009, 0.5, 0.95] * 2), 0.8], "swings", False),
        # A minimum passed smoothly: half-way down at least, and a twentieth up.
        (wave(0.1, 20), "rises-again", True),
        (wave(0.49, 20), "rises-again", True),
        (wave(0.51, 20), "rises-again", False),
        (wave(0.1, 117, horizon=100), "rises-again", True),
        (wave(0.1, 116, horizon=100), "rises-again", False),
        (ramp(1, 0.1, 50) + ramp(0.12, 1, 50), "rises-again", False),
        # There it moves by less than a third of its fastest fall, which is 0.3 here, …
        ([1.0, 0.7, 0.4, 0.3, 0.399, 0.6], "rises-again", True),
        ([1.0, 0.7, 0.4, 0.3, 0.401, 0.61], "rises-again", False),
        # … climbs no faster than by a tenth more, and half as fast again as at first.
        ([1.0, 0.7, 0.4, 0.3, 0.35, 0.679], "rises-again", True),
        ([1.0, 0.7, 0.4, 0.3, 0.35, 0.681], "rises-again", False),
        ([1.0, 0.7, 0.4, 0.3, 0.39, 0.526], "rises-again", True),
        ([1.0, 0.7, 0.4, 0.3, 0.39, 0.524], "rises-again", False),
        # It does not stay down for longer than twice the stair before.
        ([1.0, 0.7, 0.4, 0.3, 0.3, 0.35, 0.6], "rises-again", True),
        ([1.0, 0.7, 0.4, 0.3, 0.3, 0.3, 0.35, 0.6], "rises-again", False),
        # What begins with a climb as smooth is made of waves.
        ([0.4, 0.7, 1.0, 0.7, 0.4, 0.3, 0.35, 0.6], "rises-again", True),
        ([0.1, 0.2, 0.6, 1.0, 0.7, 0.4, 0.3, 0.35, 0.6], "rises-again", False),
    ],
)
def test_where_a_rule_about_rates_begins(factors, code, seen):
    assert (code in of(factors)) == seen


@pytest.mark.parametrize(
    ("factor", "rate", "seen"),
    [
        (0.199, 0.49, True),
        (0.201, 0.49, False),
        (0.199, 0.5, False),
        (0.3, 0.3, True),
        (0.3029, 0.3, True),
        (0.3031, 0.3, False),
        (1e-3, 1e-3, True),
    ],
)
def test_a_factor_that_is_a_rate(factor, rate, seen):
    falling = ramp(factor, factor / 2, 50)
    assert ("rate-as-factor" in of(falling, rate)) == seen


@pytest.mark.parametrize(
    ("top", "rate", "seen"),
    [(0.899, 0.49, True), (0.901, 0.49, False), (0.899, 0.5, False), (0.199, 0.49, False)],
)
def test_a_factor_that_falls_and_was_never_near_one(top, rate, seen):
    assert ("never-reaches-peak" in of(ramp(top, 0.0, 50), rate)) == seen
    assert "never-reaches-peak" not in of([top] * 50, rate), "scaled down on purpose"


class OneRateForAll(torchs.LRScheduler):
    """Sets the same rate in every group, whatever the groups were built with."""

    def get_lr(self):
        return [0.1 / (1 + self.last_epoch)] * len(self.base_lrs)


@pytest.mark.parametrize(("rates", "seen"), [((0.1, 0.01), True), ((0.1, 0.1), False)])
def test_groups_that_lose_their_rates(rates, seen):
    assert ("group-rates-overwritten" in codes(OneRateForAll(sgd(*rates)), 20)) == seen
    assert "group-rates-overwritten" not in codes(torchs.LambdaLR(sgd(*rates), lambda t: 1), 20)


class ShortState(torchs.LRScheduler):
    """Saves its position alone, so that the last rate is stale after loading."""

    def get_lr(self):
        return [base / (1 + self.last_epoch) for base in self.base_lrs]

    def state_dict(self):
        return {"last_epoch": self.last_epoch}


def test_a_class_that_does_not_save_its_last_rate_is_not_held_to_it():
    optimizer = sgd(0.1)
    scheduler = ShortState(optimizer)
    scheduler.load_state_dict({"last_epoch": 3})
    optimizer.param_groups[0]["lr"] = 0.025
    assert codes(scheduler, 20) == ["already-stepped"]
    ShortState.state_dict, whole = torchs.LRScheduler.state_dict, ShortState.state_dict
    try:
        assert "rate-mismatch" in codes(scheduler, 20), "or the test would show nothing"
    finally:
        ShortState.state_dict = whole


def test_a_composition_resumed_in_the_wrong_order_is_a_mismatch():
    def build(optimizer):
        parts = [torchs.ConstantLR(optimizer, 0.1, 10), torchs.ExponentialLR(optimizer, 0.8)]
        return torchs.SequentialLR(optimizer, parts, [2])

    optimizer = sgd(1.0)
    scheduler = build(optimizer)
    for _ in range(4):
        optimizer.step()
        scheduler.step()
    resumed = sgd(1.0)
    resumed.load_state_dict(optimizer.state_dict())
    late = build(resumed)
    late.load_state_dict(scheduler.state_dict())
    found = codes(late, 20)
    assert "rate-mismatch" in found
    assert "composition-bends-rates" not in found


def test_a_factor_that_still_rises_is_a_warmup_and_no_rate():
    assert of(ramp(0.001, 0.04, 50), 0.1) == ["never-reaches-peak"]


@pytest.mark.parametrize(
    ("build", "steps", "code", "seen"),
    [
        (lambda o: torchs.CosineAnnealingLR(o, 1011), 1000, "horizon-outside-run", True),
        (lambda o: torchs.CosineAnnealingLR(o, 1010), 1000, "horizon-outside-run", False),
        (lambda o: torchs.CosineAnnealingLR(o, 998), 1000, "rises-again", True),
        (lambda o: torchs.CosineAnnealingLR(o, 999), 1000, "rises-again", False),
        (lambda o: torchs.LinearLR(o, 1.0, 0.5, 49), 1000, "ends-too-early", True),
        (lambda o: torchs.LinearLR(o, 1.0, 0.5, 50), 1000, "ends-too-early", False),
        (lambda o: torchs.MultiStepLR(o, [49]), 1000, "ends-too-early", True),
        (lambda o: torchs.MultiStepLR(o, [20, 50]), 1000, "ends-too-early", False),
        (lambda o: torchs.CosineAnnealingWarmRestarts(o, 99), 19_800, "ends-too-early", True),
        (lambda o: torchs.CosineAnnealingWarmRestarts(o, 100), 20_000, "ends-too-early", False),
        (lambda o: torchs.CosineAnnealingWarmRestarts(o, 10), 1010, "ends-too-early", True),
        (lambda o: torchs.CosineAnnealingWarmRestarts(o, 10), 1000, "ends-too-early", False),
        (lambda o: torchs.CosineAnnealingWarmRestarts(o, 10), 18, "ends-in-mid-cycle", True),
        (lambda o: torchs.CosineAnnealingWarmRestarts(o, 10), 19, "ends-in-mid-cycle", False),
        (lambda o: torchs.CosineAnnealingWarmRestarts(o, 101), 100, "horizon-outside-run", False),
        (lambda o: torchs.CosineAnnealingWarmRestarts(o, 102), 100, "horizon-outside-run", True),
        (lambda o: triangle(o, 10), 46, "ends-in-mid-cycle", False),
        (lambda o: triangle(o, 10), 47, "ends-in-mid-cycle", True),
        (lambda o: triangle(o, 10), 55, "ends-in-mid-cycle", True),
        (lambda o: triangle(o, 10), 56, "ends-in-mid-cycle", False),
        (lambda o: torchs.StepLR(o, 100), 100, "milestone-outside-run", True),
        (lambda o: torchs.StepLR(o, 99), 100, "milestone-outside-run", False),
        (lambda o: attach(o, step(every=100)), 100, "milestone-outside-run", True),
        (lambda o: attach(o, step(every=24.5)), 100, "milestone-outside-run", False),
        (lambda o: torchs.MultiStepLR(o, [100]), 100, "milestone-outside-run", True),
        (lambda o: torchs.MultiStepLR(o, [99]), 100, "milestone-outside-run", False),
        (lambda o: torchs.ReduceLROnPlateau(o, patience=10), 12, "horizon-outside-run", True),
        (lambda o: torchs.ReduceLROnPlateau(o, patience=10), 13, "horizon-outside-run", False),
        (lambda o: torchs.LinearLR(o), 10, "ends-too-early", True),
        (lambda o: torchs.LinearLR(o), 9, "ends-too-early", False),
        (lambda o: torchs.LinearLR(o, total_iters=6), 10, "ends-too-early", False),
        (lambda o: torchs.CosineAnnealingLR(o, 100, eta_min=1.0), 100, "floor-above-rate", True),
        (lambda o: torchs.CosineAnnealingLR(o, 100, eta_min=0.9), 100, "floor-above-rate", False),
        (lambda o: torchs.ReduceLROnPlateau(o, min_lr=1.0), 100, "floor-above-rate", False),
        (lambda o: triangle(o, 10, base=2.0), 40, "floor-above-rate", True),
    ],
)
def test_where_a_rule_about_arguments_begins(build, steps, code, seen):
    assert (code in codes(build(sgd(1.0)), steps)) == seen


@pytest.mark.parametrize(
    ("milestones", "severity"),
    [
        ([50, 80, 100], "note"),
        ([80, 100], "warning"),
        ([50, 80, 101], "warning"),
        ([50, 80, 100, 120], "note"),
        ([50, 80.5, 100], "warning"),
    ],
)
@pytest.mark.parametrize("build", [torchs.MultiStepLR, lambda o, at: attach(o, multistep(at))])
def test_a_milestone_at_the_very_end_of_a_long_staircase_is_noted(build, milestones, severity):
    if build is not torchs.MultiStepLR and 80.5 in milestones:
        return  # refused
    (finding,) = diagnose(build(sgd(1.0), milestones), 100)
    assert (finding.code, finding.severity) == ("milestone-outside-run", severity)


def test_a_piece_that_begins_at_the_very_end_never_acts():
    optimizer = sgd(1.0)
    parts = [torchs.ExponentialLR(optimizer, 0.9) for _ in range(4)]
    found = diagnose(torchs.SequentialLR(optimizer, parts, [30, 60, 100]), 100)
    assert ("milestone-outside-run", "warning") in [(each.code, each.severity) for each in found]


def test_a_warmup_by_default_does_not_hide_what_follows_it():
    optimizer = sgd(1.0)
    parts = [torchs.LinearLR(optimizer), torchs.ExponentialLR(optimizer, 0.99)]
    found = diagnose(torchs.ChainedScheduler(parts), 5000)
    assert [(finding.code, finding.severity) for finding in found] == [
        ("ends-too-early", "warning")
    ]


def triangle(optimizer, up, base=0.1):
    return torchs.CyclicLR(optimizer, base, 1.0, step_size_up=up, cycle_momentum=False)


def test_one_update_at_zero_is_a_note_in_fifty_and_a_warning_in_fewer():
    def severity(factors):
        (finding,) = diagnose(table(factors), len(factors))
        return finding.code, finding.severity

    zero = "first-update-at-zero"
    assert severity([0.0, *[1.0] * 49]) == (zero, "note")
    assert severity([0.0, *[1.0] * 48]) == (zero, "warning")
    assert severity([0.0] * 2 + [1.0] * 98) == (zero, "note")
    assert severity([0.0] * 2 + [1.0] * 97) == (zero, "warning")


# --- epochs or updates ---------------------------------------------------------------------------


def test_the_updates_of_an_epoch_settle_what_a_horizon_counts():
    def cosine_of(horizon, steps, **keywords):
        return codes(torchs.CosineAnnealingLR(sgd(1.0), horizon), steps, **keywords)

    # 100 epochs of 5 updates, stepped per update: T_max=100 is the number of epochs.
    assert cosine_of(100, 500) == ["rises-again"]
    assert set(cosine_of(100, 500, updates_per_epoch=5)) == {"rises-again", "ends-too-early"}
    assert set(cosine_of(101, 500, updates_per_epoch=5)) == {"rises-again", "ends-too-early"}
    assert cosine_of(102, 500, updates_per_epoch=5) == ["rises-again"]
    # 100 epochs of 5 updates, stepped per epoch: T_max=500 is the number of updates.
    assert cosine_of(500, 100) == ["horizon-outside-run"]
    assert cosine_of(500, 100, updates_per_epoch=5) == ["changes-too-little"]
    assert cosine_of(505, 100, updates_per_epoch=5) == ["changes-too-little"]
    assert cosine_of(506, 100, updates_per_epoch=5) == ["horizon-outside-run"]
    assert cosine_of(496, 100, updates_per_epoch=5) == ["changes-too-little"]
    assert cosine_of(494, 100, updates_per_epoch=5) == ["horizon-outside-run"]
    assert cosine_of(500, 100, updates_per_epoch=1) == ["horizon-outside-run"]


def test_a_decay_of_whole_epochs_may_be_as_short_as_it_likes():
    def early(last):
        return codes(torchs.MultiStepLR(sgd(1.0), [last]), 39_100, updates_per_epoch=391)

    assert codes(torchs.MultiStepLR(sgd(1.0), [782]), 39_100) == ["ends-too-early"]
    assert early(782) == early(781) == early(783) == []
    assert early(784) == early(101) == ["ends-too-early"]


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "five", True])
def test_an_epoch_has_at_least_one_update(wrong):
    with pytest.raises(ValueError, match=r"^updates_per_epoch must be a whole number of at least"):
        diagnose(cosine(5), 5, updates_per_epoch=wrong)


# --- torch's defaults ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "steps", "seen"),
    [
        (lambda o: torchs.LinearLR(o, total_iters=100), 100, True),
        (lambda o: torchs.LinearLR(o, total_iters=99), 100, True),
        (lambda o: torchs.LinearLR(o, total_iters=98), 100, False),
        (lambda o: torchs.LinearLR(o, total_iters=101), 100, False),
        (lambda o: torchs.LinearLR(o, total_iters=10), 10, True),
        (lambda o: torchs.LinearLR(o, 0.1, total_iters=99), 100, False),  # a range test
        (lambda o: torchs.LinearLR(o, 1.0, 0.01, total_iters=99), 100, False),
        (lambda o: torchs.ConstantLR(o, total_iters=100), 100, True),
        (lambda o: torchs.ConstantLR(o, total_iters=99), 100, True),
        (lambda o: torchs.ConstantLR(o, total_iters=98), 100, False),
        (lambda o: torchs.ConstantLR(o, 0.5, total_iters=99), 100, False),
    ],
)
def test_a_default_that_raises_the_rate_for_the_whole_run_is_noted(build, steps, seen):
    found = [(finding.code, finding.severity) for finding in diagnose(build(sgd(1.0)), steps)]
    assert (("never-reaches-peak", "note") in found) == seen


def test_a_default_that_stays_below_the_peak_is_a_fault():
    (finding,) = diagnose(torchs.LinearLR(sgd(1.0), total_iters=5), 5)
    assert (finding.code, finding.severity) == ("never-reaches-peak", "warning")
    assert codes(torchs.LinearLR(sgd(1.0)), 9) == []


# --- a schedule alone ----------------------------------------------------------------------------


def test_a_schedule_is_judged_as_if_it_were_attached():
    assert codes(cosine(90).with_warmup(10), 100) == []
    assert codes(linear(200), 100) == ["horizon-outside-run"]
    found = diagnose(linear(50), 100, peak=0.3)
    assert found.plan == "linear(steps=50, final=0.0, initial=1.0) over 100 updates"
    assert found.codes == ["zero-before-the-end"]
    short = diagnose(linear_warmup(200), 100, peak=0.5)
    assert "its peak is 0.5" in short[0].consequence


@pytest.mark.parametrize("peak", [0, -1.0, math.nan, "high"])
def test_the_peak_is_a_rate_above_zero(peak):
    with pytest.raises(ValueError, match=r"^peak must be a finite number > 0"):
        diagnose(cosine(5), 5, peak=peak)


def test_a_scheduler_has_a_peak_already():
    with pytest.raises(ValueError, match=r"^peak must be left out for a scheduler.*0\.1"):
        diagnose(torchs.StepLR(sgd(0.1), 5), 10, peak=0.1)


def test_a_function_of_ones_own_may_know_numbers_alone():
    assert codes(Schedule(lambda t: 1.0 if t < 60 else 0.1), 100) == []
    assert codes(Schedule(lambda t: 1.0 if t < 6 else 0.0), 100) == ["zero-before-the-end"]
    assert codes(Schedule(lambda t: (t + 1) / 5), 100) == ["exceeds-peak"]


# --- functions of one's own: what comes after the run --------------------------------------------


def cosine_to(horizon):
    return lambda t: (1 + math.cos(math.pi * min(t / horizon, 1))) / 2


def test_a_function_that_comes_down_only_after_the_run_is_cut_short():
    assert codes(by(cosine_to(500)), 100) == ["horizon-outside-run"]
    assert codes(by(cosine_to(100)), 100) == []
    assert codes(by(cosine_to(120)), 100) == [], "it leaves less than a tenth of the peak"
    assert codes(by(cosine_to(135)), 100) == ["horizon-outside-run"]
    assert codes(by(lambda t: max(0.95**t, 0.001)), 50) == [], "a floor is no horizon"
    assert codes(by(lambda t: max(1 - t / 100, 0.46)), 50) == [], "the rest is not worth a word"
    assert codes(by(lambda t: max(1 - t / 100, 0.24)), 50) == ["horizon-outside-run"]
    assert codes(by(lambda t: (1 + t) ** -0.5), 50) == []
    assert codes(table(ramp(1, 0.5, 50)), 50) == [], "nobody knows what comes after a list"


def test_a_function_that_hardly_begins_to_fall_is_cut_short():
    assert codes(by(lambda t: min(t + 1, 200) / 200 * cosine_to(60_000)(t)), 500) == [
        "horizon-outside-run"
    ]
    assert codes(by(lambda t: max(0.9999**t, 0.1)), 500) == [], "a floor is no horizon"


def test_a_class_that_comes_down_only_after_the_run_is_cut_short():
    def found(function, steps):
        return codes(Foreign(sgd(1.0), function), steps)

    assert found(cosine_to(1000), 100) == ["horizon-outside-run"]
    assert found(cosine_to(19_000), 5000) == ["horizon-outside-run"]
    assert found(cosine_to(60_000), 5000) == [], "nobody looks so far"
    assert found(cosine_to(100), 100) == []
    assert found(cosine_to(120), 100) == [], "it leaves less than a tenth of the peak"
    assert found(lambda t: 0.95 ** (t // 3), 30) == [], "a staircase has no end"
    assert found(lambda t: max(1 - t / 100, 0.26), 50) == [], "the rest is not worth a word"
    assert found(lambda t: max(1 - t / 100, 0.24), 50) == ["horizon-outside-run"]
    assert found(cosine_to(60_000), 20_000) == [], "50,000 steps are enough to look at"
    values = ramp(1, 0.5, 101)
    assert found(lambda t: values[t], 100) == [], "it ends with its run"


def test_a_class_is_stepped_through_four_runs_but_through_4000_steps_in_any_case():
    def found(horizon, steps):
        return codes(Foreign(sgd(1.0), lambda t: max(1 - t / horizon, 0)), steps)

    assert found(7_800, 2_000) == ["horizon-outside-run"]
    assert found(8_200, 2_000) == [], "four runs"
    assert found(3_900, 500) == ["horizon-outside-run"]
    assert found(4_100, 500) == [], "4,000 steps"


STEPPED = []  # a global, which copies share


@pytest.mark.parametrize("factor", [lambda t: 1.0, lambda t: max(0.5, 1 - t / 500)])
def test_a_class_is_stepped_once_through_its_run_and_once_beyond_it(factor):
    def counted(t):
        STEPPED.append(t)
        return factor(t)

    STEPPED.clear()
    assert codes(Foreign(sgd(1.0), counted), 1000) == []
    assert len(STEPPED) <= 1 + 1000 + 4000, "which all rules share"


def test_a_function_that_changes_only_after_the_run_counts_another_unit():
    assert codes(by(lambda t: 0.97 ** (t // 500)), 200) == ["changes-too-little"]
    assert codes(by(lambda t: 1.0), 200) == []


def up_to(top, then, first=0.01):
    """Up from `first` to 1 at update `top`, and then another factor."""
    return lambda t: first + (1 - first) * t / top if t <= top else then


def test_a_warmup_that_takes_the_whole_run_is_one_that_falls_afterwards():
    def seen(function, steps=100):
        return "never-reaches-peak" in codes(by(function), steps)

    assert seen(up_to(99, 0.0))
    assert seen(up_to(99, 0.89))
    assert not seen(up_to(99, 0.91)), "it stays near its peak"
    assert not seen(lambda t: (t + 1) / 100), "a range test goes on rising"
    assert seen(up_to(99, 0.0, first=0.49))
    assert not seen(up_to(99, 0.0, first=0.51))
    assert seen(up_to(989, 0.0), 1000)
    assert not seen(up_to(988, 0.0), 1000)
    assert seen(lambda t: t / 99 if t < 150 else 0.0), "as far away as the run is long"
    assert not seen(lambda t: t / 99 if t < 250 else 0.0)


def test_a_line_that_ends_at_a_half_may_be_meant_to():
    def severity(plan):
        return [(finding.code, finding.severity) for finding in diagnose(plan, 100)]

    for write in (by, lambda function: Foreign(sgd(1.0), function)):
        low, high = write(lambda t: 1 - t / 219), write(lambda t: 1 - t / 222)
        assert severity(low) == [("horizon-outside-run", "note")]
        assert severity(high) == [("horizon-outside-run", "warning")]
    assert severity(by(lambda t: max(1 - t / 219, 0))) == [("horizon-outside-run", "warning")]
    assert severity(by(lambda t: (1 - t / 150) ** 0.9)) == [("horizon-outside-run", "warning")]


@pytest.mark.parametrize("write", [by, lambda function: Foreign(sgd(1.0), function)])
@pytest.mark.parametrize(
    "function",
    [
        lambda t: 0.97 ** (t // 2),
        lambda t: max(0.97 ** (t // 2), 0.01),
        lambda t: 0.9999**t,
        lambda t: 1 / (1 + t / 50),
        lambda t: 1.0 if t < 80 else (0.2 if t < 200 else 0.04),
        lambda t: max(0.2, 0.5 + 0.5 * math.cos(t)),
    ],
)
def test_what_has_no_horizon_is_not_cut_short(write, function):
    assert "horizon-outside-run" not in codes(write(function), 100)


def test_a_function_that_counts_its_calls_is_not_called():
    calls = []

    def counting(t):
        calls.append(t)
        return 1 - t / 400

    scheduler = by(counting)
    for _ in range(3):
        scheduler.optimizer.step()
        scheduler.step()
    before = list(calls)
    diagnose(scheduler, 100, resumed=True)
    assert calls == before


class Multiplying(torchs.LRScheduler):
    """A warmup that multiplies the present rate, again and again."""

    def get_lr(self):
        present = [group["lr"] for group in self.optimizer.param_groups]
        return [lr * min(1.0, 0.3 + 0.7 * self.last_epoch / 500) for lr in present]


def test_a_warmup_that_multiplies_the_present_rate_shrinks_it():
    found = diagnose(Multiplying(sgd(0.1)), 900)
    (finding,) = [each for each in found if each.code == "never-reaches-peak"]
    assert finding.step == 0
    assert "begins at 0.03, below its peak of 0.1" in finding.consequence


@pytest.mark.parametrize("falls", [True, False])
def test_a_rate_multiplied_away_draws_no_other_guess(falls):
    class RiseAndFall(torchs.LRScheduler):
        def get_lr(self):
            t = self.last_epoch
            rise = min(1.0, 0.01 + 0.99 * t / 29)
            factor = (1 - (t - 252) / 126) ** 2 if falls and t > 252 else rise
            return [group["lr"] * factor for group in self.optimizer.param_groups]

    assert codes(RiseAndFall(sgd(1.0)), 378) == ["never-reaches-peak"]


# --- transformers --------------------------------------------------------------------------------


def plan_of_transformers(t, *, num_warmup_steps, num_training_steps, num_cycles=0.5):
    if t < num_warmup_steps:
        return t / max(1, num_warmup_steps)
    progress = (t - num_warmup_steps) / max(1, num_training_steps - num_warmup_steps)
    return max(0.0, 0.5 * (1 + math.cos(math.pi * num_cycles * 2 * progress)))


def newer(**keywords):
    return by(functools.partial(plan_of_transformers, **keywords))


def older(num_warmup_steps, num_training_steps):
    def lr_lambda(t):
        return plan_of_transformers(
            t, num_warmup_steps=num_warmup_steps, num_training_steps=num_training_steps
        )

    return by(lr_lambda)


@pytest.mark.parametrize("made", [newer, older])
def test_the_arguments_of_transformers_are_read(made):
    assert codes(made(num_warmup_steps=0, num_training_steps=1000), 1000) == []
    assert codes(made(num_warmup_steps=0, num_training_steps=4000), 1000) == ["horizon-outside-run"]
    epochs = diagnose(made(num_warmup_steps=0, num_training_steps=10), 3900)
    assert "ends-too-early" in epochs.codes
    assert any("num_training_steps=10" in finding.consequence for finding in epochs)


def test_cycles_that_were_asked_for_do_not_alarm():
    asked = newer(num_warmup_steps=0, num_training_steps=1000, num_cycles=3.5)
    assert codes(asked, 1000) == []


def test_the_phases_of_transformers_are_added_up():
    def wsd(t, *, num_warmup_steps, num_stable_steps, num_decay_steps):
        left = num_warmup_steps + num_stable_steps + num_decay_steps - t
        return min(1.0, (t + 1) / num_warmup_steps, max(0.0, left / num_decay_steps))

    def plan(decay):
        phases = {"num_warmup_steps": 100, "num_stable_steps": 700, "num_decay_steps": decay}
        return by(functools.partial(wsd, **phases))

    assert codes(plan(200), 1000) == []
    (finding,) = diagnose(plan(300), 1000)
    assert finding.code == "horizon-outside-run"
    assert "num_warmup_steps + num_stable_steps + num_decay_steps=1,100" in finding.consequence


def test_cycles_of_fractions_of_an_update_end_with_the_run():
    """Five of 199.8 updates are 999, but for rounding; one update more is a sixth cycle."""
    cycles = linear(gaps=198.8).repeat(199.8)
    assert codes(cycles, 999) == []
    assert codes(cycles, 1000) == ["ends-in-mid-cycle"]


# --- compositions, and a rate that somebody else sets --------------------------------------------


def one_cycle(optimizer, steps):
    return torchs.OneCycleLR(optimizer, 1.0, total_steps=steps, cycle_momentum=False)


def warmup(optimizer, steps=10):
    return torchs.LinearLR(optimizer, 0.1, total_iters=steps)


BENT = {
    "a cycle chained after a warmup": lambda o: torchs.ChainedScheduler(
        [warmup(o), one_cycle(o, 100)]
    ),
    "a cycle as a later piece": lambda o: torchs.SequentialLR(
        o, [warmup(o), one_cycle(o, 90)], [10]
    ),
    "a chain as the first piece": lambda o: torchs.SequentialLR(
        o,
        [
            torchs.ChainedScheduler([torchs.ConstantLR(o, 0.5, 2), torchs.ExponentialLR(o, 0.9)]),
            torchs.ConstantLR(o, 0.2, 90),
        ],
        [12],
    ),
    "a sequence as the first piece": lambda o: torchs.SequentialLR(
        o,
        [
            torchs.SequentialLR(o, [warmup(o), torchs.ExponentialLR(o, 0.9)], [10]),
            torchs.ConstantLR(o, 1.0),
        ],
        [50],
    ),
}


@pytest.mark.parametrize("name", BENT)
def test_a_composition_that_is_not_what_its_parts_say(name):
    assert "composition-bends-rates" in codes(BENT[name](sgd(1.0)), 100)


def test_a_chain_that_holds_a_sequence_is_bent_unless_the_sequence_was_built_first():
    def chain(rise_first):
        o = sgd(1.0)
        rise = torchs.LinearLR(o, 0.01, total_iters=29) if rise_first else None
        fall = [torchs.ConstantLR(o, factor=1), torchs.PolynomialLR(o, 126, power=2)]
        level = torchs.SequentialLR(o, fall, milestones=[252])
        rise = rise or torchs.LinearLR(o, 0.01, total_iters=29)
        return codes(torchs.ChainedScheduler([rise, level]), 378)

    assert "composition-bends-rates" in chain(rise_first=True), "a hundred peaks"
    assert chain(rise_first=False) == []


def test_a_chain_of_classes_that_start_from_the_base_rate_is_bent():
    def chain(*factors):
        optimizer = sgd(1.0)
        parts = [Closed(optimizer, factor) for factor in factors]
        return codes(torchs.ChainedScheduler(parts), 100)

    assert "composition-bends-rates" in chain(lambda t: min(1.0, (t + 1) / 10), cosine_to(100))
    assert "composition-bends-rates" not in chain(lambda t: 1.0, cosine_to(100))
    optimizer = sgd(1.0)
    parts = [Shrinking(optimizer), Closed(optimizer, lambda t: 1.0)]
    found = codes(torchs.ChainedScheduler(parts[::-1]), 100)
    assert "composition-bends-rates" not in found, "nobody knows what it does alone"


class Closed(torchs.LRScheduler):
    """Computes its rates from the base rates and the step."""

    def __init__(self, optimizer, factor):
        self.factor = factor
        super().__init__(optimizer)

    def get_lr(self):
        return [base * self.factor(self.last_epoch) for base in self.base_lrs]


class Shrinking(torchs.LRScheduler):
    """Computes its rates from the present ones."""

    def get_lr(self):
        return [0.97 * group["lr"] for group in self.optimizer.param_groups]


def test_a_resumed_cosine_that_is_past_its_end_climbs():
    def taken_up(horizon, done):
        optimizer = sgd(1.0)
        optimizer.param_groups[0]["initial_lr"] = 1.0
        return torchs.LambdaLR(optimizer, lambda t: wave(0, t + 1, horizon)[t], done - 1)

    found = diagnose(taken_up(40, 45), 40, resumed=True)
    (finding,) = [each for each in found if each.code == "rises-again"]
    assert finding.step == 0
    assert "before this run, and climbs again" in finding.consequence
    assert "rises-again" not in codes(taken_up(85, 45), 40, resumed=True)


@pytest.mark.parametrize(("floor", "seen"), [(0.12, False), (0.13, True)])
def test_a_floor_in_a_chain_bends_it_by_little_or_much(floor, seen):
    optimizer = sgd(1.0)
    parts = [warmup(optimizer, 50), torchs.CosineAnnealingLR(optimizer, 100, eta_min=floor)]
    found = codes(torchs.ChainedScheduler(parts), 100)
    assert ("composition-bends-rates" in found) == seen


def test_a_scheduler_that_was_built_before_leaves_its_rate_behind():
    optimizer = sgd(1.0)
    torchs.LinearLR(optimizer, 0.01, total_iters=10)
    found = diagnose(torchs.CosineAnnealingLR(optimizer, 100), 100)
    assert "rate-mismatch" in found.codes
    assert "0.01" in next(f.consequence for f in found if f.code == "rate-mismatch")


@pytest.mark.parametrize(
    "build",
    [
        lambda o: torchs.StepLR(o, 10, gamma=0.5),
        lambda o: torchs.ExponentialLR(o, 0.9),
        lambda o: torchs.CosineAnnealingLR(o, 100),
        lambda o: torchs.LambdaLR(o, lambda t: 0.9**t),
        lambda o: attach(o, cosine(100)),
    ],
)
@pytest.mark.parametrize("loaded", ["optimizer", "scheduler"])
def test_a_state_that_is_loaded_by_halves_shows(build, loaded):
    first = build(sgd(1.0))
    for _ in range(50):
        first.optimizer.step()
        first.step()
    second = build(sgd(1.0))
    if loaded == "optimizer":
        second.optimizer.load_state_dict(first.optimizer.state_dict())
    else:
        second.load_state_dict(first.state_dict())
    assert "rate-mismatch" in codes(second, 50, resumed=True)
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    second.load_state_dict(first.state_dict())
    assert codes(second, 50, resumed=True) == []


def test_the_same_rate_is_one_to_a_millionth():
    def off_by(share):
        scheduler = torchs.StepLR(sgd(1.0), 10)
        scheduler.optimizer.param_groups[0]["lr"] *= 1 + share
        return "rate-mismatch" in codes(scheduler, 50)

    assert not off_by(1.9e-6)  # a millionth of the rate, and one of the peak
    assert off_by(2.1e-6)


# --- a run that goes on where another stopped ----------------------------------------------------


def staircase(taken):
    scheduler = torchs.MultiStepLR(sgd(1.0), [60, 80])
    for _ in range(taken):
        scheduler.optimizer.step()
        scheduler.step()
    return scheduler


def test_a_resumed_run_draws_a_note_unless_it_is_said():
    assert codes(staircase(50), 50, resumed=True) == []
    (finding,) = diagnose(staircase(50), 50)
    assert (finding.code, finding.severity) == ("already-stepped", "note")


def test_the_end_of_a_staircase_draws_a_note_and_a_plan_that_was_looked_at_a_warning():
    def severity(taken, steps):
        (finding,) = diagnose(staircase(taken), steps)
        return finding.code, finding.severity

    assert severity(90, 10) == ("exhausted", "note")
    assert severity(100, 100) == ("exhausted", "warning")
    assert severity(100, 99) == severity(99, 100) == ("exhausted", "warning")
    assert severity(100, 98) == severity(100, 102) == ("exhausted", "note")
    assert severity(161, 161) == ("exhausted", "note"), "it had been constant for long"
    assert severity(158, 158) == ("exhausted", "warning")
    assert codes(staircase(90), 10, resumed=True) == []


# --- groups --------------------------------------------------------------------------------------


def scaled(key, *scales, rates=None):
    rates = rates or [1.0] * len(scales)
    return torch.optim.SGD(
        [
            {"params": [torch.zeros(1)], key: scale, "lr": rate}
            for scale, rate in zip(scales, rates, strict=True)
        ]
    )


@pytest.mark.parametrize("key", ["lr_scale", "lr_mul", "lr_mult"])
def test_a_scale_that_nothing_applies(key):
    def found(optimizer):
        return codes(torchs.CosineAnnealingLR(optimizer, 100), 100)

    (finding,) = diagnose(torchs.CosineAnnealingLR(scaled(key, 1.0, 0.5, 0.75), 100), 100)
    assert finding.code == "lr-scale-ignored"
    assert f"Groups 1 and 0 have {key} 0.5 and 1" in finding.consequence
    assert found(scaled(key, 0.5, 0.5)) == []
    assert found(scaled(key, 1.0, 0.5, rates=[1.0, 0.5])) == [], "applied beforehand"


# --- classes that nobody knows -------------------------------------------------------------------


class Foreign(torchs.LRScheduler):
    """Sets its own rates, and keeps nothing that torch's classes keep."""

    def __init__(self, optimizer, factor):
        self.optimizer, self.factor, self.count = optimizer, factor, 0
        self.apply()

    def apply(self):
        for group in self.optimizer.param_groups:
            group["lr"] = self.factor(self.count)

    def step(self):
        self.count += 1
        self.apply()


def test_a_class_without_a_counter_or_a_last_rate_is_judged_by_its_rates():
    with pytest.raises(AttributeError):
        Foreign(sgd(1.0), lambda t: 1.0).get_last_lr()
    assert codes(Foreign(sgd(1.0), lambda t: 1 - t / 101), 100) == []
    assert codes(Foreign(sgd(1.0), lambda t: 1 - t / 50), 100) == ["negative-rate"]
    assert codes(Foreign(sgd(1.0), cosine_to(20)), 1000) == ["ends-too-early"]


@pytest.mark.parametrize(
    "attributes",
    [{"last_epoch": "late"}, {"last_epoch": None}, {"_last_lr": None}, {"_last_lr": ["a"]},
     {"base_lrs": 0}, {"T_max": None}, {"total_iters": 0}, {"schedule": 3}],
)  # fmt: skip
def test_its_attributes_may_be_anything(attributes):
    scheduler = Foreign(sgd(1.0), lambda t: 1 - t / 101)
    vars(scheduler).update(attributes)
    assert codes(scheduler, 100) == []


def test_a_class_that_wants_a_metric_is_not_stepped():
    class Wants(Foreign):
        def step(self, loss, *args, **kwargs):
            raise AssertionError

    assert codes(Wants(sgd(1.0), lambda t: 1.0), 100) == []


def test_what_a_foreign_class_calls_its_peak_is_not_known():
    up_and_down = [*ramp(0.1, 0.5, 20), *ramp(0.49, 0.01, 80)]
    assert codes(Foreign(sgd(1.0), lambda t: up_and_down[min(t, 99)]), 100) == []
    assert of(up_and_down) == ["never-reaches-peak"]


def in_sequence(first, second, at=10):
    optimizer = sgd(1.0)
    return torchs.SequentialLR(optimizer, [first(optimizer), second(optimizer)], [at])


def decay(gamma):
    return functools.partial(torchs.ExponentialLR, gamma=gamma)


@pytest.mark.parametrize(
    ("first", "second", "seen"),
    [
        (decay(0.92), decay(0.9), True),  # 0.92⁹ is 0.47: less than half, and doubled
        (decay(0.93), decay(0.9), False),  # 0.93⁹ is 0.52
        (decay(0.9), functools.partial(torchs.ConstantLR, factor=0.7, total_iters=99), False),
        (decay(0.9), functools.partial(torchs.ConstantLR, factor=0.8, total_iters=99), True),
        (decay(0.9), functools.partial(torchs.CosineAnnealingLR, T_max=20), False),  # a restart
    ],
)
def test_a_part_that_begins_anew_after_a_decay_is_noted(first, second, seen):
    diagnosis = diagnose(in_sequence(first, second), 30)
    notes = [finding for finding in diagnosis if finding.code == "rises-again"]
    assert [(note.severity, note.step) for note in notes] == [("note", 10)] * seen


def test_what_began_anew_before_the_run_is_over():
    scheduler = in_sequence(decay(0.5), decay(0.9))
    for _ in range(10):
        scheduler.optimizer.step()
        scheduler.step()
    assert "rises-again" not in diagnose(scheduler, 20, resumed=True).codes
