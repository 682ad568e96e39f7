"""Answers to the exercises of chapter 06, written by notebooks/build.py."""

import numpy as np

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import exponential, linear


UPDATES, FINAL = 20 * 63, 0.02

choose_gamma = Exercise(
    "06.1",
    right=[FINAL ** (1 / (UPDATES - 1)), np.exp(np.log(FINAL) / (UPDATES - 1))],
    wrong=[
        (FINAL ** (1 / UPDATES), "Almost. The last of n updates has number n - 1."),
        (FINAL ** (1 / 19), "That is per epoch; this run applies γ after every update."),
        (FINAL ** (1 / 20), "That γ is for one step per epoch. How many updates has the run?"),
        (1 - (1 - FINAL) / (UPDATES - 1), "So much a line would lose per update, of the peak."),
        (0.02, "0.02 is where γ to the power n - 1 should arrive."),
    ],
    hint="Solve γ to the power n - 1 = 0.02, with n updates.",
    tolerance=1e-7,
)


LINE = linear(500, final=0.01).values(500)
EXPONENTIAL = exponential(0.01 ** (1 / 499)).values(500)
G = 0.01 ** (1 / 499)

same_budget = Exercise(
    "06.2",
    right=[
        0.1 * LINE.sum() / EXPONENTIAL.sum(),
        0.1 * 500 * 1.01 / 2 * (1 - G) / (1 - G**500),
    ],
    wrong=[
        (0.1, "From the same peak the exponential spends less than half of the line's budget."),
        (
            0.1 * EXPONENTIAL.sum() / LINE.sum(),
            "Upside down: the exponential needs more, not less.",
        ),
        (LINE.sum() / EXPONENTIAL.sum(), "That is the ratio of the two peaks."),
        (0.1 * 500 / EXPONENTIAL.sum(), "That is the budget of a constant rate of 0.1."),
        (0.1 * LINE.sum(), "That is the line's budget itself. Which peak spends it?"),
    ],
    hint="The budget is the peak times the sum of the factors. Set both budgets equal.",
    tolerance=2e-3,
)


def by_product(rates, curvature):
    return np.prod(1 - np.asarray(rates) * curvature)


def one_by_one(rates, curvature):
    distance = 1.0
    for rate in rates:
        distance -= rate * curvature * distance
    return distance


def by_budget(rates, curvature):
    return np.exp(-curvature * np.sum(rates))


def in_one_step(rates, curvature):
    return 1 - np.sum(rates) * curvature


def of_the_loss(rates, curvature):
    return by_product(rates, curvature) ** 2


def covered(rates, curvature):
    return 1 - by_product(rates, curvature)


def never_overshoots(rates, curvature):
    return np.abs(by_product(rates, curvature))


what_is_forgotten = Exercise(
    "06.3",
    right=[by_product, one_by_one],
    wrong=[
        (by_budget, "That is the approximation, good for small rates. Take the exact product."),
        (in_one_step, "One update with the whole budget is not the same as many small ones."),
        (of_the_loss, "That is the share of the loss; the distance is its square root."),
        (covered, "That is the share that is covered; asked is the one that is left."),
        (never_overshoots, "Above 1/λ an update lands on the other side: keep the sign."),
    ],
    hint="An update at rate η multiplies the distance by 1 - η λ.",
    calls=[([0.1, 0.05, 0.02], 2.0), ([1.5, 0.5], 1.0), ([0.3] * 10, 0.5)],
)
