"""Answers to the exercises of chapter 17, written by notebooks/build.py."""

import numpy as np

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import Schedule, constant, linear, wsd


the_decay_in_an_average = Exercise(
    "17.1",
    right=[
        wsd(0, 300, linear(gaps=100)),
        constant().then(linear(101), at=300),
        Schedule(lambda t: np.minimum(1, (400 - t) / 100)),
    ],
    wrong=[
        (
            wsd(0, 300, linear(100)),
            "Almost. The last update is in one of the 100 positions, so its factor is not zero.",
        ),
        (
            wsd(0, 299, linear(gaps=101)),
            "Almost. The first factor below 1 is that of update 301, which 99 positions contain.",
        ),
        (
            linear(gaps=400),
            "That is the average of all 400 positions. Here only the last 100 are averaged.",
        ),
        (
            wsd(0, 100, linear(gaps=300)),
            "The decay should take the last 100 updates, not the last 300.",
        ),
        (
            constant(),
            "The constant rate itself ends at the last position, not at an average.",
        ),
    ],
    hint="How many of the last 100 positions come after update t? Divide that by 100.",
    steps=400,
)


def closed_form(b, T):
    t = np.arange(T)
    return np.where(t == 0, 1.0, 1 - b ** (T - t))


def by_averaging(b, T):
    position, average = np.zeros(T), None
    for t in range(T):
        position = position + np.eye(T)[t]
        average = position if average is None else b * average + (1 - b) * position
    return average


def from_zero(b, T):
    return 1 - b ** (T - np.arange(T))


def one_late(b, T):
    return np.where(np.arange(T) == 0, 1.0, 1 - b ** (T - 1 - np.arange(T)))


def of_positions(b, T):
    return np.where(np.arange(T) == 0, b ** (T - 1), (1 - b) * b ** (T - 1.0 - np.arange(T)))


def turned_round(b, T):
    return closed_form(b, T)[::-1]


the_decay_in_an_ema = Exercise(
    "17.2",
    right=[closed_form, by_averaging],
    wrong=[
        (from_zero, "Right for all updates but the first: the first position is copied whole."),
        (one_late, "One step late: the last update is in the last position, with the share 1 - b."),
        (of_positions, "Those are the weights of the positions. Update t is in all after it."),
        (turned_round, "Yours rises: the last updates are in the fewest positions."),
    ],
    hint="Add up the weights of all positions that come after update t; all weights sum to 1.",
    calls=[(0.9, 20), (0.98, 378), (0.5, 3)],
)


def variance_left(n, a=0.9):
    return (1 + a) / ((1 - a) * n) - 2 * a * (1 - a**n) / ((1 - a) * n) ** 2


ENOUGH = next(n for n in range(1, 10_000) if variance_left(n) <= 0.1)

how_many_positions = Exercise(
    "17.3",
    right=[ENOUGH, next(n for n in range(1, 10_000) if variance_left(n, 1 - 0.1) <= 0.1)],
    wrong=[
        (10, "That is right for positions without memory. Here neighbours share nine tenths."),
        (190, "That is the first term alone; the second one takes a little away again."),
        (ENOUGH - 1, "Almost: that average still keeps a little more than a tenth."),
        (ENOUGH + 1, "Almost: one position fewer is enough."),
        (
            next(n for n in range(1, 10_000) if variance_left(n, 0.1) <= 0.1),
            "An update keeps 1 - ηh of a deviation, and that is a; you took a = 0.1.",
        ),
    ],
    hint="Try n = 1, 2, 3, … in the formula for equal weights, with a = 1 - 0.1.",
)
