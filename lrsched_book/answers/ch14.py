"""Answers to the exercises of chapter 14, written by notebooks/build.py."""

import math

import numpy as np

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import cosine


BATCHES = math.ceil(50_000 / 4 / 32)

the_horizon = Exercise(
    "14.1",
    right=[10 * math.ceil(BATCHES / 8), sum(math.ceil(BATCHES / 8) for _ in range(10))],
    wrong=[
        (10 * (BATCHES // 8), "Almost: the incomplete group at the end of each epoch counts."),
        (math.ceil(10 * BATCHES / 8), "A group ends with its epoch; yours run across the border."),
        (10 * BATCHES, "Those are the batches of one process. Eight of them make an update."),
        (
            10 * math.ceil(math.ceil(50_000 / 32) / 8),
            "Each process sees a quarter of the examples, and all four make each update together.",
        ),
        (math.ceil(BATCHES / 8), "That is one epoch."),
    ],
    hint="Batches of one process in an epoch, then groups of eight, then epochs. Round up twice.",
)


def by_index(plan, k, updates):
    return plan[np.minimum(k * np.arange(updates) + k - 1, len(plan) - 1)]


def by_counting(plan, k, updates):
    rates, calls = [], 0
    for _ in range(updates):
        for part in range(k):
            if part == k - 1:
                rates.append(plan[min(calls, len(plan) - 1)])
            calls += 1
    return np.array(rates)


def without_its_own(plan, k, updates):
    return plan[np.minimum(k * np.arange(updates), len(plan) - 1)]


def one_too_many(plan, k, updates):
    return plan[np.minimum(k * np.arange(updates) + k, len(plan) - 1)]


def the_right_loop(plan, k, updates):
    return plan[np.minimum(np.arange(updates), len(plan) - 1)]


def too_slow(plan, k, updates):
    return plan[np.minimum(np.arange(updates) // k, len(plan) - 1)]


def around_the_end(plan, k, updates):
    return plan[(k * np.arange(updates) + k - 1) % len(plan)]


PLAN = 0.1 * cosine(24, final=0.01).values(24)

the_wrong_loop_predicted = Exercise(
    "14.2",
    right=[by_index, by_counting],
    wrong=[
        (
            without_its_own,
            "Before an update the scheduler also steps for the first micro-batches of its group.",
        ),
        (
            one_too_many,
            "The step after the last micro-batch comes when the update is made already.",
        ),
        (the_right_loop, "That is the right loop, with one scheduler step for each update."),
        (too_slow, "The scheduler is stepped more often than the optimizer, not less often."),
        (around_the_end, "Past its end the plan does not begin again: the last rate stays."),
    ],
    hint="How many scheduler steps come before update t? Then look that number up in the plan.",
    calls=[(PLAN, 4, 24), (PLAN, 3, 10), (PLAN, 1, 24)],
)


TOKENS = np.array([900, 100, 500, 500])

whose_tokens_count = Exercise(
    "14.3",
    right=[TOKENS / TOKENS.sum(), [0.45, 0.05, 0.25, 0.25]],
    wrong=[
        (
            np.full(4, 1 / 4),
            "That is the mean of the means: a token of the second counts nine times as much.",
        ),
        (1 / TOKENS, "A mean is divided by its tokens already."),
        (1.0 * TOKENS, "That gives the sum over all tokens. The mean is wanted."),
        (
            TOKENS / TOKENS.mean(),
            "The sum of your four weights is 4: the gradient is 4 times too large.",
        ),
        (
            (1 / TOKENS) / (1 / TOKENS).sum(),
            "The other way around: a micro-batch of many tokens must weigh more.",
        ),
    ],
    hint="Turn each mean back into a sum, add the sums, and divide by the number of all tokens.",
)
