"""Answers to the exercises of chapter 12, written by notebooks/build.py."""

import numpy as np
from torch.optim.lr_scheduler import OneCycleLR

from lrsched_book.exercises import Exercise
from lrsched_book.scheduler import simulate, stand_in, trace
from lrsched_book.schedules import cosine, one_cycle


the_last_rate = Exercise(
    "12.1",
    right=[
        float(trace(OneCycleLR(stand_in(0.1), max_lr=0.2, total_steps=500), steps=500)[-1]),
        0.2 / 25 / 1e4,
    ],
    wrong=[
        (0.2 / 1e4, "`final_div_factor` divides the first rate, not the peak."),
        (0.2 / 25, "That is the first rate. The plan ends far below it."),
        (0.2 / 1e5, "That is fastai's last rate. Torch divides the first rate by 10,000."),
        (0.1 / 25 / 1e4, "The peak is `max_lr`; the optimizer's own rate is overwritten."),
        (0.1 / 1e4, "The optimizer's own 0.1 is overwritten: begin with `max_lr`."),
        (0.2, "That is the peak, which the update at 30% of the run uses."),
        (0.0, "Very small, but not zero."),
    ],
    hint="Which is the first rate, given the peak and `div_factor`? What does `final_div_factor` "
    "divide?",
    tolerance=1e-3,
)


the_other_library = Exercise(
    "12.2",
    right=[one_cycle(378, rise=0.25, initial=1 / 25, final=1e-5), one_cycle(378, 0.25, final=1e-5)],
    wrong=[
        (one_cycle(378), "These are torch's defaults: its rise and its end are others."),
        (one_cycle(378, final=1e-5), "The end is right. How long is the rise?"),
        (one_cycle(378, rise=0.25), "The rise is right. The end is still torch's."),
        (
            one_cycle(378, rise=0.25, final=1e-5 / 25),
            "fastai divides the peak by 100,000, not the first rate.",
        ),
        (
            one_cycle(378, rise=0.25, final=1e-5, shape="linear"),
            "fastai's parts are half cosines, which is the default of `shape`.",
        ),
        (
            one_cycle(378, rise=0.25, initial=25, final=1e5),
            "Factors, not divisors: the first rate is a 25th of the peak.",
        ),
        (cosine(378, final=1e-5), "There is no rise yet."),
    ],
    hint="`rise` is a share of the run, `initial` and `final` are shares of the peak.",
    steps=378,
    tolerance=1e-7,
)


def by_torch(peak, steps):
    stand_ins = simulate(OneCycleLR(stand_in(0.1), peak, total_steps=steps), steps)
    groups = (stand_in.param_groups[0] for stand_in in stand_ins)
    return np.array([group["lr"] / (1 - group["momentum"]) for group in groups])


def height(steps):
    return one_cycle(steps, initial=0.0, final=0.0).values(steps)


def by_shape(peak, steps):
    return peak * one_cycle(steps).values(steps) / (0.05 + 0.1 * height(steps))


def momentum_fixed(peak, steps):
    return peak * one_cycle(steps).values(steps) / (1 - 0.9)


def momentum_with_the_rate(peak, steps):
    return peak * one_cycle(steps).values(steps) / (1 - (0.85 + 0.1 * height(steps)))


def only_the_rate(peak, steps):
    return peak * one_cycle(steps).values(steps)


def multiplied(peak, steps):
    return peak * one_cycle(steps).values(steps) * (0.05 + 0.1 * height(steps))


def divided_by_momentum(peak, steps):
    return peak * one_cycle(steps).values(steps) / (0.95 - 0.1 * height(steps))


the_effective_rate = Exercise(
    "12.3",
    right=[by_torch, by_shape],
    wrong=[
        (momentum_fixed, "That is the effective rate with a fixed momentum of 0.9."),
        (momentum_with_the_rate, "Your momentum follows the rate. Torch's goes the other way."),
        (only_the_rate, "That is the rate itself. Divide it by 1 minus the momentum."),
        (multiplied, "Divide by 1 minus the momentum; do not multiply by it."),
        (divided_by_momentum, "Divide by 1 minus the momentum, not by the momentum."),
    ],
    hint="The momentum goes from 0.95 to 0.85 and back, along the same half cosines as the rate.",
    calls=[(0.1, 100), (1.0, 189), (0.3, 50)],
)
