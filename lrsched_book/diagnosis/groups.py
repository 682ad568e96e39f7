"""Rules about parameter groups: does each get the rate that it was made for?"""

from collections.abc import Iterator

import numpy as np
from torch.optim.swa_utils import SWALR

from lrsched_book.diagnosis.rules import Seen, rule
from lrsched_book.diagnosis.run import Run, numbers

# What libraries call a group's own factor: timm, and OpenMMLab's.
SCALES = ("lr_scale", "lr_mul", "lr_mult")
# What a scheduler or an optimizer writes into every group.
MANAGED = {"params", "name", "param_names", "lr", "initial_lr", "max_lr", "min_lr"}
ONE_PEAK_EACH = (
    "Give it one peak per group, max_lr as a list, or take a schedule that multiplies each group's "
    "own rate."
)


@rule(code="group-rates-overwritten", severity="warning", remedy=ONE_PEAK_EACH)
def group_rates_overwritten(run: Run) -> Iterator[Seen]:
    """Groups that were made for the sake of their rates are driven at one and the same."""
    built = np.array([float(group.get("initial_lr", group["lr"])) for group in run.groups])
    # SWALR is made to bring all groups to the rate at which weights are averaged.
    if len(set(built)) == 1 or type(run.scheduler) is SWALR:
        return
    if (run.rates == run.rates[:, :1]).all():
        yield Seen(
            0,
            f"All {len(built)} groups run at the same rate, {run.rates[0, 0]:.3g} at first, where "
            f"they were built with {numbers(built)}.",
        )


@rule(code="group-rates-overwritten", severity="note", remedy=ONE_PEAK_EACH)
def driven_to_one_peak(run: Run) -> Iterator[Seen]:
    """OneCycleLR and CyclicLR drive every group to one peak, and leave no trace of its own rate."""
    for part in run.parts:
        if part.name not in ("OneCycleLR", "CyclicLR") or len(run.groups) == 1:
            continue
        peaks = getattr(part.scheduler, "max_lrs", [group.get("max_lr") for group in run.groups])
        # Groups that differ in nothing else were surely made for the sake of their rates.
        rests = [{key: group[key] for key in group.keys() - MANAGED} for group in run.groups]
        if len(set(peaks)) == 1 and all(rest == rests[0] for rest in rests):
            yield Seen(
                max(part.start, 0),
                f"{part.name} drives all {len(run.groups)} groups to the same peak "
                f"{peaks[0]:.3g}: if they were built with rates of their own, those are lost.",
                part.name,
            )


@rule(
    code="lr-scale-ignored",
    severity="warning",
    remedy="Multiply each group's lr by its scale before the scheduler is built.",
    chapter="groups and resuming",
)
def lr_scale_ignored(run: Run) -> Iterator[Seen]:
    """A scale in the group, as timm's schedulers read it; torch's do not."""
    for key in SCALES:
        scales = [group.get(key, 1.0) for group in run.groups]
        low, high = scales.index(min(scales)), scales.index(max(scales))
        if scales[low] != scales[high] and (run.rates[:, low] == run.rates[:, high]).all():
            yield Seen(
                0,
                f"Groups {low} and {high} have {key} {scales[low]:.3g} and {scales[high]:.3g}, "
                f"and both use the rate {run.rates[0, low]:.3g}: {run.name} does not apply it.",
            )
