"""Answers to the exercises of chapter 16, written by notebooks/build.py."""

import numpy as np

from lrsched_book.exercises import Exercise
from lrsched_book.schedules import constant, linear, one_minus_sqrt, wsd


LENGTHS = np.array([10_000, 20_000, 40_000])
ENDS = LENGTHS // 5

what_three_models_cost = Exercise(
    "16.1",
    right=[int((LENGTHS - ENDS).max() + ENDS.sum()), int(LENGTHS.max() + ENDS[:2].sum())],
    wrong=[
        (int(LENGTHS.sum()), "That is three runs, each from its start. The trunk is shared."),
        (int(LENGTHS.max()), "The early ends leave the trunk: their updates are trained besides."),
        (
            int(LENGTHS.max() + ENDS.sum()),
            "Almost. Who needs the trunk beyond the place where the last end leaves it?",
        ),
        (int(LENGTHS.max() - ENDS.max()), "That is the trunk alone, without its ends."),
    ],
    hint="How far must the trunk go? Then add the updates of each cooldown.",
)


a_plan_with_an_end = Exercise(
    "16.2",
    right=[
        wsd(100, 3900, one_minus_sqrt(1000, final=0.05)),
        constant().then(one_minus_sqrt(1000, final=0.05), at=3900).with_warmup(100),
    ],
    wrong=[
        (
            wsd(100, 4000, one_minus_sqrt(1000, final=0.05)),
            "Your cooldown begins 100 updates late: `stable` counts from the end of the warmup.",
        ),
        (
            wsd(100, 3900, one_minus_sqrt(1000)),
            "The last update should use 5% of the peak; yours moves nothing.",
        ),
        (
            wsd(100, 3900, linear(1000, final=0.05)),
            "All but the shape is right: yours comes down in a straight line.",
        ),
        (
            wsd(100, 3920, one_minus_sqrt(980, final=0.05)),
            "20% of the run, not of what the warmup leaves.",
        ),
        (
            wsd(100, 3900, one_minus_sqrt(gaps=1000, final=0.05)),
            "One step late: `steps` counts updates, `gaps` what lies between them.",
        ),
        (
            wsd(0, 4000, one_minus_sqrt(1000, final=0.05)),
            "There is no warmup yet.",
        ),
    ],
    hint="lb.wsd takes the updates of the warmup, those at the peak, and a decay of any shape.",
    steps=5000,
)


def by_product(rates, decay):
    return float(np.prod(1 - decay * np.asarray(rates)))


def by_torch(rates, decay):
    import torch

    weight = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.AdamW([weight], weight_decay=decay)
    for rate in rates:
        weight.grad = torch.zeros_like(weight)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
    return weight.item()


def by_exponential(rates, decay):
    return float(np.exp(-decay * np.sum(rates)))


def coupled(rates, decay):
    return float((1 - decay) ** len(rates))


def at_the_peak(rates, decay):
    return float((1 - decay * np.max(rates)) ** len(rates))


def not_compounded(rates, decay):
    return float(1 - decay * np.sum(rates))


what_adamw_leaves = Exercise(
    "16.3",
    right=[by_product, by_torch],
    wrong=[
        (by_exponential, "Close: that is the approximation. Multiply what each update leaves."),
        (coupled, "The rates are missing: PyTorch's AdamW multiplies by 1 − ηλ."),
        (at_the_peak, "That is a constant rate at the peak. Each update has its own."),
        (not_compounded, "Each update takes its share of what is left, not of the start."),
    ],
    hint="One update multiplies the weight by 1 − ηλ. What do all of them do?",
    calls=[([0.1, 0.2, 0.05], 0.5), (list(np.linspace(0.3, 0.01, 20)), 0.2)],
)
