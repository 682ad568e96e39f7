"""Answers to the exercises of chapter 08, written by notebooks/build.py."""

import numpy as np
from torch.optim.lr_scheduler import CosineAnnealingLR

from lrsched_book.exercises import Exercise
from lrsched_book.scheduler import stand_in, trace
from lrsched_book.schedules import cosine, linear


RATES = cosine(378).values(378)
QUIET = int(np.flatnonzero(RATES <= 0.1)[0])

the_quiet_end = Exercise(
    "08.1",
    right=[QUIET, int(np.ceil(377 * np.arccos(-0.8) / np.pi))],
    wrong=[
        (QUIET + 1, "Almost. Counted from 0, the last of 378 updates has number 377."),
        (QUIET - 1, "Almost: that update still uses a little more than a tenth."),
        (
            int(np.ceil(377 * 0.9)),
            "That is where a line would be at a tenth. The cosine is there earlier.",
        ),
        (int(np.ceil(378 * 0.1)), "By then the rate has hardly fallen: the cosine starts flat."),
        (
            int(np.ceil(377 * np.arccos(0.1) / np.pi)),
            "There the cosine is 0.1; the factor is half of 1 plus the cosine.",
        ),
    ],
    hint="Solve (1 + cos(πp)) / 2 = 0.1 for the share p of the run; update t is at p = t / 377.",
)


UPDATES, WARMUP = 30 * 63, 2 * 63
REST = UPDATES - WARMUP
rising = linear(WARMUP, final=1.0, initial=1 / WARMUP)

to_the_last_update = Exercise(
    "08.2",
    right=[
        cosine(REST, final=0.01).with_warmup(WARMUP),
        rising.then(cosine(REST, final=0.01), at=WARMUP),
    ],
    wrong=[
        (
            cosine(UPDATES, final=0.01).with_warmup(WARMUP),
            "The warmup comes on top: this plan is two epochs longer than the run.",
        ),
        (
            cosine(30 - 2, final=0.01).with_warmup(2),
            "Your plan counts epochs; a schedule counts updates, 63 to the epoch.",
        ),
        (
            cosine(UPDATES, final=0.01),
            "There is no warmup yet: `.with_warmup` puts one in front.",
        ),
        (
            cosine(REST).with_warmup(WARMUP),
            "The last update should use 1% of the peak; yours moves nothing.",
        ),
        (
            cosine(REST + 1, final=0.01).with_warmup(WARMUP),
            "One step late: `cosine(steps)` counts updates, not the gaps between them.",
        ),
        (
            linear(REST, final=0.01).with_warmup(WARMUP),
            "The warmup is right. After it comes a cosine, and yours falls in a straight line.",
        ),
    ],
    hint="How many updates has the run, and how many of them does the warmup leave to the cosine?",
    steps=UPDATES,
)


def by_torch(peak, T_max, eta_min, steps):
    return trace(CosineAnnealingLR(stand_in(peak), T_max, eta_min), steps=steps)


def by_formula(peak, T_max, eta_min, steps):
    return eta_min + (peak - eta_min) * (1 + np.cos(np.pi * np.arange(steps) / T_max)) / 2


def held_at_the_end(peak, T_max, eta_min, steps):
    return peak * cosine(T_max + 1, final=eta_min / peak).values(steps)


def counted_in_updates(peak, T_max, eta_min, steps):
    return by_formula(peak, T_max - 1, eta_min, steps)


def to_zero(peak, T_max, eta_min, steps):
    return by_formula(peak, T_max, 0.0, steps)


def added_at_the_end(peak, T_max, eta_min, steps):
    return eta_min + by_formula(peak, T_max, 0.0, steps)


def only_a_line(peak, T_max, eta_min, steps):
    return peak * linear(T_max + 1, final=eta_min / peak).values(steps)


what_torch_will_do = Exercise(
    "08.3",
    right=[by_torch, by_formula],
    wrong=[
        (held_at_the_end, "Right up to `T_max`. Past it torch's rate does not stay where it is."),
        (counted_in_updates, "`T_max` counts the gaps: the rate is at `eta_min` in step `T_max`."),
        (to_zero, "Your rates fall to zero, whatever `eta_min` is."),
        (added_at_the_end, "Your rates start above the peak: `eta_min` is the lower of two ends."),
        (only_a_line, "The ends are right, and between them yours is a straight line."),
    ],
    hint="Run the angle from 0 at step 0 to π at step `T_max`, and do not stop it there.",
    calls=[(0.3, 20, 0.01, 30), (0.1, 50, 0.0, 200), (1.0, 2, 0.5, 9)],
)
