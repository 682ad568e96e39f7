"""Rules about rates that come down and climb again: on purpose, or past an end?"""

from collections.abc import Iterator

import numpy as np

from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run
from lrsched_book.diagnosis.thresholds import DOWN, GATHERS, HALF, JUMP, REACHED, ROUNDING

# More cycles than a hundred, each of a hundred updates or less: see `arguments.CYCLE_TOO_SHORT`.
MOST_CYCLES, SHORT_CYCLE = 100, 110
# A curve has climbed if it doubled.
CLIMBED = 2.0
# A cycle that ends above a tenth of its own top has been cut off.
STILL_UP = 0.1
# A swing goes down below a hundredth of its top, and up above nine tenths.
NOTHING, UP = 0.01, 0.9
# Once may be an end that is overrun, twice is a swing.
SWINGS = 2
# A warmup after a restart takes less than a third of the fall before it.
WARMUP = 3
# A formula that passes its minimum does so smoothly: there it moves by less than a third of its
# fastest fall, and it climbs no faster than it fell, slowly at first. Warmups and triangles turn
# sharply.
SMOOTH, AS_FAST = 1 / 3, 1.1
# It came down by half at least (HALF), and climbed by a twentieth of its top.
SHOWS = 0.05


@rule(
    code="rises-again",
    severity="warning",
    remedy="Let the formula stay at its last value after its horizon, as cosine() does.",
    unless=("ends-too-early", "swings"),
)
def rises_again(run: Run) -> Iterator[Seen]:
    """A formula goes on past its horizon, upwards."""
    if run.broken is not None:
        return
    for used in run.rates.T:
        if (low := _turns_round(used)) is not None:
            text = f"{run.name} is down at {used[low]:.3g} at update {low:,}, then climbs again."
            yield Seen(low + 1, text)
            return


@rule(
    code="rises-again",
    severity="warning",
    remedy="Let the formula stay at its last value after its horizon, as cosine() does.",
    unless=("ends-too-early", "swings"),
)
def passes_its_minimum(run: Run) -> Iterator[Seen]:
    """A function or class of one's own runs through its minimum, in this run or before it."""
    if run.broken is not None or not run.own or _cycles_were_asked_for(run):
        return
    for used in run.whole.T:
        for low, high in _smooth_minima(used):
            if high >= len(run.past):  # what climbed before is no fault of this run
                at = low - len(run.past)
                text = f"{run.name} comes down to {used[low]:.3g}"
                text += f" at update {at:,}" if at >= 0 else " before this run"
                yield Seen(max(at + 1, 0), f"{text}, and climbs again to {used[high]:.3g}.")
                return


def _cycles_were_asked_for(run: Run) -> bool:
    return any(part.arguments.get("num_cycles", 0) >= 1 for part in run.parts)


def _smooth_minima(used: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield where a rate passes a minimum smoothly, and where it ends to climb from there."""
    stairs = np.flatnonzero(np.append(True, np.diff(used) != 0))  # where each begins
    moves = np.diff(used[stairs])
    turns = np.flatnonzero(np.diff(np.sign(moves)) != 0) + 1
    bounds = [0, *turns, len(moves)]
    lengths = np.diff(np.append(stairs, len(used)))
    first = moves[: bounds[1]]
    if len(first) and first[0] > 0 and _gathers_speed(first):
        return  # its first climb is as smooth: it is made of such waves
    for start, turn, end in zip(bounds, bounds[1:], bounds[2:], strict=False):
        fall, climb = -moves[start:turn], moves[turn:end]
        if not (fall[0] > 0 and lengths[turn] <= 2 * lengths[turn - 1]):  # it stayed down
            continue
        smooth = (fall[-1] + climb[0]) / 2 < SMOOTH * fall.max()
        mirrored = climb[: len(fall)]
        as_slow = mirrored.max() < AS_FAST * fall.max() and _gathers_speed(climb)
        top, low, high = used[stairs[start]], used[stairs[turn]], used[stairs[end]]
        if smooth and as_slow and low < HALF * top and high - low > SHOWS * top:
            yield int(stairs[turn]), int(stairs[end])


def _gathers_speed(climb: np.ndarray) -> bool:
    """Whether a climb begins more slowly than it goes on."""
    return climb.max() > GATHERS * climb[0]


def _turns_round(used: np.ndarray) -> int | None:
    """Return the update at which a group's rate is lowest, if it climbs smoothly from there on."""
    top = used.max()
    climbs = np.diff(used) > 0
    low = len(used) - 1 - int(np.argmin(climbs[::-1])) if not climbs.all() else 0
    was_up = np.flatnonzero(used[:low] >= REACHED * top)
    if low == len(used) - 1 or not len(was_up):
        return None
    if (np.diff(used[was_up[-1] : low]) > ROUNDING * top).any():
        return None  # it has climbed before: a cycle, which is meant to
    smoothly = used[low + 1] - used[low] < JUMP * top
    down, up = used[low] < DOWN * top, used[-1] > CLIMBED * used[low]
    return low if down and up and smoothly else None


@rule(
    code="swings",
    severity="warning",
    remedy="Look at the unit of the function's argument: radians, and updates or epochs. After "
    "its horizon it should stay down.",
    chapter="cosine",
)
def swings(run: Run) -> Iterator[Seen]:
    """Down to nothing and smoothly up again, again and again, where nothing cyclic was asked."""
    if _cycles_were_asked_for(run) or not run.own:
        return
    for used in run.rates.T:
        climbs = _smooth_climbs(used)
        if len(climbs) >= SWINGS:
            text = f"{run.name} falls to nothing and climbs back {len(climbs)} times, the first "
            yield Seen(climbs[0], f"{text}time from update {climbs[0]:,} on.")
            return


def _smooth_climbs(used: np.ndarray) -> list[int]:
    """Return where a rate begins to climb from nothing to its top as slowly as it fell."""
    top = used.max()
    climbs, up, low, down = [], None, None, None  # last up, first and last low after it
    for at in map(int, np.flatnonzero((used < NOTHING * top) | (used > UP * top))):
        if used[at] < NOTHING * top:
            low, down = at if low is None else low, at
            continue
        # In one update it is a restart, and in a few a restart with a warmup.
        slow = up is not None and low is not None and at - down > max(1, (low - up) / WARMUP)
        if slow:
            climbs.append(down)
        up, low = at, None
    return climbs


@rule(
    code="ends-too-early",
    severity="warning",
    remedy="Call scheduler.step() once per epoch, or count its arguments in updates.",
    unless=("swings",),
)
def turns_all_the_time(run: Run) -> Iterator[Seen]:
    """A class or function of one's own goes through more than a hundred cycles."""
    if not run.own or run.broken is not None:
        return
    for used in run.rates.T:
        moves = np.sign(np.diff(used))
        moves = moves[moves != 0]
        cycles = int((np.diff(moves) > 0).sum())
        if cycles > MOST_CYCLES and len(used) / cycles <= SHORT_CYCLE:
            length = len(used) / cycles
            text = f"{run.name} begins anew every {length:.0f} of {len(used):,} updates: it seems "
            yield Seen(int(length), f"{text}to count epochs, and to be stepped once per update.")
            return


@rule(
    code="ends-in-mid-cycle",
    severity="warning",
    remedy="Let the run end where a cycle ends.",
    unless=("ends-too-early", "exceeds-peak", "late-warmup", "swings"),
)
def restarts_and_stays_up(run: Run) -> Iterator[Seen]:
    """A rate that came down and jumped up again is still up when the run ends."""
    if not run.own or run.broken is not None:
        return
    for used in run.rates.T:
        top = used.max()
        restarts = np.flatnonzero((np.diff(used) > JUMP * top) & (used[:-1] < DOWN * top)) + 1
        restarts = restarts[[(used[:at] >= JUMP * top).any() for at in restarts]]
        if len(restarts) and used[-1] > STILL_UP * used[restarts[-1] :].max():
            text = f"{run.name} restarts at update {restarts[-1]:,}, and at the end its rate is "
            yield Seen(len(used) - 1, f"{text}still {used[-1]:.3g}.")
            return
