"""What is compared: schedules at their own peaks, and the ends of one trunk."""

import functools
from collections.abc import Callable

import torch

import lrsched_book as lb
from studies.comparisons import Setting, Study

MODERN = Study("modern", tuning=2, judging=8)
WARMUP = 0.05  # of the run, in front of every schedule
TRUNK = 0.008  # the rate of the trunk whose ends are compared

ADAMW = functools.partial(torch.optim.AdamW, betas=(0.9, 0.95), weight_decay=0.1)
TEXT = functools.partial(lb.Setup, epochs=1, batch_size=8, model=lb.gpt, data=lb.load_text,
                         optimizer=ADAMW, clip_norm=1.0)  # fmt: skip


def half_the_text() -> lb.Data:
    """Return the text with the first half of its training part."""
    text = lb.load_text()
    return text.take(train=len(text.train.y) // 2)


def cooldown(updates: int, share: float, shape: Callable = lb.linear, final: float = 0.0):
    """Warm up, stay at the peak, and come down over the last `share` of the updates.

    >>> cooldown(20, 0.2).values(20)[[0, 1, 15, 16, 19]].round(2)
    array([1., 1., 1., 1., 0.])
    """
    warmup, last = round(WARMUP * updates), round(share * updates)
    return lb.wsd(warmup, updates - warmup - last, shape(last, final=final))


def rivals(updates: int) -> dict[str, lb.Schedule]:
    """Return a decay over the whole run, and one over its end."""
    warmup = round(WARMUP * updates)
    return {
        "linear to 0": lb.linear(updates - warmup).with_warmup(warmup),
        "last 20% linear": cooldown(updates, 0.2),
    }


def few(updates: int) -> dict[str, lb.Schedule]:
    """Return what the second witness compares."""
    warmup = round(WARMUP * updates)
    rest = updates - warmup
    return {
        "constant": lb.constant().with_warmup(warmup),
        **rivals(updates),
        "cosine to 0": lb.cosine(rest).with_warmup(warmup),
        "cosine for twice the run": lb.cosine(updates + rest).with_warmup(warmup),
    }


def plans(updates: int) -> dict[str, lb.Schedule]:
    """Return what the transformer compares, each at its own peak."""
    warmup, last = round(WARMUP * updates), round(0.2 * updates)
    rest = updates - warmup
    falling = lb.constant().then(lb.linear(last), at=updates - last)
    return {
        **few(updates),
        "linear to 10%": lb.linear(rest, final=0.1).with_warmup(warmup),
        "last 65% to 5%": cooldown(updates, 0.65, final=0.05),
        "REX": lb.rex(rest).with_warmup(warmup),
        # The inverse root of the time since the warmup, times a line at the end.
        "inverse root, last 20%": lb.inverse_sqrt(warmup).with_warmup(warmup) * falling,
    }


def ends(updates: int) -> dict[str, lb.Schedule]:
    """Return the ends of one trunk: how long, of which shape, and down to where."""
    return {
        "20% linear": cooldown(updates, 0.2),
        "20% by 1-√": cooldown(updates, 0.2, lb.one_minus_sqrt),
        "20% by cosine": cooldown(updates, 0.2, lb.cosine),
        "20% to 10%": cooldown(updates, 0.2, final=0.1),
        "10% linear": cooldown(updates, 0.1),
        "40% linear": cooldown(updates, 0.4),
    }


def settings() -> dict[str, Setting]:
    """Return the settings by name."""
    text, half = TEXT(), TEXT(data=half_the_text)
    trunk = TEXT(lr=TRUNK)
    images = lb.Setup(epochs=6, batch_size=128, model=lb.lenet)
    rates = (0.004, 0.008, 0.016)
    return {
        "transformer": Setting(text, plans(text.updates), rates, apart=True),
        "ends": Setting(trunk, ends(trunk.updates), None, apart=True),
        "half the text": Setting(half, rivals(half.updates), rates, apart=True),
        "LeNet": Setting(images, few(images.updates), (0.02, 0.04, 0.08), apart=True),
    }
