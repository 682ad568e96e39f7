"""What `fit` and `range_test` do before they train: check everything, put the model in place."""

import copy
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from lrsched_book._checks import one_of, real_number, whole_number
from lrsched_book.checkpoint import random_states, restore_random_states
from lrsched_book.data import Data, Examples, as_input
from lrsched_book.history import MEASURED
from lrsched_book.scheduler import WarmupPlateau, steps_taken
from lrsched_book.schedules import Schedule


def check_run(
    model, data, optimizer, device, batch_size, parts: tuple[str, ...] = ("train", "validation")
) -> torch.device:
    """Raise an error if the model cannot be trained on the data; return the device to use."""
    whole_number("batch_size", batch_size, at_least=1)
    for name, value, kind in (
        ("model", model, nn.Module),
        ("data", data, Data),
        ("optimizer", optimizer, Optimizer),
    ):
        if not isinstance(value, kind):
            raise TypeError(f"{name} must be of type {kind.__name__}, got {type(value).__name__}")
    _check_parameters(model, optimizer)
    device = _check_device(device, model)
    for name in parts:
        _check_part(model, name, getattr(data, name))
    return device


def check_seed(seed) -> int:
    """Return the seed, or raise an error unless torch's generators take it."""
    return whole_number("seed", seed, at_least=0, at_most=2**63 - 1)


def check_options(model, data, epochs, batch_size, step_every, metric, clip_norm, on_epoch) -> None:
    """Raise an error for an option of `fit` that is bad by itself or does not suit the model."""
    whole_number("epochs", epochs, at_least=1)
    one_of("step_every", step_every, ("batch", "epoch"))
    one_of("metric", metric, MEASURED)
    if clip_norm is not None:
        real_number("clip_norm", clip_norm, above=0.0)
    if on_epoch is not None and not callable(on_epoch):
        raise TypeError(f"on_epoch must be a function or None, got {type(on_epoch).__name__}")
    if (len(data.train.y) - 1) % batch_size == 0:
        _check_single(model, data.train.x[:1], len(data.train.y), batch_size)


def _check_single(model: nn.Module, x: torch.Tensor, n: int, batch_size: int) -> None:
    """Raise an error if the model cannot train on the one example in an epoch's last batch."""
    if not any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules()):
        return
    twin, states = copy.deepcopy(model), random_states()
    training_modes(twin)
    try:
        with torch.no_grad():
            twin(as_input(x.to(device_of(twin))))
    except ValueError as error:
        raise ValueError(
            f"batch_size must not leave one example for the last batch, on which batch norm cannot "
            f"be trained, got {batch_size} for {n} training examples: {error}"
        ) from error
    finally:
        restore_random_states(states)


def check_schedule(schedule, optimizer, step_every: str, steps: int) -> None:
    """Raise an error if `schedule` cannot drive `optimizer`; warn if it is used already."""
    if schedule is None:
        return
    if isinstance(schedule, Schedule):
        _check_factors(schedule, steps)
        return
    if not isinstance(schedule, LRScheduler):
        raise TypeError(
            "schedule must be a Schedule, a torch LRScheduler or None, "
            f"got {type(schedule).__name__}"
        )
    if schedule.optimizer is not optimizer:
        raise ValueError("schedule must be built on the optimizer that is given with it")
    warm = isinstance(schedule, WarmupPlateau)
    if warm and step_every != "batch":
        raise ValueError(
            "step_every must be 'batch' for WarmupPlateau, whose warmup counts updates (the "
            f"metric goes to it after every epoch all the same), got {step_every!r}"
        )
    if isinstance(schedule, ReduceLROnPlateau) and not warm and step_every != "epoch":
        raise ValueError(
            "step_every must be 'epoch' for ReduceLROnPlateau, whose metric is measured once an "
            f"epoch, got {step_every!r}"
        )
    if taken := steps_taken(schedule):
        warnings.warn(
            f"schedule has already taken {taken} steps: training goes on from "
            "there, not from its beginning",
            stacklevel=3,
        )


def _check_factors(schedule: Schedule, steps: int) -> None:
    """Raise an error unless all factors that the run will use are finite and ≥ 0."""
    for step, factor in enumerate(schedule.values(steps).tolist()):
        if not 0 <= factor < math.inf:
            raise ValueError(
                f"schedule must give finite factors ≥ 0, got {factor} at step {step} of {steps}"
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


def _check_part(model: nn.Module, name: str, part: Examples) -> None:
    """Raise an error unless the model takes a part's examples and has an output for each label."""
    x, y = part
    if len(y) == 0:
        raise ValueError(
            f"data.{name} must hold at least one example, got none: load the data with another "
            f"validation=, or fill it by dataclasses.replace(data, {name}=…)"
        )
    if x.is_floating_point() and not math.isfinite(x.sum()):  # a finite sum may overflow, too
        bad = (~x.isfinite()).flatten(1).any(dim=1).nonzero()
        if len(bad):
            raise ValueError(
                f"data.{name}.x must hold finite numbers, got NaN or infinity in {len(bad)} "
                f"examples, the first one number {bad[0].item()}"
            )
    classes = _check_outputs(model, part)
    low, high = y.min().item(), y.max().item()
    if low < 0 or high >= classes:
        raise ValueError(
            f"data.{name}.y must hold labels from 0 to {classes - 1}, as the model has {classes} "
            f"outputs, got labels from {low} to {high}"
        )


def _check_outputs(model: nn.Module, part: Examples) -> int:
    """Return the number of classes, or raise an error unless the model maps examples to logits."""
    # The smallest and the largest number: an embedding must have a row for both.
    flat = part.x.flatten(1)
    rows = torch.stack([flat.amin(dim=1).argmin(), flat.amax(dim=1).argmax()])
    x, y = part.x[rows], part.y[rows]
    try:
        with evaluating(model):
            logits = model(as_input(x.to(device_of(model))))
    except (RuntimeError, IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f"model must take examples of shape {tuple(x.shape[1:])} and {x.dtype}: {error}"
        ) from error
    if not isinstance(logits, torch.Tensor) or not logits.is_floating_point():
        raise TypeError(
            f"model must return logits, one tensor of floats, got {_describe(logits)}: wrap it in "
            "a module whose forward returns the logits alone"
        )
    if logits.shape[:-1] != y.shape:
        raise ValueError(
            "model must return logits (n, classes) for labels (n,), or (n, context, classes) for "
            f"labels (n, context), got {tuple(logits.shape)} for {tuple(y.shape)}"
        )
    return logits.shape[-1]


def _describe(value) -> str:
    kind = type(value).__name__
    return f"{kind} of {value.dtype}" if isinstance(value, torch.Tensor) else kind


def place(model: nn.Module, device: torch.device) -> None:
    """Move the model to the device, and lay its convolutions out as the CPU likes them."""
    model.to(device)
    for module in model.modules() if device.type == "cpu" else ():
        if isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)  # same numbers, but faster


def device_of(model: nn.Module) -> torch.device:
    """Return where the model's first parameter is; without any, the CPU."""
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))


def training_modes(model: nn.Module) -> list[tuple[nn.Module, bool]]:
    """Return each module with its mode, after waking a model that is in evaluation mode as a whole.

    `model.train()` at every epoch would also wake the parts that are frozen on purpose.
    """
    if not model.training:
        model.train()
    return _modes(model)


def _modes(model: nn.Module) -> list[tuple[nn.Module, bool]]:
    return [(module, module.training) for module in model.modules()]


def set_modes(modes: list[tuple[nn.Module, bool]]) -> None:
    """Put each module into its mode."""
    for module, mode in modes:
        module.training = mode


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put the model into evaluation mode without gradients, then each module back into its own."""
    modes = _modes(model)
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        set_modes(modes)
