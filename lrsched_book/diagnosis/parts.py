"""A plan taken apart: every piece with its arguments, its own time and its horizon."""

import functools
import inspect
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
            it keeps, "drop" for the first time, or go through a "cycle" or a "swing".
    """

    argument: str
    value: float
    last: float
    kind: str


def parts_of(scheduler: LRScheduler, start: int, end: int) -> Iterator[Part]:
    """Take a scheduler apart, so that each piece counts its own steps."""
    if isinstance(scheduler, ScheduleLR):
        yield from _pieces(scheduler.schedule, start, end)
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


def _pieces(schedule: Schedule, start: int, end: int) -> Iterator[Part]:
    """Take a schedule of this package apart."""
    if schedule.recipe is None:
        return
    function, arguments = schedule.recipe
    if function is Schedule.__mul__:
        for factor in arguments:
            yield from _pieces(factor, start, end)
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
            return read("patience", "drop", until=+2)
        case "CosineAnnealingWarmRestarts":
            return read("T_0", "cycle")
        case "CyclicLR":
            return read("total_size", "swing")
        case "SWALR":
            return read("anneal_epochs", "anneal")
        case "linear" | "cosine":
            falls = given["final"] < given["initial"]
            return read("steps", "decay" if falls else "rise", until=-1)
        case "polynomial":
            return read("steps", "decay", until=-1)
        case "linear_warmup":
            return read("steps", "rise", until=-1)
        case "step" if given["gamma"] != 1:
            return read("every", "drop")
        case "cosine_restarts":
            return read("first", "cycle")
        case "triangular":
            length = given["up"] + given["down"]
            return Horizon("up + down", length, length, "swing")
    return None


def _horizon_of_transformers(given: dict) -> Horizon | None:
    if "num_training_steps" in given:
        total = given["num_training_steps"]
        return Horizon("num_training_steps", total, total, "decay")
    if "num_decay_steps" in given:
        names = [name for name in TRANSFORMERS if name in given and name != "num_cycles"]
        total = sum(given[name] for name in names)
        return Horizon(" + ".join(names), total, total, "decay")
    return None
