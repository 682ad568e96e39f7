"""Rules about the rate in force: is it what the scheduler's own formula, and its parts, say?"""

from collections.abc import Iterator

import numpy as np
from torch.optim import lr_scheduler as torchs

from lrsched_book.diagnosis.formulas import by_formula
from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run, numbers
from lrsched_book.diagnosis.thresholds import BENT, SAMPLE

# Torch's recursions leave their formulas by less than a millionth of the peak in any run.
SAME_RATE = 1e-6
COMPOSITIONS = (torchs.SequentialLR, torchs.ChainedScheduler)
# A part that begins at twice the rate that was left, where half of the highest was left at most.
FALLEN = 0.5
# Compare all of the first updates, where pieces begin, and a sample of the others.
FIRST = 200


@rule(
    code="composition-bends-rates",
    severity="warning",
    remedy="Compose schedules instead, x.then(y, at=n) or x * y, and attach the result.",
    chapter="your own schedule",
)
def composition_bends_rates(run: Run) -> Iterator[Seen]:
    """The parts, put together, do not do what each of them would do alone."""
    if type(run.scheduler) not in COMPOSITIONS:
        return
    if not has_what_was_set(run):  # see rate_mismatch
        return
    updates = len(run.rates)
    sample = np.linspace(0, updates - 1, SAMPLE).astype(int)
    at = np.unique([*range(min(FIRST, updates)), *sample])
    meant = by_formula(run.scheduler, run.taken + at)
    if meant is None:
        return
    used = run.rates[at]
    bent = np.abs(used - meant) > BENT * np.maximum(used.max(axis=0), meant.max(axis=0))
    if bent.any():
        first = int(np.argmax(bent.any(axis=1)))
        group = int(np.argmax(bent[first]))
        yield Seen(
            int(at[first]),
            f"Update {at[first]:,} uses the rate {used[first, group]:.3g}, where the parts of "
            f"{run.name} make {meant[first, group]:.3g}: one of them overwrites the others.",
        )


@rule(
    code="rises-again",
    severity="note",
    remedy="Nothing, if it should begin anew; else multiply instead, x * y, so that each part goes "
    "on from the rate that the ones before left.",
    chapter="your own schedule",
)
def begins_anew(run: Run) -> Iterator[Seen]:
    """A part of a sequence starts at the base rate again, after others had brought the rate down.

    A cosine after a cosine is a restart, and meant.
    """
    if type(run.scheduler) is not torchs.SequentialLR:
        return
    parts = run.scheduler._schedulers
    for part, milestone in zip(parts[1:], run.scheduler._milestones, strict=True):
        at = milestone - run.taken
        if not 2 <= at < len(run.rates) or type(part) is torchs.CosineAnnealingLR:
            continue
        before, now = run.rates[at - 1].max(), run.rates[at].max()
        if before < FALLEN * run.rates[:at].max() and now > before / FALLEN:
            yield Seen(
                at,
                f"Update {at:,} begins {type(part).__name__} at {now:.3g}, after the parts before "
                f"it had brought the rate down to {before:.3g}.",
            )


@rule(
    code="rate-mismatch",
    severity="warning",
    remedy="Resume in this order: build the optimizer, build the scheduler, load both states. Set "
    "no rate by hand, and give an optimizer one scheduler only.",
    chapter="groups and resuming",
    unless=("composition-bends-rates",),
)
def rate_mismatch(run: Run) -> Iterator[Seen]:
    """The optimizer has another rate than the scheduler set, or than its formula gives."""
    for believed, source in ((_last(run), "set last"), (_now(run), "would set at this step")):
        if not _is_in_force(run, believed):
            yield Seen(
                0,
                f"The optimizer has the rate {numbers(run.rates[0])}, where {run.name} {source} "
                f"{numbers(believed)}: only one of the states was loaded, or in the wrong order, "
                "its horizon has changed since, or something else sets the rate as well.",
            )
            return


def has_what_was_set(run: Run) -> bool:
    """Whether the optimizer has the rates that the scheduler set last, if that says which."""
    return _is_in_force(run, _last(run))


def _is_in_force(run: Run, believed: np.ndarray | None) -> bool:
    """Whether the optimizer has the rates that somebody believes in, or nobody believes any."""
    if believed is None or np.shape(believed) != run.rates[0].shape:
        return True
    return np.allclose(believed, run.rates[0], rtol=SAME_RATE, atol=SAME_RATE * run.peaks.max())


def _last(run: Run) -> np.ndarray | None:
    """Return what the scheduler says it has set; None if it does not say, or forgets it."""
    try:
        if "_last_lr" not in run.scheduler.state_dict():  # then loading a state leaves it as it was
            return None
        return np.array([float(rate) for rate in run.scheduler.get_last_lr()])
    except Exception:  # of whatever kind: the class may be anyone's
        return None


def _now(run: Run) -> np.ndarray | None:
    """Return what the scheduler's formula gives for the step at which it stands."""
    if type(run.scheduler) in COMPOSITIONS:  # see composition_bends_rates
        return None
    if getattr(run.scheduler, "total_iters", None) == 0:  # torch's two ways differ there
        return None
    try:
        rates = by_formula(run.scheduler, [run.taken])
    except Exception:  # a function that cannot be called here, and has raised already
        return None
    return None if rates is None else rates[0]
