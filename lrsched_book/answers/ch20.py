"""Answers to the exercises of chapter 20, written by notebooks/build.py."""

import numpy as np

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import constant, cosine, linear, multistep
from lrsched_book.theory import noisy_quadratic


read_the_diagnosis = Exercise(
    "20.1",
    right=[
        cosine(2900, final=0.01).with_warmup(100),
        cosine(gaps=2899, final=0.01).with_warmup(100),
    ],
    wrong=[
        (cosine(3000, final=0.01).with_warmup(100), "That is the plan as it was: 3,100 updates."),
        (cosine(3000, final=0.01), "Now the warmup is gone. It takes its updates from the run."),
        (cosine(2900).with_warmup(100), "The last update should use a hundredth of the peak."),
        (
            cosine(gaps=2900, final=0.01).with_warmup(100),
            "One step late: 2,900 updates have 2,899 gaps between them.",
        ),
        (linear(2900, final=0.01).with_warmup(100), "It fits the run, but it is a line."),
    ],
    hint="Warmup and cosine together must have 3,000 updates.",
    steps=3000,
)


VALLEY = {"curvature": [1.0, 0.01], "noise": [0.5, 0.0], "start": [1.0, 60.0]}
PEAKS = np.geomspace(0.01, 1.9, 70)


def end(rates):
    return noisy_quadratic(rates, **VALLEY)[-1]


def best_of(schedule):
    return min(PEAKS, key=lambda peak: end(peak * schedule.values(400)))


def the_price(schedule, factor):
    rates = best_of(schedule) * schedule.values(400)
    return end(factor * rates) - end(rates)


def on_the_grid(schedule, factor):
    least = min(end(peak * schedule.values(400)) for peak in PEAKS)
    return end(best_of(schedule) * factor * schedule.values(400)) - least


def not_compared(schedule, factor):
    return end(factor * best_of(schedule) * schedule.values(400))


def a_share(schedule, factor):
    rates = best_of(schedule) * schedule.values(400)
    return end(factor * rates) / end(rates) - 1


def largest(schedule, factor):
    rates = PEAKS[-1] * schedule.values(400)
    return end(factor * rates) - end(rates)


the_price_of_a_wrong_peak = Exercise(
    "20.2",
    right=[the_price, on_the_grid],
    wrong=[
        (not_compared, "That is the loss itself. How much higher is it than at the best peak?"),
        (a_share, "That is the share by which it is higher. The difference is asked for."),
        (largest, "That is the largest peak of the grid. Take the best one for this schedule."),
        (
            lambda schedule, factor: -the_price(schedule, factor),
            "The sign is the other way: a wrong peak costs something.",
        ),
    ],
    hint="Find the best peak by trying all of PEAKS, then compare two ends.",
    calls=[
        (cosine(400, final=0.01), 0.5),
        (constant(), 0.25),
        (multistep([320], gamma=0.1), 0.7),
    ],
)
