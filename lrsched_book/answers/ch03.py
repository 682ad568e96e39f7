"""Answers to the exercises of chapter 03, written by notebooks/build.py."""

import math
import warnings

import numpy as np
from torch.optim.lr_scheduler import MultiStepLR

from lrsched_book.claims import Gain
from lrsched_book.exercises import Exercise
from lrsched_book.scheduler import stand_in


def by_the_loop(meant, built_with):
    rates, rate = [], built_with
    for next_rate in meant:
        rates.append(rate)
        rate = next_rate
    return np.array(rates)


def shifted(meant, built_with):
    return np.concatenate([[built_with], meant[:-1]])


def as_meant(meant, built_with):
    return np.array(meant)


def one_early(meant, built_with):
    return np.array([*meant[1:], built_with])


def first_value_twice(meant, built_with):
    return np.array([meant[0], *meant[:-1]])


def all_constant(meant, built_with):
    return np.full(len(meant), built_with)


late_by_one = Exercise(
    "03.1",
    right=[by_the_loop, shifted],
    wrong=[
        (as_meant, "That is the plan. Which rate does the optimizer hold while epoch 0 trains?"),
        (one_early, "Early instead of late: epoch 0 cannot know the value for epoch 1."),
        (first_value_twice, "Epoch 0 runs before any value of the plan has been written."),
        (all_constant, "The rate does change after each epoch; from then on it is used."),
    ],
    hint="Go through the loop line by line, and note the rate at each `train_one_epoch`.",
    calls=[
        (np.array([0.0, 0.06, 0.12, 0.18]), 0.3),
        (np.array([0.2, 0.1, 0.05]), 0.4),
        (np.array([0.1, 0.7]), 0.5),
    ],
)


def in_the_wrong_order():
    optimizer = stand_in(1.0)
    scheduler = MultiStepLR(optimizer, milestones=[2], gamma=0.1)
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of this very order
        for _ in range(4):
            scheduler.step()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
    return np.array(rates)


wrong_order = Exercise(
    "03.2",
    right=[in_the_wrong_order(), np.where(np.arange(1, 5) < 2, 1.0, 0.1)],
    wrong=[
        (np.array([1.0, 1.0, 0.1, 0.1]), "That is the right order: updates 0 and 1 at the peak."),
        (np.array([1.0, 1.0, 1.0, 0.1]), "Late instead of early: the scheduler is a step *ahead*."),
        (np.array([0.1, 0.1, 0.1, 0.1]), "One call is not two: after the first, the count is 1."),
        (np.array([1.0, 0.1, 0.01, 0.001]), "There is one milestone, so there is one cut."),
    ],
    hint="Before update 0 the scheduler has been stepped once, so it prepares which update?",
)


def by_the_package(constant, cut):
    gains = dict(enumerate(constant - cut))
    return Gain("cut", "constant", "test loss", gains).above(0).margin


def in_numpy(constant, cut):
    gains = constant - cut
    return gains.mean() / (gains.std(ddof=1) / math.sqrt(len(gains)))


def upside_down(constant, cut):
    return -in_numpy(constant, cut)


def without_pairs(constant, cut):
    error = math.sqrt((constant.var(ddof=1) + cut.var(ddof=1)) / len(cut))
    return (constant.mean() - cut.mean()) / error


def in_deviations(constant, cut):
    gains = constant - cut
    return gains.mean() / gains.std(ddof=1)


def with_n(constant, cut):
    gains = constant - cut
    return gains.mean() / (gains.std() / math.sqrt(len(gains)))


def the_effect(constant, cut):
    return (constant - cut).mean()


rng = np.random.default_rng(3)
shared = rng.normal(0.5, 0.02, size=10)

a_margin = Exercise(
    "03.3",
    right=[by_the_package, in_numpy],
    wrong=[
        (upside_down, "The sign: the gain of the cut is positive where its loss is *lower*."),
        (without_pairs, "The seeds are pairs: take the differences first, then their spread."),
        (in_deviations, "Those are standard deviations; the mean of ten is known better by √10."),
        (with_n, "Almost: the deviation of a sample divides by n - 1, `ddof=1`."),
        (the_effect, "That is the effect, in nats. How many standard errors is it?"),
    ],
    hint="Standard error of a mean: the standard deviation of the differences divided by √n.",
    calls=[
        (shared + rng.normal(0.04, 0.01, size=10), shared),
        (shared + rng.normal(0.01, 0.02, size=10), shared),
    ],
)
