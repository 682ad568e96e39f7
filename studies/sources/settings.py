"""What is trained: the settings of the sources, put right, and schedules with a tuned peak."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

import lrsched_book as lb

SEEDS = (0, 1, 2)
MANY_SEEDS = tuple(range(10))  # for the rate that has no calm end, so each run differs most
# Schedules that choose their peak: some seeds choose, others, fresh ones, judge.
TUNING_SEEDS = (1000, 1001)
JUDGING_SEEDS = (10, 11, 12, 13, 14)
PEAKS = (0.1, 0.15, 0.2, 0.3, 0.4)  # where all of them begin to search
# If the best peak of one lies at the edge, all get the next one on that side.
LARGER = (0.6, 0.8, 1.2, 1.6)
SMALLER = (0.075, 0.05, 0.0375, 0.025)
HELD_OUT = 10_000  # training images that choose the peak


@dataclass(frozen=True)
class Setting:
    """What is trained under one name, with several seeds.

    Attributes:
        purpose: `"published"` for what a source does, `"corrected"` for what it meant, `"added"`
            for a rival that no source has, `"tuned"` for a schedule with its best peak,
            `"tuning"` for the runs that choose that peak.
        peak: the optimizer's learning rate.
        plan: makes the schedule, or `None`, from the number of steps of the run.
        step_every: what a step is: `"epoch"` or `"batch"`.
        model: makes the network from a seed.
        epochs, batch_size, momentum: of the training, with plain or heavy-ball SGD.
        held_out: training images that are kept from training and judge instead of the test images.
        seeds: one run each.
    """

    purpose: str
    peak: float
    plan: Callable[[int], lb.Schedule | None] = lambda steps: None
    step_every: str = "epoch"
    model: Callable[[int], torch.nn.Module] = lb.lenet
    epochs: int = 30
    batch_size: int = 256
    momentum: float = 0.0
    held_out: int = 0
    seeds: tuple[int, ...] = SEEDS


def late(schedule: lb.Schedule) -> lb.Schedule:
    """Return what a loop uses that computes the rate of an epoch after the epoch is over.

    The first epoch then runs at the optimizer's own rate, and each later one at the rate of its
    predecessor. The loop of *Dive into Deep Learning* does so.

    >>> late(lb.linear(3)).values(4)
    array([1. , 1. , 0.5, 0. ])
    """
    return lb.constant().then(schedule, at=1)


# The cosine of the chapter falls in 20 epochs from 0.3 to 0.01; its warmup takes 5 of them.
FLOOR = 0.01 / 0.3
COSINE = lb.cosine(21, final=FLOOR)
WARMUP = lb.linear(6, initial=0, final=1).then(lb.cosine(16, final=FLOOR), at=5)
# The same without the epoch at rate zero: the first epoch uses a fifth of the peak.
WARMUP_FROM_A_FIFTH = lb.cosine(16, final=FLOOR).with_warmup(5)

DIVE = "Dive into Deep Learning: "
BLOG = "blog post: "
CUTS_OF_THE_TEXT = "multistep 5, 10, 20"  # the chapter's example; its code has 15 and 30

SETTINGS = {
    DIVE + "constant 0.3": Setting("published", 0.3, seeds=MANY_SEEDS),
    DIVE + "square root from 0.1": Setting("published", 0.1, lambda n: late(lb.inverse_sqrt(1))),
    # Drawing the curve has used the scheduler up: two cuts of 0.5 are made before the first epoch.
    DIVE + "multistep": Setting("published", 0.5, lambda n: lb.constant(0.25)),
    DIVE + "cosine, T = 20": Setting("published", 0.3, lambda n: late(COSINE)),
    DIVE + "warmup, cosine": Setting("published", 0.3, lambda n: late(WARMUP)),
    "square root from 0.1": Setting("corrected", 0.1, lambda n: lb.inverse_sqrt(1)),
    "multistep 15, 30": Setting("corrected", 0.5, lambda n: lb.multistep([15, 30], gamma=0.5)),
    CUTS_OF_THE_TEXT: Setting("corrected", 0.5, lambda n: lb.multistep([5, 10, 20], gamma=0.5)),
    "cosine, T = 20": Setting("corrected", 0.3, lambda n: COSINE),
    "warmup, cosine": Setting("corrected", 0.3, lambda n: WARMUP_FROM_A_FIFTH),
    # What a reader of today would do: the cosine ends where the run ends.
    "cosine, T = 30": Setting("added", 0.3, lambda n: lb.cosine(n, final=FLOOR)),
    "warmup, cosine, T = 30": Setting(
        "added", 0.3, lambda n: lb.cosine(n - 5, final=FLOOR).with_warmup(5)
    ),
}
# The perceptron of the blog post, which trains on MNIST, here on Fashion-MNIST.
_BLOG = Setting("published", 0.1, model=lb.mlp, epochs=50, batch_size=128, momentum=0.9)
SETTINGS |= {
    BLOG + "constant 0.1": replace(_BLOG, purpose="corrected"),
    BLOG + "cosine, T_max = 50": replace(_BLOG, plan=lambda n: lb.cosine(51, final=1e-5)),
}
# The post's own run; on MNIST, it prints a test accuracy of 0.98.
MNIST = {BLOG + "cosine, T_max = 50, MNIST": SETTINGS[BLOG + "cosine, T_max = 50"]}
# Schedules that choose their peak on held-out images, all among the same ones. None has a floor.
_TUNED = Setting("tuned", PEAKS[0], step_every="batch", seeds=JUDGING_SEEDS)
TUNED = {
    "tuned constant": _TUNED,
    "tuned step": replace(_TUNED, plan=lambda n: lb.multistep([n // 2, 3 * n // 4], gamma=0.1)),
    "tuned cosine": replace(_TUNED, plan=lb.cosine),
    "tuned linear": replace(_TUNED, plan=lb.linear),
    "tuned one cycle": replace(_TUNED, plan=lb.one_cycle),
    # A twentieth of the run to warm up, a fifth to decay.
    "tuned warmup-stable-decay": replace(
        _TUNED, plan=lambda n: lb.wsd(n // 20, n - n // 20 - n // 5, lb.linear(n // 5))
    ),
}

# The accuracies on test images that Dive into Deep Learning prints, and its runs put right.
PRINTED = {
    DIVE + "constant 0.3": 0.885,
    DIVE + "square root from 0.1": 0.876,
    DIVE + "multistep": 0.889,
    DIVE + "cosine, T = 20": 0.892,
    DIVE + "warmup, cosine": 0.878,
}
