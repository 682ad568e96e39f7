"""The atlas: an entry for every schedule of the book and class of `torch.optim.lr_scheduler`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from torch.optim import Optimizer
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LRScheduler

from lrsched_book.scheduler import stand_in, trace
from lrsched_book.schedules import (
    Schedule,
    constant,
    cosine,
    cosine_restarts,
    exponential,
    inverse_sqrt,
    inverse_time,
    linear,
    linear_warmup,
    multistep,
    one_cycle,
    one_minus_sqrt,
    polynomial,
    rex,
    step,
    triangular,
    wsd,
)

STEPS = 100  # the number of updates that the examples span

# Where a subject is explained: the notebook, without suffix.
CHAPTERS = {
    "why schedule": "03_why_schedule",
    "range test": "04_finding_the_peak",
    "step and multistep": "05_step_and_multistep",
    "exponential": "06_exponential",
    "polynomial": "07_polynomial",
    "cosine": "08_cosine",
    "restarts and cycles": "09_restarts_and_cycles",
    "plateau": "10_plateau",
    "warmup": "11_warmup",
    "one cycle": "12_one_cycle",
    "your own schedule": "13_your_own_schedule",
    "groups and resuming": "15_groups_and_resuming",
}


@dataclass(frozen=True)
class Trap:
    """How a class of torch surprises those who use it, in a few lines that show it.

    Attributes:
        story: what happens, in one sentence.
        lines: code whose last line is true on the installed torch, or raises. It may use the
            classes of `torch.optim.lr_scheduler`, `trace`, `stand_in` and `np`. It leaves a
            `scheduler` and its `steps` where `diagnose` knows the trap.
        remedy: what to do instead.
        code: what `diagnose` calls it; empty if it cannot see it.
        raises: the name of the error that the last line raises; empty if the line is true.
    """

    story: str
    lines: str
    remedy: str
    code: str = ""
    raises: str = ""

    def show(self) -> tuple[bool, dict]:
        """Run the lines; return whether the last does as told, and the names that they left.

        >>> lines = "trace(StepLR(stand_in(1.0), 1, 0.5), 2)[1] == 0.5"
        >>> halved = Trap("It halves.", lines, remedy="")
        >>> bool(halved.show()[0])
        True
        """
        names = {**vars(torchs), "np": np, "trace": trace, "stand_in": stand_in}
        *before, last = self.lines.splitlines()
        exec("\n".join(before), names)
        try:
            true = eval(last, names)
        except Exception as error:
            return type(error).__name__ == self.raises, names
        return true and not self.raises, names


@dataclass(frozen=True)
class Entry:
    """What the atlas says about one schedule.

    Attributes:
        name: what the schedule is called.
        also: other names of it, or of a special case of it.
        ours: the call that makes it in this package; empty if nothing does.
        torch: the class of `torch.optim.lr_scheduler`; empty if there is none.
        formula: the factor s(t) as an expression of SymPy, from which the page makes its LaTeX,
            with n updates in all and p = t / (n - 1).
        arguments: how torch's arguments read in ours.
        purpose: what it is for.
        chapter: the notebook that explains it, without suffix.
        example: the schedule over `STEPS` updates; None if it is no function of the step.
        build: makes torch's scheduler for the example; None if torch has no class.
        differs: where torch's rates are not those of the example; empty if they are equal.
        elsewhere: by library (`"transformers"`, `"timm"`, `"optax"`, `"keras"`, `"ignite"`), what
            it is called there.
        stepped: when torch's class is stepped as a rule, per update, per epoch or by a metric.
        past_end: what torch's class does after its last planned step; empty if it has none.
        relative: whether torch's class multiplies the rate that it finds in the optimizer, so that
            a rate changed by hand stays changed, instead of computing it from the peak; None if
            its parts decide.
        momentum: whether torch's class moves the momentum, too.
        traps: what goes wrong with torch's class.
    """

    name: str
    ours: str
    torch: str
    formula: str
    arguments: str
    purpose: str
    chapter: str
    example: Schedule | None
    build: Callable[[Optimizer], LRScheduler] | None = None
    also: tuple[str, ...] = ()
    differs: str = ""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    stepped: str = ""
    past_end: str = ""
    relative: bool | None = False
    momentum: bool = False
    traps: tuple[Trap, ...] = ()


EITHER = "per update or per epoch, as its numbers are meant"

ATLAS = (
    Entry(
        name="constant",
        ours="constant()",
        torch="",
        formula="1",
        arguments="No scheduler at all.",
        purpose="A baseline, debugging, runs without a known end.",
        chapter=CHAPTERS["why schedule"],
        example=constant(),
        elsewhere={"transformers": "get_constant_schedule", "optax": "constant_schedule"},
    ),
    Entry(
        name="constant factor, then the peak",
        ours="constant(c).then(constant(), at=w)",
        torch="ConstantLR",
        formula="Piecewise((c, t < w), (1, True))",
        arguments="`factor` is c, `total_iters` is w.",
        purpose="A warmup in one jump.",
        chapter=CHAPTERS["your own schedule"],
        example=constant(0.3).then(constant(), at=20),
        build=lambda o: torchs.ConstantLR(o, factor=0.3, total_iters=20),
        elsewhere={"optax": "piecewise_constant_schedule", "keras": "PiecewiseConstantDecay"},
        stepped=EITHER,
        past_end="Holds the peak.",
        relative=True,
        traps=(
            Trap(
                "`factor=0` divides by zero at the step that should bring the full rate.",
                lines="scheduler, steps = ConstantLR(stand_in(1.0), 0.0, total_iters=5), 10\n"
                "trace(scheduler, steps)",
                raises="ZeroDivisionError",
                remedy="Freeze the parameters, or use a small factor.",
                code="would-raise",
            ),
            Trap(
                "`total_iters=0` never gives the full rate: that of the factor stays.",
                lines="scheduler, steps = ConstantLR(stand_in(1.0), 0.5, total_iters=0), 20\n"
                "trace(scheduler, steps)[-1] == 0.5",
                remedy="Leave the warmup out where it has no updates.",
                code="never-reaches-peak",
            ),
        ),
    ),
    Entry(
        name="step",
        ours="step(every, gamma)",
        torch="StepLR",
        formula="gamma**floor(t / h)",
        arguments="`step_size` is `every` = h; `gamma` as ours.",
        purpose="Published recipes; drops in equal distances.",
        chapter=CHAPTERS["step and multistep"],
        example=step(every=30, gamma=0.4),
        build=lambda o: torchs.StepLR(o, step_size=30, gamma=0.4),
        elsewhere={
            "timm": "StepLRScheduler",
            "optax": "exponential_decay(staircase=True)",
            "keras": "ExponentialDecay(staircase=True)",
            "ignite": "StepStateScheduler",
        },
        stepped=EITHER,
        past_end="Goes on falling.",
        relative=True,
        traps=(
            Trap(
                "Numbers in epochs, stepped per update: the rate is gone before the run has begun.",
                lines="scheduler, steps = StepLR(stand_in(1.0), step_size=3, gamma=0.1), 630\n"
                "trace(scheduler, steps)[30] < 1e-9",
                remedy="`step(3 * updates_per_epoch)`, or step once per epoch.",
                code="ends-too-early",
            ),
            Trap(
                "A fractional `step_size` cuts only where the counter is a multiple of it.",
                lines="rates = trace(StepLR(stand_in(1.0), step_size=2.5, gamma=0.1), 9)\n"
                "rates[4] == 1 and rates[5] == 0.1",
                remedy="A whole number, or `step(2.5)`, which cuts in between.",
            ),
            Trap(
                "A rate changed by hand is carried to the end of the run.",
                lines="scheduler = StepLR(stand_in(1.0), step_size=5)\n"
                "scheduler.optimizer.param_groups[0]['lr'] = 0.5\n"
                "np.isclose(trace(scheduler, 6)[5], 0.05)",
                remedy="`attach(optimizer, step(5))` computes each rate from the peak.",
            ),
        ),
    ),
    Entry(
        name="multistep",
        ours="multistep(milestones, gamma)",
        torch="MultiStepLR",
        formula="gamma**m",
        arguments="`milestones` and `gamma`, as ours. m of the milestones are at most t.",
        purpose="Published recipes; drops where you want them.",
        chapter=CHAPTERS["step and multistep"],
        example=multistep([50, 80], gamma=0.3),
        build=lambda o: torchs.MultiStepLR(o, milestones=[50, 80], gamma=0.3),
        elsewhere={
            "timm": "MultiStepLRScheduler",
            "optax": "piecewise_constant_schedule",
            "keras": "PiecewiseConstantDecay",
            "ignite": "MultiStepStateScheduler",
        },
        stepped=EITHER,
        past_end="Holds the last rate.",
        relative=True,
        traps=(
            Trap(
                "A milestone that is no whole number never acts, and `0.7 * 90` is none.",
                lines="scheduler, steps = MultiStepLR(stand_in(1.0), [0.7 * 90], gamma=0.1), 90\n"
                "trace(scheduler, steps)[-1] == 1",
                remedy="`int(round(0.7 * 90))`.",
                code="milestone-outside-run",
            ),
            Trap(
                "A milestone equal to the length of the run never acts: steps count from 0.",
                lines="scheduler, steps = MultiStepLR(stand_in(1.0), [15, 30], gamma=0.1), 30\n"
                "np.isclose(trace(scheduler, steps)[-1], 0.1)",
                remedy="The last milestone must be smaller than the number of steps.",
                code="milestone-outside-run",
            ),
            Trap(
                "A milestone given twice cuts twice at once.",
                lines="rates = trace(MultiStepLR(stand_in(1.0), milestones=[5, 5], gamma=0.1), 6)\n"
                "np.isclose(rates[5], 0.01)",
                remedy="Give each milestone once.",
            ),
            Trap(
                "A milestone at 0 cuts at once: the optimizer's own rate is never used.",
                lines="trace(MultiStepLR(stand_in(1.0), [0, 5], gamma=0.1), 1)[0] == 0.1",
                remedy="Steps count from 0: the first milestone is at least 1.",
            ),
        ),
    ),
    Entry(
        name="exponential",
        ours="exponential(gamma, floor)",
        torch="ExponentialLR",
        formula="Max(gamma**t, f)",
        arguments="`gamma` as ours; f is our `floor`, 0 unless given. Torch has none.",
        purpose="A smooth decay without a horizon; with γ > 1 the sweep of a range test.",
        chapter=CHAPTERS["exponential"],
        example=exponential(0.96),
        build=lambda o: torchs.ExponentialLR(o, gamma=0.96),
        elsewhere={
            "optax": "exponential_decay",
            "keras": "ExponentialDecay",
            "ignite": "ExpStateScheduler",
        },
        stepped=EITHER,
        past_end="Goes on falling.",
        relative=True,
        traps=(
            Trap(
                "A γ per epoch, stepped per update, spends 1 / (1 − γ) full-rate "
                "updates and stands still.",
                lines="scheduler, steps = ExponentialLR(stand_in(1.0), gamma=0.95), 630\n"
                "trace(scheduler, steps).sum() < 20.1",
                remedy="`exponential(0.95 ** (1 / updates_per_epoch))`.",
                code="ends-too-early",
            ),
            Trap(
                "After a range test by hand, every later scheduler takes the lowest rate of the "
                "test for its peak: each notes the first rate that it finds as `initial_lr`.",
                lines="o = stand_in(1e-5)\n"
                "ExponentialLR(o, gamma=1.26)\n"
                "o.param_groups[0]['lr'] = 0.1\n"
                "trace(LambdaLR(o, lambda t: 1.0), 5)[0] == 1e-5",
                remedy="`range_test` works on copies; `attach` refuses such an optimizer.",
            ),
        ),
    ),
    Entry(
        name="product of factors",
        ours="Schedule(product)",
        torch="MultiplicativeLR",
        formula="Product(g(i), (i, 1, t))",
        arguments="`lr_lambda` is g, called with 1, 2, …; ours is told the product itself. "
        "If all factors are equal, that is `exponential(gamma)`.",
        purpose="A factor per step that depends on the step.",
        chapter=CHAPTERS["your own schedule"],
        example=Schedule(lambda t: 0.99 ** np.minimum(t, 49) * 0.95 ** np.maximum(t - 49, 0)),
        build=lambda o: torchs.MultiplicativeLR(o, lambda t: 0.99 if t < 50 else 0.95),
        stepped=EITHER,
        past_end="Goes on multiplying.",
        relative=True,
        traps=(
            Trap(
                "Given a factor of the peak, as `LambdaLR` wants, it multiplies the "
                "factors up: γ to the power t (t + 1) / 2.",
                lines="rates = trace(MultiplicativeLR(stand_in(1.0), lambda t: 0.95**t), 21)\n"
                "np.isclose(rates[20], 0.95**210)",
                remedy="`LambdaLR` for a factor of the peak; here the ratio of neighbours.",
            ),
        ),
    ),
    Entry(
        name="polynomial",
        ours="polynomial(steps, power, final, initial)",
        torch="PolynomialLR",
        formula="f + (a - f) * (1 - p)**q",
        arguments="`total_iters` is steps − 1, `power` is q. Torch goes from a = 1 to f = 0.",
        purpose="One knob between a late and an early fall.",
        chapter=CHAPTERS["polynomial"],
        example=polynomial(STEPS, power=2),
        build=lambda o: torchs.PolynomialLR(o, total_iters=STEPS - 1, power=2),
        elsewhere={
            "transformers": "get_polynomial_decay_schedule_with_warmup",
            "timm": "PolyLRScheduler",
            "optax": "polynomial_schedule",
            "keras": "PolynomialDecay",
        },
        stepped=EITHER,
        past_end="Holds zero.",
        relative=True,
        traps=(
            Trap(
                "Too short a horizon trains the rest of the run at zero.",
                lines="scheduler, steps = PolynomialLR(stand_in(1.0), total_iters=10), 630\n"
                "trace(scheduler, steps)[10:].max() == 0",
                remedy="`total_iters` as long as the run.",
                code="ends-too-early",
            ),
            Trap(
                "Where `total_iters` is one less than the epochs, and the step is per epoch, the "
                "whole last epoch moves nothing.",
                lines="trace(PolynomialLR(stand_in(1.0), total_iters=9), 10)[-1] == 0",
                remedy="`polynomial(steps, final=0.01)`: torch's class has no final value.",
            ),
        ),
    ),
    Entry(
        name="linear",
        also=("linear to zero", "budgeted"),
        ours="linear(steps, final, initial)",
        torch="LinearLR",
        formula="a + (f - a) * p",
        arguments="`start_factor` is the initial value a, `end_factor` the final value f, "
        "`total_iters` is steps − 1. Torch takes 0 < a ≤ 1 and 0 ≤ f ≤ 1.",
        purpose="A good first choice when the number of updates is known.",
        chapter=CHAPTERS["polynomial"],
        example=linear(STEPS, final=0.05),
        build=lambda o: torchs.LinearLR(o, 1.0, 0.05, total_iters=STEPS - 1),
        elsewhere={
            "transformers": "get_linear_schedule_with_warmup",
            "timm": "PolyLRScheduler(power=1)",
            "optax": "linear_schedule",
            "keras": "PolynomialDecay(power=1)",
            "ignite": "PiecewiseLinear",
        },
        stepped=EITHER,
        past_end="Holds the final value.",
        relative=True,
        traps=(
            Trap(
                "By default it rises, from a third of the peak.",
                lines="scheduler, steps = LinearLR(stand_in(1.0), total_iters=99), 100\n"
                "rates = trace(scheduler, steps)\n"
                "np.isclose(rates[0], 1 / 3) and np.isclose(rates[-1], 1)",
                remedy="`LinearLR(optimizer, 1.0, 0.01, total_iters)` for a decay.",
                code="never-reaches-peak",
            ),
        ),
    ),
    Entry(
        name="linear warmup",
        ours="linear_warmup(w)",
        torch="LinearLR",
        formula="Min((t + 1) / w, 1)",
        arguments="`start_factor` is 1 / w, `total_iters` is w − 1; w is at least 2.",
        purpose="The first updates of large models, large batches and Adam.",
        chapter=CHAPTERS["warmup"],
        example=linear_warmup(20),
        build=lambda o: torchs.LinearLR(o, 1 / 20, 1.0, total_iters=19),
        elsewhere={
            "transformers": "get_constant_schedule_with_warmup",
            "timm": "every scheduler's `warmup_t` and `warmup_lr_init`",
            "optax": "warmup_constant_schedule",
            "keras": "CosineDecay(warmup_steps=)",
            "ignite": "create_lr_scheduler_with_warmup",
        },
        stepped="per update",
        past_end="Holds the peak.",
        relative=True,
        traps=(
            Trap(
                "`start_factor=0` is refused: torch cannot multiply its way up from zero.",
                lines="LinearLR(stand_in(1.0), start_factor=0.0)",
                raises="ValueError",
                remedy="`linear_warmup(w)` starts at 1 / w, so that no update moves nothing.",
            ),
            Trap(
                "`total_iters=0` never reaches the peak.",
                lines="scheduler, steps = LinearLR(stand_in(1.0), start_factor=0.1, "
                "total_iters=0), 20\n"
                "np.isclose(trace(scheduler, steps)[-1], 0.1)",
                remedy="Leave the warmup out where it has no updates.",
                code="never-reaches-peak",
            ),
            Trap(
                "`total_iters` counts gaps: with `1 / w` and `w` the peak comes one update late.",
                lines="late = trace(LinearLR(stand_in(1.0), 1 / 5, total_iters=5), 6)\n"
                "late[4] < 0.9 and np.isclose(late[5], 1)",
                remedy="`LinearLR(optimizer, 1 / w, total_iters=w - 1)`, or `linear_warmup(w)`.",
            ),
            Trap(
                "Resumed without its state, it raises the loaded rate as it once raised the first.",
                lines="optimizer = stand_in(1.0)\n"
                "scheduler = LinearLR(optimizer, 0.05, total_iters=19)\n"
                "optimizer.param_groups[0]['lr'] = 1.0  # as loaded after the warmup\n"
                "steps = 40\n"
                "np.isclose(trace(scheduler, steps)[-1], 20)",
                remedy="Build everything, then load the states of both.",
                code="rate-mismatch",
            ),
        ),
    ),
    Entry(
        name="inverse square root",
        also=("rsqrt",),
        ours="inverse_sqrt(timescale)",
        torch="",
        formula="(1 + t / tau)**Rational(-1, 2)",
        arguments="As a `LambdaLR`; `timescale` is τ.",
        purpose="Runs without a known end; with a warmup, the first transformers.",
        chapter=CHAPTERS["polynomial"],
        example=inverse_sqrt(5),
        elsewhere={"transformers": "get_inverse_sqrt_schedule"},
    ),
    Entry(
        name="inverse square root, cooled",
        also=("rsqrt with cooldown",),
        ours="inverse_sqrt(timescale) * constant().then(linear(n - stop), at=stop)",
        torch="",
        formula="(1 + t / tau)**Rational(-1, 2) * Min((n - 1 - t) / (n - 1 - m), 1)",
        arguments="A `LambdaLR` with the formula; the cooldown begins at update m = `stop`.",
        purpose="Runs whose end is decided late; a large vision transformer was trained so.",
        chapter=CHAPTERS["polynomial"],
        example=inverse_sqrt(5) * constant().then(linear(20), at=80),
    ),
    Entry(
        name="inverse time",
        ours="inverse_time(timescale)",
        torch="",
        formula="(1 + t / tau)**(-1)",
        arguments="As a `LambdaLR`; `timescale` is τ.",
        purpose="The classical rate of stochastic approximation.",
        chapter=CHAPTERS["polynomial"],
        example=inverse_time(10),
        elsewhere={"keras": "InverseTimeDecay"},
    ),
    Entry(
        name="cosine",
        ours="cosine(steps, final, initial)",
        torch="CosineAnnealingLR",
        formula="f + (a - f) * (1 + cos(pi * p)) / 2",
        arguments="`T_max` is steps − 1, `eta_min` is f times the peak; torch starts at a = 1.",
        purpose="The usual choice when the number of updates is known.",
        chapter=CHAPTERS["cosine"],
        example=cosine(STEPS, final=0.01),
        build=lambda o: torchs.CosineAnnealingLR(o, T_max=STEPS - 1, eta_min=0.01),
        elsewhere={
            "transformers": "get_cosine_schedule_with_warmup, "
            "get_cosine_with_min_lr_schedule_with_warmup",
            "timm": "CosineLRScheduler",
            "optax": "cosine_decay_schedule, warmup_cosine_decay_schedule",
            "keras": "CosineDecay",
            "ignite": "CosineAnnealingScheduler",
        },
        stepped=EITHER,
        past_end="Climbs back to the peak, for as long as it fell.",
        relative=True,
        traps=(
            Trap(
                "Past `T_max` the rate climbs again.",
                lines="scheduler, steps = CosineAnnealingLR(stand_in(1.0), T_max=50), 101\n"
                "rates = trace(scheduler, steps)\n"
                "rates[50] < 1e-12 and rates[100] > 0.99",
                remedy="`T_max` = steps − 1, or `cosine(steps)`, which stays at its end.",
                code="rises-again",
            ),
            Trap(
                "`T_max` in epochs, stepped per update, swings up and down through the whole run.",
                lines="scheduler, steps = CosineAnnealingLR(stand_in(1.0), T_max=10), 630\n"
                "(np.diff(np.sign(np.diff(trace(scheduler, steps)))) != 0).sum() > 60",
                remedy="`T_max` in the unit in which you step.",
                code="rises-again",
            ),
            Trap(
                "`eta_min` is one rate for all groups: a group below it is led up.",
                lines="scheduler, steps = CosineAnnealingLR(stand_in(0.1, 1e-5), T_max=99, "
                "eta_min=1e-3), 100\n"
                "np.allclose(trace(scheduler, steps)[-1], 1e-3)",
                remedy="`attach(optimizer, cosine(steps, final=0.01))`: a share of each "
                "group's own peak.",
                code="floor-above-rate",
            ),
            Trap(
                "A rate halved by hand stays halved up to `T_max`; from the step after "
                "it the old plan is back.",
                lines="scheduler = CosineAnnealingLR(stand_in(1.0), T_max=10)\n"
                "scheduler.optimizer.param_groups[0]['lr'] = 0.5\n"
                "plan = trace(CosineAnnealingLR(stand_in(1.0), T_max=10), 16)\n"
                "rates = trace(scheduler, 16)\n"
                "np.allclose(rates[:10], plan[:10] / 2) and np.allclose(rates[11:], "
                "plan[11:])",
                remedy="Build a new optimizer and a new scheduler for a new plan.",
            ),
            Trap(
                "Stepped once per epoch, `T_max` = epochs − 1 spends the whole last epoch at "
                "`eta_min`: with 0 it moves nothing.",
                lines="trace(CosineAnnealingLR(stand_in(1.0), T_max=9), 10)[-1] == 0",
                remedy="`T_max` = epochs where you step per epoch, or an `eta_min` above 0.",
            ),
        ),
    ),
    Entry(
        name="one minus square root",
        also=("1-sqrt", "minus-sqrt"),
        ours="one_minus_sqrt(steps, final, initial)",
        torch="",
        formula="a + (f - a) * sqrt(p)",
        arguments="A `LambdaLR` with the formula.",
        purpose="The cooldown of a warmup-stable-decay plan.",
        chapter=CHAPTERS["your own schedule"],
        example=one_minus_sqrt(STEPS),
        elsewhere={"transformers": "get_wsd_schedule(decay_type='1-sqrt')"},
    ),
    Entry(
        name="reflected exponential",
        also=("REX",),
        ours="rex(steps, final, initial)",
        torch="",
        formula="f + (a - f) * (1 - p) / (1 - p / 2)",
        arguments="A `LambdaLR` with the formula.",
        purpose="A high rate for long, for runs of a known budget.",
        chapter=CHAPTERS["your own schedule"],
        example=rex(STEPS),
    ),
    Entry(
        name="warmup, stable, decay",
        also=("WSD", "trapezoidal", "cooldown"),
        ours="wsd(warmup, stable, decay)",
        torch="",
        formula="Piecewise(((t + 1) / w, t < w), (1, t < w + c), (y(t - w - c), True))",
        arguments="A `SequentialLR` of three; w updates of warmup, c of constant rate, then the "
        "decay y.",
        purpose="Runs whose end is decided late: every branch needs only its own decay.",
        chapter=CHAPTERS["your own schedule"],
        example=wsd(10, 70, one_minus_sqrt(20)),
        elsewhere={
            "transformers": "get_wsd_schedule",
            "optax": "join_schedules",
            "ignite": "PiecewiseLinear",
        },
    ),
    Entry(
        name="warm restarts",
        ours="cosine_restarts(first, growth, final, decay)",
        torch="CosineAnnealingWarmRestarts",
        formula="f + (1 - f) * d**i * (1 + cos(pi * k / (h - 1))) / 2",
        arguments="`T_0` is `first`, `T_mult` is `growth`; torch has no decay d of the peaks. "
        "`eta_min` is f times the peak. k counts the updates of cycle i, h in all.",
        purpose="Snapshots for an ensemble; a usable model before the end.",
        chapter=CHAPTERS["restarts and cycles"],
        example=cosine_restarts(25, growth=3),
        build=lambda o: torchs.CosineAnnealingWarmRestarts(o, T_0=25, T_mult=3),
        differs="Torch divides by h: its cycles end one update before they reach `eta_min`.",
        elsewhere={
            "transformers": "get_cosine_with_hard_restarts_schedule_with_warmup",
            "timm": "CosineLRScheduler(cycle_limit=)",
            "optax": "sgdr_schedule",
            "keras": "CosineDecayRestarts",
            "ignite": "CosineAnnealingScheduler(cycle_mult=)",
        },
        stepped="per update, or per epoch",
        past_end="Goes on cycling.",
        traps=(
            Trap(
                "A run that ends in the middle of a cycle ends at a high rate.",
                lines="scheduler, steps = CosineAnnealingWarmRestarts(stand_in(1.0), T_0=40), 90\n"
                "trace(scheduler, steps)[-1] > 0.8",
                remedy="Choose `T_0` and `T_mult` so that a cycle ends with the run.",
                code="ends-in-mid-cycle",
            ),
        ),
    ),
    Entry(
        name="reduce on plateau",
        ours="WarmupPlateau(optimizer, warmup, steps, **plateau)",
        torch="ReduceLROnPlateau",
        formula="gamma**m",
        arguments="`mode`, `factor`, `patience`, `threshold`, `threshold_mode`, `cooldown`, "
        "`min_lr`, `eps`. The metric decides when the rate is multiplied by `factor` = γ; m counts "
        "how often it was.",
        purpose="Runs of unknown length with a validation metric that can be trusted.",
        chapter=CHAPTERS["plateau"],
        example=None,
        build=lambda o: torchs.ReduceLROnPlateau(o),
        elsewhere={
            "transformers": "get_reduce_on_plateau_schedule",
            "timm": "PlateauLRScheduler",
            "optax": "contrib.reduce_on_plateau",
            "keras": "callbacks.ReduceLROnPlateau",
            "ignite": "ReduceLROnPlateauScheduler",
        },
        stepped="by a metric, per epoch",
        past_end="Has no end: it cuts whenever the metric stands still, down to `min_lr`.",
        relative=True,
        traps=(
            Trap(
                'With `mode="min"` and an accuracy it cuts while the network improves.',
                lines="better = np.linspace(0.5, 0.9, 40)\n"
                "scheduler = ReduceLROnPlateau(stand_in(1.0), patience=5)\n"
                "trace(scheduler, 40, metrics=better)[-1] < 1e-2",
                remedy='`mode="max"` for whatever should grow.',
            ),
            Trap(
                "A negative metric that stands still counts as progress: the bar is a share of it.",
                lines="scheduler = ReduceLROnPlateau(stand_in(1.0), patience=2)\n"
                "trace(scheduler, 40, metrics=[-1.0] * 40).min() == 1",
                remedy='`threshold_mode="abs"` for whatever may be negative.',
            ),
            Trap(
                "The default patience forgives ten epochs after the best: ten epochs see no cut.",
                lines="scheduler, steps = ReduceLROnPlateau(stand_in(1.0)), 10\n"
                "trace(scheduler, steps, metrics=[1.0] * 10).min() == 1",
                remedy="A patience that the run outlasts several times.",
                code="horizon-outside-run",
            ),
        ),
    ),
    Entry(
        name="a function of your own",
        ours="Schedule(g)",
        torch="LambdaLR",
        formula="g(t)",
        arguments="`lr_lambda` is g, or one function per parameter group. "
        "Ours may take arrays of steps, torch's gets one step.",
        purpose="Any formula.",
        chapter=CHAPTERS["your own schedule"],
        example=Schedule(lambda t: np.exp(-((t / 50) ** 2))),
        build=lambda o: torchs.LambdaLR(o, lambda t: np.exp(-((t / 50) ** 2))),
        elsewhere={
            "optax": "any function of the count",
            "keras": "`LearningRateScheduler`, or a subclass of `LearningRateSchedule`",
            "ignite": "LambdaStateScheduler",
        },
        stepped=EITHER,
        past_end="Whatever the function says.",
        traps=(
            Trap(
                "The function returns a factor; one that returns the rate itself squares the peak.",
                lines="scheduler, steps = LambdaLR(stand_in(0.001), lambda t: 0.001 * (1 - t / "
                "100)), 100\n"
                "np.isclose(trace(scheduler, steps)[0], 1e-6)",
                remedy="Return the share of the peak, or build the optimizer with lr=1.",
                code="rate-as-factor",
            ),
            Trap(
                "A lambda in a `state_dict` is left out: a resumed run needs the same code.",
                lines="scheduler = LambdaLR(stand_in(1.0), lambda t: 0.5)\n"
                "scheduler.state_dict()['lr_lambdas'] == [None]",
                remedy="Keep the function in your code, and build it anew before you load.",
            ),
        ),
    ),
    Entry(
        name="one after the other",
        ours="x.then(y, at=w), y.with_warmup(w)",
        torch="SequentialLR",
        formula="Piecewise((x(t), t < w), (y(t - w), True))",
        arguments="`schedulers` are x and y, `milestones` is [w]. The parts are built first, and "
        "building the whole undoes their first step: neither may be a chain or a sequence, and y "
        "no `OneCycleLR`.",
        purpose="A warmup in front of any schedule; warmup, stable, decay.",
        chapter=CHAPTERS["your own schedule"],
        example=cosine(90).with_warmup(10),
        build=lambda o: torchs.SequentialLR(
            o,
            [torchs.LinearLR(o, 0.1, total_iters=9), torchs.CosineAnnealingLR(o, 89)],
            milestones=[10],
        ),
        elsewhere={"optax": "join_schedules", "ignite": "ConcatScheduler"},
        stepped=EITHER,
        past_end="That of its last part.",
        relative=None,
        traps=(
            Trap(
                "The parts count from the milestone on, so the horizon of the second "
                "must leave out the first.",
                lines="o = stand_in(1.0)\n"
                "parts = [LinearLR(o, 0.1, total_iters=20), CosineAnnealingLR(o, "
                "T_max=100)]\n"
                "scheduler, steps = SequentialLR(o, parts, milestones=[20]), 100\n"
                "trace(scheduler, steps)[-1] > 0.09",
                remedy="`cosine(steps - w).with_warmup(w)`.",
                code="horizon-outside-run",
            ),
            Trap(
                "A chain or a sequence as its first part is one step ahead: building the whole "
                "steps it once more.",
                lines="o = stand_in(1.0)\n"
                "parts = [LinearLR(o, 0.2, total_iters=4), ExponentialLR(o, 0.9)]\n"
                "later = ConstantLR(o, 0.5, total_iters=44)\n"
                "scheduler = SequentialLR(o, [ChainedScheduler(parts), later], milestones=[6])\n"
                "steps = 50\n"
                "np.isclose(trace(scheduler, steps)[0], 0.18)",
                remedy="One `LambdaLR` with the product, or `(x * y).then(z, at=w)`.",
                code="composition-bends-rates",
            ),
            Trap(
                "A chain or a sequence as a later part raises an error at its milestone.",
                lines="o = stand_in(1.0)\n"
                "parts = [ConstantLR(o, 0.1, total_iters=5), "
                "ChainedScheduler([ExponentialLR(o, 0.9)])]\n"
                "scheduler, steps = SequentialLR(o, parts, milestones=[5]), 20\n"
                "trace(scheduler, steps)",
                raises="NotImplementedError",
                remedy="Put the parts of the inner sequence into the outer one.",
                code="would-raise",
            ),
            Trap(
                "A `OneCycleLR` as a later part overwrites the peak from which the parts before "
                "it compute.",
                lines="o = stand_in(1.0)\n"
                "low = ConstantLR(o, 0.1, total_iters=5)\n"
                "cycle = OneCycleLR(o, 1.0, total_steps=45, cycle_momentum=False)\n"
                "scheduler, steps = SequentialLR(o, [low, cycle], milestones=[5]), 50\n"
                "np.isclose(trace(scheduler, steps)[0], 0.004)",
                remedy="`constant(0.1).then(one_cycle(45), at=5)`.",
                code="composition-bends-rates",
            ),
        ),
    ),
    Entry(
        name="product",
        ours="x * y",
        torch="ChainedScheduler",
        formula="x(t) * y(t)",
        arguments="`schedulers` are x and y. Torch's is the product only if each part multiplies "
        "the rate that it finds, has no floor, does not run past the end of a cosine, and is no "
        "`SequentialLR`.",
        purpose="Two influences at once.",
        chapter=CHAPTERS["your own schedule"],
        example=exponential(0.98) * step(every=40, gamma=0.5),
        build=lambda o: torchs.ChainedScheduler(
            [torchs.ExponentialLR(o, 0.98), torchs.StepLR(o, 40, 0.5)]
        ),
        elsewhere={"optax": "a function that multiplies two"},
        stepped=EITHER,
        past_end="That of its parts.",
        relative=None,
        traps=(
            Trap(
                "A `SequentialLR` that is built after a warmup puts the peak back, and the warmup "
                "multiplies it: by as much as the warmup divides.",
                lines="o = stand_in(1.0)\n"
                "rise = LinearLR(o, 0.01, total_iters=29)\n"
                "fall = [ConstantLR(o, 1), PolynomialLR(o, 126, 2)]\n"
                "level = SequentialLR(o, fall, milestones=[252])\n"
                "scheduler, steps = ChainedScheduler([rise, level]), 378\n"
                "np.isclose(trace(scheduler, steps).max(), 100)",
                remedy="`linear_warmup(30, initial=0.01) * level`, a product of functions.",
                code="composition-bends-rates",
            ),
            Trap(
                "A `LambdaLR` computes from the peak: as the last part it wipes out the others.",
                lines="o = stand_in(1.0)\n"
                "parts = [ExponentialLR(o, 0.9), LambdaLR(o, lambda t: 1.0)]\n"
                "scheduler, steps = ChainedScheduler(parts), 50\n"
                "(trace(scheduler, steps) == 1).all()",
                remedy="`x * y`, or the product in one `LambdaLR`.",
                code="composition-bends-rates",
            ),
        ),
    ),
    Entry(
        name="triangular cycles",
        ours="triangular(up, down, low, decay)",
        torch="CyclicLR",
        formula="b + (1 - b) * d**i * Min(k / u, (u + v - k) / v)",
        arguments="`max_lr` is the peak, `base_lr` is `low` = b times it, `step_size_up` is "
        '`up` = u, `step_size_down` is `down` = v; `mode` "triangular2" is `decay` = d = 0.5. '
        "k counts the updates of cycle i.",
        purpose="Cyclical rates between two bounds found by a range test.",
        chapter=CHAPTERS["restarts and cycles"],
        example=triangular(up=25, down=25, low=0.1, decay=0.5),
        build=lambda o: torchs.CyclicLR(
            o, 0.1, 1.0, step_size_up=25, mode="triangular2", cycle_momentum=False
        ),
        elsewhere={"ignite": "LinearCyclicalScheduler"},
        stepped="per update",
        past_end="Goes on cycling.",
        momentum=True,
        traps=(
            Trap(
                "It sets the rate itself: that of the optimizer is overwritten by `base_lr`.",
                lines="rates = trace(CyclicLR(stand_in(0.5), 0.1, 1.0, step_size_up=10, "
                "cycle_momentum=False), 2)\n"
                "np.isclose(rates[0], 0.1)",
                remedy="`attach(optimizer, triangular(10, 10, low=0.1))` keeps each group's "
                "own peak.",
            ),
            Trap(
                "By default it moves the momentum, also that of an optimizer that had none.",
                lines="o = stand_in(0.5)\n"
                "scheduler, steps = CyclicLR(o, 0.1, 1.0), 4000\n"
                "o.param_groups[0]['momentum'] > 0.8",
                remedy="`cycle_momentum=False`.",
                code="momentum-changed",
            ),
        ),
    ),
    Entry(
        name="one cycle",
        ours="one_cycle(steps, rise, initial, final)",
        torch="OneCycleLR",
        formula="Piecewise((1 - (1 - a) * (1 + cos(pi * t / (w - 1))) / 2, t < w), "
        "(f + (1 - f) * (1 + cos(pi * (t - w + 1) / (n - w))) / 2, True))",
        arguments="`max_lr` is the peak, `total_steps` is n, `pct_start` is w / n, `div_factor` "
        'is 1 / a, `final_div_factor` is a / f, `anneal_strategy` is "cos". Torch moves the '
        "momentum too, unless `cycle_momentum=False`.",
        purpose="A long warmup and a decay in one curve, to high peaks.",
        chapter=CHAPTERS["one cycle"],
        example=one_cycle(STEPS),
        build=lambda o: torchs.OneCycleLR(o, 1.0, total_steps=STEPS, cycle_momentum=False),
        elsewhere={"optax": "cosine_onecycle_schedule", "ignite": "PiecewiseLinear"},
        stepped="per update",
        past_end="Raises an error.",
        momentum=True,
        traps=(
            Trap(
                "One step more than `total_steps` raises an error, at the end of the run.",
                lines="scheduler, steps = OneCycleLR(stand_in(1.0), 1.0, total_steps=50, "
                "cycle_momentum=False), 60\n"
                "trace(scheduler, steps)",
                raises="ValueError",
                remedy="`total_steps` = all steps of all epochs, the last smaller batch included.",
                code="would-raise",
            ),
            Trap(
                "`max_lr` overwrites the rate of the optimizer, and one number that of "
                "every group.",
                lines="scheduler, steps = OneCycleLR(stand_in(0.1, 0.001), 0.5, total_steps=50, "
                "cycle_momentum=False), 50\n"
                "np.allclose(trace(scheduler, steps).max(axis=0), 0.5)",
                remedy="A list of peaks, one a group, or `attach(optimizer, one_cycle(50))`.",
                code="group-rates-overwritten",
            ),
            Trap(
                "It moves the momentum by default: an SGD without any gets 0.95 when it is built, "
                "and so does an Adam for its β1.",
                lines="optimizer = stand_in(1.0)\n"
                "scheduler, steps = OneCycleLR(optimizer, 1.0, total_steps=50), 50\n"
                "optimizer.param_groups[0]['momentum'] == 0.95",
                remedy="`cycle_momentum=False`.",
                code="momentum-changed",
            ),
            Trap(
                "`three_phase=True` alone leaves two fifths of the run at 4% of the peak or less.",
                lines="idle = OneCycleLR(stand_in(0.1), 1.0, total_steps=200, three_phase=True)\n"
                "(trace(idle, 200) < 0.0401).mean() > 0.4",
                remedy='`pct_start=0.45`, with `anneal_strategy="linear"` for the paper\'s form.',
            ),
            Trap(
                "With a linear anneal the one step past the end makes a negative rate.",
                lines="past = OneCycleLR(stand_in(0.1), 1.0, 50, anneal_strategy='linear')\n"
                "past.step(50)\n"
                "past.get_last_lr()[0] < 0",
                remedy="`total_steps` = all steps of all epochs, the last smaller batch included.",
            ),
        ),
    ),
)


def chapter_of(name: str) -> str:
    """Return the chapter that explains a class of torch or a function of this package.

    Raises:
        KeyError: if the atlas has no such entry.

    >>> chapter_of("CosineAnnealingLR"), chapter_of("cosine")
    ('08_cosine', '08_cosine')
    """
    for entry in ATLAS:
        if name in (entry.torch, entry.ours.partition("(")[0]):
            return entry.chapter
    raise KeyError(name)
