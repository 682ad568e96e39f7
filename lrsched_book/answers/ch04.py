"""Answers to the exercises of chapter 04, written by notebooks/build.py."""

import numpy as np

from lrsched_book.exercises import Exercise


def by_gaps(low, high, steps):
    return (high / low) ** (1 / (steps - 1))


def from_the_sequence(low, high, steps):
    rates = np.geomspace(low, high, steps)
    return rates[1] / rates[0]


def by_steps(low, high, steps):
    return (high / low) ** (1 / steps)


def straight(low, high, steps):
    return (high - low) / (steps - 1)


def the_factor(low, high, steps):
    return high / low


def falling(low, high, steps):
    return (low / high) ** (1 / (steps - 1))


the_sweep = Exercise(
    "04.1",
    right=[by_gaps, from_the_sequence],
    wrong=[
        (by_steps, "Almost: how many multiplications lie between the first update and the last?"),
        (straight, "Those are equal differences; a geometric sequence has equal ratios."),
        (the_factor, "That takes it from `low` to `high` in a single step."),
        (falling, "This rate falls: a test goes up."),
    ],
    hint="After k steps the rate is low · gamma ** k. What is k at the last update?",
    calls=[(1e-5, 10.0, 60), (0.01, 1.0, 21), (1e-4, 0.1, 4)],
)


next_point = Exercise(
    "04.2",
    right=[(0.9 * 2.0 + 1.0) / 1.9, 2.0 + 0.1 / (1 - 0.9**2) * (1.0 - 2.0)],
    wrong=[
        (
            0.9 * 2.0 + 0.1 * 1.0,
            "Without the correction for the start: the average is still short.",
        ),
        ((2.0 + 1.0) / 2, "The plain mean: the newer loss should count more than the older."),
        (1.0, "That is the batch's own loss; the curve remembers the first one."),
    ],
    hint="The curve is a weighted mean of both losses, with weights 0.9 and 1.",
)


def by_the_average(loss, smoothed):
    return (loss[1:] < smoothed[:-1]).astype(int)


def by_the_curve(loss, smoothed):
    return (np.diff(smoothed) < 0).astype(int)


def by_the_batches(loss, smoothed):
    return (np.diff(loss) < 0).astype(int)


def rises(loss, smoothed):
    return 1 - by_the_average(loss, smoothed)


def smoothing(loss, beta=0.9):
    i = np.arange(len(loss))
    weights = np.tril(beta ** np.abs(i[:, None] - i))
    return weights @ loss / weights.sum(axis=1)


noise = np.random.default_rng(4).normal(0, 0.3, size=(2, 30))
recorded = [2.3 - 0.04 * np.arange(30) + jumps for jumps in noise]

where_it_falls = Exercise(
    "04.3",
    right=[by_the_average, by_the_curve],
    wrong=[
        (by_the_batches, "That compares a batch with the one before, not with the average."),
        (rises, "The wrong way round: a batch *below* the average pulls it down."),
    ],
    hint="Look at the second equation: what decides the sign of the step from i to i + 1?",
    calls=[(loss, smoothing(loss)) for loss in recorded],
)
