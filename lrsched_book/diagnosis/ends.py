"""Rules about what would come after the run: was a function, or a class, cut short?"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lrsched_book.diagnosis.parts import horizon
from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import FAR, Run, needs_a_metric
from lrsched_book.diagnosis.thresholds import GATHERS, HALF, REACHED, ROUNDING, TOO_LONG

# A run that leaves more than a tenth of the peak, where the function would have come down to less
# than half of that, was cut short so that it shows.
LEFT, TO_COME = 0.1, 0.5
# A straight line that ends at a half or less of its peak, and would cross zero later, may well be
# meant so.
MEANT = 0.55
# An exponential comes down to zero when it is less than the least number that there is.
UNDERFLOW = 1e-30
# An exponential shrinks by one share at each of its stairs, but for rounding.
SAME_SHARE = 1e-4
# A curve is known by ten falls, each faster than the one before, and the last by half as much again
# as the first. It stops for good if it rests for a tenth of the run.
FEWEST_FALLS, RESTS = 10, 0.1
# A warmup begins below half of what it comes to, and what it leads to shows when the run is as long
# again, give or take a look.
LOW, AS_FAR = 0.5, 2.01


@rule(
    code="changes-too-little",
    severity="warning",
    remedy="Call scheduler.step() after each update, or let it count epochs.",
    chapter="your own schedule",
)
def changes_after_the_run(run: Run) -> Iterator[Seen]:
    """A function or class that is constant in the run changes later: it counts another unit."""
    if not run.own or run.taken or run.resumed or run.broken is not None or len(run.rates) < 2:
        return
    if (run.rates != run.rates[0]).any() or not run.rates.any() or needs_a_metric(run.scheduler):
        return
    if any(horizon(part) for part in run.parts):  # see arguments
        return
    used = run.rates[0, 0]
    later = next(((at, rate) for at, rate in _far_later(run) if rate != used), None)
    if later is not None:
        text = f"{run.name} gives the rate {used:.3g} at each of {run.steps:,} steps, and "
        yield Seen(0, f"{text}{later[1]:.3g} at step {later[0]:,}: it seems to count another unit.")


def _far_later(run: Run) -> list[tuple[int, float]]:
    """Look at a function very far away, where it has changed, and at a class as far as it goes."""
    if not run.function:
        return run.later[0]
    try:
        return list(run.at([FAR * run.steps]))
    except Exception:  # nobody said that it can be called there
        return []


@rule(
    code="never-reaches-peak",
    severity="warning",
    remedy="End the warmup within the run; see whether its length and that of the run have "
    "changed places.",
    chapter="warmup",
    unless=("exhausted", "all-updates-at-zero"),
)
def warms_up_to_the_end(run: Run) -> Iterator[Seen]:
    """The warmup takes the whole run: what it was to lead to comes after the last update."""
    used = run.factors[:, 0]
    if not run.own or run.broken is not None or run.taken or len(used) < 3:
        return
    top = int(np.argmax(used))
    if (top + 1) * TOO_LONG < len(used) - 1 or used[0] >= LOW * used[top]:
        return
    if (np.diff(used[: top + 1]) < 0).any():
        return
    soon = [run.rates[-1, 0], *(rate for at, rate in run.later[0] if at <= AS_FAR * run.steps)]
    if any(rate < REACHED * run.rates[top, 0] for rate in soon):
        text = f"{run.name} rises until update {top:,} of {run.steps:,}, and falls after it: the "
        yield Seen(top, f"{text}warmup takes the whole run.")


@rule(
    code="horizon-outside-run",
    severity="warning",
    remedy="Fit its horizon to the updates that the scheduler gets.",
    chapter="your own schedule",
    unless=("changes-too-little", "never-reaches-peak", "exhausted", "would-raise"),
)
def goes_on(run: Run) -> Iterator[Seen]:
    """The run ends high, where one's own function or class would have come down later."""
    found = _end_after_the_run(run)
    if found and not (found.crosses and _left(run) <= MEANT):
        yield _cut_short(run, found)


@rule(
    code="horizon-outside-run",
    severity="note",
    remedy="Nothing, if the run is to end that high; else fit the horizon to its updates.",
    chapter="your own schedule",
    unless=("changes-too-little", "never-reaches-peak", "exhausted", "would-raise"),
)
def may_be_meant_to_end_high(run: Run) -> Iterator[Seen]:
    """A straight line to a half of the peak crosses zero later, and so does one cut in half."""
    if _left(run) <= MEANT and (found := _end_after_the_run(run)) and found.crosses:
        yield _cut_short(run, found)


def _left(run: Run) -> float:
    """Return the share of its highest rate with which a plan ends."""
    whole = run.whole[:, 0]
    return whole[-1] / whole.max() if whole.max() > 0 else 0.0


@rule(
    code="horizon-outside-run",
    severity="note",
    remedy="Nothing, if that is its floor; else see what stops its clock before the decay ends.",
    chapter="your own schedule",
    unless=("changes-too-little", "never-reaches-peak", "exhausted", "would-raise"),
)
def stops_in_mid_fall(run: Run) -> Iterator[Seen]:
    """A curve that falls faster and faster stops dead in its upper half, and stays there.

    A floor so high does the same on purpose, and the rates do not tell the one from the other.
    """
    if not run.own or run.broken is not None:
        return
    for used in run.whole.T:
        falling = used[int(np.argmax(used)) :]
        stairs = np.flatnonzero(np.append(True, np.diff(falling) != 0))  # where each begins
        falls = -np.diff(falling[stairs])
        if len(falls) < FEWEST_FALLS or falling[-1] <= HALF * falling[0] or not falls[0] > 0:
            continue
        lengths = np.diff(np.append(stairs, len(falling)))
        rests = lengths[-1] > max(RESTS * len(used), 2 * lengths[1:-1].max())
        if rests and (np.diff(falls) > 0).all() and falls[-1] > GATHERS * falls[0]:
            at = len(used) - int(lengths[-1]) - len(run.past)
            text = f"{run.name} stops in the middle of its fall, at {falling[-1]:.3g}, and stays "
            yield Seen(max(at, 0), f"{text}there from update {max(at, 0):,} on.")
            return


class _End(NamedTuple):
    """Where a plan comes down after its run, to which rate, and whether it then crosses zero."""

    step: int
    rate: float
    crosses: bool


def _cut_short(run: Run, end: _End) -> Seen:
    text = f"{run.name} gets {run.steps:,} updates, and comes down to {end.rate:.3g} only at about "
    return Seen(run.steps - 1, f"{text}{end.step:,}.")


def _end_after_the_run(run: Run) -> _End | None:
    """Return where a plan of one's own comes down, if it does so only after the run."""
    if not run.own or run.broken is not None or needs_a_metric(run.scheduler):
        return None
    if len(run.rates) < 3 or _left(run) <= LEFT + ROUNDING or any(map(horizon, run.parts)):
        return None
    used = run.whole[:, 0]
    falling = used[int(np.argmax(used)) :]
    if (np.diff(falling) > ROUNDING * used.max()).any() or _is_exponential(falling):
        return None  # cycles, or what has no horizon
    total = run.taken + run.steps
    end = _comes_down(*run.later, TO_COME * used[-1])
    return end if end and end.step > TOO_LONG * total + 1 else None


def _is_exponential(used: np.ndarray) -> bool:
    """Whether a decay, smooth or in stairs, has no horizon: its floor is none either."""
    stairs = used[np.append(True, np.diff(used) != 0)]
    if len(stairs) < 2 or not (stairs > 0).all():
        return False
    shrinks = 1 - stairs[1:] / stairs[:-1]
    return bool(np.ptp(shrinks) < SAME_SHARE * shrinks.mean())


def _comes_down(later: list[tuple[int, float]], fails: bool, enough: float) -> _End | None:
    """Return where a curve that falls comes below `enough` and ends.

    It ends where it has the value that it keeps, twice as far and for ever; where it turns, or
    crosses zero; or where it can no longer be asked.
    """
    values = np.array([value for _, value in later])
    crosses, values = bool((values < 0).any()), np.maximum(values, 0.0)
    for index, (before, value) in enumerate(pairwise(values), start=1):
        if value >= enough or (value == 0 and before < UNDERFLOW):
            continue
        at, last = later[index][0], later[-1][0]
        if (values[index:] == value).all():
            ends = value == 0 or last >= 2 * at or fails
        else:
            ends = value == 0 or values[index + 1] > value
        if ends:
            return _End(at, value, crosses)
    return None
