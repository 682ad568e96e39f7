"""Rules about rates: what any scheduler shows when it is stepped through the run."""

from collections.abc import Iterator

import numpy as np
from torch.optim import lr_scheduler as torchs
from torch.optim.swa_utils import SWALR

from lrsched_book.diagnosis.parts import KNOWN
from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run, in_group, numbers
from lrsched_book.diagnosis.thresholds import (
    DOWN,
    REACHED,
    ROUNDING,
    SHORTEST_CHANGE,
    TOO_LITTLE,
    TOO_SHORT,
)
from lrsched_book.scheduler import ScheduleLR

# Below a thousandth of its peak a rate moves nothing that shows in a figure.
DEAD = 1e-3
# A plan that is dead for more than half of the run was meant for a shorter one.
MOSTLY = 0.5
# The last hundredth may be at zero: a long cosine comes near it some updates before its end.
LAST_PART = 100
# Of zero itself three updates are enough: the gap, a batch that is dropped, a rounded number.
MOST_ZEROS = 3
# What torch's recursion leaves of a zero.
ZERO = 1e-12
# A formula that holds the peak itself (the first transformer's d^-0.5) stays far below 1.
HOLDS_THE_PEAK = 0.1
# A decay that is over too soon has come down to a tenth at least: one small cut may be all.
COUNTED_OUT = 0.1


@rule(
    code="would-raise",
    severity="error",
    remedy="Plan the scheduler for all the steps of the run.",
)
def would_raise(run: Run) -> Iterator[Seen]:
    """A step of the run raises an exception."""
    if isinstance(run.broken, Exception):
        last = max(len(run.rates) - 1, 0)
        yield Seen(last, f"The step after update {last:,} raises {run.broken!r}.")


@rule(
    code="rate-not-finite",
    severity="error",
    remedy="Look at the formula of the schedule at this step.",
)
def rate_not_finite(run: Run) -> Iterator[Seen]:
    """An update has a rate that is no number."""
    if isinstance(run.broken, np.ndarray):
        at = len(run.rates)
        yield Seen(at, f"Update {at:,} has the rate {numbers(run.broken)}: the weights are lost.")


@rule(
    code="negative-rate",
    severity="error",
    remedy="Bound the formula below by zero, or end the run before.",
)
def negative_rate(run: Run) -> Iterator[Seen]:
    """An update climbs the loss."""
    negative = (run.rates < 0).any(axis=1)
    if negative.any():
        at = int(np.argmax(negative))
        yield Seen(at, f"Update {at:,} has the rate {numbers(run.rates[at])}: it climbs the loss.")


@rule(
    code="all-updates-at-zero",
    severity="error",
    remedy="Build optimizer and scheduler anew: these have the rate of a finished run.",
    unless=("exhausted",),
)
def all_updates_at_zero(run: Run) -> Iterator[Seen]:
    """Nothing is learned."""
    if run.broken is None and not run.rates.any():
        yield Seen(0, "Every update has the rate 0: nothing is learned.")


@rule(
    code="never-reaches-peak",
    severity="warning",
    remedy="End the warmup within the run, and begin the decay only after it.",
    unless=("exhausted",),
)
def never_reaches_peak(run: Run) -> Iterator[Seen]:
    """The rate rises, and turns or ends before it has reached the peak."""
    if run.taken:
        return
    top, when = run.rates.max(axis=0), run.rates.argmax(axis=0)
    still_rising = run.rates[-1] >= top
    # A rate that never rises was scaled down on purpose.
    short = (top < REACHED * run.peaks) & (run.rates[0] < top * (1 - ROUNDING))
    # So was one that turns far below the peak, and nobody knows what a foreign class calls one.
    short &= still_rising | (_knows_its_peak(run) & (top > HOLDS_THE_PEAK * run.peaks))
    if short.any():
        group = int(np.argmax(short))
        text = f"The rate rises to {top[group]:.3g} only{in_group(short)}, "
        yield Seen(int(when[group]), f"{text}where its peak is {run.peaks[group]:.3g}.")


@rule(
    code="never-reaches-peak",
    severity="warning",
    remedy="Compute each rate from base_lrs, not from the group's present rate.",
    chapter="your own schedule",
    unless=("exhausted",),
)
def collapses_at_once(run: Run) -> Iterator[Seen]:
    """A warmup of a class of one's own shrinks the rate: it multiplies the present one."""
    short = _collapsing(run)
    if short.any():
        group = int(np.argmax(short))
        yield Seen(
            0,
            f"The rate begins at {run.rates[0, group]:.3g}{in_group(short)}, below its peak of "
            f"{run.peaks[group]:.3g}, and shrinks from update to update: it seems to multiply "
            "the present rate by the factor of a warmup.",
        )


def _collapsing(run: Run) -> np.ndarray:
    """Return for each group whether a class of one's own multiplies its rate away at once."""
    if run.taken or not run.own or run.function:
        return np.zeros(run.rates.shape[1], dtype=bool)
    soon = max(2, int(TOO_SHORT * len(run.rates)))
    begins, then = run.factors[0], run.factors[:soon]
    gone = (then[-1] > 0) & (then[-1] < DEAD * begins) & (np.diff(then, axis=0) <= 0).all(axis=0)
    return gone & (begins < REACHED)


def _knows_its_peak(run: Run) -> bool:
    return isinstance(run.scheduler, ScheduleLR) or type(run.scheduler) in KNOWN


@rule(
    code="changes-too-little",
    severity="warning",
    remedy="Call scheduler.step() after each update, or count its arguments in epochs.",
)
def changes_too_little(run: Run) -> Iterator[Seen]:
    """The rate moves, but so little that it must have been meant for many more steps."""
    top, least = run.rates.max(axis=0), run.rates.min(axis=0)
    change = ((top - least) / np.where(top > 0, top, 1)).max()
    if not run.taken and len(run.rates) >= SHORTEST_CHANGE and ROUNDING < change < TOO_LITTLE:
        yield Seen(
            0,
            f"In {len(run.rates):,} steps the rate changes by {change:.2g} of itself: {run.name} "
            "seems to count updates, and to be stepped once per epoch.",
        )


@rule(
    code="changes-too-little",
    severity="warning",
    remedy="Return the whole factor of the step, or use MultiplicativeLR, which multiplies.",
    chapter="exponential",
)
def the_same_factor_at_every_step(run: Run) -> Iterator[Seen]:
    """A LambdaLR is told a factor per step, where it wants the factor since the beginning."""
    if type(run.scheduler) is not torchs.LambdaLR or len(run.rates) < SHORTEST_CHANGE or run.taken:
        return
    constant = (run.rates == run.rates[0]).all() and run.rates.any()
    if constant and (np.abs(run.factors[0] - 1) > ROUNDING).all():
        text = f"{run.name} gives the factor {numbers(run.factors[0])} at every step, and so the "
        yield Seen(0, f"{text}constant rate {numbers(run.rates[0])}: it does not multiply.")


@rule(
    code="ends-too-early",
    severity="warning",
    remedy="Call scheduler.step() once per epoch, or count its arguments in updates.",
    unless=("exhausted",),
)
def dead_for_most_of_the_run(run: Run) -> Iterator[Seen]:
    """The rate is below a thousandth of its peak for more than half of the run."""
    updates, top = len(run.rates), run.rates.max(axis=0)
    after_peak = np.arange(updates)[:, None] > run.rates.argmax(axis=0)
    dead = after_peak & (run.rates < DEAD * top)
    # What reaches zero itself has an end; see zero_before_the_end and over_in_no_time.
    soon = np.minimum(updates - dead.sum(axis=0) + int(TOO_SHORT * updates), updates - 1)
    then = np.take_along_axis(run.rates, soon[None], axis=0)[0]
    ends = (then <= ZERO * top) & (then == run.rates[-1])
    mostly = (dead.sum(axis=0) > MOSTLY * updates) & ~ends & ~_collapsing(run)
    if mostly.any():
        at = int(np.argmax(dead[:, int(np.argmax(mostly))]))
        yield Seen(
            at,
            f"From update {at:,} of {updates:,} on the rate is below a thousandth of its peak"
            f"{in_group(mostly)}: {run.name} seems to count epochs, and to be stepped once per "
            "update.",
        )


@rule(
    code="ends-too-early",
    severity="warning",
    remedy="Call scheduler.step() once per epoch, or count its arguments in updates.",
    unless=("rises-again", "exhausted"),
)
def over_in_no_time(run: Run) -> Iterator[Seen]:
    """The rate falls for the last time when the run has hardly begun."""
    if run.broken is not None or run.taken or type(run.scheduler) is SWALR:  # made to hold a rate
        return
    updates, top = len(run.rates), run.rates.max(axis=0)
    moves = np.flatnonzero((np.abs(np.diff(run.rates, axis=0)) > ROUNDING * top).any(axis=1))
    fell = ((run.rates[-1] <= COUNTED_OUT * top * (1 + ROUNDING)) & ~_collapsing(run)).any()
    at = int(moves[-1]) + 1 if len(moves) else updates
    if fell and at < TOO_SHORT * updates and not run.whole_epochs(at):
        yield Seen(
            at,
            f"{run.name} is over after {at:,} of {updates:,} updates: it seems to count epochs, "
            "and to be stepped once per update.",
        )


@rule(
    code="zero-before-the-end",
    severity="warning",
    remedy="Let the schedule end with the run, or at a rate above zero.",
    unless=("ends-too-early", "exhausted", "all-updates-at-zero"),
)
def zero_before_the_end(run: Run) -> Iterator[Seen]:
    """The last updates move nothing."""
    updates, top = len(run.rates), run.rates.max(axis=0)
    zero = np.abs(run.rates) <= ZERO * top
    some = max(2, updates // LAST_PART)
    exact = run.rates[-min(some, MOST_ZEROS + 1) :] == 0
    idle = (top > 0) & (zero[-some:].all(axis=0) | exact.all(axis=0)) & (updates > 1)
    idle &= ~_collapsing(run)
    if idle.any():
        group = int(np.argmax(idle))
        at = updates - int(np.argmin(zero[::-1, group]))
        yield Seen(at, f"The last {updates - at:,} updates have the rate 0{in_group(idle)}.")


@rule(
    code="zero-before-the-end",
    severity="warning",
    remedy="Look at the factor of the drop: usual ones are between 0.1 and 0.5.",
    chapter="step and multistep",
    unless=("ends-too-early", "exhausted"),
)
def drops_dead(run: Run) -> Iterator[Seen]:
    """One drop takes a thousand parts of the rate, and what is left moves nothing."""
    top = run.rates.max(axis=0)
    used, top = run.rates[:, top > 0], top[top > 0]
    dead = (used <= DEAD * top * (1 + ROUNDING)).all(axis=1)
    alive = len(used) - int(np.argmin(dead[::-1]))  # the first of the dead updates at the end
    idle = len(used) - alive
    if not len(top) or idle < max(2, len(used) // LAST_PART):
        return
    before, after = used[alive - 1], used[alive]
    one_drop = (before >= DOWN * top) & (after <= DEAD * before * (1 + ROUNDING))
    if (one_drop & (after > ZERO * top)).all():
        yield Seen(
            alive,
            f"Update {alive:,} drops the rate from {before[0]:.3g} to {after[0]:.3g}: the last "
            f"{idle:,} updates move next to nothing.",
        )


@rule(
    code="momentum-changed",
    severity="note",
    remedy="Pass cycle_momentum=False unless this is meant.",
)
def momentum_changed(run: Run) -> Iterator[Seen]:
    """The schedule moves the momentum, or Adam's β1, too."""
    low, high = run.momenta.min(axis=0), run.momenta.max(axis=0)
    if not (high - low > ZERO).any():
        return
    group = int(np.nanargmax(high - low))
    built, adam = run.scheduler.optimizer.defaults, "betas" in run.groups[group]
    what = "Adam's β1" if adam else "the momentum"
    before = built["betas"][0] if adam else built.get("momentum", np.nan)
    yield Seen(
        0,
        f"{run.name} moves {what} between {low[group]:.3g} and {high[group]:.3g}; the optimizer "
        f"was built with {before:.3g}.",
    )
