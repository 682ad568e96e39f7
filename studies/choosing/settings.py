"""What is compared: the main schedules on two networks, each with three budgets."""

import functools

import lrsched_book as lb
from studies.comparisons import Setting, Study
from studies.modern.settings import TEXT

CHOOSING = Study("choosing", tuning=2, judging=10)
WARMUP = 0.05  # of the run, in front of every schedule but the one cycle, which has its own rise
EPOCHS = (2, 6, 18)  # of the perceptron
SHARES = (4, 2, 1)  # the transformer reads a quarter, half and the whole of the text, once


def plans(updates: int) -> dict[str, lb.Schedule]:
    """Return what is compared in a run of so many updates.

    >>> sorted(plans(100))[:3]
    ['constant', 'cosine', 'cut at 80%']
    """
    warmup, last = round(WARMUP * updates), round(0.2 * updates)
    rest = updates - warmup
    return {
        "constant": lb.constant().with_warmup(warmup),
        "inverse root": lb.inverse_sqrt(warmup).with_warmup(warmup),
        "cut at 80%": lb.multistep([rest - last], gamma=0.1).with_warmup(warmup),
        "last 20% linear": lb.wsd(warmup, rest - last, lb.linear(last)),
        "linear": lb.linear(rest).with_warmup(warmup),
        "cosine": lb.cosine(rest).with_warmup(warmup),
        "one cycle": lb.one_cycle(updates),
    }


def some_text(share: int) -> lb.Data:
    """Return the text with the first part of its training pieces, one in `share`."""
    text = lb.load_text()
    return text.take(train=len(text.train.y) // share)


def settings() -> dict[str, Setting]:
    """Return the settings by name."""
    images = {f"perceptron, {n} epochs": lb.Setup(epochs=n) for n in EPOCHS}
    texts = {
        f"transformer, {name} of the text": TEXT(data=functools.partial(some_text, share))
        for name, share in zip(("a quarter", "half", "all"), SHARES, strict=True)
    }
    return {
        name: Setting(setup, plans(setup.updates), peaks)
        for setups, peaks in (
            (images, (0.02, 0.04, 0.08, 0.16, 0.32)),
            (texts, (0.004, 0.008, 0.016, 0.032)),
        )
        for name, setup in setups.items()
    }
