"""Rules about classes of one's own: is what their attributes say what their rates do?

What an attribute means is anybody's guess, so none is believed that the rates do not bear out.
"""

import functools
import inspect
from collections.abc import Iterator

import numpy as np
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LRScheduler

from lrsched_book._copies import copy_of
from lrsched_book.diagnosis.formulas import by_formula, closed_form
from lrsched_book.diagnosis.parts import KNOWN
from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run, needs_a_metric
from lrsched_book.diagnosis.thresholds import BENT, ENOUGH_DROPS, SAME, SAMPLE
from lrsched_book.scheduler import simulate

# What a lowest rate is called: a share of the peak has a longer name.
FLOORS = ("eta_min", "min_lr", "lr_min", "min_rate")
# A drop is one by a twentieth at least; a formula that falls smoothly moves before and after it.
DROPS_BY, AROUND = 0.05, 3


@rule(
    code="milestone-outside-run",
    severity="warning",
    remedy="Move the milestone into the run, or leave it out.",
    chapter="step and multistep",
    unless=("changes-too-little", "exhausted"),
)
def own_milestone_outside_run(run: Run) -> Iterator[Seen]:
    """A list of one's own has a drop that no update of the run is."""
    for name, at, before in _drops_after_the_run(run):
        if at > run.taken + run.steps or before < ENOUGH_DROPS:
            yield _no_update(run, name, at)
            return


@rule(
    code="milestone-outside-run",
    severity="note",
    remedy="Leave it out, or let the run go on after it.",
    chapter="step and multistep",
    unless=("changes-too-little", "exhausted"),
)
def own_milestone_at_the_end(run: Run) -> Iterator[Seen]:
    """The last of several drops is where the run ends, as if to write its length down."""
    for name, at, _ in _drops_after_the_run(run):
        yield _no_update(run, name, at)
        return


def _no_update(run: Run, name: str, at: float) -> Seen:
    text = f"{run.name} has {at:,} among its {name}, where the rate drops: the run is over before."
    return Seen(run.steps - 1, text)


def _drops_after_the_run(run: Run) -> Iterator[tuple[str, float, int]]:
    """Yield the list's name, the step and the number of drops before, for the first in each list.

    A list of numbers is one of milestones if the formula drops there, and at no step around.
    """
    if not run.own or run.broken is not None:
        return
    total = run.taken + run.steps
    for name, value in _told(run.scheduler).items():
        if not _is_a_list_of_steps(value):
            continue
        after = [at for at in sorted(value) if at >= total]
        if after and _drops_at(run, after[0]):
            yield name, after[0], len(value) - len(after)


def _told(scheduler: LRScheduler) -> dict:
    """Return what a class of one's own keeps, or what a function of one's own was made with."""
    if not isinstance(scheduler, torchs.LambdaLR):
        return vars(scheduler)
    function = scheduler.lr_lambdas[0]
    if isinstance(function, functools.partial):
        return function.keywords
    return inspect.getclosurevars(function).nonlocals if inspect.isfunction(function) else {}


def _is_a_list_of_steps(value) -> bool:
    whole = isinstance(value, (list, tuple)) and all(isinstance(at, int) for at in value)
    return whole and len(value) > 0 and min(value) > 0


def _drops_at(run: Run, at: int) -> bool:
    """Whether the formula rests, drops within an update of `at`, and rests again."""
    steps = np.arange(max(at - AROUND, 0), at + AROUND + 1)
    try:
        rates = (by_formula if run.function else closed_form)(run.scheduler, steps)
    except Exception:  # nobody said that it can be called there
        return False
    if rates is None or not np.isfinite(rates).all() or (rates <= 0).any():
        return False
    falls = 1 - rates[1:, 0] / rates[:-1, 0]
    return (falls > DROPS_BY).sum() == 1 and (falls == 0).sum() == len(falls) - 1


@rule(
    code="floor-above-rate",
    severity="warning",
    remedy="Set the floor below the rate.",
)
def own_floor_above_rate(run: Run) -> Iterator[Seen]:
    """What is called the lowest rate is the highest of the run."""
    if not run.own or run.function or run.taken or not len(run.rates):
        return
    for name in FLOORS:
        floor = vars(run.scheduler).get(name)
        if not isinstance(floor, float) or not (run.peaks > 0).all():
            continue
        highest = abs(run.rates.max() - floor) <= SAME * floor
        if highest and (run.peaks < floor).all():
            yield Seen(
                0,
                f"{run.name} has {name}={floor:.3g}, which is the highest rate of the run; the "
                f"optimizer was built with {run.peaks.max():.3g}: it is raised instead of lowered.",
            )
            return


@rule(
    code="rate-mismatch",
    severity="warning",
    remedy="Compute each rate from the base rates and the step, or mend the ratio of one rate to "
    "the next.",
    chapter="your own schedule",
)
def leaves_its_closed_form(run: Run) -> Iterator[Seen]:
    """A class that says its rates in two ways, step by step and by a formula, means one thing."""
    if not run.own or run.function or run.broken is not None or not _says_it_twice(run.scheduler):
        return
    at = np.unique(np.linspace(0, len(run.rates) - 1, SAMPLE).astype(int))
    try:
        copy = copy_of(run.scheduler)
        meant = np.array([_meant(copy, run.taken + step) for step in at])
    except Exception:  # of whatever kind: the class may be anyone's
        return
    used = run.rates[at]
    if meant.shape != used.shape:
        return
    away = (np.abs(used - meant) > BENT * np.maximum(used.max(axis=0), meant.max(axis=0))).any(
        axis=1
    )
    if away.any():
        first = int(np.argmax(away))
        yield Seen(
            int(at[first]),
            f"Update {at[first]:,} uses the rate {used[first].max():.3g}, where the closed form of "
            f"{run.name} makes {meant[first].max():.3g}.",
        )


def _says_it_twice(scheduler: LRScheduler) -> bool:
    """Whether one class has both ways: a closed form that it inherits may be another's."""
    ways = "get_lr", "_get_closed_form_lr"
    by = [next((cls for cls in type(scheduler).__mro__ if way in vars(cls)), None) for way in ways]
    return by[0] is by[1] is not None and by[0] not in KNOWN


def _meant(scheduler: LRScheduler, step: int) -> list[float]:
    scheduler.last_epoch = step
    return [float(rate) for rate in scheduler._get_closed_form_lr()]


@rule(
    code="rate-mismatch",
    severity="warning",
    remedy="Build the inner scheduler anew for this optimizer, and load its state alone.",
    chapter="groups and resuming",
)
def drives_another_optimizer(run: Run) -> Iterator[Seen]:
    """A scheduler inside this one drives another optimizer, and this one's stands still."""
    if not run.own or run.broken is not None or (run.rates != run.rates[0]).any():
        return
    for name, inner in vars(run.scheduler).items():
        if not isinstance(inner, LRScheduler) or inner.optimizer is run.scheduler.optimizer:
            continue
        if not _moves(inner, run.steps):  # it has nothing to hand over
            continue
        yield Seen(
            0,
            f"{run.name} hands over to its {name}, a {type(inner).__name__} that drives another "
            f"optimizer: the rate of this one stays at {run.rates[0].max():.3g}.",
        )
        return


def _moves(scheduler: LRScheduler, steps: int) -> bool:
    if needs_a_metric(scheduler):
        return False
    rates = [[g["lr"] for g in optimizer.param_groups] for optimizer in simulate(scheduler, steps)]
    return any(each != rates[0] for each in rates)
