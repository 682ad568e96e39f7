"""Rules about functions of one's own: what a `LambdaLR` was given, and what it does afterwards."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from torch.optim import lr_scheduler as torchs

from lrsched_book.diagnosis.parts import horizon, schedules_of
from lrsched_book.diagnosis.rates import REACHED
from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run, needs_a_metric
from lrsched_book.scheduler import ScheduleLR, simulate

# A factor may be above 1 by a fiftieth: a warmup of fifty updates that ends one too late is.
EXCESS = 1.02
# A sweep of rates, as in a range test, climbs bit by bit; a staircase climbs most of it at once.
LEAP = 0.5
# A rate of 0.5 and more is one that a function of rates is to be multiplied with.
A_RATE = 0.5
# A factor that stays below a fifth is a rate itself: plans that scale their peak down on purpose
# halve it, or take a quarter.
FACTOR_LIKE_A_RATE = 0.2
# Two numbers are the same number if a hundredth part is all they differ by.
SAME = 0.01
# A curve is down below a hundredth of its top, and up above nine tenths.
DOWN, UP = 0.01, 0.9
# Once may be an end that is overrun, twice is a swing.
SWINGS = 2
# As in `arguments`: one update more or less is a matter of convention.
TOO_LONG = 1.01
# How far to look for the end of a function: a run that is a thousand times too short is possible
# (updates counted, epochs stepped), a longer one is not.
FAR = 1000
# A class of one's own is stepped on for so many times the run, and for so many steps at most.
ON, MOST_STEPS = 5, 50_000
# It is down if it stays so for a fifth of them: longer than a stair lasts.
SETTLED = 0.2
# A run that leaves more than a tenth of the peak, where the function would have come down to less
# than half of that, was cut short so that it shows.
LEFT, TO_COME = 0.1, 0.5


def _own_function(run: Run) -> bool:
    """Whether the factor is a function of one's own."""
    return run.own and isinstance(run.scheduler, (ScheduleLR, torchs.LambdaLR))


@rule(
    code="exceeds-peak",
    severity="warning",
    remedy="Bound the factor by 1: min(factor, 1). The optimizer's lr is the peak.",
    chapter="10_your_own_schedule",
)
def exceeds_peak(run: Run) -> Iterator[Seen]:
    """A factor above 1, unless the rate is swept upwards from the optimizer's own."""
    scales = (torchs.MultiplicativeLR, torchs.StepLR, torchs.MultiStepLR, torchs.OneCycleLR)
    if run.taken or not (_own_function(run) or type(run.scheduler) in scales):
        return
    for group, used in enumerate(run.factors.T):
        top = int(np.argmax(used))
        if used[top] <= EXCESS or _is_a_sweep(used) or not run.peaks[group] > 0:
            continue
        text = (
            f"The factor is {used[top]:.3g} at update {top:,}: the rate goes up to "
            f"{run.rates[top, group]:.3g}, where its peak is {run.peaks[group]:.3g}."
        )
        yield Seen(int(np.argmax(used > EXCESS)), text)
        return


def _is_a_sweep(used: np.ndarray) -> bool:
    """Whether a rate climbs evenly: from the optimizer's own rate, or by the same factor."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = used[1:] / used[:-1]
    from_its_own = abs(used[0] - 1) < SAME and np.diff(used).max() <= LEAP * (used.max() - used[0])
    return from_its_own or bool(ratios.max() - ratios.min() < SAME * (ratios.max() - 1))


@rule(
    code="rate-as-factor",
    severity="warning",
    remedy="Return a share of the peak, or give the optimizer lr=1.",
    chapter="10_your_own_schedule",
    unless=("never-reaches-peak", "all-updates-at-zero"),
)
def rate_as_factor(run: Run) -> Iterator[Seen]:
    """The function returns the rate itself, which is then multiplied by the optimizer's."""
    if not run.taken and _own_function(run) and _like_a_rate(run):
        yield Seen(
            int(run.factors[:, 0].argmax()),
            f"The factor never exceeds {run.factors[:, 0].max():.3g}, as if it were the rate "
            f"itself: multiplied by the optimizer's lr={run.peaks[0]:.3g} it makes "
            f"{run.rates[:, 0].max():.3g}.",
        )


def _like_a_rate(run: Run) -> bool:
    """Whether every factor is as small as a rate, or as large as the optimizer's own."""
    top, peaks = run.factors.max(axis=0), run.peaks
    small = (top < FACTOR_LIKE_A_RATE) | (np.abs(top - peaks) < SAME * peaks)
    return bool((small & (peaks > 0) & (peaks < A_RATE) & (top > 0)).all())


@rule(
    code="never-reaches-peak",
    severity="warning",
    remedy="Let the factor reach 1 once: the optimizer's lr is the peak.",
    chapter="10_your_own_schedule",
    unless=("all-updates-at-zero", "exhausted", "horizon-outside-run"),
)
def stays_below_its_peak(run: Run) -> Iterator[Seen]:
    """The factor changes, and is never near 1."""
    if run.taken or not _own_function(run) or not (run.peaks < A_RATE).all() or _like_a_rate(run):
        return
    top = run.factors.max(axis=0)
    if (top < REACHED).all() and (run.rates != run.rates[0]).any():
        yield Seen(
            int(run.factors[:, 0].argmax()),
            f"The factor never exceeds {top[0]:.3g}: the rate goes up to {run.rates.max():.3g}, "
            f"where its peak is {run.peaks.max():.3g}.",
        )


@rule(
    code="swings",
    severity="warning",
    remedy="Look at the unit of the function's argument: radians, and updates or epochs. After "
    "its horizon it should stay down.",
    chapter="07_cosine",
)
def swings(run: Run) -> Iterator[Seen]:
    """Down to nothing and smoothly up again, again and again, where nothing cyclic was asked."""
    asked = any(part.arguments.get("num_cycles", 0) >= 1 for part in run.parts)
    if asked or not run.own:
        return
    for used in run.rates.T:
        climbs = _smooth_climbs(used)
        if len(climbs) >= SWINGS:
            text = f"{run.name} falls to nothing and climbs back {len(climbs)} times, the first "
            yield Seen(climbs[0], f"{text}time from update {climbs[0]:,} on.")
            return


def _smooth_climbs(used: np.ndarray) -> list[int]:
    """Return where a rate begins to climb from nothing to its top in more than one update."""
    top = used.max()
    climbs, low, was_up = [], None, False
    for at in np.flatnonzero((used < DOWN * top) | (used > UP * top)):
        if used[at] < DOWN * top:
            low = int(at) if was_up else None
        else:
            if low is not None and at - low > 1:  # in one update it is a restart
                climbs.append(low)
            low, was_up = None, True
    return climbs


def _function(run: Run) -> Callable[[float], float] | None:
    """Return the factor as a function of the step, if it is one of one's own."""
    if not _own_function(run) or any(horizon(part) for part in run.parts):
        return None
    if isinstance(run.scheduler, ScheduleLR):
        return schedules_of(run.scheduler)[0]
    return run.scheduler.lr_lambdas[0]


def _end(function: Callable[[float], float], steps: int) -> int | None:
    """Return the step from which a function that falls keeps one value, if it ever does.

    Raises whatever the function raises so far outside of its run.
    """
    last = function(FAR * steps)
    if function(FAR * steps // 2) != last:
        return None
    low, high = 0, FAR * steps
    while low < high:  # the last change lies in between
        middle = (low + high) // 2
        low, high = (low, middle) if function(middle) == last else (middle + 1, high)
    return high


@rule(
    code="changes-too-little",
    severity="warning",
    remedy="Call scheduler.step() after each update, or let the function count epochs.",
    chapter="10_your_own_schedule",
)
def changes_after_the_run(run: Run) -> Iterator[Seen]:
    """A function that is constant in the run changes later: it counts another unit."""
    function = _function(run)
    if function is None or run.broken is not None or (run.rates != run.rates[0]).any():
        return
    try:
        later = function(FAR * run.steps)
    except Exception:  # nobody said that it can be called there
        return
    if len(run.rates) > 1 and not run.taken and run.rates.any() and later != run.factors[0, 0]:
        text = f"{run.name} gives the factor {run.factors[0, 0]:.3g} at each of {run.steps:,} steps"
        yield Seen(0, f"{text}, and {later:.3g} long after: it seems to count another unit.")


def _is_exponential(used: np.ndarray) -> bool:
    """Whether a decay has no horizon: its floor is none either."""
    third = (len(used) - 1) // 3
    if third < 1 or used[-1] == used[0]:
        return False
    return math.isclose(used[-1] * used[-1 - 2 * third], used[-1 - third] ** 2)


@rule(
    code="horizon-outside-run",
    severity="warning",
    remedy="Fit its horizon to the updates that the scheduler gets.",
    chapter="10_your_own_schedule",
    unless=("changes-too-little", "never-reaches-peak", "exhausted", "would-raise"),
)
def function_goes_on(run: Run) -> Iterator[Seen]:
    """The run ends high, where the function would have come down later."""
    function, used = _function(run), run.factors[:, 0]
    if function is None or run.broken is not None or len(used) < 3:
        return
    if used[-1] <= LEFT * used.max() or _is_exponential(used[int(np.argmax(used)) :]):
        return
    total = run.taken + run.steps
    try:
        end, final = _end(function, total), function(FAR * total)
    except Exception:  # nobody said that it can be called there
        return
    if end is not None and end > TOO_LONG * total + 1 and final < TO_COME * used[-1]:
        text = f"{run.name} gets {run.steps:,} updates, and its function comes down to "
        yield Seen(run.steps - 1, f"{text}{final:.3g} only at {end:,}.")


@rule(
    code="horizon-outside-run",
    severity="warning",
    remedy="Fit its horizon to the updates that the scheduler gets.",
    chapter="10_your_own_schedule",
    unless=("changes-too-little", "never-reaches-peak", "exhausted", "would-raise"),
)
def class_goes_on(run: Run) -> Iterator[Seen]:
    """The same of a class of one's own, which can only be stepped on and on."""
    steps = min(ON * run.steps, MOST_STEPS)
    if not run.own or _own_function(run) or run.broken is not None or needs_a_metric(run.scheduler):
        return
    left, top = run.rates[-1, 0], run.rates[:, 0].max()
    if left <= LEFT * top or steps <= TOO_LONG * run.steps + 1:
        return
    try:
        optimizers = simulate(run.scheduler, steps)
        used = np.array([float(optimizer.param_groups[0]["lr"]) for optimizer in optimizers])
    except Exception:  # it ends with its run
        return
    end = int(np.argmin(used))
    # It has come down if it stays there, or climbs: what still falls has no horizon.
    down = end < (1 - SETTLED) * len(used) and used[end] < TO_COME * left
    if down and end > TOO_LONG * run.steps + 1:
        text = f"{run.name} gets {run.steps:,} updates, and comes down to {used[end]:.3g} only "
        yield Seen(run.steps - 1, f"{text}at {end:,}.")
