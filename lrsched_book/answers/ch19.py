"""Answers to the exercises of chapter 19, written by notebooks/build.py."""

import math

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import cosine


CEILING = 0.1 * (1 + 224 / 32)

where_the_rule_bends = Exercise(
    "19.1",
    right=[CEILING / (1 + 224 / 256)],
    wrong=[
        (0.1 * 256 / 32, "That is the linear rule; a batch of 256 is beyond the noise scale."),
        (0.1 * math.sqrt(256 / 32), "That is the square-root rule, which is meant for Adam."),
        (0.1 / (1 + 224 / 256), "0.1 is not the ceiling: it is the best rate at a batch of 32."),
        (CEILING / (1 + 256 / 224), "In the formula the noise scale is divided by the batch."),
    ],
    hint="Put a batch of 32 and the rate 0.1 into the formula to find the ceiling first.",
)


UPDATES = 30 * math.ceil(15_000 / 32)

four_processes = Exercise(
    "19.2",
    right=[cosine(UPDATES - 100).with_warmup(100)],
    wrong=[
        (
            cosine(30 * 1875 - 100).with_warmup(100),
            "That is the clock of one process with all images: the run ends in a quarter of it.",
        ),
        (
            cosine(math.ceil(UPDATES / 4) - 25).with_warmup(25),
            "Too fast: with a scheduler that steps once an update, nothing is left to divide.",
        ),
        (
            cosine(UPDATES).with_warmup(100),
            "The warmup comes on top: this plan is 100 updates longer than the run.",
        ),
        (
            cosine(30 * 15_000 // 32 - 100).with_warmup(100),
            "The smaller batch at the end of an epoch is an update, too.",
        ),
    ],
    hint="How many batches of 32 has one process in an epoch? So many updates do all four make.",
    steps=UPDATES,
)


def two_equations(square_small, square_large, small, large):
    trace = (square_small - square_large) / (1 / small - 1 / large)
    return trace / (square_small - trace / small)


def large_as_signal(square_small, square_large, small, large):
    return (square_small - square_large) / (1 / small - 1 / large) / square_large


def no_trace(square_small, square_large, small, large):
    signal = (large * square_large - small * square_small) / (large - small)
    return (square_small - square_large) / signal


def upside_down(square_small, square_large, small, large):
    return 1 / two_equations(square_small, square_large, small, large)


two_numbers = Exercise(
    "19.3",
    right=[two_equations],
    wrong=[
        (large_as_signal, "The large batch's square still holds some noise, tr Σ / large."),
        (no_trace, "The difference of the squares is tr Σ (1/small - 1/large), not tr Σ."),
        (upside_down, "Upside down: the noise scale is noise over signal, tr Σ / |G|²."),
    ],
    hint="square = |G|² + tr Σ / batch, twice; solve for tr Σ, then for |G|².",
    calls=[(1.0, 0.2, 32, 1024), (0.5, 0.25, 8, 64), (3.0, 2.9, 16, 4096)],
)
