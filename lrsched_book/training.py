"""The one training loop of the book."""

import hashlib
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from lrsched_book._checks import one_of, whole_number
from lrsched_book.checkpoint import Checkpoint
from lrsched_book.data import Data
from lrsched_book.history import MEASURED, History
from lrsched_book.progress import Watch
from lrsched_book.scheduler import attach, rates, steps_taken
from lrsched_book.schedules import Schedule


class Diverged(ArithmeticError):
    """The loss of a run became infinite or NaN.

    Attributes:
        history: the record up to the update at which it happened.
    """

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history

    def __reduce__(self):
        """Pickle both arguments, so that a worker process can raise it in its parent."""
        return Diverged, (str(self), self.history)


def fit(
    model: nn.Module,
    data: Data,
    optimizer: Optimizer,
    schedule: Schedule | LRScheduler | None = None,
    *,
    epochs: int,
    batch_size: int,
    step_every: str = "batch",
    metric: str = "test_loss",
    seed: int = 0,
    device: str | torch.device = "auto",
    checkpoint: str | Path | None = None,
    progress: bool = True,
    live: bool = False,
) -> History:
    """Train `model` to classify `data`, and record the rate and loss of every update.

    Args:
        model: maps images `(n, 1, 28, 28)` to logits `(n, classes)`. It is trained in place; its
            convolutions' weights are laid out channels-last, which changes only the speed.
        data: the training part is shuffled anew each epoch, the test part measured after each.
        optimizer: holds the model's parameters; its rates are the peaks of a `Schedule`.
        schedule: a schedule of this package, any torch scheduler built on `optimizer`
            (`ReduceLROnPlateau` included), or `None` for a constant rate.
        epochs: passes over the training part, in all (those before a resume included).
        batch_size: examples per update; the last batch of an epoch may be smaller.
        step_every: `"batch"` to step the schedule after every update, `"epoch"` after every epoch.
        metric: the per-epoch number of `History` that `ReduceLROnPlateau` is given.
        seed: of the shuffling; the initial weights come with the model.
        device: `"auto"` takes an accelerator if there is one, else the CPU. The model and the
            data are moved there.
        checkpoint: a file written after every epoch. If it exists, the run continues from it and
            ends bit for bit as if it had never stopped.
        progress: show a progress bar, unless nobody is watching (a script's log, a notebook
            executed by a machine).
        live: redraw the curves in the notebook after every epoch, unless nobody is watching.

    Returns:
        The record of the run.

    Raises:
        ValueError, TypeError: if an argument is bad, before any work starts.
        CheckpointError: if `checkpoint` is damaged or was written by another run.
        Diverged: if a loss is infinite or NaN. It says at which update and rate, and its
            `history` holds what was recorded.

    >>> from lrsched_book import cosine, load_fashion_mnist, mlp
    >>> model = mlp(widths=(784, 32, 10))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    >>> few = load_fashion_mnist().take(train=600, test=100)
    >>> history = fit(model, few, optimizer, cosine(30), epochs=5, batch_size=100)
    >>> history
    History(30 updates, 5 epochs)
    >>> bool(history.test_accuracy[-1] > 0.5), history.lr[[0, -1]]
    (True, array([0.5, 0. ]))
    """
    settings = (epochs, batch_size, step_every, metric)
    device = check_run(model, data, optimizer, schedule, device, *settings)
    shuffler = torch.Generator().manual_seed(whole_number("seed", seed, at_least=0))
    plan = _plan(model, data, optimizer, schedule, batch_size, step_every, metric, seed)
    saved = Checkpoint(checkpoint, plan, epochs)
    scheduler = attach(optimizer, schedule) if isinstance(schedule, Schedule) else schedule
    model.to(device)
    if device.type == "cpu":
        model.to(memory_format=torch.channels_last)  # same numbers, faster convolutions
    train_x, train_y, test_x, test_y = (part.to(device) for part in data.parts)
    history = saved.resume(shuffler, model=model, optimizer=optimizer, scheduler=scheduler)

    updates = epochs * math.ceil(len(train_y) / batch_size)
    with Watch(updates, history, progress, live) as watch:
        for _ in range(history.epochs, epochs):
            model.train()
            total_loss, correct = 0.0, 0
            for batch in torch.randperm(len(train_y), generator=shuffler).split(batch_size):
                x, y = train_x[batch], train_y[batch]
                optimizer.zero_grad()
                logits = model(x)
                loss = F.cross_entropy(logits, y)
                loss.backward()
                history.add_update(lr=rates(optimizer), loss=loss.item())  # what is used, now
                _stop_if_diverged(history)
                optimizer.step()
                if scheduler is not None and step_every == "batch":
                    scheduler.step()
                total_loss += loss.item() * len(y)
                correct += (logits.argmax(dim=1) == y).sum().item()
                watch.update()
            test_loss, test_accuracy = evaluate(model, test_x, test_y)
            history.add_epoch(
                train_loss=total_loss / len(train_y),
                train_accuracy=correct / len(train_y),
                test_loss=test_loss,
                test_accuracy=test_accuracy,
            )
            if isinstance(scheduler, ReduceLROnPlateau):
                scheduler.step(getattr(history, metric)[-1])
            elif scheduler is not None and step_every == "epoch":
                scheduler.step()
            saved.save(history)
            watch.epoch()
    return history


def evaluate(
    model: nn.Module, x: torch.Tensor, y: torch.Tensor, batch_size: int = 256
) -> tuple[float, float]:
    """Return the mean loss and the accuracy of `model` on examples, leaving its mode as it was.

    Args:
        model: maps `(n, 1, 28, 28)` to logits `(n, classes)`.
        x: images, on the model's device.
        y: labels, shape `(n,)`, on the model's device.
        batch_size: examples at a time; it bounds the memory, not the result.

    Returns:
        Mean cross-entropy per example, in nats, and the share of correct answers.

    Raises:
        ValueError: if there are no examples, or not as many labels as images.

    >>> from lrsched_book import lenet
    >>> loss, accuracy = evaluate(lenet(), torch.zeros(4, 1, 28, 28), torch.zeros(4).long())
    >>> abs(loss - math.log(10)) < 0.2  # nothing is learned yet: ten classes are equally likely
    True
    """
    if len(y) == 0 or len(x) != len(y):
        raise ValueError(f"x and y must be equally many and not empty, got {len(x)} and {len(y)}")
    total_loss, correct = 0.0, 0
    with _evaluating(model):
        for images, labels in zip(x.split(batch_size), y.split(batch_size), strict=True):
            logits = model(images)
            total_loss += F.cross_entropy(logits, labels, reduction="sum").item()
            correct += (logits.argmax(dim=1) == labels).sum().item()
    return total_loss / len(y), correct / len(y)


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Put the model into evaluation mode without gradients, then each module back into its own."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:  # model.train(mode) would wake what is frozen on purpose
            module.training = mode


def _stop_if_diverged(history: History) -> None:
    """Raise `Diverged` if the last loss is not finite: no later update could mend it."""
    loss = history.last("loss")
    if not math.isfinite(loss):
        raise Diverged(
            f"the loss is {loss} at update {history.updates - 1} (epoch {history.epochs + 1}) "
            f"with learning rate {history.last('lr')}: lower the rate or warm it up",
            history,
        )


def check_run(
    model, data, optimizer, schedule, device, epochs, batch_size, step_every, metric
) -> torch.device:
    """Raise an error for whatever could spoil the run later; return the device to use."""
    whole_number("epochs", epochs, at_least=1)
    whole_number("batch_size", batch_size, at_least=1)
    one_of("step_every", step_every, ("batch", "epoch"))
    one_of("metric", metric, MEASURED)
    for name, value, kind in (
        ("model", model, nn.Module),
        ("data", data, Data),
        ("optimizer", optimizer, Optimizer),
    ):
        if not isinstance(value, kind):
            raise TypeError(f"{name} must be of type {kind.__name__}, got {type(value).__name__}")
    _check_schedule(schedule, optimizer, step_every)
    _check_parameters(model, optimizer)
    device = _check_device(device, model)
    _check_classes(model, data)
    return device


def _check_schedule(schedule, optimizer, step_every: str) -> None:
    """Raise an error if `schedule` cannot drive `optimizer`; warn if it is used already."""
    if isinstance(schedule, LRScheduler):
        if schedule.optimizer is not optimizer:
            raise ValueError("schedule must be built on the optimizer that is given with it")
        if taken := steps_taken(schedule):
            warnings.warn(
                f"schedule has already taken {taken} steps: training goes on from "
                "there, not from its beginning",
                stacklevel=4,
            )
    elif schedule is not None and not isinstance(schedule, Schedule):
        raise TypeError(
            "schedule must be a Schedule, a torch LRScheduler or None, "
            f"got {type(schedule).__name__}"
        )
    if isinstance(schedule, ReduceLROnPlateau) and step_every != "epoch":
        raise ValueError(
            "step_every must be 'epoch' for ReduceLROnPlateau, whose metric is measured once an "
            f"epoch, got {step_every!r}"
        )


def _check_parameters(model: nn.Module, optimizer: Optimizer) -> None:
    """Raise an error unless the optimizer can train this model, and no other."""
    if isinstance(optimizer, torch.optim.LBFGS):
        raise TypeError(
            "optimizer must make its update from one gradient, got LBFGS, whose step() wants a "
            "closure to compute more of them"
        )
    own = {id(parameter) for parameter in model.parameters()}
    held = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    if foreign := sum(id(parameter) not in own for parameter in held):
        raise ValueError(
            f"optimizer must hold parameters of model, but {foreign} of its {len(held)} tensors "
            "belong to something else: build it after the model, from model.parameters()"
        )
    if not any(parameter.requires_grad for parameter in held):
        raise ValueError(
            f"optimizer must hold a parameter that is trained, but each of its {len(held)} tensors "
            "has requires_grad=False"
        )


def _check_device(device: str | torch.device, model: nn.Module) -> torch.device:
    """Return the device to train on, or raise an error if the model cannot be moved there."""
    if device == "auto":
        device = torch.accelerator.current_accelerator(check_available=True) or "cpu"
    try:
        device = torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"device must be 'auto' or available, got {device!r}: {error}") from error
    there = {parameter.device for parameter in model.parameters()}
    if elsewhere := there - {device, torch.device("cpu")}:
        raise ValueError(
            f"model must be on the CPU or on {device}, where it is to be trained, "
            f"got parameters on {', '.join(sorted(map(str, elsewhere)))}"
        )
    return device


def _check_classes(model: nn.Module, data: Data) -> None:
    """Raise an error unless the model takes the images and has an output for each label."""
    place = next(model.parameters()).device
    try:
        with _evaluating(model):
            logits = model(data.train_x[:1].to(place))
    except RuntimeError as error:
        shape = tuple(data.train_x.shape[1:])
        raise ValueError(f"model must take images of shape {shape}: {error}") from error
    if logits.ndim != 2:
        raise ValueError(f"model must return logits (n, classes), got {tuple(logits.shape)}")
    classes = logits.shape[1]
    for name, labels in (("train_y", data.train_y), ("test_y", data.test_y)):
        low, high = labels.min().item(), labels.max().item()
        if low < 0 or high >= classes:
            raise ValueError(
                f"{name} must hold labels from 0 to {classes - 1}, as the model has {classes} "
                f"outputs, got labels from {low} to {high}"
            )


def _plan(model, data, optimizer, schedule, batch_size, step_every, metric, seed) -> dict:
    """Describe the run in plain values, so that a checkpoint is not continued by another one."""
    shapes = str([(name, tuple(value.shape)) for name, value in model.state_dict().items()])
    groups = [
        {k: str(v) for k, v in group.items() if k not in ("params", "initial_lr")}
        for group in optimizer.param_groups
    ]
    if isinstance(schedule, LRScheduler):
        schedule = f"{type(schedule).__name__}({schedule.state_dict()})"
    return {
        "model": f"{type(model).__name__} {hashlib.sha256(shapes.encode()).hexdigest()[:8]}",
        "optimizer": f"{type(optimizer).__name__} {groups}",
        # An address is another one in each process.
        "schedule": re.sub(r" at 0x[0-9a-f]+", "", str(schedule)),
        "training labels": hashlib.sha256(data.train_y.numpy().tobytes()).hexdigest()[:8],
        "batch_size": batch_size,
        "step_every": step_every,
        "metric": metric,
        "seed": seed,
    }
