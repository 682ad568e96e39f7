"""Rules about arguments: what a class that is known was told, against the updates that it gets."""

import math
from collections.abc import Iterator

import numpy as np

from lrsched_book.diagnosis.parts import Part, horizon
from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run
from lrsched_book.diagnosis.thresholds import (
    ENOUGH_DROPS,
    ROUNDING,
    SHORTEST_CHANGE,
    TOO_LITTLE,
    TOO_LONG,
    TOO_SHORT,
)

# A cycle repeats on purpose, so it must be shorter still, and shorter than a hundred updates:
# cycles of one epoch are usual.
CYCLE_TOO_SHORT, CYCLE_AT_LEAST = 0.01, 100
# A last cycle that lacks less than a tenth has come down as far as anybody can see.
CYCLE_DONE = 0.9
# A triangle is cut short if the run ends in the upper half of it.
UPPER_HALF = 0.5
DROPS = ("MultiStepLR", "multistep")
# Who divides the peak by one keeps the rate on purpose.
ONE_CYCLES = ("OneCycleLR", "one_cycle")
# The factors that start at a third and end at one, unless they are given. In fewer updates than ten
# they are tried out, and do not come near the peak.
RISES = {"LinearLR": ("start_factor", "end_factor"), "ConstantLR": ("factor",)}
SHORTEST_RISE = 10

PER_UPDATE = "it seems to count epochs, and to be stepped once per update."
PER_EPOCH = "it counts updates, and is stepped once per epoch."


def _seen(run: Run, part: Part, local_step: float, text: str) -> Seen:
    """Say where in the run a step of the part's own time is."""
    at = min(max(part.start + local_step, 0), run.steps - 1)
    return Seen(math.ceil(at), f"{part.name} {text}", part.name)


def _counts_epochs(run: Run, part: Part, last: float) -> bool:
    """Whether what is over after `last` steps was given in epochs, and is stepped per update."""
    epoch = run.updates_per_epoch or 1
    if epoch > 1 and last <= part.updates / epoch + 1:  # the number of epochs; one more is the gap
        return True
    return last < TOO_SHORT * part.updates and not run.whole_epochs(last)


@rule(
    code="changes-too-little",
    severity="warning",
    remedy="Call scheduler.step() after each update, or count its arguments in epochs.",
)
def counts_updates(run: Run) -> Iterator[Seen]:
    """The horizon is the run's number of updates, but the scheduler is stepped once per epoch."""
    for part in run.parts:
        if run.updates_per_epoch in (None, 1) or (known := horizon(part)) is None:
            continue
        share = known.value / (part.updates * run.updates_per_epoch)
        if known.kind == "decay" and 1 / TOO_LONG <= share <= TOO_LONG:
            text = f"gets {part.updates:,} steps, and {known.argument}={known.value:,}: {PER_EPOCH}"
            yield _seen(run, part, 0, text)


@rule(
    code="changes-too-little",
    severity="warning",
    remedy="See whether each argument stands in its own place: the lowest rate, the power, the "
    "number of steps.",
    unless=("floor-above-rate", "never-reaches-peak", "group-rates-overwritten", "exhausted"),
)
def decays_by_nothing(run: Run) -> Iterator[Seen]:
    """The part is to decay within the run, and its rate stays where it is."""
    for part in run.parts:
        if (known := horizon(part)) is None or part.name in ONE_CYCLES or run.taken:
            continue
        # A drop shows when it has come; what a decay does after its end is no decay.
        done = math.ceil(known.last) + (known.kind == "drop")
        if known.kind not in ("decay", "drop") or done > part.updates:
            continue
        end = part.end if known.kind == "drop" else part.start + done
        if (still := _stays_near_its_top(run.rates[part.start : end])) is not None:
            text = f"with {known.argument}={known.value:,} never comes down from {still:.3g}."
            yield _seen(run, part, 0, text)


def _stays_near_its_top(used: np.ndarray) -> float | None:
    """Return the highest rate of groups that stay near their top once they have come there."""
    used = used[:, used.any(axis=0)]  # a frozen group never moves
    if not used.size:
        return None
    enough = (1 - TOO_LITTLE) * used.max(axis=0)
    near = (used > enough).argmax(axis=0)
    least = [rates[at:].min() for rates, at in zip(used.T, near, strict=True)]
    long = (near + SHORTEST_CHANGE <= len(used)).all()
    return used.max() if long and (least > enough).all() else None


@rule(
    code="ends-too-early",
    severity="warning",
    remedy="Call scheduler.step() once per epoch, or count its arguments in updates.",
)
def counts_epochs(run: Run) -> Iterator[Seen]:
    """The horizon, or the last milestone, comes so early that it must count epochs."""
    for part in run.parts:
        milestones = part.arguments.get("milestones", ())
        if part.arguments.get("gamma", 1.0) < 1 and milestones:
            last = max(milestones)
            if _counts_epochs(run, part, last):
                text = f"is over after {last:,} of {part.updates:,} updates: {PER_UPDATE}"
                yield _seen(run, part, last, text)
        if (known := horizon(part)) is None:
            continue
        if known.kind == "decay" and _counts_epochs(run, part, known.last):
            text = f"with {known.argument}={known.value:,} is over after {known.last:,} of "
            yield _seen(run, part, known.last, f"{text}{part.updates:,} updates: {PER_UPDATE}")
        limit = min(CYCLE_TOO_SHORT * part.updates, CYCLE_AT_LEAST)
        if known.kind in ("cycle", "swing") and known.last < limit and _growth(part) == 1:
            text = f"begins anew every {known.last:,} of {part.updates:,} updates: {PER_UPDATE}"
            yield _seen(run, part, known.last, text)


def _growth(part: Part) -> float:
    return part.arguments.get("T_mult") or part.arguments.get("growth", 1)


@rule(
    code="horizon-outside-run",
    severity="warning",
    remedy="Fit it to the updates that the scheduler gets.",
    unless=("changes-too-little", "exhausted"),
)
def horizon_outside_run(run: Run) -> Iterator[Seen]:
    """The part needs more updates than it gets."""
    for part in run.parts:
        if (known := horizon(part)) is None:
            continue
        updates, last = part.updates, known.last
        too_long = {
            "decay": last > TOO_LONG * updates,
            "cycle": last > TOO_LONG * updates,
            # A rise that the run itself cuts off is seen in the rates: never-reaches-peak.
            "rise": last > updates and part.end < run.steps,
            "anneal": last > updates,
            "hold": last > updates and part.end == run.steps,  # cut on purpose by a SequentialLR
            "patience": last >= updates,
        }
        if too_long.get(known.kind):
            text = f"gets {updates:,} updates, too few for {known.argument}={known.value:,}: "
            text += "it never acts." if known.kind == "patience" else "it is cut short."
            yield _seen(run, part, updates - 1, text)


@rule(
    code="milestone-outside-run",
    severity="warning",
    remedy="Move the milestone into the run, or leave it out.",
    unless=("changes-too-little", "exhausted"),
)
def milestone_outside_run(run: Run) -> Iterator[Seen]:
    """A drop or a handover that no update of the run is."""
    yield from (seen for seen, at_the_end in _no_update(run) if not at_the_end)


@rule(
    code="milestone-outside-run",
    severity="note",
    remedy="Leave it out, or let the run go on after it.",
    unless=("changes-too-little", "exhausted"),
)
def milestone_at_the_end(run: Run) -> Iterator[Seen]:
    """The last of several drops is where the run ends, as if to write its length down."""
    yield from (seen for seen, at_the_end in _no_update(run) if at_the_end)


def _no_update(run: Run) -> Iterator[tuple[Seen, bool]]:
    """Yield each part's first milestone that no update is, and whether it but ends the run."""
    for part in run.parts:
        if not (outside := _outside(part)):
            continue
        last = part.updates - 1
        text = f"has the milestone {outside[0]!r}, and none of its updates, 0 to {last:,}, is that."
        yield _seen(run, part, min(int(outside[0]), last), text), _ends_the_run(part, outside[0])


def _outside(part: Part) -> list[float]:
    """Return the milestones that no update is."""
    milestones = part.arguments.get("milestones", part.arguments.get("_milestones", ()))
    known = horizon(part)
    if known is not None and known.kind == "drop":  # the first of the milestones
        milestones = [known.last]
    fraction = part.name != "step"  # every 2.5 updates is what it says, in this package
    return [at for at in sorted(milestones) if at >= part.updates or (fraction and at != int(at))]


def _ends_the_run(part: Part, milestone: float) -> bool:
    """Whether a milestone is but the end of the run: enough other drops come before."""
    if part.name not in DROPS or milestone != part.updates:
        return False
    return sum(at < part.updates for at in part.arguments["milestones"]) >= ENOUGH_DROPS


@rule(
    code="rises-again",
    severity="warning",
    remedy="Make T_max the number of updates it gets, or use cosine(), which stays down.",
)
def cosine_past_its_end(run: Run) -> Iterator[Seen]:
    """Torch's cosine goes on after T_max, upwards."""
    for part in run.parts:
        if part.name != "CosineAnnealingLR" or (known := horizon(part)) is None:
            continue
        if part.updates > known.last + 1:
            at = max(part.start + known.last, 0)
            text = f"comes to the end of T_max={known.value:,} at update {at:,}, then climbs again."
            yield _seen(run, part, known.last + 1, text)


@rule(
    code="ends-in-mid-cycle",
    severity="warning",
    remedy="Let the run end where a cycle ends.",
    unless=("ends-too-early", "never-reaches-peak"),
)
def ends_in_mid_cycle(run: Run) -> Iterator[Seen]:
    """The last cycle is cut off before it has come down."""
    for part in run.parts:
        known = horizon(part)
        if known is None or known.kind not in ("cycle", "swing") or part.updates <= known.last:
            continue
        done, length = part.updates, known.last
        while done > length * (1 + ROUNDING):  # fractions of an update do not add up exactly
            done, length = done - length, length * _growth(part)
        if known.kind == "cycle":
            cut = done < CYCLE_DONE * length
        else:
            cut = _height(part, done - 1) > UPPER_HALF
        if cut:
            text = f"is stopped after {done:,} of the {length:,} updates of its last cycle."
            yield _seen(run, part, part.updates - 1, text)


def _height(part: Part, done: float) -> float:
    """Return how high a triangle stands after `done` updates of a cycle, from 0 to 1."""
    given = part.arguments
    up = given["up"] if "up" in given else given["total_size"] * given["step_ratio"]
    down = horizon(part).last - up
    return done / up if done < up else (up + down - done) / down


@rule(
    code="never-reaches-peak",
    severity="warning",
    remedy="Leave the scheduler out, or give it an update at least.",
    unless=("exhausted",),
)
def no_warmup_at_all(run: Run) -> Iterator[Seen]:
    """A warmup over zero updates is none, but torch's keeps its first factor for ever."""
    for part in run.parts:
        known = horizon(part)
        if known is not None and known.kind in ("rise", "hold") and known.value == 0:
            text = "with total_iters=0 never gives the peak back: its factor stays for good."
            yield _seen(run, part, 0, text)


@rule(
    code="floor-above-rate",
    severity="warning",
    remedy="Set the floor below the rate, or give this group a function of its own in a LambdaLR.",
)
def floor_above_rate(run: Run) -> Iterator[Seen]:
    """A group that is built with no more than the floor cannot fall to it."""
    for part in run.parts:
        if part.scheduler is None:
            continue
        if part.name == "CyclicLR":
            rates, floors = part.scheduler.max_lrs, part.scheduler.base_lrs
        else:
            rates = [group.get("initial_lr", group["lr"]) for group in run.groups]
            floor = part.arguments.get("eta_min", 0.0)
            floors = part.arguments.get("min_lrs", [floor] * len(rates))
        plateau = part.name == "ReduceLROnPlateau"  # it never raises a rate, so it thaws no group
        for number, (rate, floor) in enumerate(zip(rates, floors, strict=False)):
            # A plateau may have come down to its floor, and it never raises a rate.
            above = 0 < rate < floor if plateau else rate <= floor and floor > 0
            if above:
                what = "never cut" if plateau or rate == floor else "raised instead of lowered"
                text = f"has the floor {floor:.3g}, and group {number} the rate {rate:.3g}: it is "
                yield _seen(run, part, 0, f"{text}{what}.")
                break


@rule(
    code="ends-too-early",
    severity="note",
    remedy="Give it start_factor, end_factor and total_iters.",
)
def linear_by_default(run: Run) -> Iterator[Seen]:
    """LinearLR without arguments looks like a decay and is a warmup of five updates."""
    if (
        (part := _by_default(run))
        and part.name == "LinearLR"
        and part.arguments["total_iters"] == 5
    ):
        text = "was given no arguments: it rises from a third for 5 updates, then does nothing."
        yield _seen(run, part, 5, text)


@rule(
    code="never-reaches-peak",
    severity="note",
    remedy="Give a decay its factors, LinearLR(optimizer, 1.0, 0.01, total_iters=n), and let a "
    "warmup end within the run.",
    unless=("exhausted",),
)
def rises_by_default(run: Run) -> Iterator[Seen]:
    """LinearLR and ConstantLR raise the rate unless they are told: a decay was meant, probably."""
    part = _by_default(run)
    if part and part.updates - 1 <= part.arguments["total_iters"] <= part.updates:
        text = "starts with a third of the rate, its default, and reaches all of it where the run "
        yield _seen(run, part, 0, f"{text}ends: it is a warmup, and no decay.")


def _by_default(run: Run) -> Part | None:
    """Return the part that has torch's own factors, if it is alone: one of many is a warmup."""
    part = run.parts[0]
    factors = [part.arguments.get(name) for name in RISES.get(part.name, ())]
    alone = len(run.parts) == 1 and part.updates >= SHORTEST_RISE
    return part if alone and factors and factors == [1.0 / 3, 1.0][: len(factors)] else None
