"""The learning-rate range test: a short run with a growing rate, to see where to look for one."""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

from lrsched_book._checks import real_number, whole_number
from lrsched_book.checkpoint import random_states, restore_random_states
from lrsched_book.data import Data, Examples, as_input
from lrsched_book.history import History
from lrsched_book.preparation import check_run, check_seed, place, training_modes
from lrsched_book.progress import someone_is_watching
from lrsched_book.training import Diverged, cross_entropy

LEAST_FALL = 0.05  # a smaller share of the first loss may be nothing but noise


@dataclass(frozen=True, eq=False)
class RangeTest:
    """What a range test saw, and the rates that three rules of thumb read from it.

    All rates are those of the optimizer's first parameter group.

    Attributes:
        lr: the rate of each update, in geometric progression.
        loss: mean loss of the batch before that update, in nats: the work of the rates before.
        smoothed: the moving average of `loss`.

    Raises:
        ValueError: by a suggestion, if the smoothed loss never falls 5% below its first value.

    >>> loss = np.array([2.3, 2.2, 2.0, 1.5, 1.4, 1.8, 9.9])
    >>> RangeTest(lr=np.geomspace(0.001, 1, 7), loss=loss, smoothed=loss).suggestions
    {'steepest': 0.01, 'valley': 0.01, 'minimum / 10': 0.01}
    """

    lr: np.ndarray
    loss: np.ndarray
    smoothed: np.ndarray

    @property
    def minimum(self) -> float:
        """The rate at which the smoothed loss is lowest: too large already, so no suggestion."""
        return float(self.lr[len(self._way_down()) - 1])

    @property
    def steepest(self) -> float:
        """The rate of the update that lowered the smoothed loss most on the way to its minimum.

        Where it falls fastest over the logarithm of the rate, too, which has even steps.
        """
        return float(self.lr[np.diff(self._way_down()).argmin()])

    @property
    def valley(self) -> float:
        """The rate two thirds along the longest unbroken descent on the way to the minimum.

        The idea is that of `valley` in fastai's `lr_find`. There a descent may skip points, and the
        code takes the point halfway along it, although its documentation says two thirds.
        """
        way_down = self._way_down()
        start, longest = 0, (0, 0)
        for index in range(1, len(way_down)):
            if way_down[index] >= way_down[index - 1]:
                start = index
            longest = max(longest, (index - start, start))  # the later one of two equals
        length, start = longest
        return float(self.lr[start + 2 * length // 3])

    @property
    def suggestions(self) -> dict[str, float]:
        """The three suggestions, by name."""
        tenth = self.minimum / 10
        return {"steepest": self.steepest, "valley": self.valley, "minimum / 10": tenth}

    def _way_down(self) -> np.ndarray:
        """Return the smoothed loss up to its minimum, if it falls at all."""
        if not self.smoothed.min() <= (1 - LEAST_FALL) * self.smoothed[0]:
            raise ValueError(
                f"the smoothed loss never falls {LEAST_FALL:.0%} below its first value between "
                f"the rates {self.lr[0]:.3g} and {self.lr[-1]:.3g}, so no rate can be suggested: "
                "look at the curve; more steps, or fewer decades from low to high, give each rate "
                "more updates"
            )
        return self.smoothed[: self.smoothed.argmin() + 1]

    def __repr__(self) -> str:
        """Say how far the test came."""
        return f"RangeTest({len(self.lr)} updates, rates {self.lr[0]:.3g} to {self.lr[-1]:.3g})"


def range_test(
    model: nn.Module,
    data: Data,
    optimizer: Optimizer,
    *,
    batch_size: int,
    low: float = 1e-5,
    high: float = 10.0,
    steps: int = 60,
    smoothing: float = 0.9,
    stop_factor: float = 4.0,
    seed: int = 0,
    device: str | torch.device = "auto",
    progress: bool = True,
) -> RangeTest:
    """Train a copy of `model` with a rate that grows exponentially, and record the loss.

    The test ends after `steps` updates, or when the smoothed loss exceeds `stop_factor` times its
    lowest value, or the loss is no longer finite. It works on copies (`copy.deepcopy`), so model
    and optimizer are never touched, and it puts the global random states back, also after an
    error.
    Source: Smith (2017), "Cyclical learning rates for training neural networks", section 3.3.

    Args:
        model: maps images to logits, as in `fit`. The test starts from its weights.
        data: its training part is shuffled; no example is used twice.
        optimizer: as the run will use it, but for its rate. Several parameter groups keep the
            ratios of their rates to the first group's.
        batch_size: examples per update, the same as in the run to come.
        low: rate of the first update.
        high: rate of the last update, if the test comes that far.
        steps: updates from `low` to `high`, at least 10, at most the full batches of one epoch.
        smoothing: weight of the past in the moving average, from 0 (none) to 0.99. The average
            is corrected for its start from zero.
        stop_factor: how many times its lowest value the smoothed loss may be, above 1.
        seed: of the shuffling, as in `fit`, and of what the model draws (dropout).
        device: where to train, as in `fit`.
        progress: show a progress bar, unless nobody is watching.

    Returns:
        Rates, losses and smoothed losses, one per update, and the suggestions.

    Raises:
        ValueError, TypeError: if an argument is bad, before any work starts.
        Diverged: if the very first loss is infinite or NaN, before any rate has acted.

    >>> from lrsched_book import load_fashion_mnist, mlp
    >>> model = mlp(widths=(784, 32, 10))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    >>> test = range_test(model, load_fashion_mnist(), optimizer, batch_size=128)
    >>> test.lr[:3].round(7)
    array([1.00e-05, 1.26e-05, 1.60e-05])
    >>> bool(1e-3 < test.valley < test.minimum < 10)
    True
    >>> optimizer.param_groups[0]["lr"], len(optimizer.state)
    (0.1, 0)
    """
    from tqdm.auto import tqdm

    low = real_number("low", low, above=0.0)
    high = real_number("high", high, above=low)
    steps = whole_number("steps", steps, at_least=10)
    smoothing = real_number("smoothing", smoothing, high=0.99)
    stop_factor = real_number("stop_factor", stop_factor, above=1.0)
    check_seed(seed)
    states = random_states()
    try:
        if isinstance(model, nn.Module) and isinstance(optimizer, Optimizer):
            model, optimizer = _copies(model, optimizer)
            ratios = _ratios(optimizer)
        device = check_run(model, data, optimizer, device, batch_size, parts=("train",))
        batches = len(data.train.y) // batch_size
        if steps > batches:
            raise ValueError(
                f"steps must be at most {batches}, the full batches of {batch_size} in "
                f"{len(data.train.y)} training examples, got {steps}"
            )
        place(model, device)
        training_modes(model)
        optimizer.load_state_dict(optimizer.state_dict())  # momentum goes where the weights are
        shuffler = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)
        record, smoothed, average = History(), [], 0.0
        order = torch.randperm(len(data.train.y), generator=shuffler).split(batch_size)
        hidden = not (progress and someone_is_watching())
        sweep = tqdm(np.geomspace(low, high, steps), unit="update", leave=False, disable=hidden)
        for lr, batch in zip(sweep, order, strict=False):
            for group, ratio in zip(optimizer.param_groups, ratios, strict=True):
                group["lr"] = float(lr * ratio)
            optimizer.zero_grad()
            x, y = Examples(data.train.x[batch], data.train.y[batch]).to(device)
            loss = cross_entropy(model(as_input(x)), y)
            if not math.isfinite(loss.item()):
                break
            record.add_update(lr=float(lr), loss=loss.item())
            average = smoothing * average + (1 - smoothing) * loss.item()
            smoothed.append(average / (1 - smoothing**record.updates))
            if smoothed[-1] > stop_factor * min(smoothed):
                break
            loss.backward()
            optimizer.step()
    finally:
        restore_random_states(states)
    if not smoothed:
        raise Diverged(
            f"the loss is {loss.item()} before the first update, so no learning rate can mend it: "
            "look at the data, the initial weights and the loss",
            record,
        )
    return RangeTest(record.lr, record.loss, np.array(smoothed))


def _copies(model: nn.Module, optimizer: Optimizer) -> tuple[nn.Module, Optimizer]:
    """Copy both, so that the new optimizer trains the new weights."""
    shared = {}
    twin, stepper = copy.deepcopy(model, shared), copy.deepcopy(optimizer, shared)
    for name, value in vars(optimizer).items():  # torch copies no attributes of one's own
        if name not in vars(stepper) and name != "step":  # a scheduler wraps the original's
            vars(stepper)[name] = copy.deepcopy(value, shared)
    return twin, stepper


def _ratios(optimizer: Optimizer) -> list[float]:
    """Return each group's rate as a share of the first group's."""
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    if len(rates) == 1:
        return [1.0]
    first = real_number("lr of the optimizer's first group", rates[0], above=0.0)
    return [rate / first for rate in rates]
