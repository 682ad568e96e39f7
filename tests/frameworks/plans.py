"""The plans of other libraries, each with the one line of this package that says the same.

Every plan is for 100 updates unless it says otherwise, and its peak is PEAK. `theirs` is how the
library is asked for it, `ours` the text of our line.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import optax
from ignite.handlers import param_scheduler as ignite
from timm import scheduler as timm
from timm.scheduler.wsd_lr import WSDLRScheduler
from torch.optim import lr_scheduler as torchs
from torch.optim.swa_utils import SWALR
from transformers import get_scheduler

PEAK = 0.4  # any number but 1, which would hide a missing multiplication


@dataclass(frozen=True)
class Plan:
    library: str
    name: str
    theirs: Callable  # from an optimizer to a scheduler; optax: from a step to a rate
    ours: str
    updates: int = 100


def hugging_face(name, warmup=10, updates=100, **options):
    """The scheduler that the Trainer would build for `lr_scheduler_type=name`."""
    return lambda optimizer: get_scheduler(
        name, optimizer, warmup, updates, scheduler_specific_kwargs=options or None
    )


def ignites(cls, *values, **options):
    return lambda optimizer: cls(optimizer, "lr", *values, **options)


def sequence(milestones, *pieces):
    return lambda o: torchs.SequentialLR(o, [piece(o) for piece in pieces], milestones)


def chain(*pieces):
    return lambda o: torchs.ChainedScheduler([piece(o) for piece in pieces], o)


HUGGING_FACE = [
    ("constant", hugging_face("constant"), "constant()"),
    (
        "constant_with_warmup",
        hugging_face("constant_with_warmup"),
        "linear_warmup(gaps=10)",
    ),
    ("linear", hugging_face("linear"), "linear(gaps=90).with_warmup(gaps=10)"),
    ("linear, warmup of 1", hugging_face("linear", 1), "linear(gaps=99).with_warmup(gaps=1)"),
    ("linear, no warmup", hugging_face("linear", 0), "linear(gaps=100)"),
    ("cosine", hugging_face("cosine"), "cosine(gaps=90).with_warmup(gaps=10)"),
    (
        "cosine, one and a half waves",
        hugging_face("cosine", num_cycles=1.5),
        "cosine(gaps=90, waves=1.5).with_warmup(gaps=10)",
    ),
    (
        "cosine, less than half a wave",
        hugging_face("cosine", num_cycles=0.4),
        "cosine(gaps=90, waves=0.4).with_warmup(gaps=10)",
    ),
    (
        "cosine_with_restarts, one cycle",
        hugging_face("cosine_with_restarts"),
        "cosine(gaps=90).with_warmup(gaps=10)",
    ),
    (
        "cosine_with_restarts, four cycles",
        hugging_face("cosine_with_restarts", num_cycles=4),
        "cosine(gaps=22.5).repeat(22.5).with_warmup(gaps=10)",
    ),
    (
        "cosine_with_restarts, seven cycles",
        hugging_face("cosine_with_restarts", num_cycles=7),
        "cosine(gaps=90 / 7).repeat(90 / 7).with_warmup(gaps=10)",
    ),
    (
        "polynomial",
        hugging_face("polynomial"),
        "polynomial(gaps=90, power=1, final=1e-7 / PEAK).with_warmup(gaps=10)",
    ),
    (
        "polynomial, squared, to a floor",
        hugging_face("polynomial", power=2.0, lr_end=0.1 * PEAK),
        "polynomial(gaps=90, power=2, final=0.1).with_warmup(gaps=10)",
    ),
    ("inverse_sqrt", hugging_face("inverse_sqrt"), "inverse_sqrt(10).with_warmup(gaps=10)"),
    (
        "inverse_sqrt, timescale 50",
        hugging_face("inverse_sqrt", timescale=50),
        "inverse_sqrt(50).with_warmup(gaps=10)",
    ),
    (
        "inverse_sqrt, no warmup",
        hugging_face("inverse_sqrt", 0),
        "inverse_sqrt(10_000)",
        15_000,
    ),
    (
        "cosine_with_min_lr",
        hugging_face("cosine_with_min_lr", min_lr_rate=0.1),
        "cosine(gaps=90, final=0.1).with_warmup(gaps=10)",
    ),
    (
        "cosine_with_min_lr, a rate",
        hugging_face("cosine_with_min_lr", min_lr=0.02),
        "cosine(gaps=90, final=0.02 / PEAK).with_warmup(gaps=10)",
    ),
    (
        "cosine_warmup_with_min_lr",
        hugging_face("cosine_warmup_with_min_lr", min_lr_rate=0.1),
        "cosine(gaps=90, final=0.1).skip(1).with_warmup(10)",
    ),
    (
        "cosine_warmup_with_min_lr, from 0.2",
        hugging_face("cosine_warmup_with_min_lr", min_lr_rate=0.1, warmup_lr_rate=0.2),
        "cosine(gaps=90, final=0.1).skip(1).with_warmup(10, initial=0.2)",
    ),
    (
        "warmup_stable_decay",
        hugging_face("warmup_stable_decay", num_decay_steps=30),
        "wsd(0, 60, cosine(gaps=30)).with_warmup(gaps=10)",
    ),
    (
        "warmup_stable_decay, linear, from and to a floor",
        hugging_face(
            "warmup_stable_decay", num_decay_steps=30, decay_type="linear", min_lr_ratio=0.1
        ),
        "wsd(0, 60, linear(gaps=30, final=0.1)).with_warmup(gaps=10, initial=0.1)",
    ),
    (
        "warmup_stable_decay, 1-sqrt both ways",
        hugging_face(
            "warmup_stable_decay", num_decay_steps=30, warmup_type="1-sqrt", decay_type="1-sqrt"
        ),
        "polynomial(gaps=10, power=0.5, initial=0, final=1)"
        ".then(wsd(0, 60, one_minus_sqrt(gaps=30)), at=10)",
    ),
    (
        "warmup_stable_decay, cosine both ways, done early",
        hugging_face(
            "warmup_stable_decay",
            updates=None,
            num_decay_steps=20,
            num_stable_steps=60,
            warmup_type="cosine",
            min_lr_ratio=0.1,
        ),
        "cosine(gaps=10, initial=0.1, final=1).then(wsd(0, 60, cosine(gaps=20, final=0.1)), at=10)",
    ),
    (
        "reduce_lr_on_plateau, when nothing ever improves",
        hugging_face("reduce_lr_on_plateau"),
        "constant().then(step(every=11), at=1)",
    ),
    (
        "greedy, when nothing ever improves",
        hugging_face("greedy"),
        "constant().then(step(every=11, gamma=0.95), at=1)",
    ),
]

TORCH = [
    ("LambdaLR", partial(torchs.LambdaLR, lr_lambda=lambda t: 1 / (1 + t / 7)), "inverse_time(7)"),
    (
        "MultiplicativeLR",
        partial(torchs.MultiplicativeLR, lr_lambda=lambda t: 0.95),
        "exponential(0.95)",
    ),
    ("StepLR", partial(torchs.StepLR, step_size=30), "step(every=30)"),
    (
        "MultiStepLR",
        partial(torchs.MultiStepLR, milestones=[30, 80], gamma=0.3),
        "multistep([30, 80], gamma=0.3)",
    ),
    (
        "MultiStepLR, twice at once",
        partial(torchs.MultiStepLR, milestones=[30, 30], gamma=0.3),
        "multistep([30], gamma=0.3) ** 2",
    ),
    ("ConstantLR", partial(torchs.ConstantLR), "constant(1 / 3).then(constant(), at=5)"),
    ("LinearLR", partial(torchs.LinearLR), "linear_warmup(gaps=5, initial=1 / 3)"),
    (
        "LinearLR, downwards",
        partial(torchs.LinearLR, start_factor=1.0, end_factor=0.2, total_iters=40),
        "linear(gaps=40, final=0.2)",
    ),
    ("ExponentialLR", partial(torchs.ExponentialLR, gamma=0.9), "exponential(0.9)"),
    ("PolynomialLR", partial(torchs.PolynomialLR), "linear(gaps=5)"),
    (
        "PolynomialLR, squared",
        partial(torchs.PolynomialLR, total_iters=60, power=2.0),
        "polynomial(gaps=60, power=2)",
    ),
    ("CosineAnnealingLR", partial(torchs.CosineAnnealingLR, T_max=100), "cosine(gaps=100)"),
    (
        "CosineAnnealingLR that climbs again",
        partial(torchs.CosineAnnealingLR, T_max=40, eta_min=0.1 * PEAK),
        "cosine(gaps=80, final=0.1, waves=1).repeat(80)",
    ),
    (
        "CosineAnnealingWarmRestarts",
        partial(torchs.CosineAnnealingWarmRestarts, T_0=25),
        "cosine(gaps=25).repeat(25)",
    ),
    (
        "CosineAnnealingWarmRestarts, SGDR 10 × 2",
        partial(torchs.CosineAnnealingWarmRestarts, T_0=10, T_mult=2, eta_min=0.1 * PEAK),
        "cosine(gaps=10, final=0.1).repeat(10, growth=2)",
    ),
    (
        "CyclicLR",
        partial(
            torchs.CyclicLR,
            base_lr=0.1 * PEAK,
            max_lr=PEAK,
            step_size_up=12,
            step_size_down=8,
            cycle_momentum=False,
        ),
        "triangular(up=12, down=8, low=0.1)",
    ),
    (
        "CyclicLR, triangular2, steps of 7.5",
        partial(
            torchs.CyclicLR,
            base_lr=0.1 * PEAK,
            max_lr=PEAK,
            step_size_up=7.5,
            mode="triangular2",
            cycle_momentum=False,
        ),
        "triangular(up=7.5, down=7.5, low=0.1, decay=0.5)",
    ),
    (
        "CyclicLR, exp_range",
        partial(
            torchs.CyclicLR,
            base_lr=0.1 * PEAK,
            max_lr=PEAK,
            step_size_up=10,
            mode="exp_range",
            gamma=0.99,
            cycle_momentum=False,
        ),
        "constant(0.1) + constant(0.9) * triangular(up=10, down=10) * exponential(0.99)",
    ),
    ("OneCycleLR", partial(torchs.OneCycleLR, max_lr=PEAK, total_steps=100), "one_cycle(100)"),
    (
        "OneCycleLR, linear",
        partial(
            torchs.OneCycleLR, max_lr=PEAK, total_steps=100, pct_start=0.4, anneal_strategy="linear"
        ),
        'one_cycle(100, rise=0.4, shape="linear")',
    ),
    (
        "OneCycleLR, the peak between two updates",
        partial(
            torchs.OneCycleLR, max_lr=PEAK, total_steps=99, div_factor=10.0, final_div_factor=100.0
        ),
        "one_cycle(99, initial=1 / 10, final=1 / 1000)",
        99,
    ),
    (
        "OneCycleLR, three phases",
        partial(torchs.OneCycleLR, max_lr=PEAK, total_steps=100, three_phase=True),
        "cosine(gaps=29, initial=1 / 25, final=1).then(cosine(gaps=29, final=1 / 25), at=29)"
        ".then(cosine(gaps=41, initial=1 / 25, final=1 / 250_000), at=58)",
    ),
    (
        "SequentialLR of LinearLR and CosineAnnealingLR",
        sequence(
            [10],
            partial(torchs.LinearLR, start_factor=0.01, total_iters=10),
            partial(torchs.CosineAnnealingLR, T_max=90),
        ),
        "cosine(gaps=90).with_warmup(gaps=10, initial=0.01)",
    ),
    (
        "SequentialLR of three",
        sequence(
            [20, 50],
            partial(torchs.ConstantLR, factor=0.1, total_iters=100),
            partial(torchs.ExponentialLR, gamma=0.9),
            partial(torchs.StepLR, step_size=20),
        ),
        "constant(0.1).then(exponential(0.9), at=20).then(step(every=20), at=50)",
    ),
    (
        "ChainedScheduler",
        chain(
            partial(torchs.ConstantLR, factor=0.1, total_iters=20),
            partial(torchs.ExponentialLR, gamma=0.9),
        ),
        "constant(0.1).then(constant(), at=20) * exponential(0.9)",
    ),
    (
        "ReduceLROnPlateau, when nothing ever improves",
        partial(torchs.ReduceLROnPlateau, factor=0.5, patience=4, min_lr=0.1 * PEAK),
        "constant().then(step(every=5, gamma=0.5, floor=0.1), at=1)",
    ),
    ("SWALR", partial(SWALR, swa_lr=0.05), "cosine(gaps=10, final=0.05 / PEAK)"),
    (
        "SWALR, linear",
        partial(SWALR, swa_lr=0.05, anneal_epochs=20, anneal_strategy="linear"),
        "linear(gaps=20, final=0.05 / PEAK)",
    ),
]

TIMM = [
    ("cosine", partial(timm.CosineLRScheduler, t_initial=100), "cosine(gaps=100)"),
    (
        "cosine, warmup inside",
        partial(
            timm.CosineLRScheduler, t_initial=100, lr_min=0.004, warmup_t=5, warmup_lr_init=0.0004
        ),
        "cosine(gaps=100, final=0.01).skip(5).with_warmup(gaps=5, initial=0.001)",
    ),
    (
        "cosine, warmup in front",
        partial(
            timm.CosineLRScheduler,
            t_initial=90,
            lr_min=0.004,
            warmup_t=10,
            warmup_lr_init=0.0004,
            warmup_prefix=True,
        ),
        "cosine(gaps=90, final=0.01).with_warmup(gaps=10, initial=0.001)",
    ),
    (
        "cosine, three cycles, then the floor",
        partial(timm.CosineLRScheduler, t_initial=25, lr_min=0.04, cycle_limit=3),
        "cosine(gaps=25, final=0.1).repeat(25).then(constant(0.1), at=75)",
    ),
    (
        "cosine, each cycle half as high",
        partial(timm.CosineLRScheduler, t_initial=25, cycle_decay=0.5, cycle_limit=4),
        "cosine(gaps=25).repeat(25) * step(every=25, gamma=0.5)",
    ),
    (
        "cosine, each cycle half as high, to a floor",
        partial(timm.CosineLRScheduler, t_initial=25, cycle_decay=0.5, cycle_limit=4, lr_min=0.02),
        "cosine(gaps=25).repeat(25) * step(every=25, gamma=0.5)"
        " + cosine(gaps=25, initial=0, final=0.05).repeat(25)",
    ),
    (
        "cosine, each cycle twice as long",
        partial(timm.CosineLRScheduler, t_initial=10, cycle_mul=2.0, cycle_limit=9),
        "cosine(gaps=10).repeat(10, growth=2)",
    ),
    (
        "cosine, each cycle half as long again",
        partial(timm.CosineLRScheduler, t_initial=11, cycle_mul=1.5, cycle_limit=9, lr_min=0.04),
        "cosine(gaps=11, final=0.1).repeat(11, growth=1.5)",
    ),
    (
        "cosine, k-decay",
        partial(timm.CosineLRScheduler, t_initial=100, k_decay=1.5),
        "Schedule(lambda t: (1 + np.cos(np.pi * (t / 100) ** 1.5)) / 2)",
    ),
    (
        "tanh",
        partial(timm.TanhLRScheduler, t_initial=100),
        "Schedule(lambda t: (1 - np.tanh(-7 * (1 - t / 100) + 3 * t / 100)) / 2)",
    ),
    (
        "poly",
        partial(timm.PolyLRScheduler, t_initial=100, lr_min=0.004),
        "polynomial(gaps=100, power=0.5, final=0.01)",
    ),
    (
        "poly, warmup in front, two cycles",
        partial(
            timm.PolyLRScheduler,
            t_initial=45,
            power=2.0,
            cycle_limit=2,
            warmup_t=10,
            warmup_prefix=True,
        ),
        "polynomial(gaps=45, power=2).repeat(45).with_warmup(gaps=10)",
    ),
    (
        "poly, k-decay",
        partial(timm.PolyLRScheduler, t_initial=100, k_decay=0.5),
        "Schedule(lambda t: (1 - (t / 100) ** 0.5) ** 0.5)",
    ),
    (
        "step, every 2.4 (EfficientNet)",
        partial(
            timm.StepLRScheduler, decay_t=2.4, decay_rate=0.97, warmup_t=5, warmup_lr_init=4e-7
        ),
        "step(every=2.4, gamma=0.97).with_warmup(gaps=5, initial=1e-6)",
    ),
    (
        "multistep",
        partial(timm.MultiStepLRScheduler, decay_t=[30, 60, 90], decay_rate=0.1),
        "multistep([30, 60, 90]).skip(1)",
    ),
    (
        "multistep, warmup inside",
        partial(
            timm.MultiStepLRScheduler,
            decay_t=[30, 60, 90],
            decay_rate=0.1,
            warmup_t=10,
            warmup_prefix=False,
        ),
        "multistep([30, 60, 90]).skip(1).skip(10).with_warmup(gaps=10)",
    ),
    (
        "wsd",
        partial(WSDLRScheduler, t_initial=90, decay_t=20, warmup_t=10),
        "wsd(0, 70, one_minus_sqrt(gaps=20)).with_warmup(gaps=10)",
    ),
    (
        "wsd, linear to a floor",
        partial(WSDLRScheduler, t_initial=100, decay_t=20, decay_fn="linear", lr_min=0.04),
        "wsd(0, 80, linear(gaps=20, final=0.1))",
    ),
    (
        "wsd, inverse square root, cosine decay (Big Vision)",
        partial(
            WSDLRScheduler,
            t_initial=90,
            decay_t=20,
            warmup_t=10,
            stable_fn="rsqrt",
            decay_fn="cosine",
        ),
        "(inverse_sqrt(10) * wsd(0, 70, cosine(gaps=20))).with_warmup(gaps=10)",
    ),
    (
        "wsd, power",
        partial(
            WSDLRScheduler,
            t_initial=100,
            decay_t=20,
            stable_fn="power",
            stable_timescale=30,
            stable_power=0.8,
            decay_fn="linear",
        ),
        "inverse_time(30) ** 0.8 * wsd(0, 80, linear(gaps=20))",
    ),
]

IGNITE = [
    (
        "LinearCyclicalScheduler, from above",
        ignites(ignite.LinearCyclicalScheduler, PEAK, 0.1 * PEAK, 20),
        "triangular(up=10, down=10, low=0.1).skip(10)",
    ),
    (
        "LinearCyclicalScheduler, from below, of 15",
        ignites(ignite.LinearCyclicalScheduler, 0.1 * PEAK, PEAK, 15),
        "triangular(up=7.5, down=7.5, low=0.1)",
    ),
    (
        "LinearCyclicalScheduler, monotonic",
        ignites(ignite.LinearCyclicalScheduler, PEAK, 0.1 * PEAK, 25, monotonic=True),
        "linear(gaps=25, final=0.1).repeat(25)",
    ),
    (
        "LinearCyclicalScheduler, monotonic, warming up between",
        ignites(
            ignite.LinearCyclicalScheduler, PEAK, 0.1 * PEAK, 20, monotonic=True, warmup_duration=5
        ),
        "linear(gaps=20, final=0.1).then(linear(gaps=5, initial=0.1, final=1), at=20).repeat(25)",
    ),
    (
        "CosineAnnealingScheduler",
        ignites(ignite.CosineAnnealingScheduler, PEAK, 0.1 * PEAK, 25),
        "cosine(gaps=25, final=0.1).repeat(25)",
    ),
    (
        "CosineAnnealingScheduler, each cycle twice as long",
        ignites(ignite.CosineAnnealingScheduler, PEAK, 0.0, 10, cycle_mult=2.0),
        "cosine(gaps=10).repeat(10, growth=2)",
    ),
    (
        "CosineAnnealingScheduler, each start half as high",
        ignites(ignite.CosineAnnealingScheduler, PEAK, 0.0, 25, start_value_mult=0.5),
        "cosine(gaps=25).repeat(25) * step(every=25, gamma=0.5)",
    ),
    (
        "CosineAnnealingScheduler, start and end lower each time",
        ignites(
            ignite.CosineAnnealingScheduler,
            PEAK,
            0.1 * PEAK,
            25,
            start_value_mult=0.5,
            end_value_mult=0.5,
        ),
        "cosine(gaps=25, final=0.1).repeat(25) * step(every=25, gamma=0.5)",
    ),
    (
        "PiecewiseLinear",
        ignites(
            ignite.PiecewiseLinear, milestones_values=[(10, PEAK), (40, 0.8 * PEAK), (90, 0.0)]
        ),
        "constant().then(linear(gaps=30, final=0.8), at=10)"
        ".then(linear(gaps=50, initial=0.8), at=40)",
    ),
    (
        "ConcatScheduler",
        lambda o: ignite.ConcatScheduler(
            [
                ignite.LinearCyclicalScheduler(o, "lr", 0.1 * PEAK, PEAK, 40),
                ignite.CosineAnnealingScheduler(o, "lr", PEAK, 0.0, 80),
            ],
            durations=[20],
        ),
        "cosine(gaps=80).with_warmup(gaps=20, initial=0.1)",
    ),
    (
        "create_lr_scheduler_with_warmup",
        lambda o: ignite.create_lr_scheduler_with_warmup(
            torchs.ExponentialLR(o, gamma=0.9), warmup_start_value=0.0, warmup_duration=10
        ),
        "exponential(0.9).skip(1).with_warmup(10, initial=0)",
    ),
    (
        "LRScheduler",
        lambda o: ignite.LRScheduler(torchs.StepLR(o, step_size=30)),
        "step(every=30)",
    ),
]

OPTAX = [
    ("constant_schedule", optax.constant_schedule(PEAK), "constant()"),
    (
        "polynomial_schedule",
        optax.polynomial_schedule(PEAK, 0.04, power=3, transition_steps=60),
        "polynomial(gaps=60, power=3, final=0.1)",
    ),
    (
        "polynomial_schedule, later, upwards",
        optax.polynomial_schedule(0.04, PEAK, power=2, transition_steps=60, transition_begin=20),
        "constant(0.1).then(polynomial(gaps=60, power=2, initial=0.1, final=1), at=20)",
    ),
    (
        "linear_schedule",
        optax.linear_schedule(PEAK, 0.04, transition_steps=60, transition_begin=20),
        "constant().then(linear(gaps=60, final=0.1), at=20)",
    ),
    (
        "piecewise_constant_schedule",
        optax.piecewise_constant_schedule(PEAK, {30: 0.1, 60: 0.5}),
        "multistep([30], gamma=0.1) * multistep([60], gamma=0.5)",
    ),
    (
        "piecewise_interpolate_schedule, linear",
        optax.piecewise_interpolate_schedule("linear", PEAK, {30: 0.5, 80: 0.2}),
        "linear(gaps=30, final=0.5).then(linear(gaps=50, initial=0.5, final=0.1), at=30)",
    ),
    (
        "piecewise_interpolate_schedule, cosine",
        optax.piecewise_interpolate_schedule("cosine", PEAK, {30: 0.5, 80: 0.2}),
        "cosine(gaps=30, final=0.5).then(cosine(gaps=50, initial=0.5, final=0.1), at=30)",
    ),
    (
        "exponential_decay",
        optax.exponential_decay(PEAK, transition_steps=10, decay_rate=0.5),
        "exponential(0.5 ** (1 / 10))",
    ),
    (
        "exponential_decay, in stairs, to a floor",
        optax.exponential_decay(PEAK, 10, 0.5, staircase=True, end_value=0.04),
        "step(every=10, gamma=0.5, floor=0.1)",
    ),
    (
        "exponential_decay, later, to a floor",
        optax.exponential_decay(PEAK, 10, 0.5, transition_begin=20, end_value=0.04),
        "constant().then(exponential(0.5 ** 0.1, floor=0.1), at=20)",
    ),
    ("cosine_decay_schedule", optax.cosine_decay_schedule(PEAK, 80), "cosine(gaps=80)"),
    (
        "cosine_decay_schedule, alpha",
        optax.cosine_decay_schedule(PEAK, 80, alpha=0.1),
        "cosine(gaps=80, final=0.1)",
    ),
    (
        "cosine_decay_schedule, exponent",
        optax.cosine_decay_schedule(PEAK, 80, alpha=0.1, exponent=1.5),
        "constant(0.1) + constant(0.9) * cosine(gaps=80) ** 1.5",
    ),
    (
        "linear_onecycle_schedule",
        optax.linear_onecycle_schedule(100, PEAK),
        "triangular(up=30, down=55, low=1 / 25)"
        ".then(linear(gaps=15, initial=1 / 25, final=1 / 250_000), at=85)",
    ),
    (
        "cosine_onecycle_schedule",
        optax.cosine_onecycle_schedule(100, PEAK),
        "cosine(gaps=30, initial=1 / 25, final=1).then(cosine(gaps=70, final=1 / 250_000), at=30)",
    ),
    (
        "warmup_constant_schedule",
        optax.warmup_constant_schedule(0.04, PEAK, 10),
        "linear_warmup(gaps=10, initial=0.1)",
    ),
    (
        "warmup_cosine_decay_schedule",
        optax.warmup_cosine_decay_schedule(0.0, PEAK, 10, 100, end_value=0.04),
        "cosine(gaps=90, final=0.1).with_warmup(gaps=10)",
    ),
    (
        "warmup_exponential_decay_schedule",
        optax.warmup_exponential_decay_schedule(0.0, PEAK, 10, 20, 0.5, staircase=True),
        "step(every=20, gamma=0.5).with_warmup(gaps=10)",
    ),
    (
        "sgdr_schedule",
        optax.sgdr_schedule(
            [
                {"init_value": 0, "peak_value": PEAK, "warmup_steps": 5, "decay_steps": 40},
                {"init_value": 0, "peak_value": PEAK / 2, "warmup_steps": 5, "decay_steps": 60},
            ]
        ),
        "cosine(gaps=35).with_warmup(gaps=5)"
        ".then(constant(0.5) * cosine(gaps=55).with_warmup(gaps=5), at=40)",
    ),
    (
        "join_schedules",
        optax.join_schedules(
            [optax.constant_schedule(0.04), optax.cosine_decay_schedule(PEAK, 70)], [30]
        ),
        "constant(0.1).then(cosine(gaps=70), at=30)",
    ),
]

PLANS = tuple(
    Plan(library, *row)
    for library, rows in {
        "transformers": HUGGING_FACE,
        "torch": TORCH,
        "timm": TIMM,
        "ignite": IGNITE,
        "optax": OPTAX,
    }.items()
    for row in rows
)
