"""A plan taken apart: every piece with its arguments, its own time and its horizon."""

import functools
import inspect
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import SWALR

from lrsched_book.scheduler import ScheduleLR
from lrsched_book.schedules import Schedule

# The classes whose attributes are known. A subclass may use them for anything.
KNOWN = {getattr(torchs, name) for name in torchs.__all__} | {SWALR}

# The arguments of transformers' functions, which end up in a LambdaLR.
TRANSFORMERS = (
    "num_warmup_steps",
    "num_training_steps",
    "num_stable_steps",
    "num_decay_steps",
    "num_cycles",
)


@dataclass(frozen=True)
class Part:
    """One piece of a plan: step 0 of its own time is update `start`, and `end` is no longer its.

    Attributes:
        name: its class or function.
        arguments: what it was told; empty if nothing is known of its class.
        start: the update at which its own time begins; negative if that was before the run.
        end: the first update that it does not get.
        scheduler: the torch scheduler, unless it is a piece of a `Schedule`.
    """

    name: str
    arguments: dict
    start: int
    end: int
    scheduler: LRScheduler | None = None

    @property
    def updates(self) -> int:
        """How many updates it gets, those before the run included."""
        return self.end - self.start


class Horizon(NamedTuple):
    """When a part has done its work.

    Attributes:
        argument: the argument that says so.
        value: its value.
        last: the step of the part's own time at which it is done.
        kind: what it does until then: "decay", "rise", "hold" a factor, "anneal" to a rate that
            it keeps, "drop" for the first time, have "patience", go through a "cycle" or "swing".
    """

    argument: str
    value: float
    last: float
    kind: str


def parts_of(scheduler: LRScheduler, start: int, end: int) -> Iterator[Part]:
    """Take a scheduler apart, so that each piece counts its own steps."""
    if isinstance(scheduler, ScheduleLR):
        for schedule in dict.fromkeys(schedules_of(scheduler)):  # groups may share one
            yield from _pieces(schedule, start, end)
        return
    name = type(scheduler).__name__
    if type(scheduler) not in KNOWN:
        yield Part(name, {}, start, end)
        return
    if isinstance(scheduler, torchs.LambdaLR):
        function = scheduler.lr_lambdas[0]
        name, arguments = _of_transformers(function) or (name, vars(scheduler))
        yield Part(name, arguments, start, end, scheduler)
        return
    yield Part(name, vars(scheduler), start, end, scheduler)
    if isinstance(scheduler, torchs.ChainedScheduler):
        for part in scheduler._schedulers:
            yield from parts_of(part, start, end)
    if isinstance(scheduler, torchs.SequentialLR):
        bounds = pairwise([0, *scheduler._milestones, max(end - start, *scheduler._milestones, 0)])
        for part, (low, high) in zip(scheduler._schedulers, bounds, strict=True):
            if start + low < end:
                yield from parts_of(part, start + low, min(start + high, end))


def _of_transformers(function: Callable) -> tuple[str, dict] | None:
    """Read the arguments that a function of transformers was made with.

    Its newer versions bind them by `functools.partial`, its older ones by a closure.
    """
    if isinstance(function, functools.partial):
        given, made_by = function.keywords, getattr(function.func, "__name__", "LambdaLR")
    elif inspect.isfunction(function):
        given, made_by = inspect.getclosurevars(function).nonlocals, function.__qualname__
    else:
        return None
    arguments = {name: given[name] for name in TRANSFORMERS if isinstance(given.get(name), int)}
    if isinstance(given.get("num_cycles"), float):
        arguments["num_cycles"] = given["num_cycles"]
    if not arguments.keys() - {"num_cycles"}:
        return None
    name = re.sub(r"^_|_lr_lambda$|\.<locals>.*$", "", made_by)
    return name, arguments


def schedules_of(scheduler: ScheduleLR) -> list[Schedule]:
    """Return the schedules of an attached scheduler: one, or one for each group."""
    alone = isinstance(scheduler.schedule, Schedule)
    return [scheduler.schedule] if alone else scheduler.schedule


def _pieces(schedule: Schedule, start: int, end: int) -> Iterator[Part]:
    """Take a schedule of this package apart."""
    if schedule.recipe is None:
        yield Part("Schedule", {}, start, end)
        return
    function, arguments = schedule.recipe
    if function in (Schedule.__mul__, Schedule.__add__):
        for each in arguments:
            yield from _pieces(each, start, end)
    elif function is Schedule.__pow__:
        yield from _pieces(arguments[0], start, end)
    elif function is Schedule.skip:
        yield from _pieces(arguments[0], start - arguments[1], end)
    elif function is Schedule.repeat:
        repeated, every, growth = arguments
        yield Part("repeat", {"every": every, "growth": growth}, start, end)
        # The first cycle shows what all of them do; a growing one stretches its schedule.
        yield from _pieces(repeated, start, min(start + math.ceil(every), end))
    elif function is Schedule.then:
        first, second, at = arguments
        yield Part("then", {"milestones": [at]}, start, end)
        yield from _pieces(first, start, min(start + at, end))
        if start + at < end:
            yield from _pieces(second, start + at, end)
    else:
        named = dict(zip(inspect.signature(function).parameters, arguments, strict=True))
        yield Part(function.__name__, named, start, end)


def horizon(part: Part) -> Horizon | None:
    """Read when a part has done its work; None if its arguments do not say."""
    given = part.arguments
    if not given:
        return None
    if isinstance(part.scheduler, torchs.LambdaLR):
        return _horizon_of_transformers(given)

    def read(argument, kind, until=0):
        value = given[argument]
        value = int(value) if value == int(value) else value  # CyclicLR counts in floats
        return Horizon(argument, value, value + until, kind)

    match part.name:
        case "CosineAnnealingLR":
            return read("T_max", "decay")
        case "OneCycleLR":
            return read("total_steps", "decay", until=-1)
        case "PolynomialLR":
            return read("total_iters", "decay")
        case "LinearLR":
            falls = given["end_factor"] < given["start_factor"]
            return read("total_iters", "decay" if falls else "rise")
        case "ConstantLR" if given["factor"] != 1:
            return read("total_iters", "hold")
        case "StepLR" if given["gamma"] != 1:
            return read("step_size", "drop")
        case "ReduceLROnPlateau":  # one value to beat, `patience` forgiven, and one too many
            return read("patience", "patience", until=+2)
        case "CosineAnnealingWarmRestarts":
            return read("T_0", "cycle")
        case "CyclicLR":
            return read("total_size", "swing")
        case "SWALR":
            return read("anneal_epochs", "anneal")
        case "linear" | "cosine" | "polynomial" | "one_minus_sqrt" | "rex":
            falls = given["final"] < given["initial"]
            return _in_steps_or_gaps(given, "decay" if falls else "rise")
        case "linear_warmup":
            return _in_steps_or_gaps(given, "rise")
        case "one_cycle":
            return read("steps", "decay", until=-1)
        case "step" if given["gamma"] != 1:
            return read("every", "drop")
        case "cosine_restarts":
            return read("first", "cycle")
        case "repeat":
            return read("every", "cycle")
        case "triangular":
            length = given["up"] + given["down"]
            return Horizon("up + down", length, length, "swing")
    return None


def _in_steps_or_gaps(given: dict, kind: str) -> Horizon:
    """Read a horizon of this package, which counts updates or the gaps between them."""
    if given["steps"] is None:
        return Horizon("gaps", given["gaps"], given["gaps"], kind)
    return Horizon("steps", given["steps"], given["steps"] - 1, kind)


def _horizon_of_transformers(given: dict) -> Horizon | None:
    if "num_training_steps" in given:
        total = given["num_training_steps"]
        return Horizon("num_training_steps", total, total, "decay")
    if "num_decay_steps" in given:
        names = [name for name in TRANSFORMERS if name in given and name != "num_cycles"]
        total = sum(given[name] for name in names)
        return Horizon(" + ".join(names), total, total, "decay")
    return None
