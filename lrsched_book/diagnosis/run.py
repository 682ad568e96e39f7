"""The planned run, looked at before it is trained: what a rule is given."""

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np
from torch.optim import Optimizer
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import SWALR

from lrsched_book._copies import copy_of
from lrsched_book.atlas import chapter_of
from lrsched_book.diagnosis.formulas import by_formula
from lrsched_book.diagnosis.parts import KNOWN, Part, parts_of, schedules_of
from lrsched_book.scheduler import ScheduleLR, simulate, steps_taken

# How far to look for the end of a function: a run that is a thousand times too short is possible
# (updates counted, epochs stepped), a longer one is not. Each look is a hundredth further on.
FAR, FURTHER = 1000, 1.01
# A class of one's own can only be stepped on, and its steps may be slow: it is stepped through four
# runs, or through 4,000 steps, a fifth of a second at 50 µs each, but through 50,000 at most.
MOST_RUNS, FEW_STEPS, MOST_STEPS = 4, 4_000, 50_000


@dataclass(frozen=True)
class Run:
    """What a copy of the scheduler does in the planned run.

    Attributes:
        scheduler: the scheduler itself, which nobody may step.
        steps: how often it is to be stepped.
        taken: how often it was stepped before.
        updates_per_epoch: as `diagnose` was told; None if it was not.
        resumed: as `diagnose` was told.
        rates: the rate of each update and parameter group, shape (updates, groups). It ends
            before the update at which the plan breaks, if it does.
        momenta: the momentum or Adam's β1, of the same shape; nan where there is none.
        broken: what stepping raised, or the rates that are not finite; None if all went well.
    """

    scheduler: LRScheduler
    steps: int
    taken: int
    updates_per_epoch: int | None
    resumed: bool
    rates: np.ndarray
    momenta: np.ndarray
    broken: Exception | np.ndarray | None

    @property
    def name(self) -> str:
        """What to call the plan."""
        return name_of(self.scheduler)

    @property
    def groups(self) -> list[dict]:
        """The parameter groups of the optimizer."""
        return self.scheduler.optimizer.param_groups

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The pieces of the plan, those that were over before the run left out."""
        parts = parts_of(self.scheduler, -self.taken, self.steps)
        return tuple(part for part in parts if part.end > 0)

    @property
    def chapter(self) -> str:
        """The chapter of the schedule, or of compositions."""
        return chapter(self.parts[0].name if len(self.parts) == 1 else "a composition")

    @cached_property
    def peaks(self) -> np.ndarray:
        """The rate that each group is to reach, shape (groups,)."""
        if type(self.scheduler) is torchs.CyclicLR:
            return np.array([float(rate) for rate in self.scheduler.max_lrs])
        if type(self.scheduler) is SWALR:  # it goes up or down to the rate that it then keeps
            return self.rates.max(axis=0)
        key = "max_lr" if type(self.scheduler) is torchs.OneCycleLR else "initial_lr"
        return np.array([float(group.get(key, group["lr"])) for group in self.groups])

    @property
    def own(self) -> bool:
        """Whether it is a class or a function of one's own, known by its rates alone."""
        if isinstance(self.scheduler, ScheduleLR):
            return all(part.name == "Schedule" for part in self.parts)
        return type(self.scheduler) not in KNOWN - {torchs.LambdaLR}

    @property
    def function(self) -> bool:
        """Whether the factor is a function of one's own."""
        return self.own and isinstance(self.scheduler, (ScheduleLR, torchs.LambdaLR))

    @cached_property
    def past(self) -> np.ndarray:
        """The rates before the run, shape (updates, groups); none if no function tells them."""
        none = self.rates[:0]
        if not (self.taken and self.function):
            return none
        try:
            return by_formula(self.scheduler, np.arange(self.taken))
        except Exception:  # nobody said that it can be called there
            return none

    def whole_epochs(self, updates: float) -> bool:
        """Whether a number of updates is known to be one of whole epochs, give or take a gap."""
        epoch = self.updates_per_epoch or 1
        return epoch > 1 and any((updates + gap) % epoch == 0 for gap in (-1, 0, 1))

    @cached_property
    def whole(self) -> np.ndarray:
        """The rates of the past, if they are known, and of the run, shape (updates, groups)."""
        return np.concatenate([self.past, self.rates])

    @cached_property
    def factors(self) -> np.ndarray:
        """The rates as shares of their peaks, shape (updates, groups)."""
        return self.rates / np.where(self.peaks > 0, self.peaks, 1)

    @cached_property
    def later(self) -> tuple[list[tuple[int, float]], bool]:
        """What comes after the run, if the plan is one's own, until it raises something.

        The steps with the rates of the first group, and whether it raised something.
        """
        seen, total = [], self.taken + self.steps
        looks = range(1 + math.ceil(math.log(FAR, FURTHER)))
        try:
            for look in self.at(list(dict.fromkeys(round(total * FURTHER**n) for n in looks))):
                seen.append(look)
        except Exception:  # nobody promised that it can be asked so far away
            return seen, True
        return seen, False

    def at(self, steps: list[int]) -> Iterator[tuple[int, float]]:
        """Yield steps of a plan of one's own, as far as it is looked at, with the first rate.

        A function is asked, and a class is stepped on.
        """
        if self.function:
            function = _function(self.scheduler)
            for step in steps:
                yield step, float(function(step)) * self.peaks[0]  # a complex factor raises
            return
        most = min(max(MOST_RUNS * self.steps, FEW_STEPS), MOST_STEPS, steps[-1] - self.taken)
        wanted = set(steps)
        for step, optimizer in enumerate(simulate(self.scheduler, most), start=self.taken):
            if step in wanted:
                yield step, float(optimizer.param_groups[0]["lr"])


def name_of(scheduler: LRScheduler) -> str:
    """Return what to call a plan."""
    if isinstance(scheduler, ScheduleLR):
        return ", ".join(map(repr, dict.fromkeys(schedules_of(scheduler))))
    return type(scheduler).__name__


def chapter(name: str) -> str:
    """Return the chapter of a class or function; that of compositions if the atlas lacks it."""
    try:
        return chapter_of(name)
    except KeyError:
        return chapter_of("SequentialLR")


def _function(scheduler: LRScheduler) -> Callable[[float], float]:
    """Return the factor of a function of one's own, the first group's."""
    if isinstance(scheduler, ScheduleLR):
        return schedules_of(scheduler)[0]
    return copy_of(scheduler).lr_lambdas[0]  # it may count its calls


def look_ahead(
    scheduler: LRScheduler, steps: int, updates_per_epoch: int | None, resumed: bool
) -> Run:
    """Step a copy of the scheduler through the run and record what it does.

    Raises:
        TypeError: if the scheduler cannot be copied.
    """
    taken, groups = _steps_taken(scheduler), len(scheduler.optimizer.param_groups)
    if (known := _at_once(scheduler, steps)) is not None:
        held = [_momentum(group) for group in scheduler.optimizer.param_groups]
        momenta = np.broadcast_to(held, known.shape)
        return Run(scheduler, steps, taken, updates_per_epoch, resumed, known, momenta, None)
    # Arrays, not lists: 200,000 small lists would keep Python's garbage collector busy.
    rates, momenta = np.empty((steps, groups)), np.empty((steps, groups))
    done, broken = 0, None
    optimizers = _optimizers(scheduler, steps)
    try:
        for optimizer in optimizers:
            rates[done] = [float(group["lr"]) for group in optimizer.param_groups]
            momenta[done] = [_momentum(group) for group in optimizer.param_groups]
            done += 1
    except Exception as error:  # of whatever kind: the scheduler may be anyone's
        broken = error
    finite = np.isfinite(rates[:done]).all(axis=1)
    if not finite.all():
        done = int(np.argmin(finite))
        broken = rates[done]
    return Run(
        scheduler, steps, taken, updates_per_epoch, resumed, rates[:done], momenta[:done], broken
    )


def _at_once(scheduler: LRScheduler, steps: int) -> np.ndarray | None:
    """Return what stepping would show, shape (steps, groups), without it; None if unknown.

    Published runs have a million updates, and a schedule of this package knows each at once.
    """
    if type(scheduler) is not ScheduleLR or scheduler.last_epoch != 0:
        return None
    if any(part.name == "Schedule" for part in parts_of(scheduler, 0, steps)):
        return None  # a function of one's own may count its calls
    with np.errstate(all="ignore"):
        rates = by_formula(scheduler, np.arange(steps))
    in_force = [float(group["lr"]) for group in scheduler.optimizer.param_groups]
    as_built = rates.shape[1] == len(in_force) and (rates[0] == in_force).all()
    return rates if as_built and np.isfinite(rates).all() else None


def _optimizers(scheduler: LRScheduler, steps: int) -> Iterator[Optimizer]:
    """Yield the optimizer as it is for each update."""
    if needs_a_metric(scheduler):  # which is not known beforehand: look at the rate as it is
        return repeat(scheduler.optimizer, steps)
    return simulate(scheduler, steps)


def needs_a_metric(scheduler: LRScheduler) -> bool:
    """Whether `step` cannot be called without an argument."""
    arguments = inspect.signature(scheduler.step).parameters.values()
    positional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return any(a.default is a.empty and a.kind not in positional for a in arguments)


def _momentum(group: dict) -> float:
    """Return a group's momentum or Adam's β1; nan if it has neither."""
    return float(group["betas"][0] if "betas" in group else group.get("momentum", np.nan))


def _steps_taken(scheduler: LRScheduler) -> int:
    """Return how many steps a scheduler has taken; 0 if it does not say."""
    try:
        taken = steps_taken(scheduler)
    except AttributeError:  # a class of one's own need not count
        return 0
    return taken if isinstance(taken, int) and taken > 0 else 0


def numbers(values: np.ndarray) -> str:
    """Write rates, each once.

    >>> numbers(np.array([0.1, 0.1, 0.02]))
    '0.1, 0.02'
    """
    return ", ".join(dict.fromkeys(f"{value:.3g}" for value in values))


def in_group(where: np.ndarray) -> str:
    """Say which group is the first at fault, if there are several.

    >>> in_group(np.array([False, True])), in_group(np.array([True]))
    (' in group 1', '')
    """
    return "" if len(where) == 1 else f" in group {int(np.argmax(where))}"
