"""The bridge to torch: a schedule as a scheduler object, and the trace of any scheduler."""

import copy
import gc
import math
import sys
import warnings
import weakref
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ChainedScheduler, LRScheduler, ReduceLROnPlateau

from lrsched_book._checks import whole_number
from lrsched_book._copies import copy_of
from lrsched_book.schedules import Schedule


def attach(optimizer: Optimizer, schedule: Schedule | Sequence[Schedule]) -> "ScheduleLR":
    """Return a torch scheduler that multiplies every group's own rate by a schedule.

    Args:
        optimizer: its groups' learning rates at this moment are the peaks.
        schedule: one for all groups, or a list with one for each.

    Raises:
        TypeError: if `optimizer` is not a torch optimizer or `schedule` holds anything but
            schedules.
        ValueError: if something else drives the optimizer's rate already, if a list has not one
            schedule for each group, or if the factor at step 0 is negative or not finite.

    >>> from lrsched_book import constant, step
    >>> optimizer = stand_in(0.4, 0.1)
    >>> scheduler = attach(optimizer, [step(every=1, gamma=0.5), constant()])
    >>> optimizer.step(); scheduler.step()
    >>> rates(optimizer)
    [0.2, 0.1]
    """
    return ScheduleLR(optimizer, schedule)


class ScheduleLR(LRScheduler):
    """Apply schedules to an optimizer: each group's rate is its own peak times the factor.

    Made by `attach`. It is an ordinary `LRScheduler`, so it goes wherever torch's own do. When
    resuming, build the optimizer, attach the schedule, and only then load both states.

    A group that is added later takes part from the next `step()` on, with the rate it has then
    as its peak. It follows the one schedule; where each group has its own, append the new
    group's to `scheduler.schedule` first. Every schedule counts the steps of this scheduler.

    A factor that is negative or not finite is refused by the optimizer's `step()` that would use
    it.

    Args:
        optimizer: its groups' learning rates at this moment are the peaks.
        schedule: the factor as a function of the step, or a list of one for each group; not part
            of `state_dict`.

    Raises:
        TypeError, ValueError: as `attach` does.
    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule | Sequence[Schedule]):
        _check_free(optimizer)
        alone = isinstance(schedule, Schedule)
        schedules = [schedule] if alone else schedule
        if not isinstance(schedules, Sequence) or isinstance(schedules, str):
            raise TypeError(f"schedule must be a Schedule, got {type(schedule).__name__}")
        if not alone and len(schedules) != len(optimizer.param_groups):
            raise ValueError(
                f"schedule must hold one Schedule for each of the {len(optimizer.param_groups)} "
                f"groups, got {len(schedules)}"
            )
        self.schedule = schedule if alone else list(schedule)
        self._ahead = [_Ahead(schedule) for schedule in schedules]
        self._guarded = False
        super().__init__(optimizer)

    def get_lr(self) -> list[float]:
        """Return each group's rate for the update numbered `last_epoch`."""
        if len(self.base_lrs) < len(self.optimizer.param_groups):
            self._adopt()
        if isinstance(self.schedule, Schedule):
            factor = self._ahead[0][self.last_epoch]
            if not 0 <= factor < math.inf:  # false for nan, too
                self._guard()
            return [peak * factor for peak in self.base_lrs]
        factors = [ahead[self.last_epoch] for ahead in self._ahead]
        if not all(0 <= factor < math.inf for factor in factors):
            self._guard()
        return [peak * factor for peak, factor in zip(self.base_lrs, factors, strict=True)]

    def _adopt(self) -> None:
        """Take the rates of groups that were added since as their peaks."""
        for group in self.optimizer.param_groups[len(self.base_lrs) :]:
            if not isinstance(self.schedule, Schedule):
                if len(self.schedule) == len(self.base_lrs):
                    raise ValueError(
                        f"scheduler.schedule must hold one Schedule for each group, but has none "
                        f"for the new group {len(self.base_lrs)}: append it"
                    )
                self._ahead.append(_Ahead(self.schedule[len(self.base_lrs)]))
            self.base_lrs.append(_peak(group))

    def _guard(self) -> None:
        """Let the update that would use a bad factor raise; after the last one it does no harm."""
        if self.last_epoch == 0:
            self._refuse()
        if not self._guarded:
            self.optimizer.register_step_pre_hook(self._refuse)
            self._guarded = True

    def _refuse(self, *_) -> None:
        for ahead in self._ahead:
            _require_usable(ahead.schedule, self.last_epoch, ahead[self.last_epoch])

    def state_dict(self) -> dict:
        """Return the position in the schedule; the schedule itself is code, not state."""
        state = super().state_dict()
        return {k: v for k, v in state.items() if k not in ("schedule", "_ahead", "_guarded")}


class _Ahead(dict):
    """A schedule's factors by step: NumPy reckons a block in the time of a few single steps."""

    BLOCK = 1024

    def __init__(self, schedule: Schedule):
        if not isinstance(schedule, Schedule):
            raise TypeError(f"schedule must be a Schedule, got {type(schedule).__name__}")
        self.schedule = schedule

    def __missing__(self, step: float) -> float:
        # A function of one's own may know its horizon alone: it is never asked ahead.
        if step != int(step) or _has_own(self.schedule):
            return self.schedule(step)
        # From the same start wherever a run resumes: NumPy's last bit depends on the place in it.
        block = np.arange(self.BLOCK) + step - step % self.BLOCK
        with np.errstate(all="ignore"):  # what overflows ahead may never be used
            factors = self.schedule(block)
        self.clear()
        self.update(zip(block.tolist(), factors.tolist(), strict=True))
        return self[step]

    def __reduce__(self):
        """Leave the factors out: they are quickly made again."""
        return _Ahead, (self.schedule,)


def _has_own(schedule: Schedule) -> bool:
    """Return whether a function of the user's own is part of a schedule."""
    if schedule.recipe is None:
        return True
    return any(_has_own(part) for part in schedule.recipe[1] if isinstance(part, Schedule))


def _require_usable(schedule: Schedule, step: int, factor: float) -> None:
    if not 0 <= factor < math.inf:
        raise ValueError(
            f"the factor at step {step} must be a finite number ≥ 0, got {factor} from {schedule!r}"
        )


def _peak(group: dict) -> float:
    """Note a group's present rate as its peak, under the name that torch gives it."""
    rate = group["lr"]
    group["initial_lr"] = rate.clone() if isinstance(rate, torch.Tensor) else rate
    return group["initial_lr"]


def _check_free(optimizer: Optimizer) -> None:
    """Raise unless `optimizer` is one whose rate nothing else drives."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be a torch Optimizer, got {type(optimizer).__name__}")
    for index, group in enumerate(optimizer.param_groups):
        # LRScheduler would silently take this old value, not the group's lr, as the peak.
        if "initial_lr" in group:
            raise ValueError(
                f"optimizer must be without a scheduler, but its group {index} has "
                f"initial_lr={group['initial_lr']} from another one (or from a checkpoint: "
                "attach the schedule first, then load the optimizer's state)"
            )
    if plateau := _plateau_on(optimizer):
        raise ValueError(
            f"optimizer must be without a scheduler, but a {type(plateau).__name__} drives it: "
            "each would undo the other (a warmup in front of a plateau is WarmupPlateau)"
        )


def _plateau_on(optimizer: Optimizer) -> ReduceLROnPlateau | None:
    """Return the living `ReduceLROnPlateau` that drives an optimizer.

    It leaves no mark on the optimizer, and torch keeps no list of them. The garbage collector
    knows the objects of a class, but looks at all that Python holds to find them: some 30 ms, too
    long for every `attach`. So it is asked only where the references to the class, of which each
    object holds one, are not as many as the plateaus that are known account for.
    """
    family = [ReduceLROnPlateau]
    for cls in family:  # grows while it is walked
        family.extend(cls.__subclasses__())
    references = sum(map(sys.getrefcount, family))
    if references != _plateau_on.other_references + len(_plateau_on.known):
        found = [x for x in gc.get_referrers(*family) if isinstance(x, ReduceLROnPlateau)]
        _plateau_on.known = weakref.WeakSet(found)
        _plateau_on.other_references = references - len(found)
    return next((x for x in _plateau_on.known if getattr(x, "optimizer", 0) is optimizer), None)


_plateau_on.known = weakref.WeakSet()
_plateau_on.other_references = 0  # nobody has looked yet


class WarmupPlateau(ReduceLROnPlateau):
    """A warmup in front of `ReduceLROnPlateau`: neither undoes the other.

    `step()` without a metric says that an update has been made, and moves the warmup; once it is
    over, it does nothing. `step(metric)` says that an epoch has ended. Before the end of the
    warmup it is ignored, so that what the warmup raises is not cut; afterwards it is torch's.

    Args:
        optimizer: its groups' learning rates at this moment are the peaks.
        warmup: the factor during the warmup; from step `steps` on it must be 1.
        steps: updates in the warmup, at least 1.
        plateau: torch's arguments: `mode`, `factor`, `patience`, `min_lr`, …

    Raises:
        TypeError: if `optimizer` is not a torch optimizer or `warmup` is not a schedule.
        ValueError: if something else drives the optimizer's rate already, if the warmup has not
            reached 1 at step `steps`, or if a factor of it is negative or not finite.

    >>> from lrsched_book import linear_warmup
    >>> optimizer = stand_in(0.8)
    >>> scheduler = WarmupPlateau(optimizer, linear_warmup(4), steps=4, factor=0.5, patience=0)
    >>> trace(scheduler, steps=7, metrics=[9, None, None, None, 1, None, 2])
    array([0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.8])
    >>> trace(scheduler, steps=8, metrics=[9, None, None, None, 1, None, 2, None])[-1]
    np.float64(0.4)
    """

    def __init__(self, optimizer: Optimizer, warmup: Schedule, steps: int, **plateau):
        _check_free(optimizer)
        if not isinstance(warmup, Schedule):
            raise TypeError(f"warmup must be a Schedule, got {type(warmup).__name__}")
        steps = whole_number("steps", steps, at_least=1)
        factors = warmup.values(steps + 1).tolist()
        for step, factor in enumerate(factors):
            _require_usable(warmup, step, factor)
        if factors[-1] != 1:
            raise ValueError(
                f"warmup must be 1 at step {steps}, where it ends, got {factors[-1]} from {warmup}"
            )
        super().__init__(optimizer, **plateau)
        self.warmup_factors = factors
        self.updates = 0
        self._set_rates()

    def step(self, metrics: float | None = None) -> None:
        """Say that an update has been made or, with its metric, that an epoch has ended."""
        warming = self.updates < len(self.warmup_factors) - 1
        if metrics is not None and not warming:
            super().step(metrics)
        if metrics is None and warming:
            self.updates += 1
            self._set_rates()

    def _set_rates(self) -> None:
        for group in self.optimizer.param_groups:
            peak = group["initial_lr"] if "initial_lr" in group else _peak(group)
            rate = peak * self.warmup_factors[self.updates]
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        self._last_lr = [copy.deepcopy(group["lr"]) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict:
        """Return what has happened so far; the warmup itself is code, not state."""
        return {k: v for k, v in super().state_dict().items() if k != "warmup_factors"}


def stand_in(*rates: float, **options) -> Optimizer:
    """Return an optimizer to hang a scheduler on, with a group for each rate; nothing to train.

    Args:
        rates: one for each group, at least one.
        options: of `torch.optim.SGD`, such as `momentum`.

    >>> halving = torch.optim.lr_scheduler.ExponentialLR(stand_in(0.8, 0.2), gamma=0.5)
    >>> trace(halving, steps=2).tolist()
    [[0.8, 0.2], [0.4, 0.1]]
    """
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in rates]
    return torch.optim.SGD(groups, **options)


def rates(optimizer: Optimizer) -> float | list[float]:
    """Return the learning rate in force: a float for one group, a list for several.

    >>> rates(stand_in(0.1))
    0.1
    """
    values = [float(group["lr"]) for group in optimizer.param_groups]
    return values[0] if len(values) == 1 else values


def steps_taken(scheduler: LRScheduler) -> int:
    """Return how many steps a scheduler has taken since it was built.

    >>> steps_taken(attach(stand_in(0.1), Schedule(np.ones_like)))
    0
    """
    if isinstance(scheduler, WarmupPlateau):  # torch's counter sees the metrics alone
        return scheduler.updates + scheduler.last_epoch
    if isinstance(scheduler, ChainedScheduler):  # torch gives it no counter of its own
        return max(map(steps_taken, scheduler._schedulers))
    return scheduler.last_epoch


def trace(scheduler: LRScheduler, steps: int, metrics: Sequence[float] | None = None) -> np.ndarray:
    """Return the learning rates that the next `steps` updates would use.

    The scheduler steps on a stand-in: neither it nor its optimizer is touched, nor what its
    functions keep in their closures (only global variables cannot be copied). A scheduler that
    has been stepped before is traced from where it stands, and a warning says so.

    Args:
        scheduler: any torch scheduler, made by torch, by `attach` or by yourself.
        steps: number of updates to look ahead.
        metrics: for `ReduceLROnPlateau` only: the `steps` metric values that it will be given,
            one after each update; for `WarmupPlateau`, None after an update without one.

    Returns:
        The rate used by each update: shape `(steps,)` if the optimizer has one parameter group,
        `(steps, groups)` if it has several.

    Raises:
        TypeError: if `scheduler` is not a torch scheduler, or cannot be copied.
        ValueError: if `steps` is not a whole number of at least 1, or `metrics` does not fit.

    >>> halving = torch.optim.lr_scheduler.StepLR(stand_in(0.8), step_size=2, gamma=0.5)
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

    >>> halving = torch.optim.lr_scheduler.ExponentialLR(stand_in(0.8), gamma=0.5)
    >>> [stand_in.param_groups[0]["lr"] for stand_in in simulate(halving, steps=3)]
    [0.8, 0.4, 0.2]
    """
    scheduler = copy_of(scheduler)
    return _steps(scheduler, steps, metrics)


def _steps(
    scheduler: LRScheduler, steps: int, metrics: Sequence[float] | None
) -> Iterator[Optimizer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "step() before optimizer.step()": there is no update
        for index in range(steps):
            yield scheduler.optimizer
            if metrics is None or isinstance(scheduler, WarmupPlateau):
                scheduler.step()
            if metrics is not None and metrics[index] is not None:
                scheduler.step(metrics[index])
