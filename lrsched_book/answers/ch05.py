"""Answers to the exercises of chapter 05, written by notebooks/build.py."""

import numpy as np
from torch.optim.lr_scheduler import MultiStepLR

from lrsched_book.exercises import Exercise
from lrsched_book.scheduler import stand_in, trace
from lrsched_book.schedules import constant, linear, multistep


FIRST, SECOND = 15 * 63, 24 * 63

from_epochs_to_updates = Exercise(
    "05.1",
    right=[
        multistep([FIRST, SECOND], gamma=1 / 5),
        constant().then(constant(0.2), at=FIRST).then(constant(0.04), at=SECOND),
        multistep([FIRST], gamma=0.2) * multistep([SECOND], gamma=0.2),
    ],
    wrong=[
        (
            multistep([15, 24], gamma=1 / 5),
            "Your milestones count epochs; this schedule is stepped after every batch.",
        ),
        (
            multistep([FIRST, SECOND]),
            "The moments are right. The rate is divided by five, not by ten.",
        ),
        (
            multistep([FIRST, SECOND], gamma=0.5),
            "Divided by five is a factor of 1/5; yours halves.",
        ),
        (
            multistep([FIRST - 1, SECOND - 1], gamma=1 / 5),
            "One update early: steps count from 0, so after 15 epochs comes update number 15 · 63.",
        ),
        (
            multistep([FIRST + 1, SECOND + 1], gamma=1 / 5),
            "One update late: the milestone is the first update at the smaller rate.",
        ),
        (
            constant().then(constant(0.2), at=FIRST).then(constant(0.2), at=SECOND),
            "The second cut divides what the first one left: the factor after it is 1/25.",
        ),
    ],
    hint="How many updates are made before each cut? `lb.multistep(milestones, gamma)`.",
    steps=30 * 63,
)


def noise_floor(rate):
    return rate / (2 * (2 - rate))


how_far_the_floor_falls = Exercise(
    "05.2",
    right=[noise_floor(1.0) / noise_floor(0.1), 10 * (2 - 0.1) / (2 - 1.0)],
    wrong=[
        (
            10.0,
            "That is proportional to the rate, which holds while ηλ is far below 2. Here it is 1.",
        ),
        (noise_floor(0.1) / noise_floor(1.0), "Upside down: the floor is lower after the cut."),
        ((2 - 0.1) / (2 - 1.0), "That is the part of the denominators; the rates differ, too."),
        (
            100.0,
            "The noise enters by the square of the rate, and is forgotten in proportion to it.",
        ),
    ],
    hint="L∞ = η σ² / (2 (2 − η λ)), once at 1.0 and once at 0.1.",
)


def by_torch(peak, milestones, gamma, steps):
    return trace(MultiStepLR(stand_in(peak), milestones, gamma), steps=steps)


def by_counting(peak, milestones, gamma, steps, side="right"):
    cuts = np.searchsorted(sorted(milestones), np.arange(steps), side=side)
    return peak * gamma ** cuts.astype(float)


def twice_is_once(peak, milestones, gamma, steps):
    return by_counting(peak, set(milestones), gamma, steps)


def one_step_late(peak, milestones, gamma, steps):
    return by_counting(peak, milestones, gamma, steps, side="left")


def without_zero(peak, milestones, gamma, steps):
    return by_counting(peak, [m for m in milestones if m > 0], gamma, steps)


def unsorted(peak, milestones, gamma, steps):
    cuts = np.searchsorted(milestones, np.arange(steps), side="right")
    return peak * gamma ** cuts.astype(float)


def one_cut(peak, milestones, gamma, steps):
    return np.where(np.arange(steps) >= min(milestones), peak * gamma, peak)


def a_line(peak, milestones, gamma, steps):
    return peak * linear(steps, final=gamma).values(steps)


what_torch_will_do = Exercise(
    "05.3",
    right=[by_torch, by_counting],
    wrong=[
        (twice_is_once, "A milestone that is given twice cuts twice at once."),
        (one_step_late, "One step late: the milestone is the first step at the smaller rate."),
        (without_zero, "A milestone at 0 cuts, too, and before the first step."),
        (unsorted, "`searchsorted` wants an ordered list, and torch takes it in any order."),
        (one_cut, "That is only the first cut. Each milestone multiplies once more."),
        (a_line, "A staircase is flat between its milestones; yours is a line."),
    ],
    hint="Count how many entries of the list are not larger than the step.",
    calls=[
        (0.1, [2, 4], 0.5, 6),
        (0.1, [4, 2, 2], 0.5, 6),
        (0.2, [0, 4], 0.1, 8),
        (1.0, [3, 6], 0.5, 6),
    ],
)
