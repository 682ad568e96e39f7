"""Rules about the start: is it that of the plan, does it move anything, where does it lead?"""

from collections.abc import Iterator

import numpy as np

from lrsched_book.diagnosis.compositions import has_what_was_set
from lrsched_book.diagnosis.formulas import by_formula
from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run, in_group, numbers
from lrsched_book.diagnosis.thresholds import HALF, ROUNDING, SAME, SHORTEST_WARMUP

# How many steps of the past to look at.
LOOKS = 500
# A late warmup falls to half of its first rate at least, and comes back to eight tenths of it.
FALLS, COMES_BACK = 0.5, 0.8
# A decay that was under way during the warmup takes over with a fall of a tenth of the peak at
# least, and goes on smoothly, by less than a tenth of that fall. A staircase falls and rests.
MISSED, SMOOTH = 0.1, 0.1
# One update at zero among fifty or more costs nothing: the warmups of transformers start so.
HARMLESS = 50


def _used_up(run: Run) -> bool:
    """Whether a scheduler that was stepped before has nothing left but one constant rate."""
    top, least = run.rates.max(axis=0), run.rates.min(axis=0)
    constant = not (top - least > ROUNDING * top).any()
    at_peak = np.allclose(run.rates[0], run.peaks)
    return run.taken > 0 and not run.resumed and len(run.rates) > 1 and constant and not at_peak


@rule(
    code="exhausted",
    severity="warning",
    remedy="Build optimizer and scheduler anew for each run, unless the end of one is resumed; "
    "look ahead with trace(), which uses nothing up.",
    chapter="why schedule",
)
def used_up_by_as_many_steps(run: Run) -> Iterator[Seen]:
    """It was stepped through a run like this one before: to look at it, or to train another."""
    if _used_up(run) and _just_now(run):
        yield Seen(0, _exhausted(run))


@rule(
    code="exhausted",
    severity="note",
    remedy="Pass resumed=True if this is the end of a run; else build optimizer and scheduler "
    "anew.",
    chapter="why schedule",
)
def resumed_on_the_last_stair(run: Run) -> Iterator[Seen]:
    """The end of a staircase is constant, and may well be resumed."""
    if _used_up(run) and not _just_now(run):
        yield Seen(0, _exhausted(run))


def _just_now(run: Run) -> bool:
    """Whether the steps before were as many as these, and used the rates up in their later half.

    A resumed run has mostly fewer left, and a constant rate for longer.
    """
    if abs(run.taken - run.steps) > 1:
        return False
    later = np.linspace(run.taken // 2, run.taken, LOOKS).astype(int)
    rates = by_formula(run.scheduler, later)
    return rates is None or bool((rates != rates[-1]).any())


def _exhausted(run: Run) -> str:
    return (
        f"{run.name} has taken {run.taken:,} steps before: this run gets nothing but the constant "
        f"rate {numbers(run.rates[0])} of it."
    )


@rule(
    code="already-stepped",
    severity="note",
    remedy="Pass resumed=True if this run is resumed; else build optimizer and scheduler anew.",
    chapter="why schedule",
    unless=("exhausted",),
)
def already_stepped(run: Run) -> Iterator[Seen]:
    """The run starts in the middle of the plan."""
    if run.taken and not run.resumed:
        yield Seen(
            0,
            f"{run.name} has taken {run.taken:,} steps before: the run starts in the middle of "
            f"the plan, at {numbers(run.rates[0])}.",
        )


@rule(
    code="late-warmup",
    severity="warning",
    remedy="Set the rate before the update that is to use it: s(0) belongs to update 0.",
    chapter="warmup",
)
def late_warmup(run: Run) -> Iterator[Seen]:
    """The first update still has the full rate; only then does the warmup begin."""
    if not run.taken and any(_warms_up_late(used) for used in run.rates.T):
        yield Seen(
            0,
            f"Update 0 uses {numbers(run.rates[0])}, then the rate falls to "
            f"{numbers(run.rates[1])} and warms up: the warmup is one update late and protects "
            "nothing.",
        )


def _warms_up_late(used: np.ndarray) -> bool:
    """Whether a group uses its peak once, falls, and only then climbs back smoothly."""
    if len(used) <= SHORTEST_WARMUP or used[0] == 0 or used[1] > FALLS * used[0]:
        return False
    falls = np.diff(used[1:]) <= 0
    top = 1 + (int(np.argmax(falls)) if falls.any() else len(falls))
    return top >= SHORTEST_WARMUP and used[top] >= COMES_BACK * used[0]


def _idle_at_the_start(run: Run) -> tuple[int, np.ndarray]:
    """Return how many updates the longest start at zero has, and which groups start so."""
    idle = (run.rates[0] == 0) & (run.rates.max(axis=0) > 0) & (run.peaks > 0)
    if run.taken or not idle.any():
        return 0, idle
    return int((run.rates[:, idle] > 0).argmax(axis=0).max()), idle


@rule(
    code="first-update-at-zero",
    severity="warning",
    remedy="Start the warmup above zero: linear_warmup(n) starts at 1/n.",
    chapter="warmup",
)
def starts_at_zero(run: Run) -> Iterator[Seen]:
    """A notable part of the run moves nothing: an epoch, mostly."""
    updates, idle = _idle_at_the_start(run)
    if updates * HARMLESS > run.steps:
        yield Seen(0, f"Update 0 has the rate 0{in_group(idle)} and moves nothing.")


@rule(
    code="first-update-at-zero",
    severity="note",
    remedy="Nothing, in a run as long as this; linear_warmup(n) starts at 1/n.",
    chapter="warmup",
)
def starts_a_long_warmup_at_zero(run: Run) -> Iterator[Seen]:
    """One update of many is lost."""
    updates, idle = _idle_at_the_start(run)
    if 0 < updates * HARMLESS <= run.steps:
        yield Seen(0, f"Update 0 has the rate 0{in_group(idle)} and moves nothing.")


@rule(
    code="composition-bends-rates",
    severity="warning",
    remedy="Let the decay's own clock start where the warmup ends, as with_warmup() does.",
    chapter="warmup",
)
def decays_while_it_warms_up(run: Run) -> Iterator[Seen]:
    """Where the warmup ends, a decay takes over that is well under way."""
    if not has_what_was_set(run):  # see rate-mismatch
        return
    for used in run.rates.T:
        top = int(np.argmax(used))
        if top < SHORTEST_WARMUP or top + 2 >= len(used) or (np.diff(used[: top + 1]) < 0).any():
            continue
        lost, next_lost = -np.diff(used[top : top + 3])
        if lost > MISSED * used[top] and 0 < next_lost < SMOOTH * lost:
            yield Seen(
                top + 1,
                f"The warmup ends with {used[top]:.3g} at update {top:,}, and the decay goes on "
                f"from {used[top + 1]:.3g}: it has been running since the start.",
            )
            return


@rule(
    code="composition-bends-rates",
    severity="warning",
    remedy="Give what follows the warmup the rate that the warmup leads to.",
    chapter="warmup",
)
def falls_back_to_its_start(run: Run) -> Iterator[Seen]:
    """What follows a warmup starts where the warmup did, and so undoes it."""
    if run.taken or not run.own:
        return
    for used in run.rates.T:
        top = int(np.argmax(used))
        if top < SHORTEST_WARMUP or top + 1 >= len(used) or (np.diff(used[: top + 1]) <= 0).any():
            continue
        back = used[top + 1] > 0 and abs(used[top + 1] - used[0]) <= SAME * used[0]
        if back and (used[[0, *range(top + 1, len(used))]] < HALF * used[top]).all():  # no sawtooth
            yield Seen(
                top + 1,
                f"The rate climbs from {used[0]:.3g} to {used[top]:.3g} at update {top:,}, and the "
                f"next update is back at {used[top + 1]:.3g}: the warmup leads to nothing.",
            )
            return
