"""What is wrong with a plan, said before a minute is trained.

`diagnose` steps a copy of the scheduler through the planned run and looks at the rates. It also
takes composed schedulers apart and compares each part's own horizon with the updates it will get.
"""

import html
import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, repeat

import numpy as np
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LRScheduler

from lrsched_book._checks import whole_number
from lrsched_book.atlas import chapter_of
from lrsched_book.scheduler import ScheduleLR, simulate, steps_taken
from lrsched_book.schedules import Schedule

SEVERITIES = ("error", "warning", "note")

# Code: severity and remedy.
FAULTS = {
    "would-raise": ("error", "Plan the scheduler for all the steps of the run."),
    "rate-not-finite": ("error", "Look at the formula of the schedule at this step."),
    "negative-rate": ("error", "Bound the formula below by zero, or end the run before."),
    "all-updates-at-zero": (
        "error",
        "Build optimizer and scheduler anew: these have the rate of a finished run.",
    ),
    "exhausted": (
        "warning",
        "Build optimizer and scheduler anew for each run, unless the end of one is resumed; look "
        "ahead with trace(), which uses nothing up.",
    ),
    "already-stepped": (
        "warning",
        "Build optimizer and scheduler anew, unless this run is resumed on purpose.",
    ),
    "late-warmup": (
        "warning",
        "Set the rate before the update that is to use it: s(0) belongs to update 0.",
    ),
    "first-update-at-zero": (
        "warning",
        "Start the warmup above zero: linear_warmup(n) starts at 1/n.",
    ),
    "never-reaches-peak": (
        "warning",
        "End the warmup within the run, and begin the decay only after it.",
    ),
    "changes-too-little": (
        "warning",
        "Call scheduler.step() after each update, or count its arguments in epochs.",
    ),
    "ends-too-early": (
        "warning",
        "Call scheduler.step() once per epoch, or count its arguments in updates.",
    ),
    "zero-before-the-end": (
        "warning",
        "Let the schedule end with the run, or at a rate above zero.",
    ),
    "rises-again": (
        "warning",
        "Make T_max the number of updates it gets, or use cosine(), which stays down.",
    ),
    "ends-in-mid-cycle": ("warning", "Let the run end where a cycle ends."),
    "horizon-outside-run": ("warning", "Fit it to the updates that the scheduler gets."),
    "milestone-outside-run": ("warning", "Move the milestone into the run, or leave it out."),
    "floor-above-rate": (
        "warning",
        "Set the floor below the rate, or give this group a function of its own in a LambdaLR.",
    ),
    "group-rates-overwritten": ("warning", "Pass max_lr as a list with one peak per group."),
    "rate-mismatch": (
        "warning",
        "Resume in this order: build the optimizer, build the scheduler, load both states. Set "
        "no rate by hand.",
    ),
    "momentum-changed": ("note", "Pass cycle_momentum=False unless this is meant."),
}

# A finding is left out where one of these describes the same fault better.
SAYS_MORE = {
    "horizon-outside-run": {"changes-too-little", "never-reaches-peak", "exhausted"},
    "milestone-outside-run": {"changes-too-little", "exhausted"},
    "already-stepped": {"exhausted"},
    "zero-before-the-end": {"ends-too-early", "exhausted"},
    "all-updates-at-zero": {"exhausted"},
    "never-reaches-peak": {"exhausted"},
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Attributes:
        code: its name, a key of `FAULTS`. An error spoils the run, a warning says that it is
            hardly the run that was meant, a note tells what is easily overlooked.
        step: the update where it shows first, counted from 0.
        consequence: what will happen.
        chapter: the chapter that explains it, without suffix.
    """

    code: str
    step: int
    consequence: str
    chapter: str

    @property
    def severity(self) -> str:
        """One of `SEVERITIES`: how bad it is."""
        return FAULTS[self.code][0]

    @property
    def remedy(self) -> str:
        """What to change."""
        return FAULTS[self.code][1]

    @property
    def link(self) -> str:
        """The page of that chapter, relative to the others."""
        return f"{self.chapter}.html"


@dataclass(frozen=True)
class Diagnosis(Sequence):
    """The findings, worst first: a sequence that prints as text and shows as a table.

    Attributes:
        plan: what was examined.
        findings: the findings; none if the plan is sound.
    """

    plan: str
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, in their order."""
        return [finding.code for finding in self.findings]

    def __len__(self) -> int:
        """Count the findings."""
        return len(self.findings)

    def __getitem__(self, index):
        """Return one finding, or a tuple of several."""
        return self.findings[index]

    def __repr__(self) -> str:
        """Show the findings as text, for a terminal."""
        if not self.findings:
            return f"{self.plan}: nothing wrong was found"
        lines = [f"{self.plan}:"]
        for finding in self.findings:
            lines += [
                f"{finding.severity} at update {finding.step}: {finding.code}",
                f"    {finding.consequence}",
                f"    {finding.remedy}",
                f"    See {finding.link}",
            ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if not self.findings:
            return f"<p>{html.escape(repr(self))}</p>"
        rows = "".join(
            f"<tr><td>{finding.severity}</td><td>{finding.step}</td>"
            f"<td><a href='{finding.link}'>{finding.code}</a></td>"
            f"<td>{html.escape(finding.consequence)}</td><td>{html.escape(finding.remedy)}</td></tr>"
            for finding in self.findings
        )
        heads = "<th>severity</th><th>update</th><th>code</th><th>consequence</th><th>remedy</th>"
        return f"<table><caption>{html.escape(self.plan)}</caption><tr>{heads}</tr>{rows}</table>"


def diagnose(scheduler: LRScheduler, steps: int) -> Diagnosis:
    """Say what is wrong with a plan: this scheduler, stepped `steps` times.

    Neither the scheduler nor its optimizer is touched. Count the steps as your loop will: once
    per update for most plans, once per epoch if that is where it calls `scheduler.step()`.

    `FAULTS` lists every code with its severity and its remedy.

    Args:
        scheduler: any torch scheduler, made by torch, by `Schedule.attach` or by yourself.
        steps: how often the run will step it, at least 1.

    Returns:
        The findings, worst first; empty if nothing is wrong.

    Raises:
        TypeError: if `scheduler` is not a torch scheduler, or cannot be copied.
        ValueError: if `steps` is not a whole number of at least 1, or the optimizer has no
            parameter group with a learning rate.

    >>> import torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    >>> twice_too_long = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    >>> diagnose(twice_too_long, steps=100)
    CosineAnnealingLR over 100 updates:
    warning at update 51: rises-again
        CosineAnnealingLR comes to the end of T_max=50 at update 50, then climbs again.
        Make T_max the number of updates it gets, or use cosine(), which stays down.
        See 07_cosine.html
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    >>> diagnose(torch.optim.lr_scheduler.LinearLR(optimizer), steps=100)
    LinearLR over 100 updates: nothing wrong was found
    """
    if not isinstance(scheduler, LRScheduler):
        raise TypeError(f"scheduler must be a torch LRScheduler, got {type(scheduler).__name__}")
    steps = whole_number("steps", steps, at_least=1)
    groups = scheduler.optimizer.param_groups
    if not groups or not all("lr" in group for group in groups):
        raise ValueError(
            "scheduler must belong to an optimizer whose parameter groups have a rate 'lr', "
            f"got {type(scheduler.optimizer).__name__} with {len(groups)} groups"
        )
    taken = steps_taken(scheduler)
    findings = []
    for part in _parts(scheduler, -taken, steps):
        findings += _findings_in_part(part, steps)
    codes = {finding.code for finding in findings}
    # A part names its argument, so what it says is better than the same said of the rates.
    in_rates = _findings_in_rates(_run(scheduler, steps))
    findings += [finding for finding in in_rates if finding.code not in codes]
    codes = {finding.code for finding in findings}
    findings = [finding for finding in findings if not codes & SAYS_MORE.get(finding.code, set())]
    findings.sort(key=lambda finding: (SEVERITIES.index(finding.severity), finding.step))
    return Diagnosis(f"{_name(scheduler)} over {steps:,} updates", tuple(findings))


def _name(scheduler: LRScheduler) -> str:
    if isinstance(scheduler, ScheduleLR):
        return repr(scheduler.schedule)
    return type(scheduler).__name__


# --- what the rates show -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Run:
    """What a copy of the scheduler did in the planned run; arrays are (updates, groups)."""

    scheduler: LRScheduler
    taken: int
    rates: np.ndarray
    momenta: np.ndarray
    failure: Exception | None

    @property
    def name(self) -> str:
        return _name(self.scheduler)

    @property
    def chapter(self) -> str:
        parts = list(_parts(self.scheduler, 0, 1))
        return _chapter_of(parts[0].name if len(parts) == 1 else "a composition")

    @property
    def peaks(self) -> np.ndarray:
        """The rate that each group is to reach."""
        if isinstance(self.scheduler, torchs.CyclicLR):
            return np.array([float(rate) for rate in self.scheduler.max_lrs])
        key = "max_lr" if isinstance(self.scheduler, torchs.OneCycleLR) else "initial_lr"
        groups = self.scheduler.optimizer.param_groups
        return np.array([float(group.get(key, group["lr"])) for group in groups])


def _run(scheduler: LRScheduler, steps: int) -> _Run:
    # Arrays, not lists: 200,000 small lists would keep Python's garbage collector busy.
    groups = len(scheduler.optimizer.param_groups)
    rates, momenta = np.empty((steps, groups)), np.empty((steps, groups))
    done, failure = 0, None
    if isinstance(scheduler, torchs.ReduceLROnPlateau):  # its metric is not known beforehand
        optimizers = repeat(scheduler.optimizer, steps)
    else:
        optimizers = simulate(scheduler, steps)
    try:
        for optimizer in optimizers:
            rates[done] = [float(group["lr"]) for group in optimizer.param_groups]
            momenta[done] = [_momentum(group) for group in optimizer.param_groups]
            done += 1
    except Exception as error:  # of whatever kind: the scheduler may be anyone's
        failure = error
    return _Run(scheduler, steps_taken(scheduler), rates[:done], momenta[:done], failure)


def _momentum(group: dict) -> float:
    """Return a group's momentum or Adam's β1; nan if it has neither."""
    return float(group["betas"][0] if "betas" in group else group.get("momentum", np.nan))


def _findings_in_rates(run: _Run) -> Iterator[Finding]:
    if run.failure is not None:
        last = max(len(run.rates) - 1, 0)
        text = f"The step after update {last} raises {run.failure!r}."
        yield Finding("would-raise", last, text, run.chapter)
        if not len(run.rates):
            return
    finite = np.isfinite(run.rates).all(axis=1)
    if not finite.all():
        at = int(np.argmin(finite))
        text = f"Update {at} has the rate {_numbers(run.rates[at])}: the weights are lost."
        yield Finding("rate-not-finite", at, text, run.chapter)
        return
    negative = (run.rates < 0).any(axis=1)
    if negative.any():
        at = int(np.argmax(negative))
        text = f"Update {at} has the rate {_numbers(run.rates[at])}: it climbs the loss."
        yield Finding("negative-rate", at, text, run.chapter)
    # A group whose peak is zero was frozen on purpose.
    if run.failure is None and run.peaks.any() and not run.rates[:, run.peaks > 0].any():
        text = "Every update has the rate 0: nothing is learned."
        yield Finding("all-updates-at-zero", 0, text, run.chapter)
        return
    yield from _at_the_start(run)
    yield from _at_the_peak(run)
    yield from _at_the_end(run)
    yield from _in_momentum(run)
    yield from _in_match(run)


def _at_the_start(run: _Run) -> Iterator[Finding]:
    first = run.rates[0]
    if run.taken:
        left = run.rates.max(axis=0) - run.rates.min(axis=0) > 1e-9 * run.rates.max(axis=0)
        used_up = len(run.rates) > 1 and not left.any() and not np.allclose(first, run.peaks)
        text = f"{run.name} has taken {run.taken:,} steps before: "
        if used_up:
            text += f"this run gets nothing but the constant rate {_numbers(first)} of it."
            yield Finding("exhausted", 0, text, "03_why_schedule")
        else:
            text += f"the run starts in the middle of the plan, at {_numbers(first)}."
            yield Finding("already-stepped", 0, text, "03_why_schedule")
        return
    if any(_warms_up_late(used) for used in run.rates.T):
        text = (
            f"Update 0 uses {_numbers(first)}, then the rate falls to {_numbers(run.rates[1])} "
            "and warms up: the warmup is one update late and protects nothing."
        )
        yield Finding("late-warmup", 0, text, "11_warmup")
    idle = (first == 0) & (run.rates.max(axis=0) > 0) & (run.peaks > 0)
    if idle.any():
        text = f"Update 0 has the rate 0{_in_group(idle)} and moves nothing."
        yield Finding("first-update-at-zero", 0, text, run.chapter)


def _warms_up_late(used: np.ndarray) -> bool:
    """Whether a group uses its peak once, falls, and only then climbs back."""
    if len(used) < 4 or used[1] > 0.5 * used[0]:
        return False
    falls = np.diff(used[1:]) <= 0
    top = 1 + (int(np.argmax(falls)) if falls.any() else len(falls))
    return top >= 3 and used[top] >= 0.8 * used[0]


def _at_the_peak(run: _Run) -> Iterator[Finding]:
    top, when = run.rates.max(axis=0), run.rates.argmax(axis=0)
    least = run.rates.min(axis=0)
    # A rate that never rises was scaled down on purpose.
    short = (top < 0.9 * run.peaks) & (run.rates[0] < top * (1 - 1e-9))
    # So was one that turns far below: its formula holds the peak, as in the first transformers.
    short &= (top > 0.1 * run.peaks) | (run.rates[-1] >= top)
    if short.any() and not run.taken:
        group = int(np.argmax(short))
        text = (
            f"The rate rises to {top[group]:.3g} only{_in_group(short)}, "
            f"where its peak is {run.peaks[group]:.3g}."
        )
        yield Finding("never-reaches-peak", int(when[group]), text, run.chapter)
    change = ((top - least) / np.where(top > 0, top, 1)).max()
    if len(run.rates) >= 5 and 1e-9 < change < 0.02:
        text = (
            f"In {len(run.rates):,} steps the rate changes by {change:.2g} of itself: "
            f"{run.name} seems to count updates, and to be stepped once per epoch."
        )
        yield Finding("changes-too-little", 0, text, run.chapter)


def _at_the_end(run: _Run) -> Iterator[Finding]:
    updates, top = len(run.rates), run.rates.max(axis=0)
    after_peak = np.arange(updates)[:, None] > run.rates.argmax(axis=0)
    dead = after_peak & (run.rates < 1e-3 * top)
    mostly = dead.sum(axis=0) > 0.5 * updates
    if mostly.any():
        at = int(np.argmax(dead[:, int(np.argmax(mostly))]))
        text = (
            f"From update {at:,} of {updates:,} on the rate is below a thousandth of its peak"
            f"{_in_group(mostly)}: {run.name} seems to count epochs, and to be stepped once per "
            "update."
        )
        yield Finding("ends-too-early", at, text, run.chapter)
    else:
        yield from _after_the_end(run)
    zero = np.abs(run.rates) <= 1e-12 * top  # what torch's recursion leaves of a zero
    # The last hundredth: a long cosine or power comes near zero some updates before its end.
    idle = (top > 0) & zero[-max(2, updates // 100) :].all(axis=0) & (updates > 1)
    if idle.any():
        group = int(np.argmax(idle))
        at = updates - int(np.argmin(zero[::-1, group]))
        text = f"The last {updates - at:,} updates have the rate 0{_in_group(idle)}."
        yield Finding("zero-before-the-end", at, text, run.chapter)


def _after_the_end(run: _Run) -> Iterator[Finding]:
    """Look for what a formula does past its horizon, which is nobody's argument."""
    if run.failure is not None:
        return
    for used in run.rates.T:
        if (low := _turns_round(used)) is not None:
            text = f"{run.name} is down at {used[low]:.3g} at update {low:,}, then climbs again."
            yield Finding("rises-again", low + 1, text, run.chapter)
            return
    updates, top = len(run.rates), run.rates.max(axis=0)
    moves = np.flatnonzero((np.abs(np.diff(run.rates, axis=0)) > 1e-9 * top).any(axis=1))
    fell = (run.rates[-1] < top * (1 - 1e-9)).any()
    if len(moves) and fell and moves[-1] + 1 < 0.05 * updates and not run.taken:
        at = int(moves[-1]) + 1
        text = f"{run.name} is over after {at:,} of {updates:,} updates: {_PER_UPDATE}"
        yield Finding("ends-too-early", at, text, run.chapter)


def _turns_round(used: np.ndarray) -> int | None:
    """Return the update at which a group's rate is lowest, if it climbs smoothly from there on."""
    low, top = int(np.argmin(used)), used.max()
    climb = np.diff(used[low:])
    if low == 0 or not len(climb) or not (climb > 0).all():
        return None
    came_down = used[:low].max() >= 0.9 * top and used[low] < 0.05 * top
    smoothly = climb[0] < 0.1 * top  # a restart jumps
    return low if came_down and smoothly and used[-1] > 2 * used[low] else None


def _in_momentum(run: _Run) -> Iterator[Finding]:
    low, high = run.momenta.min(axis=0), run.momenta.max(axis=0)
    if not (high - low > 1e-12).any():
        return
    group, optimizer = int(np.nanargmax(high - low)), run.scheduler.optimizer
    what = "Adam's β1" if "betas" in optimizer.param_groups[group] else "the momentum"
    text = (
        f"{run.name} moves {what} between {low[group]:.3g} and {high[group]:.3g}; the optimizer "
        f"was built with {_momentum(optimizer.defaults):.3g}."
    )
    yield Finding("momentum-changed", 0, text, run.chapter)


def _in_match(run: _Run) -> Iterator[Finding]:
    """Compare the rate in the optimizer with the one that the scheduler believes to have set."""
    first = run.rates[0]
    believed = np.array([float(rate) for rate in run.scheduler.get_last_lr()])
    if len(believed) != len(first) or np.allclose(believed, first, rtol=1e-9, atol=0):
        return
    text = (
        f"The optimizer has the rate {_numbers(first)}, where {run.name} set "
        f"{_numbers(believed)} last: the states were loaded in the wrong order, or something else "
        "sets the rate as well."
    )
    yield Finding("rate-mismatch", 0, text, "14_optimizer_and_scheduler")


def _numbers(values: np.ndarray) -> str:
    return ", ".join(dict.fromkeys(f"{value:.3g}" for value in values))


def _in_group(where: np.ndarray) -> str:
    return "" if len(where) == 1 else f" in group {int(np.argmax(where))}"


def _chapter_of(name: str) -> str:
    try:
        return chapter_of(name)
    except KeyError:  # a composition, or a class of one's own
        return "10_your_own_schedule"


# --- what the parts show -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """One piece of a plan: step 0 of its own time is update `start`, and `end` is no longer its."""

    name: str
    arguments: dict
    start: int
    end: int
    scheduler: LRScheduler | None = None

    @property
    def updates(self) -> int:
        return self.end - self.start


def _parts(scheduler: LRScheduler, start: int, end: int) -> Iterator[_Part]:
    """Take a scheduler apart, so that each piece counts its own steps."""
    if isinstance(scheduler, ScheduleLR):
        yield from _pieces(scheduler.schedule, start, end)
        return
    name = type(scheduler).__name__
    if type(scheduler).__module__ != torchs.__name__:  # its attributes may mean anything
        yield _Part(name, {}, start, end)
        return
    yield _Part(name, vars(scheduler), start, end, scheduler)
    if isinstance(scheduler, torchs.ChainedScheduler):
        for part in scheduler._schedulers:
            yield from _parts(part, start, end)
    if isinstance(scheduler, torchs.SequentialLR):
        bounds = pairwise([0, *scheduler._milestones, max(end - start, *scheduler._milestones, 0)])
        for part, (low, high) in zip(scheduler._schedulers, bounds, strict=True):
            if start + low < end:
                yield from _parts(part, start + low, min(start + high, end))


def _pieces(schedule: Schedule, start: int, end: int) -> Iterator[_Part]:
    """Take a schedule of this package apart."""
    if schedule.recipe is None:
        return
    function, arguments = schedule.recipe
    if function is Schedule.__mul__:
        for factor in arguments:
            yield from _pieces(factor, start, end)
    elif function is Schedule.then:
        first, second, at = arguments
        yield _Part("then", {"milestones": [at]}, start, end)
        yield from _pieces(first, start, min(start + at, end))
        if start + at < end:
            yield from _pieces(second, start + at, end)
    else:
        named = dict(zip(inspect.signature(function).parameters, arguments, strict=True))
        yield _Part(function.__name__, named, start, end)


def _horizon(part: _Part) -> tuple[str, int, int, str] | None:
    """Return an argument, its value, the local step at which the part has done its work, a kind."""
    given = part.arguments
    if not given:  # not a class of torch: see _parts
        return None

    def read(argument, kind, until=0):
        value = given[argument]
        value = int(value) if value == int(value) else value  # CyclicLR counts in floats
        return argument, value, value + until, kind

    match part.name:
        case "CosineAnnealingLR":
            return read("T_max", "decay")
        case "OneCycleLR":
            return read("total_steps", "decay", until=-1)
        case "PolynomialLR":
            return read("total_iters", "decay")
        case "LinearLR":
            falls = given["end_factor"] < given["start_factor"]
            return read("total_iters", "decay" if falls else "rise")
        case "ConstantLR" if given["factor"] != 1:
            return read("total_iters", "hold")
        case "StepLR" if given["gamma"] != 1:
            return read("step_size", "drop")
        case "ReduceLROnPlateau":  # one value to beat, `patience` forgiven, and one too many
            return read("patience", "drop", until=+2)
        case "CosineAnnealingWarmRestarts":
            return read("T_0", "cycle")
        case "CyclicLR":
            return read("total_size", "swing")
        case "linear" | "cosine":
            falls = given["final"] < given["initial"]
            return read("steps", "decay" if falls else "rise", until=-1)
        case "polynomial":
            return read("steps", "decay", until=-1)
        case "linear_warmup":
            return read("steps", "rise", until=-1)
        case "step" if given["gamma"] != 1:
            return read("every", "drop")
        case "cosine_restarts":
            return read("first", "cycle")
        case "triangular":
            return "up + down", given["up"] + given["down"], given["up"] + given["down"], "swing"
    return None


def _findings_in_part(part: _Part, steps: int) -> Iterator[Finding]:
    """Compare what a part was told with the updates that it will get."""
    if part.end <= 0:  # over before the run begins
        return
    faults = chain(_in_milestones(part), _in_groups(part), _in_horizon(part, part.end == steps))
    for code, local_step, text in faults:
        at = math.ceil(min(max(part.start + local_step, 0), steps - 1))
        yield Finding(code, at, f"{part.name} {text}", _chapter_of(part.name))


def _in_milestones(part: _Part) -> Iterator[tuple[str, int, str]]:
    """Look for drops and handovers that the run does not reach, or leaves behind at once."""
    given = part.arguments
    milestones = sorted(given.get("milestones", given.get("_milestones", [])))
    if not milestones:
        return
    outside = [at for at in milestones if at >= part.updates or at != int(at)]
    if outside:
        last = part.updates - 1
        text = f"has the milestone {outside[0]!r}, and none of its updates, 0 to {last:,}, is that."
        yield "milestone-outside-run", min(int(outside[0]), last), text
    if given.get("gamma", 1.0) < 1 and milestones[-1] < 0.05 * part.updates:
        text = f"is over after {milestones[-1]:,} of {part.updates:,} updates: {_PER_UPDATE}"
        yield "ends-too-early", milestones[-1], text


_PER_UPDATE = "it seems to count epochs, and to be stepped once per update."


def _in_groups(part: _Part) -> Iterator[tuple[str, int, str]]:
    """Compare the groups' own rates with what a scheduler does to all of them."""
    if part.scheduler is None:
        return
    scheduler, groups = part.scheduler, part.scheduler.optimizer.param_groups
    rates = [float(group.get("initial_lr", group["lr"])) for group in groups]
    floors = getattr(scheduler, "min_lrs", [getattr(scheduler, "eta_min", 0.0)] * len(groups))
    plateau = part.name == "ReduceLROnPlateau"  # it never raises a rate, so it thaws no group
    for number, (rate, floor) in enumerate(zip(rates, floors, strict=False)):
        if rate < floor and not (rate == 0 and plateau):
            what = "never cut" if plateau else "raised instead of lowered"
            text = f"has the floor {floor:.3g} above the rate {rate:.3g} of group {number}: it is "
            yield "floor-above-rate", 0, f"{text}{what}."
            break
    if part.name not in ("OneCycleLR", "CyclicLR") or len(groups) == 1:
        return
    peaks = getattr(scheduler, "max_lrs", [group.get("max_lr") for group in groups])
    # Groups that differ in nothing else were surely made for the sake of their rates.
    managed = {"params", "name", "param_names", "lr", "initial_lr", "max_lr", "min_lr"}
    rests = [{key: group[key] for key in group.keys() - managed} for group in groups]
    if len(set(peaks)) == 1 and all(rest == rests[0] for rest in rests):
        text = (
            f"drives all {len(groups)} groups to the same peak {peaks[0]:.3g}: if they were built "
            "with rates of their own, those are lost."
        )
        yield "group-rates-overwritten", 0, text


def _in_horizon(part: _Part, until_the_end: bool) -> Iterator[tuple[str, int, str]]:
    """Compare how long a part takes with the updates that it gets."""
    if (horizon := _horizon(part)) is None:
        return
    argument, value, last, kind = horizon
    updates = part.updates
    too_long = {
        "decay": last > 1.01 * updates,  # one update more or less is a matter of convention
        "rise": last > updates,
        "hold": last > updates and until_the_end,  # a SequentialLR may cut it on purpose
        "drop": last >= updates,
        "cycle": last > 1.01 * updates,
    }
    if too_long.get(kind):
        text = f"gets {updates:,} updates, too few for {argument}={value:,}: "
        text += "it never acts." if kind == "drop" else "it is cut short."
        yield "horizon-outside-run", updates - 1, text
    if kind in ("rise", "hold") and value == 0:
        text = "with total_iters=0 never gives the peak back: its factor stays for good."
        yield "never-reaches-peak", 0, text
    if part.name == "CosineAnnealingLR" and updates > last + 1:
        at = max(part.start + last, 0)
        text = f"comes to the end of T_max={value:,} at update {at:,}, then climbs again."
        yield "rises-again", last + 1, text
    growth = part.arguments.get("T_mult") or part.arguments.get("growth", 1)
    if kind == "decay" and last < 0.05 * updates:
        text = f"is over after {last:,} of {updates:,} updates: {_PER_UPDATE}"
        yield "ends-too-early", last, text
    elif kind in ("cycle", "swing") and last < min(0.01 * updates, 100) and growth == 1:
        text = f"begins anew every {last:,} of {updates:,} updates: {_PER_UPDATE}"
        yield "ends-too-early", last, text
    elif kind == "cycle" and updates > last:
        done, length = updates, last
        while done > length:
            done, length = done - length, length * growth
        if done < 0.9 * length:
            text = f"is stopped after {done:,} of the {length:,} updates of its last cycle."
            yield "ends-in-mid-cycle", updates - 1, text
