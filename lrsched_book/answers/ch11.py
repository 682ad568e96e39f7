"""Answers to the exercises of chapter 11, written by notebooks/build.py."""

import numpy as np

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import cosine, linear, linear_warmup


HALF = int(np.argmax(linear_warmup(126).values(126) >= 0.5))

half_way_up = Exercise(
    "11.1",
    right=[HALF],
    wrong=[
        (HALF + 1, "Almost. That is so for t / w; this warmup uses (t + 1) / w."),
        (126 // 2 // 2, "You counted one epoch of warmup. There are two."),
        (1, "You counted epochs. The schedule counts updates, 63 to the epoch."),
        (125, "That is where the peak itself is reached."),
    ],
    hint="Update t uses (t + 1) / w of the peak. How many updates has the warmup?",
)


U = 20 * 8
rising = linear(96, final=1.0, initial=1 / 96)

eight_times_the_batch = Exercise(
    "11.2",
    right=[
        cosine(U - 96, final=0.01).with_warmup(96),
        rising.then(cosine(U - 96, final=0.01), at=96),
    ],
    wrong=[
        (
            cosine(U - 12, final=0.01).with_warmup(12),
            "You kept the share of the run, an eighth of the updates. The chapter's were lost so.",
        ),
        (
            cosine(1164, final=0.01).with_warmup(96),
            "The warmup is right, but this cosine is still made for the long run.",
        ),
        (
            cosine(U, final=0.01).with_warmup(96),
            "The warmup comes on top: this plan is longer than the run.",
        ),
        (
            cosine(U - 96, final=0.01).with_warmup(gaps=96),
            "Your warmup begins at zero, and wastes its first update.",
        ),
        (
            linear_warmup(96) * cosine(U, final=0.01),
            "In a product the cosine falls while the warmup rises, and the peak is never reached.",
        ),
        (cosine(U, final=0.01), "There is no warmup yet: `.with_warmup` puts one in front."),
    ],
    hint="How many updates has the run now, and how many does a warmup of 96 leave to the cosine?",
    steps=U,
)


def by_limit(rates, curvatures, momentum):
    return int(np.sum(np.asarray(rates) > 2 * (1 + momentum) / np.asarray(curvatures)))


def by_product(rates, curvatures, momentum):
    return int(np.sum(np.asarray(rates) * np.asarray(curvatures) > 2 * (1 + momentum)))


def plain_descent(rates, curvatures, momentum):
    return by_limit(rates, curvatures, 0.0)


def effective_rate(rates, curvatures, momentum):
    return int(np.sum(np.asarray(rates) / (1 - momentum) > 2 / np.asarray(curvatures)))


def below(rates, curvatures, momentum):
    return len(rates) - by_limit(rates, curvatures, momentum)


def at_the_start(rates, curvatures, momentum):
    return int(np.sum(np.asarray(rates) > 2 * (1 + momentum) / curvatures[0]))


STEEP = 40 + 250 * np.exp(-np.arange(100) / 20)
UP = 0.04 * linear_warmup(20).values(100)

over_the_limit = Exercise(
    "11.3",
    right=[by_limit, by_product],
    wrong=[
        (plain_descent, "That is the limit of plain descent, 2 / λ. Momentum raises it."),
        (
            effective_rate,
            "The rate / (1 - β) tells how far a run gets, not what it bears: chapter 02.",
        ),
        (below, "You counted the updates that are not above their limit."),
        (at_the_start, "The curvature changes along the run: each update has a limit of its own."),
    ],
    hint="The limit is 2 (1 + β) / λ; compare it with the rate, update by update.",
    calls=[(UP, STEEP, 0.9), (np.full(100, 0.02), STEEP, 0.9), (np.full(100, 0.03), STEEP, 0.5)],
)
