"""Shapes of one phase: a constant, staircases, decays with a horizon and decays without one."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from lrsched_book._checks import real_number, whole_number
from lrsched_book.schedules.schedule import Schedule, between, count_gaps, length


def constant(factor: float = 1.0) -> Schedule:
    """Keep one factor: s(t) = factor.

    `ConstantLR(factor=f, total_iters=n)` is `constant(f).then(constant(), at=n)`.

    Args:
        factor: the factor, ≥ 0.

    Raises:
        ValueError: if `factor` is negative or not finite.

    >>> constant(0.5).values(3)
    array([0.5, 0.5, 0.5])
    """
    factor = real_number("factor", factor)
    return Schedule(lambda t: np.full_like(t, factor), (constant, (factor,)))


def step(every: float, gamma: float = 0.1, floor: float = 0.0) -> Schedule:
    """Multiply by `gamma` once `every` steps: s(t) = max(gamma^⌊t / every⌋, floor).

    Without a floor it is torch's `StepLR`, timm's `StepLRScheduler`, and optax's
    `exponential_decay` with `staircase=True`.

    Args:
        every: steps between two drops, > 0; a fraction lets the drops fall between two updates.
        gamma: what each drop multiplies by, ≥ 0.
        floor: the least factor, ≥ 0.

    Raises:
        ValueError: if an argument is out of its range.

    >>> step(every=2, gamma=0.5).values(6)
    array([1.  , 1.  , 0.5 , 0.5 , 0.25, 0.25])
    >>> step(every=1.5, gamma=0.5, floor=0.3).values(5)
    array([1. , 1. , 0.5, 0.3, 0.3])
    """
    every = length("every", every)
    gamma, floor = real_number("gamma", gamma), real_number("floor", floor)

    def factor(t):
        return np.maximum(gamma ** np.floor(t / every), floor)

    return Schedule(factor, (step, (every, gamma, floor)))


def multistep(milestones: Sequence[int], gamma: float = 0.1) -> Schedule:
    """Multiply by `gamma` at each milestone: s(t) = gamma^(number of milestones ≤ t).

    The update numbered by a milestone is the first to use the smaller rate, as in torch's
    `MultiStepLR`.

    Args:
        milestones: steps at which the factor drops, each at least 1, strictly increasing.
        gamma: what each drop multiplies by, ≥ 0.

    Raises:
        ValueError: if there is no milestone, they are out of order, or `gamma` is negative.

    >>> multistep([2, 5], gamma=0.5).values(7)
    array([1.  , 1.  , 0.5 , 0.5 , 0.5 , 0.25, 0.25])
    """
    if not np.iterable(milestones):
        raise ValueError(f"milestones must be a sequence of steps, got {milestones!r}")
    milestones = tuple(whole_number("milestones", m, at_least=1) for m in milestones)
    if not milestones or any(later <= earlier for earlier, later in pairwise(milestones)):
        raise ValueError(f"milestones must be one or more increasing steps, got {milestones}")
    gamma = real_number("gamma", gamma)

    def factor(t):
        return gamma ** np.searchsorted(milestones, t, side="right").astype(float)

    return Schedule(factor, (multistep, (milestones, gamma)))


def exponential(gamma: float, floor: float = 0.0) -> Schedule:
    """Multiply by `gamma` at every step, down to a floor: s(t) = max(gamma^t, floor).

    Without a floor it is torch's `ExponentialLR`, and `MultiplicativeLR` with a constant
    function. TensorFlow's `ExponentialDecay(decay_rate=r, decay_steps=n)` is
    `exponential(r ** (1 / n))`.

    Args:
        gamma: what each step multiplies by, > 0; above 1 the rate grows, as in a range test.
        floor: the least factor, ≥ 0.

    Raises:
        ValueError: if `gamma` is not a finite number above 0, or `floor` is negative.

    >>> exponential(0.5, floor=0.2).values(4)
    array([1.  , 0.5 , 0.25, 0.2 ])
    """
    gamma = real_number("gamma", gamma, above=0.0)
    floor = real_number("floor", floor)
    return Schedule(lambda t: np.maximum(gamma**t, floor), (exponential, (gamma, floor)))


def linear(
    steps: int | None = None, final: float = 0.0, initial: float = 1.0, gaps: float | None = None
) -> Schedule:
    """Go from `initial` to `final` in a straight line: s(t) = initial + (final - initial)·p.

    Here p = min(t / (steps - 1), 1): the last of the `steps` updates uses `final`. Torch's
    `LinearLR(start_factor=a, end_factor=b, total_iters=n)` is `linear(gaps=n, final=b, initial=a)`.

    Args:
        steps: number of updates, at least 2.
        final: the factor from update `steps - 1` on, ≥ 0. With 0 those updates move nothing.
        initial: the factor at update 0, ≥ 0.
        gaps: gaps between updates until `final` is reached, ≥ 1, instead of `steps`.

    Raises:
        ValueError: if an argument is out of its range, or not exactly one of `steps` and `gaps`
            is given.

    >>> linear(5, final=0.2).values(6)
    array([1. , 0.8, 0.6, 0.4, 0.2, 0.2])
    >>> linear(gaps=4) == linear(steps=5)
    True
    """

    def curve(p, final, initial):
        return between(initial, final, p)

    return _decay(linear, curve, steps, gaps, final=final, initial=initial)


def polynomial(
    steps: int | None = None,
    power: float = 2.0,
    final: float = 0.0,
    initial: float = 1.0,
    gaps: float | None = None,
) -> Schedule:
    """Follow a power of the time that is left: s(t) = final + (initial - final)·(1 - p)^power.

    Here p = min(t / (steps - 1), 1). Torch's `PolynomialLR(total_iters=n, power=k)` is
    `polynomial(gaps=n, power=k)`; with power 1 it is `linear`.

    Args:
        steps: number of updates, at least 2.
        power: the exponent, > 0: above 1 the way is steep first, below 1 steep last.
        final: the factor from update `steps - 1` on, ≥ 0. With 0 those updates move nothing.
        initial: the factor at update 0, ≥ 0; below `final` the rate rises, as a warmup.
        gaps: gaps between updates until `final` is reached, ≥ 1, instead of `steps`.

    Raises:
        ValueError: if an argument is out of its range, or not exactly one of `steps` and `gaps`
            is given.

    >>> polynomial(5, power=2).values(5)
    array([1.    , 0.5625, 0.25  , 0.0625, 0.    ])
    """
    power = real_number("power", power, above=0.0)

    def curve(p, power, final, initial):
        return between(final, initial, (1 - p) ** power)

    return _decay(polynomial, curve, steps, gaps, power=power, final=final, initial=initial)


def cosine(
    steps: int | None = None,
    final: float = 0.0,
    initial: float = 1.0,
    waves: float = 0.5,
    gaps: float | None = None,
) -> Schedule:
    """Follow half a cosine: s(t) = final + (initial - final)·(1 + cos(2π·waves·p)) / 2.

    Here p = min(t / (steps - 1), 1): the last of the `steps` updates uses `final`, and so does
    every later one. `CosineAnnealingLR(T_max=n, eta_min=m)` is `cosine(gaps=n, final=m / peak)`
    up to step n; past it, torch's rate climbs again and this one stays down.
    Source: Loshchilov and Hutter (2017), arXiv:1608.03983, equation 5.

    Args:
        steps: number of updates, at least 2.
        final: the factor from update `steps - 1` on, ≥ 0. With 0 those updates move nothing.
        initial: the factor at update 0, ≥ 0; below `final` the rate rises, as a warmup.
        waves: how many whole waves fit in, > 0; the default half wave goes from `initial` to
            `final`, one goes there and back. It is the `num_cycles` of transformers.
        gaps: gaps between updates until `final` is reached, ≥ 1, instead of `steps`.

    Raises:
        ValueError: if an argument is out of its range, or not exactly one of `steps` and `gaps`
            is given.

    >>> cosine(5, final=0.2).values(6).round(4)
    array([1.    , 0.8828, 0.6   , 0.3172, 0.2   , 0.2   ])
    """
    waves = real_number("waves", waves, above=0.0)

    def curve(p, final, initial, waves):
        return between(final, initial, (1 + np.cos(2 * np.pi * waves * p)) / 2)

    return _decay(cosine, curve, steps, gaps, final=final, initial=initial, waves=waves)


def one_minus_sqrt(
    steps: int | None = None, final: float = 0.0, initial: float = 1.0, gaps: float | None = None
) -> Schedule:
    """Fall by the square root of the time that is done: s(t) = initial + (final - initial)·√p.

    Here p = min(t / (steps - 1), 1). Steep first, flat last: the cooldown of `wsd` that its
    authors found best. Source: Hägele et al. (2024), arXiv:2405.18392.

    Args:
        steps: number of updates, at least 2.
        final: the factor from update `steps - 1` on, ≥ 0. With 0 those updates move nothing.
        initial: the factor at update 0, ≥ 0.
        gaps: gaps between updates until `final` is reached, ≥ 1, instead of `steps`.

    Raises:
        ValueError: if an argument is out of its range, or not exactly one of `steps` and `gaps`
            is given.

    >>> one_minus_sqrt(5).values(5).round(4)
    array([1.    , 0.5   , 0.2929, 0.134 , 0.    ])
    """

    def curve(p, final, initial):
        return between(initial, final, np.sqrt(p))

    return _decay(one_minus_sqrt, curve, steps, gaps, final=final, initial=initial)


def rex(
    steps: int | None = None, final: float = 0.0, initial: float = 1.0, gaps: float | None = None
) -> Schedule:
    """Fall slowly, then fast: s(t) = final + (initial - final)·(1 - p) / (1 - p / 2).

    Here p = min(t / (steps - 1), 1). Above the straight line all the way: the mirror image of a
    decay that falls fast and then slowly (*reflected exponential*).
    Source: Chen et al. (2021), arXiv:2107.04197.

    Args:
        steps: number of updates, at least 2.
        final: the factor from update `steps - 1` on, ≥ 0. With 0 those updates move nothing.
        initial: the factor at update 0, ≥ 0.
        gaps: gaps between updates until `final` is reached, ≥ 1, instead of `steps`.

    Raises:
        ValueError: if an argument is out of its range, or not exactly one of `steps` and `gaps`
            is given.

    >>> rex(5).values(5).round(4)
    array([1.    , 0.8571, 0.6667, 0.4   , 0.    ])
    """

    def curve(p, final, initial):
        return between(final, initial, (1 - p) / (1 - p / 2))

    return _decay(rex, curve, steps, gaps, final=final, initial=initial)


def inverse_sqrt(timescale: float = 1.0) -> Schedule:
    """Fall like the inverse square root of time: s(t) = (1 + t / timescale)^(-1/2).

    The textbook rate for convex problems; it has no horizon and never reaches 0. Torch has no
    class for it: use this one, or a `LambdaLR`.

    Args:
        timescale: steps until the factor has fallen to 1/√2 ≈ 0.71, > 0.

    Raises:
        ValueError: if `timescale` is not a finite number above 0.

    >>> inverse_sqrt(1).values(4).round(4)
    array([1.    , 0.7071, 0.5774, 0.5   ])
    """
    timescale = real_number("timescale", timescale, above=0.0)
    return Schedule(lambda t: (1 + t / timescale) ** -0.5, (inverse_sqrt, (timescale,)))


def inverse_time(timescale: float = 1.0) -> Schedule:
    """Fall like the inverse of time: s(t) = 1 / (1 + t / timescale).

    The classical rate of stochastic approximation (Robbins and Monro, 1951): the rates sum to
    infinity, their squares do not. Torch has no class for it.

    Args:
        timescale: steps until the factor has halved, > 0.

    Raises:
        ValueError: if `timescale` is not a finite number above 0.

    >>> inverse_time(2).values(3).round(4)
    array([1.    , 0.6667, 0.5   ])
    """
    timescale = real_number("timescale", timescale, above=0.0)
    return Schedule(lambda t: 1 / (1 + t / timescale), (inverse_time, (timescale,)))


def _decay(
    shape: Callable[..., Schedule],
    curve: Callable,
    steps: int | None,
    gaps: float | None,
    **numbers,
) -> Schedule:
    """Return the schedule that follows a curve up to its horizon, and stays where it ends.

    Args:
        shape: the function that was called, for the recipe.
        curve: called as `curve(p, **numbers)`; p is the share of the decay that is done, 0 at step
            0 and 1 from the horizon on.
        steps: the horizon in updates.
        gaps: the horizon in gaps between them, instead of `steps`.
        numbers: the other arguments of `shape`, in its order, each ≥ 0.
    """
    gaps, (steps, fraction) = count_gaps(steps, gaps)
    for name, number in numbers.items():
        numbers[name] = real_number(name, number)

    def factor(t):
        return curve(np.minimum(t / gaps, 1.0), **numbers)

    return Schedule(factor, (shape, (steps, *numbers.values(), fraction)))
