"""Rules about what would come after the run: was a function, or a class, cut short?"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from lrsched_book.diagnosis.parts import horizon, schedules_of
from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run, needs_a_metric
from lrsched_book.diagnosis.thresholds import REACHED, ROUNDING, TOO_LONG
from lrsched_book.scheduler import ScheduleLR, simulate

# How far to look for the end of a function: a run that is a thousand times too short is possible
# (updates counted, epochs stepped), a longer one is not. Each look is a hundredth further on.
FAR, FURTHER = 1000, 1.01
# So many looks come as far, and as many to see where a warmup leads, which is twice as far.
LOOKS, LOOKS_TWICE = (1 + math.ceil(math.log(far, FURTHER)) for far in (FAR, 2))
# A class of one's own is stepped on for so many times the run, and for so many steps at most.
ON, MOST_STEPS = 5, 50_000
# It is down if it stays so for a fifth of them: longer than a stair lasts.
SETTLED = 0.2
# A run that leaves more than a tenth of the peak, where the function would have come down to less
# than half of that, was cut short so that it shows.
LEFT, TO_COME = 0.1, 0.5
# If it would come down to a value that it keeps, the end was written down. If it runs through its
# minimum, it may have been a formula for this run alone: then a quarter of the peak is left.
LEFT_BY_A_FORMULA = 0.25
# An exponential comes down to zero when it is less than the least number that there is.
UNDERFLOW = 1e-30
# The stairs of one staircase have one height, but for rounding.
SAME_RATIO = 1e-6
# A warmup begins below half of what it comes to.
LOW = 0.5


def _function(run: Run) -> Callable[[float], float] | None:
    """Return the factor as a function of the step, if it is one of one's own."""
    if not run.function:
        return None
    if isinstance(run.scheduler, ScheduleLR):
        return schedules_of(run.scheduler)[0]
    return run.scheduler.lr_lambdas[0]


@rule(
    code="changes-too-little",
    severity="warning",
    remedy="Call scheduler.step() after each update, or let the function count epochs.",
    chapter="your own schedule",
)
def changes_after_the_run(run: Run) -> Iterator[Seen]:
    """A function that is constant in the run changes later: it counts another unit."""
    function = _function(run)
    if function is None or run.broken is not None or (run.rates != run.rates[0]).any():
        return
    if any(horizon(part) for part in run.parts):  # see arguments
        return
    try:
        later = function(FAR * run.steps)
    except Exception:  # nobody said that it can be called there
        return
    if len(run.rates) > 1 and not run.taken and run.rates.any() and later != run.factors[0, 0]:
        text = f"{run.name} gives the factor {run.factors[0, 0]:.3g} at each of {run.steps:,} steps"
        yield Seen(0, f"{text}, and {later:.3g} long after: it seems to count another unit.")


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
    function, used = _function(run), run.factors[:, 0]
    if function is None or run.broken is not None or run.taken or len(used) < 3:
        return
    if not (np.diff(used) >= 0).all() or used[0] >= LOW * used[-1]:
        return
    later = _later(function, run.steps, LOOKS_TWICE)
    falls = [at for at, factor in later if factor < REACHED * used[-1]]
    if falls:
        text = f"{run.name} rises until the last of {run.steps:,} updates, and falls only at "
        yield Seen(run.steps - 1, f"{text}{falls[0]:,}: the warmup takes the whole run.")


def _later(function: Callable, total: int, looks: int) -> list[tuple[int, float]]:
    """Return what a function gives at steps after the run, until it cannot be called."""
    seen = []
    for look in range(looks):
        at = round(total * FURTHER**look)
        try:
            seen.append((at, float(function(at))))
        except Exception:  # nobody said that it can be called there
            break
    return seen


def _is_exponential(used: np.ndarray) -> bool:
    """Whether a decay, smooth or in stairs, has no horizon: its floor is none either."""
    stairs = used[np.append(True, np.diff(used) != 0)]
    if len(stairs) < 2 or not (stairs > 0).all():
        return False
    ratios = stairs[1:] / stairs[:-1]
    return bool(np.ptp(ratios) < SAME_RATIO)


@rule(
    code="horizon-outside-run",
    severity="warning",
    remedy="Fit its horizon to the updates that the scheduler gets.",
    chapter="your own schedule",
    unless=("changes-too-little", "never-reaches-peak", "exhausted", "would-raise"),
)
def function_goes_on(run: Run) -> Iterator[Seen]:
    """The run ends high, where the function would have come down later."""
    function, used = _function(run), run.whole[:, 0]
    if function is None or run.broken is not None or len(run.rates) < 3:
        return
    if any(horizon(part) for part in run.parts):  # see arguments
        return
    left, falling = used[-1] / max(used.max(), UNDERFLOW), used[int(np.argmax(used)) :]
    cycles = (np.diff(falling) > ROUNDING * used.max()).any()
    if left <= LEFT + ROUNDING or cycles or _is_exponential(falling):
        return
    total = run.taken + run.steps
    bounded = left <= LEFT_BY_A_FORMULA
    end = _comes_down(_later(function, total, LOOKS), TO_COME * run.factors[-1, 0], bounded)
    if end is not None and end > TOO_LONG * total + 1:
        text = f"{run.name} gets {run.steps:,} updates, and its function comes down to "
        yield Seen(run.steps - 1, f"{text}{max(function(end), 0.0):.3g} only at about {end:,}.")


def _comes_down(later: list[tuple[int, float]], enough: float, bounded: bool) -> int | None:
    """Return the step at which a function that falls has come down, if it ever does.

    It has where it has the value that it keeps, twice as far and for ever; and, unless only a
    function with a bound is asked for, where it turns, crosses zero or can no longer be called.
    """
    at = [at for at, _ in later]
    factors = np.maximum([factor for _, factor in later], 0.0)
    called = len(at) == LOOKS
    for index in range(1, len(at)):
        before, factor = factors[index - 1 : index + 1]
        if factor >= enough or (factor == 0 and before < UNDERFLOW):
            continue
        if (factors[index:] == factor).all():
            found = called and at[-1] >= 2 * at[index]
            found |= not bounded and (factor == 0 or not called)
        else:
            found = not bounded and (factor == 0 or factors[index + 1] > factor)
        if found:
            return at[index]
    return None


@rule(
    code="horizon-outside-run",
    severity="warning",
    remedy="Fit its horizon to the updates that the scheduler gets.",
    chapter="your own schedule",
    unless=("changes-too-little", "never-reaches-peak", "exhausted", "would-raise"),
)
def class_goes_on(run: Run) -> Iterator[Seen]:
    """The same of a class of one's own, which can only be stepped on and on."""
    steps = min(ON * run.steps, MOST_STEPS)
    if not run.own or run.function or run.broken is not None or needs_a_metric(run.scheduler):
        return
    left, top = run.rates[-1, 0], run.rates[:, 0].max()
    if left <= LEFT * top or steps <= TOO_LONG * run.steps + 1:
        return
    used = _stepped_on(run, steps)
    end = int(np.argmin(used))
    # It has come down if it stays there, climbs, or ends: what still falls has no horizon.
    down = end < (1 - SETTLED) * steps and used[end] < TO_COME * left
    if down and end > TOO_LONG * run.steps + 1:
        text = f"{run.name} gets {run.steps:,} updates, and comes down to {used[end]:.3g} only "
        yield Seen(run.steps - 1, f"{text}at {end:,}.")


def _stepped_on(run: Run, steps: int) -> np.ndarray:
    """Return the rates of so many steps, until they cross zero or a step raises something."""
    used = []
    try:
        for optimizer in simulate(run.scheduler, steps):
            used.append(max(float(optimizer.param_groups[0]["lr"]), 0.0))
            if not used[-1] > 0:
                break
    except Exception:  # it ends with its run
        pass
    return np.array(used)
