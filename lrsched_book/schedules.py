"""Learning-rate schedules as pure functions of the step: look at them before you train.

A schedule gives a *factor*; the optimizer's own learning rate is the *peak* that it shapes:

    lr_t = lr_peak · s(t),    t = 0, 1, 2, …

Steps count from 0, and `s(t)` is the factor *used by* update `t`: a run of `n` updates uses
`s(0), …, s(n - 1)`. A decay over `steps` updates therefore starts at 1 with update 0, uses its
final value with update `steps - 1`, and keeps it. PyTorch mostly counts the gaps between
updates instead, so `cosine(steps=101)` is `CosineAnnealingLR(T_max=100)`.

Nothing here needs torch, holds state or is used up: plot a schedule as often as you like.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lrsched_book._checks import real_number, whole_number

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from lrsched_book.scheduler import ScheduleLR


@dataclass(frozen=True, eq=False, repr=False)
class Schedule:
    """A factor for the learning rate as a function of the step.

    Use the functions below (`cosine`, `step`, …), or wrap a function of your own:

    >>> halving = Schedule(lambda t: 0.5**t)
    >>> halving(3)
    0.125

    Attributes:
        factor: maps an array of steps (floats ≥ 0) to an array of factors of the same shape.
        recipe: the function and arguments that made this schedule. Two schedules from the same
            recipe are equal; the recipe is also what is printed and pickled.
    """

    factor: Callable[[np.ndarray], np.ndarray]
    recipe: tuple[Callable, tuple] | None = None

    def __call__(self, step):
        """Return the factor at `step`: a float for a number, an array for an array.

        Raises:
            ValueError: if a step is negative or not a number.

        >>> s = linear(steps=5)
        >>> s(1), s(np.arange(5))
        (0.75, array([1.  , 0.75, 0.5 , 0.25, 0.  ]))
        """
        t = np.asarray(step)
        # Called once per update: for one step, np.all takes over twice as long as count_nonzero.
        if t.dtype.kind not in "iuf" or np.count_nonzero(t >= 0) < t.size:
            raise ValueError(f"step must be a number ≥ 0 or an array of them, got {step!r}")
        factors = self.factor(t.astype(float))
        return float(factors) if t.ndim == 0 else np.broadcast_to(factors, t.shape).astype(float)

    def values(self, steps: int) -> np.ndarray:
        """Return the factors of the first `steps` updates, shape `(steps,)`.

        Raises:
            ValueError: if `steps` is not a whole number of at least 1.

        >>> step(every=2, gamma=0.5).values(5)
        array([1.  , 1.  , 0.5 , 0.5 , 0.25])
        """
        return self(np.arange(whole_number("steps", steps, at_least=1)))

    def then(self, other: Schedule, at: int) -> Schedule:
        """Follow this schedule up to step `at`, then `other`, which starts at its own step 0.

        s(t) = self(t) for t < at,  other(t - at) from there on.

        Raises:
            TypeError: if `other` is not a schedule.
            ValueError: if `at` is not a whole number of at least 1.

        >>> linear(3).then(constant(0.1), at=3).values(5)
        array([1. , 0.5, 0. , 0.1, 0.1])
        """
        at = whole_number("at", at, at_least=1)
        if not isinstance(other, Schedule):
            raise TypeError(f"other must be a Schedule, got {type(other).__name__}")

        def factor(t):
            # Neither piece sees the other's steps: a growing one could overflow there.
            first, second = self.factor(np.minimum(t, at)), other.factor(np.maximum(t - at, 0))
            return np.where(t < at, first, second)

        return Schedule(factor, (Schedule.then, (self, other, at)))

    def __mul__(self, other: Schedule) -> Schedule:
        """Multiply two schedules step by step; `constant(1)` changes nothing.

        >>> (constant(0.5) * step(every=2, gamma=0.1)).values(3)
        array([0.5 , 0.5 , 0.05])
        """
        if not isinstance(other, Schedule):
            return NotImplemented

        def factor(t):
            return self.factor(t) * other.factor(t)

        return Schedule(factor, (Schedule.__mul__, (self, other)))

    def with_warmup(self, steps: int) -> Schedule:
        """Put a linear warmup of `steps` updates in front, after which this schedule starts.

        The warmup comes on top: `cosine(90).with_warmup(10)` describes 100 updates.

        Raises:
            ValueError: if `steps` is not a whole number of at least 1.

        >>> constant().with_warmup(4).values(6)
        array([0.25, 0.5 , 0.75, 1.  , 1.  , 1.  ])
        """
        return linear_warmup(steps).then(self, at=steps)

    def attach(self, optimizer: Optimizer) -> ScheduleLR:
        """Return a torch scheduler that multiplies every group's own rate by this schedule.

        Raises:
            TypeError: if `optimizer` is not a torch optimizer.
            ValueError: if another scheduler has been attached to `optimizer` before.

        >>> import torch
        >>> optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
        >>> scheduler = step(every=1, gamma=0.5).attach(optimizer)
        >>> optimizer.step(); scheduler.step()
        >>> optimizer.param_groups[0]["lr"]
        0.2
        """
        from lrsched_book.scheduler import ScheduleLR  # torch is needed from here on

        return ScheduleLR(optimizer, self)

    def __repr__(self) -> str:
        """Show the call that makes this schedule."""
        if self.recipe is None:
            return f"Schedule({self.factor!r})"
        function, arguments = self.recipe
        if function is Schedule.__mul__:
            first, second = arguments
            second = f"({second!r})" if second._is_product else repr(second)
            return f"{first!r} * {second}"
        if function is Schedule.then:
            first, second, at = arguments
            first = f"({first!r})" if first._is_product else repr(first)
            return f"{first}.then({second!r}, at={at})"
        names = inspect.signature(function).parameters
        shown = (f"{name}={value!r}" for name, value in zip(names, arguments, strict=True))
        return f"{function.__name__}({', '.join(shown)})"

    @property
    def _is_product(self) -> bool:
        return self.recipe is not None and self.recipe[0] is Schedule.__mul__

    def __eq__(self, other) -> bool:
        """Two schedules are equal if the same call makes them."""
        if not isinstance(other, Schedule) or self.recipe is None:
            return self is other
        return self.recipe == other.recipe

    def __hash__(self) -> int:
        """Equal schedules hash alike."""
        return hash(self.recipe) if self.recipe else id(self)

    def __reduce__(self):
        """Pickle the recipe, since the formula inside is a closure."""
        return self.recipe or (Schedule, (self.factor,))


def _progress(t: np.ndarray, steps: int) -> np.ndarray:
    """Return the share of a decay that is done: 0 at step 0, 1 from step `steps - 1` on."""
    return np.minimum(t / (steps - 1), 1.0)


def _between(initial: float, final: float, share: np.ndarray) -> np.ndarray:
    """Go from `initial` (share 0) to `final` (share 1), hitting both without rounding."""
    return initial * (1 - share) + final * share


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


def step(every: int, gamma: float = 0.1) -> Schedule:
    """Multiply by `gamma` once `every` steps: s(t) = gamma^⌊t / every⌋. Torch's `StepLR`.

    Args:
        every: steps between two drops, at least 1.
        gamma: what each drop multiplies by, ≥ 0.

    Raises:
        ValueError: if an argument is out of its range.

    >>> step(every=2, gamma=0.5).values(6)
    array([1.  , 1.  , 0.5 , 0.5 , 0.25, 0.25])
    """
    every = whole_number("every", every, at_least=1)
    gamma = real_number("gamma", gamma)
    return Schedule(lambda t: gamma ** np.floor(t / every), (step, (every, gamma)))


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


def linear(steps: int, final: float = 0.0, initial: float = 1.0) -> Schedule:
    """Go from `initial` to `final` in a straight line: s(t) = initial + (final - initial)·p.

    Here p = min(t / (steps - 1), 1): the last of the `steps` updates uses `final`. Torch's
    `LinearLR(start_factor=a, end_factor=b, total_iters=n)` is `linear(n + 1, b, a)`.

    Args:
        steps: number of updates, at least 2.
        final: the factor from update `steps - 1` on, ≥ 0. With 0 those updates move nothing.
        initial: the factor at update 0, ≥ 0.

    Raises:
        ValueError: if an argument is out of its range.

    >>> linear(5, final=0.2).values(6)
    array([1. , 0.8, 0.6, 0.4, 0.2, 0.2])
    """
    steps = whole_number("steps", steps, at_least=2)
    final, initial = real_number("final", final), real_number("initial", initial)

    def factor(t):
        return _between(initial, final, _progress(t, steps))

    return Schedule(factor, (linear, (steps, final, initial)))


def linear_warmup(steps: int) -> Schedule:
    """Rise in equal parts to the peak and stay: s(t) = min((t + 1) / steps, 1).

    The first update already moves (a factor of 0 would waste it) and the last of the `steps`
    updates uses the peak exactly. Source of the idea: Goyal et al. (2017), arXiv:1706.02677.

    Args:
        steps: number of updates in the warmup, at least 1.

    Raises:
        ValueError: if `steps` is not a whole number of at least 1.

    >>> linear_warmup(4).values(6)
    array([0.25, 0.5 , 0.75, 1.  , 1.  , 1.  ])
    """
    steps = whole_number("steps", steps, at_least=1)
    return Schedule(lambda t: np.minimum((t + 1) / steps, 1.0), (linear_warmup, (steps,)))


def polynomial(steps: int, power: float = 2.0, final: float = 0.0) -> Schedule:
    """Fall like a power of the time that is left: s(t) = final + (1 - final)·(1 - p)^power.

    Here p = min(t / (steps - 1), 1). Torch's `PolynomialLR(total_iters=n, power=k)` is
    `polynomial(n + 1, k)`; with power 1 it is `linear`.

    Args:
        steps: number of updates, at least 2.
        power: the exponent, > 0: above 1 the fall is steep first, below 1 steep last.
        final: the factor from update `steps - 1` on, ≥ 0. With 0 those updates move nothing.

    Raises:
        ValueError: if an argument is out of its range.

    >>> polynomial(5, power=2).values(5)
    array([1.    , 0.5625, 0.25  , 0.0625, 0.    ])
    """
    steps = whole_number("steps", steps, at_least=2)
    power = real_number("power", power, above=0.0)
    final = real_number("final", final)

    def factor(t):
        return _between(final, 1.0, (1 - _progress(t, steps)) ** power)

    return Schedule(factor, (polynomial, (steps, power, final)))


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


def cosine(steps: int, final: float = 0.0, initial: float = 1.0) -> Schedule:
    """Follow half a cosine: s(t) = final + (initial - final)·(1 + cos(π·p)) / 2.

    Here p = min(t / (steps - 1), 1): the last of the `steps` updates uses `final`, and so does
    every later one. `CosineAnnealingLR(T_max=n, eta_min=m)` is `cosine(n + 1, m / peak)` up to
    step n; past it, torch's rate climbs again and this one stays down.
    Source: Loshchilov and Hutter (2017), arXiv:1608.03983, equation 5.

    Args:
        steps: number of updates, at least 2.
        final: the factor from update `steps - 1` on, ≥ 0. With 0 those updates move nothing.
        initial: the factor at update 0, ≥ 0; below `final` the rate rises, as a warmup.

    Raises:
        ValueError: if an argument is out of its range.

    >>> cosine(5, final=0.2).values(6).round(4)
    array([1.    , 0.8828, 0.6   , 0.3172, 0.2   , 0.2   ])
    """
    steps = whole_number("steps", steps, at_least=2)
    final, initial = real_number("final", final), real_number("initial", initial)

    def factor(t):
        return _between(final, initial, (1 + np.cos(np.pi * _progress(t, steps))) / 2)

    return Schedule(factor, (cosine, (steps, final, initial)))


def cosine_restarts(
    first: int, growth: int = 1, final: float = 0.0, decay: float = 1.0
) -> Schedule:
    """Repeat the cosine, each cycle `growth` times as long: warm restarts (SGDR).

    Cycle i has n = first·growth^i updates. With k the updates done in it,
    s(t) = final + (1 - final)·decay^i·(1 + cos(π·k / (n - 1))) / 2.

    It differs from torch's `CosineAnnealingWarmRestarts` on purpose: that divides by n, so its
    cycles turn back one update before they reach `eta_min`; here the last update of each cycle
    uses `final`, which is when a snapshot is taken.
    Source: Loshchilov and Hutter (2017), arXiv:1608.03983, equation 5.

    Args:
        first: updates in the first cycle, at least 2.
        growth: how many times as long each cycle is as the one before, a whole number ≥ 1.
        final: the factor at the last update of each cycle, ≥ 0.
        decay: what each restart multiplies the height above `final` by, from 0 to 1.

    Raises:
        ValueError: if an argument is out of its range.

    >>> cosine_restarts(3, growth=2, decay=0.5).values(9).round(4)
    array([1.    , 0.5   , 0.    , 0.5   , 0.4523, 0.3273, 0.1727, 0.0477,
           0.    ])
    """
    first = whole_number("first", first, at_least=2)
    growth = whole_number("growth", growth, at_least=1)
    final, decay = real_number("final", final), real_number("decay", decay, high=1.0)

    def factor(t):
        if growth == 1:
            cycle, done = np.divmod(t, first)
            length = first
        else:
            starts, length = [0], first
            while starts[-1] + length <= np.max(t, initial=0):
                starts.append(starts[-1] + length)
                length *= growth
            cycle = np.searchsorted(starts, t, side="right") - 1
            done, length = t - np.take(starts, cycle), first * float(growth) ** cycle
        return final + (1 - final) * decay**cycle * (1 + np.cos(np.pi * done / (length - 1))) / 2

    return Schedule(factor, (cosine_restarts, (first, growth, final, decay)))


def triangular(up: int, down: int, low: float = 0.0, decay: float = 1.0) -> Schedule:
    """Swing in straight lines between `low` and the peak, for ever: cyclical learning rates.

    A cycle rises for `up` updates and falls for `down`; in cycle i the height above `low` is
    multiplied by decay^i. `CyclicLR(base_lr=b, max_lr=m)` is `triangular(up, down, b / m)` times
    the peak m, and its mode "triangular2" is `decay=0.5`.
    Source: Smith (2017), arXiv:1506.01186.

    Args:
        up: updates from `low` to the peak, at least 1; torch's `step_size_up`.
        down: updates from the peak back to `low`, at least 1; torch's `step_size_down`.
        low: the factor at both ends of a cycle, ≥ 0. With 0 update 0 moves nothing.
        decay: what each cycle multiplies the height above `low` by, from 0 to 1.

    Raises:
        ValueError: if an argument is out of its range.

    >>> triangular(up=2, down=2, low=0.2).values(6)
    array([0.2, 0.6, 1. , 0.6, 0.2, 0.6])
    """
    up, down = whole_number("up", up, at_least=1), whole_number("down", down, at_least=1)
    low, decay = real_number("low", low), real_number("decay", decay, high=1.0)

    def factor(t):
        cycle, done = np.divmod(t, up + down)
        height = np.where(done < up, done / up, (up + down - done) / down)
        return low + (1 - low) * decay**cycle * height

    return Schedule(factor, (triangular, (up, down, low, decay)))
