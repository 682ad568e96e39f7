"""What is wrong with a plan, said before a minute is trained.

`diagnose` steps a copy of the scheduler through the planned run and hands what it did to the
rules. `rates` has those that look at the rates alone, which is all that is known of a class of
one's own, `cycles` those about rates that come down and climb again, and `starts` and `ends` those
about the start and about what would come after the last update; `shapes` those about functions of
one's own; `groups` those that compare the groups; `arguments` those that read the arguments of a
class that is known; `compositions` those that compare a composition with its parts; `own` those
that compare what a class of one's own was told with what it does. `rules` says how to add one.
"""

from torch.optim.lr_scheduler import LRScheduler

from lrsched_book._checks import real_number, whole_number
from lrsched_book.atlas import CHAPTERS
from lrsched_book.diagnosis import (  # noqa: F401  the rules, in this order
    arguments,
    compositions,
    cycles,
    ends,
    groups,
    own,
    rates,
    shapes,
    starts,
)
from lrsched_book.diagnosis.findings import SEVERITIES, Diagnosis, Finding
from lrsched_book.diagnosis.rules import (  # noqa: F401  for a reader's own rules
    RULES,
    Rule,
    Seen,
    rule,
)
from lrsched_book.diagnosis.run import Run, chapter, look_ahead
from lrsched_book.scheduler import ScheduleLR, stand_in
from lrsched_book.schedules import Schedule


def diagnose(
    plan: LRScheduler | Schedule,
    steps: int,
    *,
    peak: float | None = None,
    updates_per_epoch: int | None = None,
    resumed: bool = False,
) -> Diagnosis:
    """Say what is wrong with a plan: this scheduler or schedule, stepped `steps` times.

    Neither the scheduler nor its optimizer is touched. Count the steps as your loop will: once
    per update for most plans, once per epoch if that is where it calls `scheduler.step()`.

    Args:
        plan: any torch scheduler, made by torch, by `attach` or by yourself; or a schedule.
        steps: how often the run will step it, at least 1.
        peak: for a schedule alone: the rate that it shapes, > 0; 1 if left out.
        updates_per_epoch: batches per epoch, at least 1, if you know: a horizon that equals the
            number of epochs, or of updates, is then recognized however long an epoch is.
        resumed: whether the run goes on where another stopped, so that a scheduler that has been
            stepped before is as it should be.

    Returns:
        The findings, worst first; empty if nothing is wrong.

    Raises:
        TypeError: if `plan` is neither a torch scheduler nor a schedule, or cannot be copied.
        ValueError: if `steps`, `peak` or `updates_per_epoch` is out of its range, `peak` is given
            for a scheduler, whose optimizer has the rate, or that optimizer has no parameter
            group with a learning rate.

    >>> from torch.optim.lr_scheduler import CosineAnnealingLR
    >>> too_short = CosineAnnealingLR(stand_in(0.1), T_max=50)
    >>> diagnose(too_short, steps=100)
    CosineAnnealingLR over 100 updates:
    warning at update 51: rises-again
        CosineAnnealingLR comes to the end of T_max=50 at update 50, then climbs again.
        Make T_max the number of updates it gets, or use cosine(), which stays down.
        See notebooks/08_cosine.ipynb
    >>> from lrsched_book.schedules import cosine
    >>> diagnose(cosine(90).with_warmup(10), steps=100, peak=0.1).codes
    []
    """
    steps = whole_number("steps", steps, at_least=1)
    if updates_per_epoch is not None:
        updates_per_epoch = whole_number("updates_per_epoch", updates_per_epoch, at_least=1)
    run = look_ahead(_scheduler(plan, peak), steps, updates_per_epoch, resumed)
    seen = {}
    for each in RULES:
        # A plan that breaks before its first update has no rates to look at.
        if each.code in seen or not (len(run.rates) or each.severity == "error"):
            continue
        if found := [_finding(each, run, what) for what in each.look(run)]:
            seen[each.code] = each, found
    findings = []
    for each, found in seen.values():
        if not each.unless & seen.keys():
            findings += found
    findings.sort(key=lambda finding: (SEVERITIES.index(finding.severity), finding.step))
    return Diagnosis(f"{run.name} over {steps:,} updates", tuple(findings))


def _scheduler(plan: LRScheduler | Schedule, peak: float | None) -> LRScheduler:
    """Return the scheduler to look at, or raise an error that names the argument."""
    if isinstance(plan, Schedule):
        peak = 1.0 if peak is None else real_number("peak", peak, above=0.0)
        return ScheduleLR(stand_in(peak), plan)
    if not isinstance(plan, LRScheduler):
        raise TypeError(f"plan must be a torch LRScheduler or a Schedule, got {_kind(plan)}")
    if peak is not None:
        raise ValueError(f"peak must be left out for a scheduler, whose optimizer has it: {peak!r}")
    driven = plan.optimizer.param_groups
    if not driven or not all("lr" in group for group in driven):
        raise ValueError(
            "plan must belong to an optimizer whose parameter groups have a rate 'lr', "
            f"got {_kind(plan.optimizer)} with {len(driven)} groups"
        )
    return plan


def _kind(value) -> str:
    return type(value).__name__


def _finding(by: Rule, run: Run, what: Seen) -> Finding:
    about = run.chapter if what.about is None else chapter(what.about)
    step, text = int(what.step), what.consequence
    return Finding(by.code, by.severity, step, text, by.remedy, CHAPTERS.get(by.chapter, about))
