"""`diagnose` names the faults of a plan, is silent on a sound one, and touches nothing."""

import copy
import math
import re
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import identical
from torch.optim import lr_scheduler as torchs
from torch.optim.swa_utils import SWALR

from lrsched_book import (
    Schedule,
    WarmupPlateau,
    attach,
    constant,
    cosine,
    cosine_restarts,
    exponential,
    inverse_sqrt,
    inverse_time,
    linear,
    linear_warmup,
    multistep,
    one_cycle,
    one_minus_sqrt,
    polynomial,
    rex,
    schedules,
    step,
    triangular,
    wsd,
)
from lrsched_book.diagnosis import RULES, SEVERITIES, diagnose
from lrsched_book.diagnosis.run import _at_once
from lrsched_book.scheduler import simulate, stand_in

CHAPTERS = Path(__file__).resolve().parents[1] / "notebooks" / "src"


def sgd(*rates, **arguments):
    return stand_in(*(rates or [0.4]), **arguments)


def adam():
    return torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=0.4)


def codes(plan, steps, **keywords):
    return diagnose(plan, steps, **keywords).codes


def ours(schedule):
    return lambda optimizer: attach(optimizer, schedule)


def after(scheduler, steps):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps):
            plateau = type(scheduler) is torchs.ReduceLROnPlateau
            scheduler.step(0.5) if plateau else scheduler.step()
    return scheduler


def warmup_then(build_second, warmup=10, milestone=None):
    def build(optimizer):
        first = torchs.LinearLR(optimizer, 1 / warmup, total_iters=warmup - 1)
        return torchs.SequentialLR(
            optimizer, [first, build_second(optimizer)], milestones=[milestone or warmup]
        )

    return build


# --- sound plans: every class of torch, every schedule of the package ----------------------------

SOUND = {
    # A long cosine is close to zero for some updates before its end, and so is a power.
    "a cosine of 100,000 updates": (lambda o: torchs.CosineAnnealingLR(o, 100_000), 100_000),
    "a long cosine with warmup": (ours(cosine(90_000).with_warmup(10_000)), 100_000),
    "a long square": (ours(polynomial(40_000)), 40_000),
    "SGDR, cycles of 1, 2, 4, … epochs": (
        lambda o: torchs.CosineAnnealingWarmRestarts(o, T_0=1, T_mult=2),
        255,
    ),
    "SGDR, the same per update": (ours(cosine_restarts(391, growth=2)), 255 * 391),
    "cycles of one epoch, per update": (
        lambda o: torchs.CosineAnnealingWarmRestarts(o, T_0=391),
        200 * 391,
    ),
    "triangles of four epochs, per update": (
        lambda o: torchs.CyclicLR(
            o, [0.04, 0.004], [0.4, 0.04], step_size_up=782, cycle_momentum=False
        ),
        112 * 1564,
    ),
    "LambdaLR": (lambda o: torchs.LambdaLR(o, lambda t: 0.95**t), 100),
    "LambdaLR, no change": (lambda o: torchs.LambdaLR(o, lambda t: 1.0), 100),
    "LambdaLR, range test": (lambda o: torchs.LambdaLR(o, lambda t: 1e-6 * 1.15**t), 100),
    "MultiplicativeLR": (lambda o: torchs.MultiplicativeLR(o, lambda t: 0.95), 100),
    "StepLR": (lambda o: torchs.StepLR(o, step_size=30), 100),
    "MultiStepLR": (lambda o: torchs.MultiStepLR(o, milestones=[60, 80]), 100),
    "ConstantLR": (lambda o: torchs.ConstantLR(o, factor=0.1, total_iters=5), 100),
    "LinearLR, warmup": (lambda o: torchs.LinearLR(o, start_factor=0.1, total_iters=5), 1000),
    "LinearLR, decay": (lambda o: torchs.LinearLR(o, 1.0, 0.0, total_iters=100), 100),
    "LinearLR, decay to the last": (lambda o: torchs.LinearLR(o, 1.0, 0.0, total_iters=99), 100),
    "ExponentialLR": (lambda o: torchs.ExponentialLR(o, gamma=0.95), 100),
    "PolynomialLR": (lambda o: torchs.PolynomialLR(o, total_iters=100, power=2), 100),
    "CosineAnnealingLR": (lambda o: torchs.CosineAnnealingLR(o, T_max=100), 100),
    "CosineAnnealingLR to the last": (lambda o: torchs.CosineAnnealingLR(o, T_max=99), 100),
    "CosineAnnealingWarmRestarts": (
        lambda o: torchs.CosineAnnealingWarmRestarts(o, T_0=10, T_mult=2),
        70,
    ),
    "CyclicLR": (
        lambda o: torchs.CyclicLR(
            o, [0.04, 0.004], [0.4, 0.04], step_size_up=10, cycle_momentum=False
        ),
        100,
    ),
    "OneCycleLR": (
        lambda o: torchs.OneCycleLR(o, [0.4, 0.04], total_steps=100, cycle_momentum=False),
        100,
    ),
    "ReduceLROnPlateau": (lambda o: torchs.ReduceLROnPlateau(o, patience=5), 100),
    "SequentialLR": (warmup_then(lambda o: torchs.CosineAnnealingLR(o, T_max=90)), 100),
    "SequentialLR, warmup, stable, decay": (
        lambda o: torchs.SequentialLR(
            o,
            [
                torchs.LinearLR(o, 0.1, total_iters=9),
                torchs.ConstantLR(o, factor=1, total_iters=1),
                torchs.LinearLR(o, 1, 0.01, total_iters=19),
            ],
            milestones=[10, 80],
        ),
        100,
    ),
    "ChainedScheduler": (
        lambda o: torchs.ChainedScheduler(
            [torchs.LinearLR(o, 0.1, total_iters=9), torchs.ExponentialLR(o, 0.99)]
        ),
        100,
    ),
    "constant": (ours(constant(0.5)), 100),
    "step": (ours(step(every=30)), 100),
    "multistep": (ours(multistep([60, 80])), 100),
    "exponential": (ours(exponential(0.95, floor=0.01)), 1000),
    "linear": (ours(linear(100)), 100),
    "polynomial": (ours(polynomial(100, final=0.01)), 100),
    "inverse_sqrt": (ours(inverse_sqrt(10).with_warmup(10)), 1000),
    "inverse_time": (ours(inverse_time(10)), 1000),
    "cosine": (ours(cosine(100)), 100),
    "cosine that ends early, above zero": (ours(cosine(60, final=0.1)), 100),
    "cosine with warmup": (ours(cosine(90, final=0.01).with_warmup(10)), 100),
    "scaled down on purpose": (ours(constant(0.5) * cosine(100)), 100),
    "cosine_restarts": (ours(cosine_restarts(10, growth=2, decay=0.5)), 70),
    "triangular": (ours(triangular(10, 10, low=0.1)), 100),
    "one cycle": (ours(cosine(30, 1, 0.04).then(cosine(71, 1e-6), at=29)), 100),
    "warmup, stable, decay": (
        ours(constant().then(linear(20, final=0.01), at=70).with_warmup(10)),
        100,
    ),
    "one_cycle": (ours(one_cycle(100)), 100),
    "wsd": (ours(wsd(10, 70, one_minus_sqrt(20))), 100),
    "rex": (ours(rex(100)), 100),
    "a cosine in gaps": (ours(cosine(gaps=100)), 100),
    "a linear plan in gaps": (ours(linear(gaps=900).with_warmup(gaps=100)), 1000),
    "a staircase with a floor": (ours(step(every=2.5, gamma=0.9, floor=0.1)), 100),
    "the tail of a cosine": (ours(cosine(200).skip(100)), 100),
    "a cosine repeated": (ours(cosine(gaps=10).repeat(10, growth=2)), 70),
    "a lifted floor": (ours(constant(0.1) + constant(0.9) * cosine(100)), 100),
    "a squared cosine": (ours(cosine(100) ** 2), 100),
    "a schedule a group": (lambda o: attach(o, [cosine(100), linear(100, final=0.1)]), 100),
    "WarmupPlateau": (lambda o: WarmupPlateau(o, linear_warmup(10), 10, patience=5), 100),
    "SWALR": (lambda o: SWALR(o, swa_lr=0.05, anneal_epochs=10), 1000),
    "SWALR, quick": (lambda o: SWALR(o, swa_lr=0.05, anneal_epochs=1), 1000),
    "VITS, its first hundred epochs": (lambda o: torchs.ExponentialLR(o, 0.999875), 100),
    "HiFi-GAN, its first twenty epochs": (lambda o: torchs.ExponentialLR(o, 0.999), 20),
    "a product": (ours(exponential(0.99) * linear_warmup(10)), 100),
}


# A plan in gaps starts its warmup at zero, as transformers does: that is worth a note.
NOTED = {"a linear plan in gaps": ["first-update-at-zero"]}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_plan_raises_no_alarm(name):
    build, steps = SOUND[name]
    assert codes(build(sgd(0.4, 0.04)), steps) == NOTED.get(name, [])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", [name for name, (_, steps) in SOUND.items() if steps <= 1000])
def test_a_sound_plan_that_is_resumed_as_it_should_be_raises_no_alarm(name, share):
    build, steps = SOUND[name]
    done = int(share * steps)
    first = build(sgd(0.4, 0.04))
    after(first, done)
    second = build(sgd(0.4, 0.04))
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    assert codes(second, steps - done, resumed=True) == []
    found = diagnose(second, steps - done)
    assert {finding.severity for finding in found} <= {"note"}, found


def test_a_sound_plan_exists_for_every_class_of_torch():
    classes = {type(build(sgd(0.4, 0.04))).__name__ for build, _ in SOUND.values()}
    assert {name for name in torchs.__all__ if name != "LRScheduler"} <= classes


def test_a_sound_plan_exists_for_every_function_of_the_package():
    built = [build(sgd(0.4, 0.04)) for build, _ in SOUND.values()]
    shown = "".join(
        repr(scheduler.schedule) for scheduler in built if hasattr(scheduler, "schedule")
    )
    assert [name for name in schedules.__all__ if f"{name}(" not in shown] == ["Schedule", "wsd"]


@pytest.mark.parametrize("steps", [50, 100, 1000, 12345])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.3])
def test_warmup_and_decay_of_any_length_raise_no_alarm(steps, share):
    warmup = max(1, int(share * steps))
    for decay in (linear, cosine, polynomial):
        assert (
            codes(attach(sgd(), decay(steps - warmup, final=0.0).with_warmup(warmup)), steps) == []
        )


def test_a_formula_that_holds_the_peak_itself_raises_no_alarm():
    def first_transformer(t):
        return 512**-0.5 * min((t + 1) ** -0.5, (t + 1) * 400**-1.5)

    assert codes(torchs.LambdaLR(sgd(1.0), first_transformer), 10_000) == []


def test_a_group_that_is_frozen_on_purpose_raises_no_alarm():
    assert codes(attach(sgd(0.0, 0.4), cosine(100)), 100) == []


# --- faulty plans --------------------------------------------------------------------------------


def late_by_one(warmup, t):
    return 1.0 if t == 0 else min((t - 1) / warmup, 1.0)


FAULTY = {
    "a cosine of one's own past its end": (
        lambda o: torchs.LambdaLR(o, lambda t: 0.5 * (1 + math.cos(math.pi * t / 50))),
        100,
        "rises-again",
        51,
    ),
    "epochs counted by a function with a floor": (
        lambda o: torchs.LambdaLR(o, lambda t: max(1 - t / 90, 0.1)),
        35_190,
        "ends-too-early",
        81,
    ),
    "stepped before": (
        lambda o: after(torchs.CosineAnnealingLR(o, 100), 40),
        60,
        "already-stepped",
        0,
    ),
    "used up": (lambda o: after(torchs.MultiStepLR(o, [15, 20], 0.5), 30), 30, "exhausted", 0),
    "ours used up": (lambda o: after(attach(o, cosine(30, final=0.1)), 30), 30, "exhausted", 0),
    "cycle overrun": (
        lambda o: torchs.OneCycleLR(o, 0.4, total_steps=10, cycle_momentum=False),
        12,
        "would-raise",
        10,
    ),
    "zero factor": (lambda o: torchs.ConstantLR(o, factor=0, total_iters=3), 10, "would-raise", 2),
    "a formula that fails": (
        lambda o: torchs.LambdaLR(o, lambda t: 1 / (5 - t)),
        10,
        "would-raise",
        4,
    ),
    "a formula that explodes": (
        lambda o: torchs.LambdaLR(o, lambda t: math.inf if t > 6 else 1.0),
        10,
        "rate-not-finite",
        7,
    ),
    "a line past its end": (
        lambda o: torchs.LambdaLR(o, lambda t: 1 - t / 50),
        60,
        "negative-rate",
        51,
    ),
    "eta_min below zero": (
        lambda o: torchs.CosineAnnealingLR(o, 100, eta_min=-0.1),
        100,
        "negative-rate",
        71,
    ),
    "all zero": (lambda o: torchs.LambdaLR(o, lambda t: 0.0), 100, "all-updates-at-zero", 0),
    "warmup from zero": (
        lambda o: torchs.LambdaLR(o, lambda t: min(t / 10, 1)),
        100,
        "first-update-at-zero",
        0,
    ),
    "cosine from zero": (
        ours(cosine(30, 1, 0).then(cosine(70), at=30)),
        100,
        "first-update-at-zero",
        0,
    ),
    "late warmup": (
        lambda o: torchs.LambdaLR(o, lambda t: late_by_one(5, t)),
        30,
        "late-warmup",
        0,
    ),
    "warmup longer than the run": (
        lambda o: torchs.LinearLR(o, 0.1, total_iters=200),
        100,
        "never-reaches-peak",
        99,
    ),
    "warmup inside the decay": (
        ours(cosine(100) * linear_warmup(50)),
        100,
        "never-reaches-peak",
        41,
    ),
    "no warmup at all, says torch": (
        lambda o: torchs.LinearLR(o, total_iters=0),
        100,
        "never-reaches-peak",
        0,
    ),
    "no constant at all, says torch": (
        lambda o: torchs.ConstantLR(o, total_iters=0),
        100,
        "never-reaches-peak",
        0,
    ),
    "half a cycle": (
        lambda o: torchs.CyclicLR(o, 0.04, 0.4, step_size_up=2000, cycle_momentum=False),
        100,
        "never-reaches-peak",
        99,
    ),
    "updates counted, epochs stepped": (
        lambda o: torchs.CosineAnnealingLR(o, T_max=23_450),
        50,
        "changes-too-little",
        0,
    ),
    "slow exponential": (lambda o: torchs.ExponentialLR(o, 0.9999), 30, "changes-too-little", 0),
    "epochs counted, updates stepped": (
        lambda o: torchs.MultiStepLR(o, [30, 60]),
        9000,
        "ends-too-early",
        60,
    ),
    "fast exponential": (lambda o: torchs.ExponentialLR(o, 0.95), 9000, "ends-too-early", 135),
    "fast steps": (lambda o: torchs.StepLR(o, 30), 9000, "ends-too-early", 120),
    "fast line": (ours(linear(30, final=0.1)), 9000, "ends-too-early", 29),
    "fast restarts": (
        lambda o: torchs.CosineAnnealingWarmRestarts(o, 10),
        9000,
        "ends-too-early",
        10,
    ),
    "fast triangles": (ours(triangular(5, 5, 0.1)), 9000, "ends-too-early", 10),
    "dead end": (lambda o: torchs.PolynomialLR(o, total_iters=60), 100, "zero-before-the-end", 60),
    "cosine past its end": (
        lambda o: torchs.CosineAnnealingLR(o, T_max=50),
        100,
        "rises-again",
        51,
    ),
    "second piece past its end": (
        warmup_then(lambda o: torchs.CosineAnnealingLR(o, T_max=50)),
        100,
        "rises-again",
        61,
    ),
    "restart cut short": (
        lambda o: torchs.CosineAnnealingWarmRestarts(o, T_0=10, T_mult=2),
        100,
        "ends-in-mid-cycle",
        99,
    ),
    "our restart cut short": (ours(cosine_restarts(30)), 100, "ends-in-mid-cycle", 99),
    "horizon too long": (
        lambda o: torchs.CosineAnnealingLR(o, T_max=150),
        100,
        "horizon-outside-run",
        99,
    ),
    "piece too long": (
        warmup_then(lambda o: torchs.CosineAnnealingLR(o, T_max=100)),
        100,
        "horizon-outside-run",
        99,
    ),
    "our piece too long": (
        ours(linear(100).with_warmup(50)),
        100,
        "horizon-outside-run",
        99,
    ),
    "rise cut off": (
        warmup_then(lambda o: torchs.ExponentialLR(o, 0.98), warmup=20, milestone=10),
        100,
        "horizon-outside-run",
        9,
    ),
    "one cycle too long": (
        lambda o: torchs.OneCycleLR(o, 0.4, total_steps=200, cycle_momentum=False),
        100,
        "horizon-outside-run",
        99,
    ),
    "step too long": (lambda o: torchs.StepLR(o, 100), 100, "milestone-outside-run", 99),
    "our cycle too long": (ours(one_cycle(200)), 100, "horizon-outside-run", 99),
    "our gaps too long": (ours(linear(gaps=200)), 100, "horizon-outside-run", 99),
    "our decay too long": (ours(wsd(10, 40, rex(100))), 100, "horizon-outside-run", 99),
    "our repeated cycle cut short": (
        ours(cosine(gaps=30).repeat(30)),
        100,
        "ends-in-mid-cycle",
        99,
    ),
    "one group's horizon too long": (
        lambda o: attach(o, [one_minus_sqrt(200)] * len(o.param_groups)),
        100,
        "horizon-outside-run",
        99,
    ),
    "averaging cut short": (lambda o: SWALR(o, 0.05, 10), 5, "horizon-outside-run", 4),
    "constant to the end": (
        lambda o: torchs.ConstantLR(o, 0.3, total_iters=200),
        100,
        "horizon-outside-run",
        99,
    ),
    "patience too long": (lambda o: torchs.ReduceLROnPlateau(o), 12, "horizon-outside-run", 11),
    "milestone too late": (
        lambda o: torchs.MultiStepLR(o, [15, 30], 0.5),
        30,
        "milestone-outside-run",
        29,
    ),
    "milestone between two updates": (
        lambda o: torchs.MultiStepLR(o, [0.7 * 90]),
        90,
        "milestone-outside-run",
        62,
    ),
    "our milestone too late": (ours(multistep([15, 30])), 30, "milestone-outside-run", 29),
    "piece that never begins": (
        ours(constant(0.5).then(cosine(50), at=200)),
        100,
        "milestone-outside-run",
        99,
    ),
    "swings over and over": (
        lambda o: torchs.LambdaLR(o, lambda t: (1 + math.cos(math.pi * t / 50)) / 2),
        350,
        "swings",
        53,
    ),
    "a rate as a factor": (
        lambda o: torchs.LambdaLR(o, lambda t: 0.4 * 0.99**t),
        100,
        "rate-as-factor",
        0,
    ),
    "a warmup that nothing stops": (
        lambda o: torchs.LambdaLR(o, lambda t: (t + 1) / 5),
        100,
        "exceeds-peak",
        5,
    ),
    "momentum moved": (
        lambda o: torchs.OneCycleLR(o, 0.4, total_steps=100),
        100,
        "momentum-changed",
        0,
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_found_at_its_step_and_nothing_else_is(name):
    build, steps, code, at = FAULTY[name]
    findings = diagnose(build(sgd()), steps)
    assert [(finding.code, finding.step) for finding in findings] == [(code, at)]


@pytest.mark.parametrize("name", FAULTY)
def test_the_step_of_a_finding_is_an_update_of_the_run(name):
    build, steps, _, _ = FAULTY[name]
    assert all(0 <= finding.step < steps for finding in diagnose(build(sgd()), steps))


def test_eta_min_above_a_groups_rate_is_found_in_that_group_alone():
    found = diagnose(torchs.CosineAnnealingLR(sgd(0.4, 0.001), 100, eta_min=0.01), 100)
    assert found.codes == ["floor-above-rate"]
    assert "group 1" in found[0].consequence
    assert codes(torchs.CosineAnnealingLR(sgd(0.4, 0.02), 100, eta_min=0.01), 100) == []
    assert codes(torchs.ReduceLROnPlateau(sgd(), min_lr=1.0), 100) == ["floor-above-rate"]


@pytest.mark.parametrize(
    "build",
    [
        lambda o, peak: torchs.OneCycleLR(o, peak, total_steps=100, cycle_momentum=False),
        lambda o, peak: torchs.CyclicLR(o, 0.001, peak, step_size_up=10, cycle_momentum=False),
    ],
)
def test_groups_driven_to_one_peak_lose_their_own_rates(build):
    (finding,) = diagnose(build(sgd(0.4, 0.04), 0.4), 100)
    # A note: the scheduler leaves no trace of the rates that the groups were built with.
    assert (finding.code, finding.severity) == ("group-rates-overwritten", "note")
    assert codes(build(sgd(0.4, 0.04), [0.4, 0.04]), 100) == []
    with_and_without_decay = torch.optim.SGD(
        [
            {"params": [torch.zeros(1)], "weight_decay": 0.1},
            {"params": [torch.zeros(1)], "weight_decay": 0.0},
        ],
        lr=0.4,
    )
    assert codes(build(with_and_without_decay, 0.4), 100) == []


def test_the_states_loaded_in_the_wrong_order_show():
    def saved():
        scheduler = after(torchs.LambdaLR(sgd(), lambda t: 0.5**t), 3)
        return scheduler.optimizer.state_dict(), scheduler.state_dict()

    def resumed(order):
        optimizer, (of_optimizer, of_scheduler) = sgd(), saved()
        for action in order:
            if action == "build":
                scheduler = torchs.LambdaLR(optimizer, lambda t: 0.5**t)
            elif action == "optimizer":
                optimizer.load_state_dict(of_optimizer)
            else:
                scheduler.load_state_dict(of_scheduler)
        return codes(scheduler, 5)

    assert resumed(["build", "optimizer", "scheduler"]) == ["already-stepped"]
    assert resumed(["optimizer", "build", "scheduler"]) == ["rate-mismatch", "already-stepped"]


def test_a_rate_set_by_hand_shows():
    scheduler = attach(sgd(), cosine(100))
    scheduler.optimizer.param_groups[0]["lr"] = 0.2
    assert codes(scheduler, 100) == ["rate-mismatch"]


@pytest.mark.parametrize("optimizer", [adam, lambda: sgd(momentum=0.9), sgd])
def test_a_momentum_that_is_cycled_is_noted_with_the_one_that_was_asked_for(optimizer):
    (finding,) = diagnose(torchs.OneCycleLR(optimizer(), 0.4, total_steps=100), 100)
    built = optimizer().defaults.get("momentum", 0.9)
    assert finding.severity == "note"
    assert "between 0.85 and 0.95" in finding.consequence
    assert f"built with {built:.3g}" in finding.consequence


def test_every_code_is_found_by_one_of_these_tests():
    tested = {code for _, _, code, _ in FAULTY.values()}
    tested |= {"floor-above-rate", "group-rates-overwritten", "rate-mismatch"}
    tested |= {"composition-bends-rates", "lr-scale-ignored"}
    assert tested == {rule.code for rule in RULES}


def test_findings_that_hold_at_once_come_worst_first():
    scheduler = torchs.OneCycleLR(sgd(0.4, 0.4), 0.4, total_steps=10)
    found = diagnose(scheduler, 100)
    assert found.codes == ["would-raise", "group-rates-overwritten", "momentum-changed"]
    ranks = [SEVERITIES.index(finding.severity) for finding in found]
    assert ranks == sorted(ranks)


# --- the plans of the sources --------------------------------------------------------------------


def test_the_one_cycle_of_the_tutorial_moves_the_momentum_and_ends_with_its_tenth_epoch():
    def one_cycle():  # ten epochs of 782 batches of CIFAR-10, SGD without momentum
        return torchs.OneCycleLR(sgd(0.1), max_lr=0.1, steps_per_epoch=782, epochs=10)

    assert codes(one_cycle(), 10 * 782) == ["momentum-changed"]
    assert codes(one_cycle(), 11 * 782) == ["would-raise", "momentum-changed"]
    corrected = torchs.OneCycleLR(sgd(0.1), 0.1, total_steps=7820, cycle_momentum=False)
    assert codes(corrected, 7820) == []


def test_the_multistep_of_the_chapter_has_a_milestone_outside_its_run_and_is_then_used_up():
    scheduler = torchs.MultiStepLR(sgd(0.5), milestones=[15, 30], gamma=0.5)
    assert codes(scheduler, 30) == ["milestone-outside-run"]
    found = diagnose(after(scheduler, 30), 30)  # as its plot leaves it
    assert found.codes == ["exhausted"]
    assert "constant rate 0.125" in found[0].consequence
    assert codes(torchs.MultiStepLR(sgd(0.5), milestones=[10, 20], gamma=0.5), 30) == []


def test_the_warmup_of_the_chapter_is_late_by_one_and_wastes_an_update_if_it_is_not():
    def factor(t):  # warmup of 5 epochs from 0, cosine to a thirtieth by epoch 20
        if t < 5:
            return t / 5
        p = min((t - 5) / 15, 1)
        return 1 / 30 + (1 - 1 / 30) * (1 + math.cos(math.pi * p)) / 2

    def as_used(t):
        return 1.0 if t == 0 else factor(t - 1)

    assert codes(torchs.LambdaLR(sgd(0.3), as_used), 30) == ["late-warmup"]
    assert codes(torchs.LambdaLR(sgd(0.3), factor), 30) == ["first-update-at-zero"]
    assert codes(attach(sgd(0.3), cosine(16, final=1 / 30).with_warmup(5)), 30) == []


def test_the_cosine_of_the_blog_post_is_sound_per_epoch_and_not_per_update():
    def cosine_of_the_post():
        return torchs.CosineAnnealingLR(sgd(0.1), T_max=50)

    assert codes(cosine_of_the_post(), 50) == []
    assert set(codes(cosine_of_the_post(), 50 * 938)) == {"rises-again", "ends-too-early"}


# --- what it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*SOUND, *FAULTY])
def test_it_touches_neither_the_scheduler_nor_the_optimizer(name):
    build, steps, *_ = {**SOUND, **FAULTY}[name]
    scheduler = build(sgd(0.4, 0.4, momentum=0.9))
    optimizer = scheduler.optimizer
    keys = {key: copy.deepcopy(value) for key, value in vars(optimizer).items() if key != "step"}
    own = copy.deepcopy(scheduler.state_dict())
    diagnose(scheduler, steps)
    assert scheduler.optimizer is optimizer
    assert identical(scheduler.state_dict(), own)
    assert identical(optimizer.param_groups, keys["param_groups"])
    assert identical(optimizer.defaults, keys["defaults"])
    assert not optimizer.state


def test_it_reads_as_text_in_a_terminal():
    text = str(diagnose(torchs.CosineAnnealingLR(sgd(), T_max=50), 1000))
    assert text.splitlines()[0] == "CosineAnnealingLR over 1,000 updates:"
    assert "warning at update 51: rises-again" in text
    assert "See notebooks/08_cosine.ipynb" in text
    sound = str(diagnose(attach(sgd(), cosine(90).with_warmup(10)), 100))
    assert sound.endswith("over 100 updates: nothing wrong was found")


def test_it_shows_as_a_table_in_a_notebook():
    table = diagnose(torchs.LambdaLR(sgd(), lambda t: [1.0, 0.5][t]), 5)._repr_markdown_()
    title, empty, heads, rule, row = table.split("\n")
    assert title == "**LambdaLR over 5 updates**"
    assert empty == ""
    assert heads.count("|") == rule.count("|") == row.count("|") == 6
    assert row.startswith("| error | 1 | [would-raise](13_your_own_schedule.ipynb) | The step ")
    assert r"IndexError\(\'list index out of range\'\)" in row, "shown as it is"
    sound = diagnose(attach(sgd(), constant()), 5)._repr_markdown_()
    assert sound.endswith(r"nothing wrong was found")


def test_the_table_has_no_colours_of_its_own_and_no_html():
    table = diagnose(torchs.CosineAnnealingLR(sgd(), T_max=50), 1000)._repr_markdown_()
    assert "<" not in table.replace(r"\<", "")
    assert not hasattr(diagnose(constant(), 5), "_repr_html_"), "which a notebook would prefer"


@pytest.mark.parametrize(
    "text", ["a|b", "*a* _b_ `c`", "$x$ \\(y\\)", "<lambda>", "[a](b)", "two\nlines"]
)
def test_what_a_plan_is_called_cannot_break_the_table(text):
    def fails(t):
        raise ValueError(text)

    scheduler = torchs.LambdaLR(sgd(), lambda t: 1.0 if t == 0 else fails(t))
    *_, row = diagnose(scheduler, 5)._repr_markdown_().split("\n")
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert not re.search(r"(?<!\\)[*_`$<]", row.replace("13_your_own_schedule", ""))


def test_it_is_a_sequence_of_findings():
    found = diagnose(torchs.OneCycleLR(sgd(), 0.4, total_steps=10), 100)
    assert len(found) == len(list(found)) == 2
    assert found[0].code == found.codes[0] == "would-raise"
    assert not diagnose(attach(sgd(), constant()), 5), "falsy if nothing is wrong"


@pytest.mark.parametrize("name", FAULTY)
def test_every_finding_says_a_consequence_and_a_remedy_and_links_to_a_chapter(name):
    build, steps, _, _ = FAULTY[name]
    for finding in diagnose(build(sgd()), steps):
        assert finding.severity in SEVERITIES
        assert finding.consequence.endswith(".")
        assert finding.remedy.endswith(".")
        assert (CHAPTERS / f"{finding.chapter}.md").exists()
        assert finding.link == f"{finding.chapter}.ipynb"


def test_in_a_composition_a_finding_links_to_the_chapter_of_the_part_at_fault():
    warmed = warmup_then(lambda o: torchs.MultiStepLR(o, [50, 200]))
    (finding,) = diagnose(warmed(sgd()), 100)
    assert finding.code == "milestone-outside-run"
    assert finding.chapter == "05_step_and_multistep"


@pytest.mark.parametrize("peak", [1e-3, 1e3])
def test_a_drop_is_judged_as_a_share_of_the_peak(peak):
    def found(gamma):
        return diagnose(torchs.MultiStepLR(sgd(peak), [50], gamma=gamma), 100).codes

    assert found(1e-4) == ["zero-before-the-end"]
    assert found(0.1) == []


@pytest.mark.parametrize(
    "build",
    [
        ours(cosine(90_000).with_warmup(10_000)),
        lambda o: torchs.CosineAnnealingLR(o, T_max=100_000),
        lambda o: torchs.OneCycleLR(o, 0.4, total_steps=100_000),
        warmup_then(lambda o: torchs.CosineAnnealingLR(o, T_max=99_000), warmup=1000),
    ],
)
def test_a_hundred_thousand_steps_take_less_than_two_seconds(build):
    scheduler = build(sgd(0.4))

    def seconds():
        started = time.process_time()
        diagnose(scheduler, 100_000)
        return time.process_time() - started

    assert min(seconds() for _ in range(3)) < 2  # what else the machine does only adds to it


def test_a_floor_that_thaws_a_frozen_group_is_named():
    plan = torchs.CosineAnnealingLR(sgd(0.0, 0.1), 100, eta_min=1e-3)
    (finding,) = diagnose(plan, 100)
    assert (finding.code, finding.step) == ("floor-above-rate", 0)
    assert "group 0 the rate 0" in finding.consequence


class Own(torchs.LRScheduler):
    """A constant rate, and attributes that mean something else than torch's."""

    def __init__(self, optimizer, **attributes):
        vars(self).update(attributes)
        super().__init__(optimizer)

    def get_lr(self):
        return list(self.base_lrs)


@pytest.mark.parametrize(
    "attributes",
    [{"milestones": None}, {"milestones": {0.5: 0.1}}, {"eta_min": None}, {"min_lrs": 1e-5}],
)
def test_a_class_of_ones_own_is_judged_by_its_rates_alone(attributes):
    assert codes(Own(sgd(), **attributes), 100) == []


def test_so_is_one_that_has_the_name_of_a_class_of_torch():
    namesake = type("CosineAnnealingLR", (Own,), {})
    assert codes(namesake(sgd()), 100) == []


def test_a_scheduler_that_cannot_be_copied_is_refused():
    with pytest.raises(
        TypeError, match=r"^scheduler must be one that can be copied, which Own is not: "
    ):
        diagnose(Own(sgd(), steps=iter(lambda: 0, 1), source=(t for t in range(9))), 10)


def test_a_rate_that_cannot_be_read_is_a_finding():
    scheduler = torchs.StepLR(sgd(), 10)
    scheduler.optimizer.param_groups[0]["lr"] = None
    (finding,) = diagnose(scheduler, 100)
    assert (finding.code, finding.step) == ("would-raise", 0)


def test_a_step_is_a_whole_number():
    cyclic = torchs.CyclicLR(sgd(), 0.04, 0.4, step_size_up=1, cycle_momentum=False)
    late = torchs.CosineAnnealingLR(sgd(), T_max=50.5)
    for scheduler in (cyclic, late):
        assert all(type(finding.step) is int for finding in diagnose(scheduler, 400))


def test_a_schedule_of_ones_own_is_examined_by_its_rates():
    own = Schedule(lambda t: 1 - t / 50)
    assert codes(attach(sgd(), own), 60) == ["negative-rate"]


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [None, sgd(), "cosine", torchs.StepLR])
def test_only_a_scheduler_or_a_schedule_can_be_diagnosed(wrong):
    with pytest.raises(TypeError, match=r"^plan must be a torch LRScheduler or a Schedule, got "):
        diagnose(wrong, 10)


@pytest.mark.parametrize("steps", [0, -1, 1.5, None, True])
def test_the_run_has_at_least_one_step(steps):
    with pytest.raises(ValueError, match=r"^steps must be a whole number of at least 1, got "):
        diagnose(attach(sgd(), cosine(5)), steps)


def test_the_optimizer_needs_groups_with_a_rate():
    scheduler = attach(sgd(), cosine(5))
    del scheduler.optimizer.param_groups[0]["lr"]
    with pytest.raises(ValueError, match=r"^plan must belong to an optimizer whose .*'lr'"):
        diagnose(scheduler, 10)
    scheduler.optimizer.param_groups.clear()
    with pytest.raises(ValueError, match=r"with 0 groups$"):
        diagnose(scheduler, 10)


@pytest.mark.parametrize(
    "schedule",
    [
        wsd(10, 70, one_minus_sqrt(20)),
        cosine(90).with_warmup(gaps=10),
        [linear(100), multistep([30, 60])],
        cosine_restarts(25, growth=3) * exponential(0.99),
    ],
    ids=repr,
)
def test_a_schedule_of_the_package_is_looked_at_without_stepping_and_shows_the_same(schedule):
    rates = [0.3, 0.1] if isinstance(schedule, list) else [0.3]
    scheduler = attach(stand_in(*rates), schedule)
    known = _at_once(scheduler, 130)
    stepped = [
        [group["lr"] for group in optimizer.param_groups] for optimizer in simulate(scheduler, 130)
    ]
    assert known == pytest.approx(np.array(stepped), rel=1e-12, abs=1e-15)


def test_a_million_updates_are_looked_at_in_no_time():
    start = time.perf_counter()
    assert not diagnose(wsd(1_000, 899_000, linear(100_000)), 1_000_000)
    assert time.perf_counter() - start < 10


def test_what_is_not_known_beforehand_is_stepped_through():
    counted = Schedule(lambda t: 1 / (1 + t))
    assert _at_once(attach(stand_in(0.1), counted), 10) is None
    halved = attach(stand_in(0.1), cosine(10))
    halved.optimizer.param_groups[0]["lr"] = 0.05
    assert _at_once(halved, 10) is None
    stepped = attach(stand_in(0.1), cosine(10))
    stepped.step()
    assert _at_once(stepped, 10) is None
    assert _at_once(torchs.StepLR(stand_in(0.1), 3), 10) is None
