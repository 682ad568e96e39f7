"""Rules about functions of one's own: is the factor one of the peak?"""

from collections.abc import Iterator

import numpy as np
from torch.optim import lr_scheduler as torchs

from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run
from lrsched_book.diagnosis.thresholds import REACHED, SAME

# A factor may be above 1 by a fiftieth: a warmup of fifty updates that ends one too late is.
EXCESS = 1.02
# A sweep of rates, as in a range test, climbs bit by bit; a staircase climbs most of it at once.
LEAP = 0.5
# A rate of 0.5 and more is one that a function of rates is to be multiplied with.
A_RATE = 0.5
# A factor that stays below a fifth is a rate itself: plans that scale their peak down on purpose
# halve it, or take a quarter.
FACTOR_LIKE_A_RATE = 0.2


@rule(
    code="exceeds-peak",
    severity="warning",
    remedy="Bound the factor by 1: min(factor, 1). The optimizer's lr is the peak.",
    chapter="your own schedule",
)
def exceeds_peak(run: Run) -> Iterator[Seen]:
    """A factor above 1, unless the rate is swept upwards from the optimizer's own."""
    scales = (torchs.MultiplicativeLR, torchs.StepLR, torchs.MultiStepLR, torchs.OneCycleLR)
    if run.taken or not (run.function or type(run.scheduler) in scales):
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
    chapter="your own schedule",
    unless=("never-reaches-peak", "all-updates-at-zero"),
)
def rate_as_factor(run: Run) -> Iterator[Seen]:
    """The function returns the rate itself, which is then multiplied by the optimizer's."""
    if not run.taken and run.function and _like_a_rate(run):
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
    chapter="your own schedule",
    unless=("all-updates-at-zero", "exhausted", "horizon-outside-run"),
)
def stays_below_its_peak(run: Run) -> Iterator[Seen]:
    """The factor changes, and is never near 1."""
    if run.taken or not run.function or not (run.peaks < A_RATE).all() or _like_a_rate(run):
        return
    top = run.factors.max(axis=0)
    if (top < REACHED).all() and (run.rates != run.rates[0]).any():
        yield Seen(
            int(run.factors[:, 0].argmax()),
            f"The factor never exceeds {top[0]:.3g}: the rate goes up to {run.rates.max():.3g}, "
            f"where its peak is {run.peaks.max():.3g}.",
        )
