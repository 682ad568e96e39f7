"""The atlas: an entry for every schedule of the book and class of `torch.optim.lr_scheduler`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch.optim import Optimizer
from torch.optim import lr_scheduler as torchs
from torch.optim.lr_scheduler import LRScheduler

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
    "groups and resuming": "14_the_loop",
}


@dataclass(frozen=True)
class Entry:
    """What the atlas says about one schedule.

    Attributes:
        name: what the schedule is called.
        ours: the call that makes it in this package; empty if nothing does.
        torch: the class of `torch.optim.lr_scheduler`; empty if there is none.
        formula: the factor s(t) in LaTeX, with n updates in all and p = t / (n - 1).
        arguments: how torch's arguments read in ours.
        purpose: what it is for.
        chapter: the notebook that explains it, without suffix.
        example: the schedule over `STEPS` updates; None if it is no function of the step.
        build: makes torch's scheduler for the example; None if torch has no class.
        differs: where torch's rates are not those of the example; empty if they are equal.
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
    differs: str = ""


ATLAS = (
    Entry(
        name="constant",
        ours="constant()",
        torch="",
        formula=r"1",
        arguments="No scheduler at all.",
        purpose="A baseline, debugging, runs without a known end.",
        chapter=CHAPTERS["why schedule"],
        example=constant(),
    ),
    Entry(
        name="constant factor, then the peak",
        ours="constant(c).then(constant(), at=w)",
        torch="ConstantLR",
        formula=r"c \text{ for } t < w,\quad 1 \text{ from } w \text{ on}",
        arguments="`factor` is c, `total_iters` is w.",
        purpose="A warmup in one jump.",
        chapter=CHAPTERS["step and multistep"],
        example=constant(0.3).then(constant(), at=20),
        build=lambda o: torchs.ConstantLR(o, factor=0.3, total_iters=20),
    ),
    Entry(
        name="step",
        ours="step(every, gamma)",
        torch="StepLR",
        formula=r"\gamma^{\lfloor t / h \rfloor}",
        arguments="`step_size` is `every` = h; `gamma` as ours.",
        purpose="Published recipes; drops in equal distances.",
        chapter=CHAPTERS["step and multistep"],
        example=step(every=30, gamma=0.4),
        build=lambda o: torchs.StepLR(o, step_size=30, gamma=0.4),
    ),
    Entry(
        name="multistep",
        ours="multistep(milestones, gamma)",
        torch="MultiStepLR",
        formula=r"\gamma^{\#\{m \,\in\, \text{milestones}:\; m \le t\}}",
        arguments="`milestones` and `gamma`, as ours.",
        purpose="Published recipes; drops where you want them.",
        chapter=CHAPTERS["step and multistep"],
        example=multistep([50, 80], gamma=0.3),
        build=lambda o: torchs.MultiStepLR(o, milestones=[50, 80], gamma=0.3),
    ),
    Entry(
        name="exponential",
        ours="exponential(gamma, floor)",
        torch="ExponentialLR",
        formula=r"\max(\gamma^t,\ \text{floor})",
        arguments="`gamma` as ours; torch has no floor.",
        purpose="A smooth decay without a horizon; with γ > 1 the sweep of a range test.",
        chapter=CHAPTERS["exponential"],
        example=exponential(0.96),
        build=lambda o: torchs.ExponentialLR(o, gamma=0.96),
    ),
    Entry(
        name="product of factors",
        ours="exponential(gamma), if the factors are equal",
        torch="MultiplicativeLR",
        formula=r"\textstyle\prod_{i=1}^{t} g(i)",
        arguments="`lr_lambda` is g, called with 1, 2, …",
        purpose="A factor per step that depends on the step.",
        chapter=CHAPTERS["exponential"],
        example=Schedule(lambda t: 0.99 ** np.minimum(t, 49) * 0.95 ** np.maximum(t - 49, 0)),
        build=lambda o: torchs.MultiplicativeLR(o, lambda t: 0.99 if t < 50 else 0.95),
    ),
    Entry(
        name="polynomial",
        ours="polynomial(steps, power, final)",
        torch="PolynomialLR",
        formula=r"f + (1 - f)\,(1 - p)^{q}",
        arguments="`total_iters` is steps − 1, `power` is q; torch has no final value f.",
        purpose="One knob between a late and an early fall.",
        chapter=CHAPTERS["polynomial"],
        example=polynomial(STEPS, power=2),
        build=lambda o: torchs.PolynomialLR(o, total_iters=STEPS - 1, power=2),
    ),
    Entry(
        name="linear",
        ours="linear(steps, final, initial)",
        torch="LinearLR",
        formula=r"a + (f - a)\,p",
        arguments="`start_factor` is the initial value a, `end_factor` the final value f, "
        "`total_iters` is steps − 1.",
        purpose="A good first choice when the number of updates is known.",
        chapter=CHAPTERS["polynomial"],
        example=linear(STEPS, final=0.05),
        build=lambda o: torchs.LinearLR(o, 1.0, 0.05, total_iters=STEPS - 1),
    ),
    Entry(
        name="linear warmup",
        ours="linear_warmup(w)",
        torch="LinearLR",
        formula=r"\min\!\left(\tfrac{t + 1}{w},\, 1\right)",
        arguments="`start_factor` is 1 / w, `total_iters` is w − 1.",
        purpose="The first updates of large models, large batches and Adam.",
        chapter=CHAPTERS["warmup"],
        example=linear_warmup(20),
        build=lambda o: torchs.LinearLR(o, 1 / 20, 1.0, total_iters=19),
    ),
    Entry(
        name="inverse square root",
        ours="inverse_sqrt(timescale)",
        torch="",
        formula=r"(1 + t / \tau)^{-1/2}",
        arguments="As a `LambdaLR`; `timescale` is τ.",
        purpose="Runs without a known end; with a warmup, the first transformers.",
        chapter=CHAPTERS["polynomial"],
        example=inverse_sqrt(5),
    ),
    Entry(
        name="inverse time",
        ours="inverse_time(timescale)",
        torch="",
        formula=r"(1 + t / \tau)^{-1}",
        arguments="As a `LambdaLR`; `timescale` is τ.",
        purpose="The classical rate of stochastic approximation.",
        chapter=CHAPTERS["polynomial"],
        example=inverse_time(10),
    ),
    Entry(
        name="cosine",
        ours="cosine(steps, final, initial)",
        torch="CosineAnnealingLR",
        formula=r"f + (a - f)\,\tfrac{1}{2}\,(1 + \cos \pi p)",
        arguments="`T_max` is steps − 1, `eta_min` is f times the peak; torch starts at a = 1.",
        purpose="The usual choice when the number of updates is known.",
        chapter=CHAPTERS["cosine"],
        example=cosine(STEPS, final=0.01),
        build=lambda o: torchs.CosineAnnealingLR(o, T_max=STEPS - 1, eta_min=0.01),
    ),
    Entry(
        name="one minus square root",
        ours="one_minus_sqrt(steps, final, initial)",
        torch="",
        formula=r"a + (f - a)\,\sqrt{p}",
        arguments="A `LambdaLR` with the formula.",
        purpose="The cooldown of a warmup-stable-decay plan.",
        chapter=CHAPTERS["your own schedule"],
        example=one_minus_sqrt(STEPS),
    ),
    Entry(
        name="reflected exponential",
        ours="rex(steps, final, initial)",
        torch="",
        formula=r"f + (a - f)\,\frac{1 - p}{1 - p / 2}",
        arguments="A `LambdaLR` with the formula.",
        purpose="A high rate for long, for runs of a known budget.",
        chapter=CHAPTERS["your own schedule"],
        example=rex(STEPS),
    ),
    Entry(
        name="warmup, stable, decay",
        ours="wsd(warmup, stable, decay)",
        torch="",
        formula=r"\tfrac{t + 1}{w} \text{ for } t < w,\quad 1 \text{ for } t < w + c,\quad "
        r"d(t - w - c) \text{ from there on}",
        arguments="A `SequentialLR` of three; w updates of warmup, c of constant rate, then d.",
        purpose="Runs whose end is decided late: every branch needs only its own decay.",
        chapter=CHAPTERS["your own schedule"],
        example=wsd(10, 70, one_minus_sqrt(20)),
    ),
    Entry(
        name="warm restarts",
        ours="cosine_restarts(first, growth, final, decay)",
        torch="CosineAnnealingWarmRestarts",
        formula=r"f + (1 - f)\,d^{\,i}\,\tfrac{1}{2}\left(1 + \cos \tfrac{\pi k}{n_i - 1}\right)",
        arguments="`T_0` is `first`, `T_mult` is `growth`; torch has no decay d of the peaks. "
        "`eta_min` is f times the peak. k counts the updates of cycle i, which has n_i.",
        purpose="Snapshots for an ensemble; a usable model before the end.",
        chapter=CHAPTERS["restarts and cycles"],
        example=cosine_restarts(25, growth=3),
        build=lambda o: torchs.CosineAnnealingWarmRestarts(o, T_0=25, T_mult=3),
        differs="Torch divides by n_i: its cycles end one update before they reach `eta_min`.",
    ),
    Entry(
        name="reduce on plateau",
        ours="",
        torch="ReduceLROnPlateau",
        formula=r"\text{no function of } t",
        arguments="`mode`, `factor`, `patience`, `threshold`, `threshold_mode`, `cooldown`, "
        "`min_lr`, `eps`. The metric decides when the rate is multiplied by `factor`.",
        purpose="Runs of unknown length with a validation metric that can be trusted.",
        chapter=CHAPTERS["plateau"],
        example=None,
        build=lambda o: torchs.ReduceLROnPlateau(o),
    ),
    Entry(
        name="a function of your own",
        ours="Schedule(g)",
        torch="LambdaLR",
        formula=r"g(t)",
        arguments="`lr_lambda` is g, or one function per parameter group. "
        "Ours may take arrays of steps, torch's gets one step.",
        purpose="Any formula.",
        chapter=CHAPTERS["your own schedule"],
        example=Schedule(lambda t: np.exp(-((t / 50) ** 2))),
        build=lambda o: torchs.LambdaLR(o, lambda t: np.exp(-((t / 50) ** 2))),
    ),
    Entry(
        name="one after the other",
        ours="x.then(y, at=w), y.with_warmup(w)",
        torch="SequentialLR",
        formula=r"x(t) \text{ for } t < w,\quad y(t - w) \text{ from } w \text{ on}",
        arguments="`schedulers` are x and y, `milestones` is [w].",
        purpose="A warmup in front of any schedule; warmup, stable, decay.",
        chapter=CHAPTERS["your own schedule"],
        example=cosine(90).with_warmup(10),
        build=lambda o: torchs.SequentialLR(
            o,
            [torchs.LinearLR(o, 0.1, total_iters=9), torchs.CosineAnnealingLR(o, 89)],
            milestones=[10],
        ),
    ),
    Entry(
        name="product",
        ours="x * y",
        torch="ChainedScheduler",
        formula=r"x(t)\, y(t)",
        arguments="`schedulers` are x and y. Torch's is the product only if each part multiplies "
        "the rate that it finds, has no floor, and does not run past the end of a cosine.",
        purpose="Two influences at once.",
        chapter=CHAPTERS["your own schedule"],
        example=exponential(0.98) * step(every=40, gamma=0.5),
        build=lambda o: torchs.ChainedScheduler(
            [torchs.ExponentialLR(o, 0.98), torchs.StepLR(o, 40, 0.5)]
        ),
    ),
    Entry(
        name="triangular cycles",
        ours="triangular(up, down, low, decay)",
        torch="CyclicLR",
        formula=r"b + (1 - b)\,d^{\,i} \min\!\left(\tfrac{k}{u},\, \tfrac{u + v - k}{v}\right)",
        arguments="`max_lr` is the peak, `base_lr` is `low` = b times it, `step_size_up` is "
        '`up` = u, `step_size_down` is `down` = v; `mode` "triangular2" is `decay` = d = 0.5. '
        "k counts the updates of cycle i.",
        purpose="Cyclical rates between two bounds found by a range test.",
        chapter=CHAPTERS["restarts and cycles"],
        example=triangular(up=25, down=25, low=0.1, decay=0.5),
        build=lambda o: torchs.CyclicLR(
            o, 0.1, 1.0, step_size_up=25, mode="triangular2", cycle_momentum=False
        ),
    ),
    Entry(
        name="one cycle",
        ours="one_cycle(n, r / n, a, f)",
        torch="OneCycleLR",
        formula=r"1 - (1 - a)\,\tfrac{1}{2}\left(1 + \cos \tfrac{\pi t}{r - 1}\right), "
        r"\text{ then } f + (1 - f)\,\tfrac{1}{2}"
        r"\left(1 + \cos \tfrac{\pi (t - r + 1)}{n - r}\right)",
        arguments="`max_lr` is the peak, `total_steps` is n, `pct_start` is r / n, `div_factor` "
        'is 1 / a, `final_div_factor` is a / f, `anneal_strategy` is "cos". Torch moves the '
        "momentum too, unless `cycle_momentum=False`.",
        purpose="A long warmup and a decay in one curve, to high peaks.",
        chapter=CHAPTERS["one cycle"],
        example=one_cycle(STEPS),
        build=lambda o: torchs.OneCycleLR(o, 1.0, total_steps=STEPS, cycle_momentum=False),
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
