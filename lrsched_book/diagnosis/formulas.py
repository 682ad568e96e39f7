"""What a scheduler's own formula says, whatever the rate in force is."""

import warnings

import numpy as np
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import SWALR

from lrsched_book._copies import copy_of
from lrsched_book.diagnosis.parts import KNOWN, schedules_of
from lrsched_book.scheduler import ScheduleLR

# These know only how to come from one rate to the next.
NO_FORMULA = {torchs.MultiplicativeLR, torchs.ReduceLROnPlateau, SWALR}


def by_formula(scheduler: LRScheduler, steps) -> np.ndarray | None:
    """Return the rates that a scheduler's own formula gives at `steps` of its own time.

    Torch's classes reach a step in two ways: from the rate before it, as `step()` does, or by a
    formula. They agree unless something else has changed the rate. A composition's formula is
    the product of its parts, or one part after the other.

    Args:
        scheduler: any scheduler, of which a copy is asked: a function may count its calls.
        steps: the steps to look at.

    Returns:
        The rates, shape (steps, groups); None for a class that has no formula.

    Raises:
        TypeError: if the scheduler cannot be copied.
    """
    return _rates(copy_of(scheduler), steps)


def _rates(scheduler, steps) -> np.ndarray | None:
    """Return the rates of a copy, or of a piece of one, which is changed."""
    kind, groups = type(scheduler), scheduler.optimizer.param_groups
    if kind is ScheduleLR:
        peaks = [float(group["initial_lr"]) for group in groups]
        shapes = [schedule(np.asarray(steps)) for schedule in schedules_of(scheduler)]
        shapes *= len(peaks) if len(shapes) == 1 else 1
        return np.transpose(shapes) * peaks
    if kind is torchs.ChainedScheduler:
        return _product(scheduler, steps)
    if kind is torchs.SequentialLR:
        return _one_after_the_other(scheduler, steps)
    if kind not in KNOWN - NO_FORMULA:
        return None
    scheduler._step_count = 2  # by their first step some classes go another way
    rates = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "step(epoch) is deprecated": torch offers nothing else
        for at in steps:
            scheduler.step(int(at))
            rates.append([float(group["lr"]) for group in groups])
    return np.array(rates)


def _product(scheduler, steps) -> np.ndarray | None:
    product = 1.0
    for part in scheduler._schedulers:
        rates = _rates(part, steps)
        rates = closed_form(part, steps) if rates is None else rates
        if rates is None:
            return None
        product = product * rates / _peaks(part)
    return product * _peaks(scheduler)


def _peaks(scheduler) -> np.ndarray:
    """Return the rates that the groups were built with; a composition leaves them to its parts."""
    while type(scheduler) in (torchs.SequentialLR, torchs.ChainedScheduler):
        scheduler = scheduler._schedulers[0]
    return np.array([float(rate) for rate in scheduler.base_lrs])


def closed_form(scheduler, steps) -> np.ndarray | None:
    """Return what a class of one's own says itself, if it asks only for the step."""
    if type(scheduler) in KNOWN:
        return None
    copy = copy_of(scheduler)

    def rates(at, present):
        copy.last_epoch = int(at)
        for group in copy.optimizer.param_groups:
            group["lr"] = present
        return [float(rate) for rate in copy.get_lr()]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "use get_last_lr()": that is another question
        try:
            if any(rates(at, 1.0) != rates(at, 2.0) for at in (0, 1)):
                return None  # it goes from the present rate to the next
            return np.array([rates(at, 1.0) for at in steps])
        except Exception:  # of whatever kind: the class may be anyone's
            return None


def _one_after_the_other(scheduler, steps) -> np.ndarray | None:
    steps = np.asarray(steps)
    starts = np.array([0, *scheduler._milestones])
    which = np.searchsorted(starts, steps, side="right") - 1
    rates = np.empty((len(steps), len(scheduler.optimizer.param_groups)))
    for index, part in enumerate(scheduler._schedulers):
        mine = which == index
        if not mine.any():
            continue
        piece = _rates(part, steps[mine] - starts[index])
        if piece is None:
            return None
        rates[mine] = piece
    return rates
