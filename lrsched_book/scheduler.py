"""The bridge to torch: a schedule as a scheduler object, and the trace of any scheduler."""

import copy
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ChainedScheduler, LRScheduler, ReduceLROnPlateau

from lrsched_book._checks import whole_number
from lrsched_book.schedules import Schedule


class ScheduleLR(LRScheduler):
    """Apply a schedule to an optimizer: each group's rate is its own peak times the factor.

    Made by `Schedule.attach`. It is an ordinary `LRScheduler`, so it goes wherever torch's own
    do. When resuming, build the optimizer, attach the schedule, and only then load both states.

    Args:
        optimizer: its groups' learning rates at this moment are the peaks.
        schedule: the factor as a function of the step; not part of `state_dict`.

    Raises:
        TypeError: if `optimizer` is not a torch optimizer or `schedule` is not a `Schedule`.
        ValueError: if another scheduler has been attached to `optimizer` before.
    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer must be a torch Optimizer, got {type(optimizer).__name__}")
        if not isinstance(schedule, Schedule):
            raise TypeError(f"schedule must be a Schedule, got {type(schedule).__name__}")
        for index, group in enumerate(optimizer.param_groups):
            # LRScheduler would silently take this old value, not the group's lr, as the peak.
            if "initial_lr" in group:
                raise ValueError(
                    f"optimizer must be without a scheduler, but its group {index} has "
                    f"initial_lr={group['initial_lr']} from another one (or from a checkpoint: "
                    "attach the schedule first, then load the optimizer's state)"
                )
        self.schedule = schedule
        super().__init__(optimizer)

    def get_lr(self) -> list[float]:
        """Return each group's rate for the update numbered `last_epoch`."""
        factor = self.schedule(self.last_epoch)
        return [peak * factor for peak in self.base_lrs]

    def state_dict(self) -> dict:
        """Return the position in the schedule; the schedule itself is code, not state."""
        return {key: value for key, value in super().state_dict().items() if key != "schedule"}


def rates(optimizer: Optimizer) -> float | list[float]:
    """Return the learning rate in force: a float for one group, a list for several.

    >>> rates(torch.optim.SGD([torch.zeros(1)], lr=0.1))
    0.1
    """
    values = [float(group["lr"]) for group in optimizer.param_groups]
    return values[0] if len(values) == 1 else values


def steps_taken(scheduler: LRScheduler) -> int:
    """Return how many steps a scheduler has taken since it was built.

    >>> steps_taken(Schedule(np.ones_like).attach(torch.optim.SGD([torch.zeros(1)], lr=0.1)))
    0
    """
    if isinstance(scheduler, ChainedScheduler):  # torch gives it no counter of its own
        return max(map(steps_taken, scheduler._schedulers))
    return scheduler.last_epoch


def trace(scheduler: LRScheduler, steps: int, metrics: Sequence[float] | None = None) -> np.ndarray:
    """Return the learning rates that the next `steps` updates would use.

    The scheduler steps on a stand-in: neither it nor its optimizer is touched. A scheduler that
    has been stepped before is traced from where it stands, and a warning says so.

    Args:
        scheduler: any torch scheduler, made by torch, by `Schedule.attach` or by yourself.
        steps: number of updates to look ahead.
        metrics: for `ReduceLROnPlateau` only: the `steps` metric values that it will be given,
            one after each update.

    Returns:
        The rate used by each update: shape `(steps,)` if the optimizer has one parameter group,
        `(steps, groups)` if it has several.

    Raises:
        TypeError: if `scheduler` is not a torch scheduler, or cannot be copied.
        ValueError: if `steps` is not a whole number of at least 1, or `metrics` does not fit.

    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.8)
    >>> halving = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> trace(halving, steps=5)
    array([0.8, 0.8, 0.4, 0.4, 0.2])
    >>> halving.last_epoch
    0
    """
    if not isinstance(scheduler, LRScheduler):
        raise TypeError(f"scheduler must be a torch LRScheduler, got {type(scheduler).__name__}")
    steps = whole_number("steps", steps, at_least=1)
    takes_metric = isinstance(scheduler, ReduceLROnPlateau)
    if takes_metric != (metrics is not None):
        raise ValueError(
            "metrics must hold one number per step for ReduceLROnPlateau and be left out for "
            f"every other scheduler, got {metrics!r} for {type(scheduler).__name__}"
        )
    if takes_metric and len(metrics) != steps:
        raise ValueError(f"metrics must hold {steps} numbers, one per step, got {len(metrics)}")
    if taken := steps_taken(scheduler):
        warnings.warn(
            f"{type(scheduler).__name__} has already taken {taken} steps: "
            "traced from there, not from its beginning",
            stacklevel=2,
        )

    return np.array([rates(optimizer) for optimizer in simulate(scheduler, steps, metrics)])


def simulate(
    scheduler: LRScheduler, steps: int, metrics: Sequence[float] | None = None
) -> Iterator[Optimizer]:
    """Step a copy of `scheduler`, and yield its optimizer's stand-in as it is for each update.

    Whatever the scheduler raises comes through, after the update whose step raised it.

    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.8)
    >>> halving = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> [stand_in.param_groups[0]["lr"] for stand_in in simulate(halving, steps=3)]
    [0.8, 0.4, 0.2]
    """
    real, optimizer = scheduler.optimizer, _stand_in(scheduler.optimizer)
    # deepcopy takes the stand-in wherever it meets the real optimizer, in nested schedulers too,
    # and its groups wherever a scheduler holds on to them.
    memo = {id(real): optimizer, id(real.param_groups): optimizer.param_groups}
    pairs = zip(real.param_groups, optimizer.param_groups, strict=True)
    memo |= {id(group): stand_in for group, stand_in in pairs}
    try:
        scheduler = copy.deepcopy(scheduler, memo)
    except Exception as error:  # a lock, a generator, a file
        raise TypeError(
            f"scheduler must be one that can be copied, which {type(scheduler).__name__} is not: "
            f"{error}"
        ) from error
    return _steps(scheduler, optimizer, steps, metrics)


def _steps(
    scheduler: LRScheduler, optimizer: Optimizer, steps: int, metrics: Sequence[float] | None
) -> Iterator[Optimizer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "step() before optimizer.step()": there is no update
        for index in range(steps):
            yield optimizer
            scheduler.step() if metrics is None else scheduler.step(metrics[index])


def _stand_in(optimizer: Optimizer) -> Optimizer:
    """Return an optimizer with the same groups and hyperparameters, but without the weights."""
    groups = [
        {k: copy.deepcopy(v) for k, v in group.items() if k != "params"}
        for group in optimizer.param_groups
    ]
    stand_in = torch.optim.SGD([{"params": [torch.zeros(0)]} for _ in groups], lr=0.0)
    for group, hyperparameters in zip(stand_in.param_groups, groups, strict=True):
        group.clear()
        group.update(params=[torch.zeros(0)], **hyperparameters)
    stand_in.defaults = dict(optimizer.defaults)
    return stand_in
