"""Answers to the exercises of chapter 09, written by notebooks/build.py."""

import numpy as np
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts

from lrsched_book.exercises import Exercise
from lrsched_book.scheduler import stand_in, trace
from lrsched_book.schedules import cosine, cosine_restarts, triangular


UPDATES = 30 * 63

four_cycles = Exercise(
    "09.1",
    right=[UPDATES // 15, UPDATES * (2 - 1) // (2**4 - 1)],
    wrong=[
        (2, "That is in epochs. The scheduler is stepped once per update."),
        (UPDATES // 4, "These are four equal cycles. With `T_mult=2` each is twice as long."),
        (UPDATES // 16, "Four cycles of 1, 2, 4 and 8 times `T_0`: what is the sum?"),
        (UPDATES // 8, "Only the last cycle is 8 times as long as the first."),
        (UPDATES // 7, "These are three cycles: 1 + 2 + 4 times `T_0`."),
    ],
    hint="How many times `T_0` do the four cycles take together?",
)


def used(T_0, steps, T_mult=1, eta_min=0.0, peak=1.0):
    scheduler = CosineAnnealingWarmRestarts(stand_in(peak), T_0, T_mult, eta_min)
    return trace(scheduler, steps=steps)


share_that_is_left = Exercise(
    "09.2",
    right=[used(4, steps=4)[-1], np.sin(np.pi / 8) ** 2],
    wrong=[
        (0.0, "The cosine would be at zero in step 4, and there the next cycle has begun."),
        (used(4, steps=5)[-1], "That is the first epoch of the next cycle."),
        (used(4, steps=3)[-1], "That is the third epoch of the cycle. Count the steps from 0."),
        (
            cosine_restarts(4).values(3)[-1],
            "That is the third epoch of `lb.cosine_restarts(4)`, which divides by 3 gaps.",
        ),
        ((1 + np.cos(3 / 4)) / 2, "The angle is π times 3/4."),
    ],
    hint="In step k of a cycle the factor is (1 + cos(πk / T_0)) / 2. Which k is the last?",
)


def by_torch(peak, T_0, T_mult, eta_min, steps):
    return used(T_0, steps, T_mult, eta_min, peak)


def by_repeating(peak, T_0, T_mult, eta_min, steps):
    wave = cosine(gaps=T_0, final=eta_min / peak).repeat(T_0, growth=T_mult)
    return peak * wave.values(steps)


def bottom_reached(peak, T_0, T_mult, eta_min, steps):
    return peak * cosine_restarts(T_0, T_mult, final=eta_min / peak).values(steps)


def equal_cycles(peak, T_0, T_mult, eta_min, steps):
    return by_repeating(peak, T_0, 1, eta_min, steps)


def to_zero(peak, T_0, T_mult, eta_min, steps):
    return by_repeating(peak, T_0, T_mult, 0.0, steps)


def no_restart(peak, T_0, T_mult, eta_min, steps):
    return peak * cosine(gaps=T_0, final=eta_min / peak).values(steps)


def there_and_back(peak, T_0, T_mult, eta_min, steps):
    return eta_min + (peak - eta_min) * (1 + np.cos(np.pi * np.arange(steps) / T_0)) / 2


def in_lines(peak, T_0, T_mult, eta_min, steps):
    return peak * (1.0 - (1.0 - eta_min / peak) * triangular(T_0, T_0).values(steps))


what_torch_will_do = Exercise(
    "09.3",
    right=[by_torch, by_repeating],
    wrong=[
        (bottom_reached, "Your cycles reach `eta_min`. Torch's restart one step before they do."),
        (equal_cycles, "Right as long as `T_mult` is 1. Else each cycle is longer than the last."),
        (to_zero, "Your rates fall towards zero, whatever `eta_min` is."),
        (no_restart, "The first cycle is right. After it, the rate jumps back to the peak."),
        (there_and_back, "After a cycle torch jumps to the peak; your cosine climbs back."),
        (in_lines, "A cycle falls along half a cosine, then jumps; yours swings in lines."),
    ],
    hint="Join cycles of `T_0`, `T_0 · T_mult`, … steps; step k of n is at the angle πk / n.",
    calls=[(0.3, 20, 1, 0.01, 70), (0.1, 5, 2, 0.02, 60), (1.0, 2, 3, 0.5, 27)],
)
