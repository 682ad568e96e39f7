"""What the runs of a comparison share, and one such run."""

from __future__ import annotations

import functools
import math
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.optim import Optimizer

from lrsched_book._checks import one_of, real_number, whole_number
from lrsched_book.data import Data, load_fashion_mnist
from lrsched_book.models import mlp
from lrsched_book.preparation import check_run, check_schedule, evaluating
from lrsched_book.schedules import Schedule
from lrsched_book.training import Diverged, evaluate, fit

PERCEPTRON = functools.partial(mlp, widths=(784, 128, 64, 10))
SGD = functools.partial(torch.optim.SGD, momentum=0.9)


@dataclass(frozen=True)
class Setup:
    """What is the same for all runs of a comparison: network, data, optimizer, length.

    Unless told otherwise it is the usual one of the book: a perceptron 784-128-64-10, the sample
    of Fashion-MNIST (8,000 training, 2,000 validation, 5,000 test images) and SGD with momentum.

    Attributes:
        epochs: passes over the training part.
        batch_size: examples per update.
        model: called as `model(seed=…)`, returns the network with the initial weights of a seed.
        data: a function without arguments that loads the data, called once in each worker, or a
            `Data`, which is sent along with each run.
        optimizer: called as `optimizer(parameters, lr=peak)`.
        clip_norm: largest norm of the gradient; larger ones are scaled down to it.
        step_every: `"batch"` or `"epoch"`: when the schedule is stepped.
        prepare: called as `prepare(model, optimizer)` before the training; returns the network
            that is validated and judged instead of the trained one. For averages of the weights:
            it makes the average, and has the optimizer feed it after each step. The validation
            columns of the run's history, and so what a plateau is given, are of this network.
        lr: the rate of the optimizer where the comparison chooses none (`peaks=None`).
        device: where all runs train; several that share an accelerator wait for one another.

    Raises:
        ValueError, TypeError: if an argument is of the wrong kind or out of range.

    >>> Setup(epochs=10, batch_size=128).updates  # 63 in each epoch
    630
    """

    epochs: int = 10
    batch_size: int = 128
    model: Callable[..., nn.Module] = PERCEPTRON
    data: Callable[[], Data] | Data = load_fashion_mnist
    optimizer: Callable[..., Optimizer] = SGD
    clip_norm: float | None = None
    step_every: str = "batch"
    prepare: Callable[[nn.Module, Optimizer], nn.Module] | None = None
    lr: float | None = None
    device: str = "cpu"
    # The name under which a worker keeps the loaded data: a function that was sent to it is
    # another object each time.
    _key: str = field(default_factory=lambda: uuid.uuid4().hex, init=False, repr=False)

    def __post_init__(self):
        """Check the arguments."""
        whole_number("epochs", self.epochs, at_least=1)
        whole_number("batch_size", self.batch_size, at_least=1)
        one_of("step_every", self.step_every, ("batch", "epoch"))
        for name in ("clip_norm", "lr"):
            if getattr(self, name) is not None:
                real_number(name, getattr(self, name), above=0.0)
        for name in ("model", "optimizer"):
            if not callable(getattr(self, name)):
                raise TypeError(f"{name} must be a function, got {getattr(self, name)!r}")
        if not isinstance(self.data, Data) and not callable(self.data):
            raise TypeError(f"data must be a function or a Data, got {self.data!r}")
        if self.prepare is not None and not callable(self.prepare):
            raise TypeError(f"prepare must be a function or None, got {self.prepare!r}")

    @property
    def updates(self) -> int:
        """The number of updates of a run, so that a schedule can be made to measure."""
        return self.epochs * math.ceil(len(self.load().train.y) / self.batch_size)

    def load(self) -> Data:
        """Return the data, and keep it for the next run in this process."""
        if isinstance(self.data, Data):
            return self.data
        if self._key not in _LOADED:
            while len(_LOADED) >= 4:  # so that many setups do not fill the memory
                _LOADED.pop(next(iter(_LOADED)))
            loaded = self.data()
            if not isinstance(loaded, Data):
                raise TypeError(f"data must return a Data, got {type(loaded).__name__}")
            _LOADED[self._key] = loaded
        return _LOADED[self._key]


_LOADED: dict[str, Data] = {}
_MAKING = threading.Lock()  # initial weights come from the one global generator of a process


def run_once(setup: Setup, schedule, lr: float, seed: int, judge: bool) -> dict:
    """Do one run, and have the test images judge it if it is to be judged and not lost."""
    data = setup.load()
    model, optimizer, scheduler, judged = make(setup, schedule, lr, seed)
    try:
        history = fit(
            model if judged is model else _Pair(model, judged),
            data,
            optimizer,
            scheduler,
            epochs=setup.epochs,
            batch_size=setup.batch_size,
            step_every=setup.step_every,
            clip_norm=setup.clip_norm,
            seed=seed,
            device=setup.device,
            progress=False,
        )
        last = history.last("validation_loss")
    except Diverged as diverged:
        history, last = diverged.history, math.nan
    guessing = math.log(1 + data.train.y.max().item())  # all classes equally likely
    lost = not last < guessing  # not the same as >=: NaN is lost, too
    test_loss, test_accuracy = math.nan, math.nan
    if judge and not lost:
        test_loss, test_accuracy = evaluate(judged, data.test)
    return {
        "lost": lost,
        "validation_loss": last,
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
        "curve": [loss for loss in history.validation_loss.tolist() if math.isfinite(loss)],
        "history": history,
    }


class _Pair(nn.Module):
    """Two networks as one for `fit`: the first is trained, the second, its average, validated."""

    def __init__(self, trained: nn.Module, judged: nn.Module):
        super().__init__()
        self.trained = trained
        self.judged = (judged,)  # out of torch's sight: `fit` must not change how it is laid out
        self.training = trained.training

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits of the network whose turn it is."""
        if self.training:
            return self.trained(x)
        with evaluating(*self.judged):
            return self.judged[0](x)


def make(setup: Setup, schedule, lr: float, seed: int) -> tuple:
    """Return network, optimizer, scheduler, and the network that is to be judged."""
    with _MAKING:
        model = setup.model(seed=seed)
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must return a network, got {type(model).__name__}")
    model.to(setup.device)
    optimizer = setup.optimizer(model.parameters(), lr=lr)
    made = schedule if schedule is None or isinstance(schedule, Schedule) else schedule(optimizer)
    return model, optimizer, made, setup.prepare(model, optimizer) if setup.prepare else model


def check_setup(name: str, schedule, setup: Setup, lr: float) -> None:
    """Make everything that a run needs once, so that what cannot be made is said at once.

    Raises:
        ValueError, TypeError: as `fit` would; a note names the entry.
    """
    try:
        data = setup.load()
        model, optimizer, scheduler, judged = make(setup, schedule, lr, seed=0)
        parts = ("train", "validation", "test")
        check_run(model, data, optimizer, setup.device, setup.batch_size, parts=parts)
        steps = setup.updates if setup.step_every == "batch" else setup.epochs
        check_schedule(scheduler, optimizer, setup.step_every, steps)
        if not isinstance(judged, nn.Module):
            raise TypeError(f"prepare must return a network, got {type(judged).__name__}")
    except (ValueError, TypeError) as error:
        error.add_note(f"It was raised for {name!r}, before any run.")
        raise
