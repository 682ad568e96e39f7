"""The one training loop of the book."""

import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from lrsched_book._checks import whole_number
from lrsched_book.checkpoint import Checkpoint
from lrsched_book.data import Data, Examples, as_examples, as_input
from lrsched_book.fingerprint import describe_run
from lrsched_book.history import History
from lrsched_book.preparation import (
    check_options,
    check_run,
    check_schedule,
    check_seed,
    device_of,
    evaluating,
    place,
    set_modes,
    training_modes,
)
from lrsched_book.progress import Watch
from lrsched_book.scheduler import attach, rates
from lrsched_book.schedules import Schedule


class Diverged(ArithmeticError):
    """The loss of a run became infinite or NaN.

    Attributes:
        history: the record up to the update or the validation at which it happened.
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
    metric: str = "validation_loss",
    clip_norm: float | None = None,
    seed: int = 0,
    device: str | torch.device = "auto",
    checkpoint: str | Path | None = None,
    on_epoch: Callable[[History], object] | None = None,
    progress: bool = True,
) -> History:
    """Train `model` to classify `data`, and record the rate and loss of every update.

    Args:
        model: maps examples to logits: `(n, classes)` for labels `(n,)`, or
            `(n, context, classes)` for labels `(n, context)`. It is trained in place. A part that
            you froze by `eval()` stays so, unless the whole model was in evaluation mode. On the
            CPU its convolutions are laid out channels-last, which changes only the speed.
        data: the training part is shuffled anew each epoch, the validation part measured after
            each. The test part is not looked at.
        optimizer: holds the model's parameters; its rates are the peaks of a `Schedule`.
        schedule: a schedule of this package, any torch scheduler built on `optimizer`
            (`ReduceLROnPlateau` and `WarmupPlateau` included), or `None` for a constant rate.
        epochs: passes over the training part, in all (those before a resume included).
        batch_size: examples per update; the last batch of an epoch may be smaller.
        step_every: `"batch"` to step the schedule after every update, `"epoch"` after every epoch.
        metric: the per-epoch number of `History` that a plateau is given, after every epoch.
        clip_norm: gradients of a larger global norm are scaled down to it; `None` leaves them.
        seed: of the shuffling; the initial weights come with the model.
        device: `"auto"` takes an accelerator if there is one, else the CPU. The model and the
            data are moved there.
        checkpoint: a file written after every epoch. If it exists, the run continues from it and
            ends bit for bit as if it had never stopped.
        on_epoch: called with the history after every epoch: to keep the weights, to average them,
            to draw. If it returns something true, the run ends there.
        progress: show a progress bar, unless nobody is watching (a script's log, a notebook
            executed by a machine).

    Returns:
        The record of the run. Whatever else ends the run (Ctrl-C, a full disk, an error in
        `on_epoch`) carries the record so far as its attribute `history`.

    Raises:
        ValueError, TypeError: if an argument is bad, before any work starts: model and optimizer
            are as they were, and can be used again.
        CheckpointError: if `checkpoint` is damaged, something else, or written by another run.
        Diverged: if a loss is infinite or NaN. It says at which update and rate, and its
            `history` holds what was recorded.

    >>> from lrsched_book import cosine, load_fashion_mnist, mlp
    >>> model = mlp(widths=(784, 32, 10))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    >>> few = load_fashion_mnist().take(train=600, validation=100)
    >>> history = fit(model, few, optimizer, cosine(30), epochs=5, batch_size=100)
    >>> history
    History(30 updates, 5 epochs)
    >>> bool(history.validation_accuracy[-1] > 0.5), history.lr[[0, -1]]
    (True, array([0.5, 0. ]))
    """
    device = check_run(model, data, optimizer, device, batch_size)
    check_seed(seed)
    check_options(model, data, epochs, batch_size, step_every, metric, clip_norm, on_epoch)
    updates = epochs * math.ceil(len(data.train.y) / batch_size)
    check_schedule(schedule, optimizer, step_every, updates if step_every == "batch" else epochs)
    settings = {"batch_size": batch_size, "step_every": step_every, "metric": metric,
                "clip_norm": clip_norm, "seed": seed}  # fmt: skip
    plan = describe_run(model, data, optimizer, schedule, settings) if checkpoint else {}
    saved = Checkpoint(checkpoint, plan, epochs, (model, optimizer, schedule))
    train, validation = data.train.to(device), data.validation.to(device)
    place(model, device)
    # Last of all that could fail: an optimizer has one schedule, and must stay free for a retry.
    scheduler = attach(optimizer, schedule) if isinstance(schedule, Schedule) else schedule
    shuffler = torch.Generator().manual_seed(seed)
    history = saved.resume(shuffler, model=model, optimizer=optimizer, scheduler=scheduler)

    modes = training_modes(model)
    with Watch(updates, history, progress) as watch:
        for _ in range(history.epochs, epochs):
            set_modes(modes)
            total_loss, correct = 0.0, 0
            for batch in torch.randperm(len(train.y), generator=shuffler).split(batch_size):
                x, y = as_input(train.x[batch]), train.y[batch]
                optimizer.zero_grad()
                logits = model(x)
                loss = cross_entropy(logits, y)
                loss.backward()
                if clip_norm is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
                history.add_update(lr=rates(optimizer), loss=loss.item())  # what is used, now
                _stop_if_diverged(history, "loss")
                optimizer.step()
                if scheduler is not None and step_every == "batch":
                    scheduler.step()
                total_loss += loss.item() * y.numel()
                correct += (logits.argmax(dim=-1) == y).sum().item()
                watch.update()
            validation_loss, validation_accuracy = evaluate(model, validation)
            history.add_epoch(
                train_loss=total_loss / train.y.numel(),
                train_accuracy=correct / train.y.numel(),
                validation_loss=validation_loss,
                validation_accuracy=validation_accuracy,
            )
            _stop_if_diverged(history, "validation_loss")  # a plateau must not be given NaN
            if isinstance(scheduler, ReduceLROnPlateau):
                scheduler.step(history.last(metric))
            elif scheduler is not None and step_every == "epoch":
                scheduler.step()
            saved.save(history)
            watch.epoch()
            if on_epoch is not None and on_epoch(history):
                break
    return history


def cross_entropy(logits: torch.Tensor, y: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """Return the cross-entropy in nats, over all labels of one dimension or several.

    >>> cross_entropy(torch.zeros(2, 5, 10), torch.zeros(2, 5).long())
    tensor(2.3026)
    """
    return F.cross_entropy(logits.flatten(0, -2), y.flatten(), reduction=reduction)


def evaluate(model: nn.Module, examples: Examples, batch_size: int = 256) -> tuple[float, float]:
    """Return the mean loss and the accuracy of `model` on examples, leaving its mode as it was.

    Args:
        model: maps examples to logits, as in `fit`.
        examples: a part of `Data`, such as `data.test`. It is moved to the model's device by the
            batch.
        batch_size: examples at a time; it bounds the memory, not the result.

    Returns:
        Mean cross-entropy per label, in nats, and the share of correct answers.

    Raises:
        TypeError: if `examples` is no pair of tensors.
        ValueError: if there are none, or not as many labels, or `batch_size` is below 1.

    >>> from lrsched_book import lenet, load_fashion_mnist
    >>> loss, accuracy = evaluate(lenet(), load_fashion_mnist().test)
    >>> abs(loss - math.log(10)) < 0.02  # nothing is learned yet: ten classes are equally likely
    True
    """
    x, y = as_examples("examples", examples)
    whole_number("batch_size", batch_size, at_least=1)
    if len(y) == 0:
        raise ValueError("examples must hold at least one example, got none")
    here = device_of(model)
    total_loss, correct = 0.0, 0
    with evaluating(model):
        for inputs, labels in zip(x.split(batch_size), y.split(batch_size), strict=True):
            logits, labels = model(as_input(inputs.to(here))), labels.to(here)
            total_loss += cross_entropy(logits, labels, reduction="sum").item()
            correct += (logits.argmax(dim=-1) == labels).sum().item()
    return total_loss / y.numel(), correct / y.numel()


def _stop_if_diverged(history: History, column: str) -> None:
    """Raise `Diverged` if the last number of a column of losses is not finite: it stays so."""
    loss = history.last(column)
    if math.isfinite(loss):
        return
    during = column == "loss"
    name, when = ("loss", "at") if during else ("validation loss", "after")
    raise Diverged(
        f"the {name} is {loss} {when} update {history.updates - 1} "
        f"(epoch {history.epochs + during}) with learning rate {history.last('lr')}: "
        "lower the rate or warm it up",
        history,
    )
