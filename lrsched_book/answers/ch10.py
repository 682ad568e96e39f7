"""Answers to the exercises of chapter 10, written by notebooks/build.py."""

import numpy as np
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrsched_book.exercises import Exercise
from lrsched_book.scheduler import stand_in, trace


def by_torch(metrics, lr=0.1, **arguments):
    plateau = ReduceLROnPlateau(stand_in(lr), eps=0, **arguments)
    return trace(plateau, len(metrics), metrics=list(metrics))


METRICS = [1.0, 0.9, 0.8, 0.7, 0.6] + [0.6] * 15


def lower_from(**arguments):
    return np.flatnonzero(np.diff(by_torch(METRICS, **arguments))) + 1


CUTS = lower_from(patience=3, cooldown=2)

when_the_rate_falls = Exercise(
    "10.1",
    right=[CUTS, 4 + 3 + 2 + (2 + 3 + 1) * np.arange(2)],
    wrong=[
        (CUTS - 1, "Those are the epochs whose loss causes the cut; the next one uses the rate."),
        (
            lower_from(patience=2, cooldown=2)[:2],
            "Three bad epochs are forgiven, after each cut. It is the fourth that costs.",
        ),
        (
            lower_from(patience=3)[:2],
            "The first is right. After it, two epochs are a cooldown and are not counted.",
        ),
        (
            CUTS + np.array([0, 1]),
            "The first is right. The cooldown is two epochs, then four bad ones follow.",
        ),
    ],
    hint="Epoch 4 sets the best value. How many bad epochs are forgiven, and which one costs?",
)


the_bar = Exercise(
    "10.2",
    right=[-2 * (1 - 0.01), -1.98],
    wrong=[
        (
            -2 * (1 + 0.01),
            "That is what one would wish. Torch multiplies by 1 - 0.01 all the same.",
        ),
        (-2 - 0.01, 'That is the bar of threshold_mode="abs"; the default is "rel".'),
        (-2 + 0.01, "The threshold is a share: 1% of 2 is 0.02, not 0.01."),
        (-2.0, "The threshold is missing."),
        (1.98, "The sign got lost: the best value is below zero."),
    ],
    hint='In the mode "rel" the best value is multiplied by 1 - threshold, whatever its sign.',
)


def torch_rates(metrics, peak, patience, factor):
    return by_torch(metrics, peak, patience=patience, factor=factor, threshold=0)


def by_hand(metrics, peak, patience, factor, allowed=0, forget=True, record=False, after=False):
    """The rule, and what becomes of it with one mistake."""
    rate, best, bad, used = peak, np.inf, 0, []
    for metric in metrics:
        if not after:
            used.append(rate)
        better = metric < best
        best = metric if better or record else best
        bad = 0 if better else bad + 1
        if bad > patience - allowed:
            rate, bad = factor * rate, 0 if forget else bad
        if after:
            used.append(rate)
    return np.array(used)


def one_early(*arguments):
    return by_hand(*arguments, allowed=1)


def never_reset(*arguments):
    return by_hand(*arguments, forget=False)


def against_the_last(*arguments):
    return by_hand(*arguments, record=True)


def rates_afterwards(*arguments):
    return by_hand(*arguments, after=True)


def never_cut(metrics, peak, patience, factor):
    return np.full(len(metrics), peak)


FALLS = [1.0, 0.8, 0.9, 0.7, 0.75, 0.74, 0.73, 0.72, 0.71, 0.70, 0.71, 0.6, 0.6, 0.6, 0.6, 0.6]

the_rule_by_hand = Exercise(
    "10.3",
    right=[torch_rates, by_hand],
    wrong=[
        (one_early, "One epoch too early: `patience` bad epochs are forgiven, the next one costs."),
        (never_reset, "After a cut, count the bad epochs afresh."),
        (against_the_last, "Compare with the best value so far, not with the last one."),
        (
            rates_afterwards,
            "Those are the rates after the look; the epoch itself used the one before.",
        ),
        (never_cut, "Your rate never falls. When are more than `patience` epochs in a row bad?"),
    ],
    hint="Keep three things: the rate, the best value so far, the number of bad epochs in a row.",
    calls=[(FALLS, 0.1, 2, 0.1), (FALLS, 0.4, 1, 0.5), (FALLS, 1.0, 0, 0.5)],
)
