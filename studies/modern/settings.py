"""What is compared: schedules in three settings."""

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch

import lrsched_book as lb

WARMUP = 0.05  # of the run, in front of every schedule
TUNING, JUDGING = 2, 12  # seeds

ADAMW = functools.partial(torch.optim.AdamW, betas=(0.9, 0.95), weight_decay=0.1)
TEXT = functools.partial(
    lb.Setup, batch_size=8, model=lb.gpt, data=lb.load_text, optimizer=ADAMW, clip_norm=1.0
)


class Setting(NamedTuple):
    """A network on its data, the schedules that are compared there, and the peaks they try."""

    setup: lb.Setup
    schedules: Mapping[str, lb.Schedule]
    peaks: tuple[float, ...]


def cooldown(updates: int, share: float, shape: Callable = lb.linear, final: float = 0.0):
    """Warm up, stay at the peak, and come down over the last `share` of the updates.

    >>> cooldown(20, 0.2).values(20)[[0, 1, 15, 16, 19]].round(2)
    array([1., 1., 1., 1., 0.])
    """
    warmup, last = round(WARMUP * updates), round(share * updates)
    return lb.wsd(warmup, updates - warmup - last, shape(last, final=final))


def few(updates: int) -> dict[str, lb.Schedule]:
    """Return the two rivals that all settings have."""
    warmup = round(WARMUP * updates)
    return {
        "linear to 0": lb.linear(updates - warmup).with_warmup(warmup),
        "last 20% linear": cooldown(updates, 0.2),
    }


def some(updates: int) -> dict[str, lb.Schedule]:
    """Return what the second witness compares, too."""
    warmup = round(WARMUP * updates)
    rest = updates - warmup
    return {
        "constant": lb.constant().with_warmup(warmup),
        **few(updates),
        "linear to 10%": lb.linear(rest, final=0.1).with_warmup(warmup),
        "cosine to 0": lb.cosine(rest).with_warmup(warmup),
        "cosine for twice the run": lb.cosine(updates + rest).with_warmup(warmup),
        "last 20% by 1-√": cooldown(updates, 0.2, lb.one_minus_sqrt),
    }


def all_of_them(updates: int) -> dict[str, lb.Schedule]:
    """Return every schedule of the study."""
    warmup, last = round(WARMUP * updates), round(0.2 * updates)
    falling = lb.constant().then(lb.linear(last), at=updates - last)
    return {
        **some(updates),
        "last 20% by cosine": cooldown(updates, 0.2, lb.cosine),
        "last 20% to 10%": cooldown(updates, 0.2, final=0.1),
        "last 10% linear": cooldown(updates, 0.1),
        "last 40% linear": cooldown(updates, 0.4),
        "last 65% to 5%": cooldown(updates, 0.65, final=0.05),
        "REX": lb.rex(updates - warmup).with_warmup(warmup),
        # As in big_vision: the inverse root of time since the warmup, times a line at the end.
        "inverse root, last 20%": lb.inverse_sqrt(warmup).with_warmup(warmup) * falling,
    }


def settings() -> dict[str, Setting]:
    """Return the three settings: the text once through, LeNet, the text three times."""
    once, thrice = TEXT(epochs=1), TEXT(epochs=3)
    images = lb.Setup(epochs=6, batch_size=128, model=lb.lenet)
    rates = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032)
    return {
        "transformer": Setting(once, all_of_them(once.updates), rates),
        "LeNet": Setting(images, some(images.updates), (0.01, 0.02, 0.04, 0.08, 0.16)),
        "three passes": Setting(thrice, few(thrice.updates), rates[1:]),
    }
