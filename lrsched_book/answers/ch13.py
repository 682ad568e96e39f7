"""Answers to the exercises of chapter 13, written by notebooks/build.py."""

import numpy as np
from torch.optim.lr_scheduler import ChainedScheduler, ConstantLR, LinearLR, SequentialLR

from lrsched_book.exercises import Exercise
from lrsched_book.scheduler import stand_in, trace
from lrsched_book.schedules import Schedule, constant, cosine, linear


UPDATES = 600
TAIL = cosine(200, initial=0.5)


def by_hand(t):
    rise = 0.1 + 0.9 * np.minimum(t / 49, 1.0)
    tail = (1 + np.cos(np.pi * np.clip((t - 400) / 199, 0, 1))) / 4
    return np.where(t < 400, rise, tail)


a_plan_with_a_step = Exercise(
    "13.1",
    right=[
        constant().then(TAIL, at=350).with_warmup(50, initial=0.1),
        Schedule(by_hand),
        linear(50, final=1.0, initial=0.1).then(constant(0.5) * cosine(200), at=400),
    ],
    wrong=[
        (
            constant().then(TAIL, at=400).with_warmup(50, initial=0.1),
            "`.with_warmup` comes on top: your peak lasts until update 449.",
        ),
        (
            constant().then(TAIL, at=350).with_warmup(50),
            "The first update should use a tenth: `.with_warmup` has an argument for that.",
        ),
        (
            constant().then(cosine(200), at=350).with_warmup(50, initial=0.1),
            "The cosine starts at the full peak. It should start at half of it.",
        ),
        (
            constant().then(cosine(200, final=0.5), at=350).with_warmup(50, initial=0.1),
            "Your cosine ends at half of the peak. It should start there, and end at zero.",
        ),
        (
            constant().then(cosine(gaps=200, initial=0.5), at=350).with_warmup(50, initial=0.1),
            "Almost: `gaps` counts one less than the updates, so the last rate is not zero.",
        ),
        (
            constant().then(cosine(600, initial=0.5), at=350).with_warmup(50, initial=0.1),
            "A piece counts from its own start: how many updates has the cosine?",
        ),
        (
            (linear(50, final=1.0, initial=0.1) * cosine(200, initial=0.5)),
            "`*` is for both at once; here one piece comes after the other.",
        ),
    ],
    hint="Three pieces: `lb.constant().then(…).with_warmup(…)`. Count each from its own start.",
    steps=UPDATES,
)


def planned(t):
    return 1 / np.sqrt(1 + t)


def ratio(t):
    return planned(t) / planned(t - 1)


def simplified(t):
    return np.sqrt(t / (1 + t))


def upside_down(t):
    return planned(t - 1) / planned(t)


def one_late(t):
    return planned(t + 1) / planned(t)


def difference(t):
    return planned(t) - planned(t - 1)


a_ratio = Exercise(
    "13.2",
    right=[ratio, simplified],
    wrong=[
        (
            planned,
            "That is the factor. Multiplied into the rate at each update, it kills the rate.",
        ),
        (upside_down, "That ratio is above 1, and the rate would grow: turn it round."),
        (one_late, "That leads from update t to t + 1. `g(t)` is to lead from t - 1 to t."),
        (difference, "That is what is added from one update to the next. The class multiplies."),
    ],
    hint="A relative scheduler multiplies by s(t) / s(t - 1).",
    calls=[(1,), (2,), (3,), (10,), (500,)],
)


def highest(level_first):
    optimizer = stand_in(0.1)

    def level():
        flat = ConstantLR(optimizer, factor=0.5, total_iters=40)
        half = ConstantLR(optimizer, factor=0.5, total_iters=100)
        return SequentialLR(optimizer, [flat, half], milestones=[60])

    def rise():
        return LinearLR(optimizer, start_factor=0.05, total_iters=10)

    if level_first:
        last = level()
        parts = [rise(), last]
    else:
        parts = [rise(), level()]
    return float(trace(ChainedScheduler(parts), steps=100).max())


which_rates = Exercise(
    "13.3",
    right=[highest(level_first=False)],
    wrong=[
        (
            highest(level_first=True),
            "That is the plan on paper. Which constructor is the last to write a rate?",
        ),
        (0.05, "That is the first rate of all. Which way does it go from there, and how far?"),
        (
            highest(level_first=False) / 2,
            "So high it is after the rise. What does `flat` do when it ends, in update 40?",
        ),
        (
            10.0,
            "A hundredfold was the chapter's warmup from a hundredth. This one starts elsewhere.",
        ),
        (20.0, "That is the multiple for a peak of 1. The optimizer has a rate of 0.1."),
    ],
    hint="Follow the three constructors: which rate does each leave in the optimizer?",
)
