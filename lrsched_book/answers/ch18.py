"""Answers to the exercises of chapter 18, written by notebooks/build.py."""

import numpy as np

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import cosine, linear, one_minus_sqrt, wsd
from lrsched_book.theory import best_peak, noisy_quadratic


HILL = float(noisy_quadratic(np.full(500, 0.4), curvature=2.0, noise=3.0, start=0.0)[-1])

the_hill = Exercise(
    "18.1",
    right=[HILL, 0.4 * 3 / (2 * (2 - 0.4 * 2))],
    wrong=[
        (0.4 * 3 / 4, "That is the hill of a small rate. Here ηh is not small: keep (1 - ηh)²."),
        (2 * HILL, "Twice as much as there is: the loss is h·e / 2."),
        (
            0.4 * 3 / (2 * (2 - 0.4 * 2)) / 2,
            "Half of it: solve for e, then take h·e / 2, with h = 2.",
        ),
        (0.4**2 * 3, "That is η²c, what one update adds to e. How much of e does it leave?"),
        (0.0, "The noise never stops: at a constant rate the loss does not reach 0."),
    ],
    hint="Set e = (1 - ηh)²·e + η²·c, solve for e, and take L = h·e / 2.",
)


TUNED, OTHER = cosine(1000, final=0.01), wsd(0, 700, one_minus_sqrt(300, final=0.01))
LINEAR = wsd(0, 700, linear(300, final=0.01))
(of_tuned, bound_tuned), (of_other, bound_other), (of_linear, _) = (
    best_peak(s.values(1000)) for s in (TUNED, OTHER, LINEAR)
)

a_peak_from_another_schedule = Exercise(
    "18.2",
    right=[0.2 * of_other / of_tuned],
    wrong=[
        (of_other, "That is the best peak for D = G = 1. Your network has others: use a ratio."),
        (0.2 * of_tuned / of_other, "Upside down: a cooldown wants a lower peak than a cosine."),
        (0.2 * bound_other / bound_tuned, "That is the ratio of the bounds. You want the peaks'."),
        (0.2 * of_linear / of_tuned, "Almost: that is for a linear cooldown. This one is 1 - √."),
        (0.2, "The same peak for both is what the bound argues against."),
    ],
    hint="`lb.theory.best_peak(factors)` is for D = G = 1; in a ratio of two both cancel.",
)


def by_recursion(rates, h, c, e):
    left = noisy_quadratic(rates, h, 0.0, e)[-1]
    return np.array([left, noisy_quadratic(rates, h, c, e)[-1] - left])


def swapped(rates, h, c, e):
    return by_recursion(rates, h, c, e)[::-1]


def not_forgotten(rates, h, c, e):
    left = by_recursion(rates, h, c, e)[0]
    return np.array([left, h * c * np.sum(np.square(rates)) / 2])


def not_squared(rates, h, c, e):
    added = by_recursion(rates, h, c, e)[1]
    return np.array([h * e * np.prod(1 - np.asarray(rates) * h) / 2, added])


def spreads(rates, h, c, e):
    return by_recursion(rates, h, c, e) * 2 / h


what_a_plan_leaves = Exercise(
    "18.3",
    right=[by_recursion],
    wrong=[
        (swapped, "Both are right, in the wrong order: first what is left of the start."),
        (not_forgotten, "The first part is right. Later updates forget old noise, too."),
        (not_squared, "The noise is right. An update keeps (1 - ηh)² of e, not 1 - ηh."),
        (spreads, "Those are the two parts of e. The loss is h·e / 2."),
    ],
    hint="Follow the recursion twice: once without noise, and once from e = 0.",
    calls=[([0.3, 0.2, 0.1], 1.5, 2.0, 4.0), ([0.5] * 6, 1.2, 0.4, 3.0), ([0.1], 0.7, 1.0, 2.0)],
)
