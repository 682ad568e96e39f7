"""What a schedule is and how schedules combine; the warmup that goes in front of any of them."""

import inspect
import math
from collections.abc import Callable
from dataclasses import FrozenInstanceError

import numpy as np

from lrsched_book._checks import real_number, whole_number


class Schedule:
    """A factor for the learning rate as a function of the step.

    Use the functions of this package (`cosine`, `step`, …), or wrap a function of your own, for
    arrays or for one number at a time; nothing but the step may decide what it returns:

    >>> halving = Schedule(lambda t: 0.5**t)
    >>> halving(3)
    0.125
    >>> Schedule(lambda t: 1.0 if t < 2 else 0.1).values(4)
    array([1. , 1. , 0.1, 0.1])

    Attributes:
        factor: maps an array of steps (floats ≥ 0) to an array of factors of the same shape, or
            one step to one factor.
        recipe: the function and arguments that made this schedule. Two schedules from the same
            recipe are equal; the recipe is also what is printed and pickled.

    Raises:
        TypeError: if `factor` is not a function.
    """

    # A LambdaLR saves the __dict__ of what it calls. Kept in slots, the formula stays out of it:
    # a schedule is code, not state. The empty __dict__ is there for torch to read.
    __slots__ = ("__dict__", "__weakref__", "factor", "recipe")

    def __init__(self, factor: Callable, recipe: tuple[Callable, tuple] | None = None):
        if not callable(factor):
            raise TypeError(f"factor must be a function of the step, got {factor!r}")
        object.__setattr__(self, "factor", factor)
        object.__setattr__(self, "recipe", recipe)

    def __setattr__(self, name, value):
        """Refuse: a schedule never changes."""
        raise FrozenInstanceError(f"a Schedule cannot be changed: {name}")

    def __call__(self, step):
        """Return the factor at `step`: a float for a number, an array for an array.

        Raises:
            ValueError: if a step is negative or not a number, or infinite where there is no
                limit; if a function of your own does not return one number for each step.

        >>> s = linear_warmup(steps=4)
        >>> s(1), s(np.arange(5)), s(np.inf)
        (0.5, array([0.25, 0.5 , 0.75, 1.  , 1.  ]), 1.0)
        """
        if type(step) in (int, float) and 0 <= step < math.inf:  # once per update: the quick way
            return float(self._factors(np.float64(step)))
        t = np.asarray(step)
        if t.dtype.kind not in "iuf" or not np.all(t >= 0):
            raise ValueError(f"step must be a number ≥ 0 or an array of them, got {step!r}")
        t = t.astype(float)
        if np.all(t < math.inf):
            factors = self._factors(t)
        else:
            with np.errstate(all="ignore"):
                factors = np.broadcast_to(self._factors(t), t.shape)
            if not np.isfinite(factors[np.isinf(t)]).all():
                raise ValueError(f"step must be finite, since {self} has no limit, got {step!r}")
        return float(factors) if t.ndim == 0 else np.broadcast_to(factors, t.shape).astype(float)

    def _factors(self, t: np.ndarray) -> np.ndarray:
        """Return the factors at an array of steps, whichever kind of function `factor` is."""
        if self.recipe is not None:
            return self.factor(t)
        try:
            factors = self.factor(t.reshape(-1)[0] if t.ndim and t.size == 1 else t)
        except (TypeError, ValueError):  # if t < 5, math.cos(t), table[int(t)]
            factors = [self.factor(number) for number in t.ravel().tolist()]
        if t.ndim == 0 and isinstance(factors, float):  # once per update, as np.float64 too
            return factors
        try:
            factors = np.asarray(factors)
            if factors.dtype.kind not in "iufb":
                raise ValueError(f"dtype {factors.dtype}")
            return (
                np.broadcast_to(factors, t.shape) if factors.ndim == 0 else factors.reshape(t.shape)
            )
        except ValueError as error:
            raise ValueError(
                f"factor must return one number for each step, which {self.factor!r} does not: "
                f"{error}"
            ) from None

    def values(self, steps: int) -> np.ndarray:
        """Return the factors of the first `steps` updates, shape `(steps,)`.

        Raises:
            ValueError: if `steps` is not a whole number of at least 1.

        >>> linear_warmup(2).values(3)
        array([0.5, 1. , 1. ])
        """
        return self(np.arange(whole_number("steps", steps, at_least=1)))

    def then(self, other: "Schedule", at: int) -> "Schedule":
        """Follow this schedule up to step `at`, then `other`, which starts at its own step 0.

        s(t) = self(t) for t < at,  other(t - at) from there on.

        Raises:
            TypeError: if `other` is not a schedule.
            ValueError: if `at` is not a whole number of at least 1.

        >>> linear_warmup(2).then(Schedule(lambda t: 0.1 + 0 * t), at=3).values(5)
        array([0.5, 1. , 1. , 0.1, 0.1])
        """
        at = whole_number("at", at, at_least=1)
        _check_schedule("other", other)

        def factor(t):
            # Neither piece sees the other's steps: a growing one could overflow there.
            first = self._factors(np.minimum(t, at))
            return np.where(t < at, first, other._factors(np.maximum(t - at, 0)))

        return Schedule(factor, (Schedule.then, (self, other, at)))

    def skip(self, steps: int) -> "Schedule":
        """Leave out the first `steps` updates: s(t) = self(t + steps).

        Raises:
            ValueError: if `steps` is not a whole number of at least 0.

        >>> linear_warmup(4).skip(2).values(3)
        array([0.75, 1.  , 1.  ])
        """
        steps = whole_number("steps", steps, at_least=0)
        return Schedule(lambda t: self._factors(t + steps), (Schedule.skip, (self, steps)))

    def repeat(self, every: float, growth: float = 1.0) -> "Schedule":
        """Start anew once `every` steps, for ever, each time `growth` times as slowly.

        Cycle i lasts every·growth^i steps; after k steps of it, s = self(k / growth^i). A cycle
        of `every` steps and a decay over as many *gaps* meet: the restart takes the place of the
        update that would have used the final value, as in torch's `CosineAnnealingWarmRestarts`:
        `T_0=10, T_mult=2` is `cosine(gaps=10).repeat(10, growth=2)`.

        Args:
            every: steps in the first cycle, > 0.
            growth: how many times as long each cycle is as the one before, ≥ 1.

        Raises:
            ValueError: if an argument is out of its range.

        >>> linear_warmup(2).repeat(2, growth=2).values(7)
        array([0.5 , 1.  , 0.5 , 0.75, 1.  , 1.  , 0.5 ])
        """
        every, growth = length("every", every), length("growth", growth, at_least=1)

        def factor(t):
            cycle, done = cycles(t, every, growth)
            return np.where(np.isinf(t), np.nan, self._factors(done / float(growth) ** cycle))

        return Schedule(factor, (Schedule.repeat, (self, every, growth)))

    def __mul__(self, other: "Schedule") -> "Schedule":
        """Multiply two schedules step by step.

        >>> (linear_warmup(2) * linear_warmup(4)).values(4)
        array([0.125, 0.5  , 0.75 , 1.   ])
        """
        if not isinstance(other, Schedule):
            return NotImplemented

        def factor(t):
            return self._factors(t) * other._factors(t)

        return Schedule(factor, (Schedule.__mul__, (self, other)))

    def __add__(self, other: "Schedule") -> "Schedule":
        """Add two schedules step by step: `constant(0.1) + constant(0.9) * s` lifts the floor.

        >>> (linear_warmup(2) + linear_warmup(4)).values(4)
        array([0.75, 1.5 , 1.75, 2.  ])
        """
        if not isinstance(other, Schedule):
            return NotImplemented

        def factor(t):
            return self._factors(t) + other._factors(t)

        return Schedule(factor, (Schedule.__add__, (self, other)))

    def __pow__(self, power: float) -> "Schedule":
        """Raise the factor to a power > 0 at every step.

        Raises:
            ValueError: if `power` is not a finite number above 0.

        >>> (linear_warmup(4) ** 2).values(4)
        array([0.0625, 0.25  , 0.5625, 1.    ])
        """
        power = length("power", power)
        return Schedule(lambda t: self._factors(t) ** power, (Schedule.__pow__, (self, power)))

    def with_warmup(
        self, steps: int | None = None, initial: float | None = None, gaps: float | None = None
    ) -> "Schedule":
        """Put a linear warmup in front, after which this schedule starts.

        The warmup comes on top: `cosine(90).with_warmup(10)` describes 100 updates. Its last
        update uses the peak. With `gaps` in place of `steps` the peak is left to the first
        update of this schedule, and the warmup starts at 0: so do transformers, timm and optax.

        Args:
            steps: updates in the warmup, at least 1.
            initial: the factor at update 0, ≥ 0; see `linear_warmup`.
            gaps: updates *before* the peak, a whole number, instead of `steps`.

        Raises:
            ValueError: if an argument is out of its range, or not exactly one of `steps` and
                `gaps` is given.

        >>> halving = Schedule(lambda t: 0.5**t)
        >>> halving.with_warmup(2).values(5)
        array([0.5 , 1.  , 1.  , 0.5 , 0.25])
        >>> halving.with_warmup(gaps=2).values(5)
        array([0.  , 0.5 , 1.  , 0.5 , 0.25])
        """
        warmup = linear_warmup(steps, initial, gaps)
        return warmup.then(self, at=whole_number("gaps", gaps, at_least=1) if gaps else steps)

    def __repr__(self) -> str:
        """Show the call that makes this schedule."""
        if self.recipe is None:
            return f"Schedule({self.factor!r})"
        function, arguments = self.recipe
        if function in OPERATORS:
            sign, level = OPERATORS[function]
            first, second = arguments
            # Brackets where Python would read it otherwise: ** binds to the right, * to the left.
            left = first._shown(level + (function is Schedule.__pow__))
            right = second._shown(level + 1) if isinstance(second, Schedule) else repr(second)
            return f"{left} {sign} {right}"
        names = list(inspect.signature(function).parameters)
        shown = [
            repr(value) if isinstance(value, Schedule) else f"{name}={value!r}"
            for name, value in zip(names, arguments, strict=True)
            if value is not None
        ]
        if names[0] != "self":
            return f"{function.__name__}({', '.join(shown)})"
        return f"{arguments[0]._shown(4)}.{function.__name__}({', '.join(shown[1:])})"

    def _shown(self, level: int) -> str:
        """Return the text of this schedule, in brackets if it binds less tightly than `level`."""
        binds = OPERATORS.get(self.recipe[0], ("", 4))[1] if self.recipe else 4
        return repr(self) if binds >= level else f"({self!r})"

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


OPERATORS = {Schedule.__add__: ("+", 1), Schedule.__mul__: ("*", 2), Schedule.__pow__: ("**", 3)}


def linear_warmup(
    steps: int | None = None, initial: float | None = None, gaps: float | None = None
) -> Schedule:
    """Rise in equal parts to the peak and stay: s(t) = min((t + 1) / steps, 1).

    The first update already moves (a factor of 0 would waste it) and the last of the `steps`
    updates uses the peak exactly. Source of the idea: Goyal et al. (2017), arXiv:1706.02677.
    Other libraries count gaps and start at 0: s(t) = min(t / gaps, 1).

    Args:
        steps: number of updates in the warmup, at least 1 (2 if `initial` is given).
        initial: the factor at update 0, ≥ 0: 1 / steps if left out, or 0 with `gaps`.
        gaps: gaps between updates until the peak is reached, ≥ 1, instead of `steps`.

    Raises:
        ValueError: if an argument is out of its range, or not exactly one of `steps` and `gaps`
            is given.

    >>> linear_warmup(4).values(6)
    array([0.25, 0.5 , 0.75, 1.  , 1.  , 1.  ])
    >>> linear_warmup(gaps=4, initial=0.2).values(6)
    array([0.2, 0.4, 0.6, 0.8, 1. , 1. ])
    """
    if gaps is None and initial is None:
        steps = whole_number("steps", steps, at_least=1)
        recipe = linear_warmup, (steps, None, None)
        return Schedule(lambda t: np.minimum((t + 1) / steps, 1.0), recipe)
    gaps, horizon = count_gaps(steps, gaps)
    initial = real_number("initial", 0.0 if initial is None else initial)

    def factor(t):
        return between(initial, 1.0, np.minimum(t / gaps, 1.0))

    return Schedule(factor, (linear_warmup, (horizon[0], initial, horizon[1])))


# --- what the functions that make schedules share ------------------------------------------------


def between(initial: float, final: float, share: np.ndarray) -> np.ndarray:
    """Go from `initial` (share 0) to `final` (share 1), hitting both without rounding."""
    return initial * (1 - share) + final * share


def count_gaps(steps: int | None, gaps: float | None) -> tuple[float, tuple]:
    """Return a horizon in gaps, and as the arguments `(steps, gaps)` of which one is None.

    Raises:
        ValueError: if not exactly one is given, or it is too short.

    >>> count_gaps(5, None), count_gaps(None, 4), count_gaps(None, 2.5)
    ((4, (5, None)), (4, (5, None)), (2.5, (None, 2.5)))
    """
    if (steps is None) == (gaps is None):
        raise ValueError(f"give exactly one of steps and gaps, got steps={steps!r}, gaps={gaps!r}")
    if gaps is None:
        gaps = whole_number("steps", steps, at_least=2) - 1
    gaps = length("gaps", gaps, at_least=1)
    # Two ways to say the same plan make equal schedules. A fraction can only be said in gaps.
    return gaps, (gaps + 1, None) if isinstance(gaps, int) else (None, gaps)


def length(name: str, value, at_least: float | None = None) -> float:
    """Return a number > 0, or ≥ `at_least`: an int if it is whole, so that it prints as one.

    Raises:
        ValueError: if `value` is not a finite number in its range.

    >>> length("every", 2.0), length("every", 2.4)
    (2, 2.4)
    """
    if at_least is None:
        number = real_number(name, value, above=0.0)
    else:
        number = real_number(name, value, low=at_least)
    return int(number) if number.is_integer() else number


def cycles(t: np.ndarray, first: float, growth: float) -> tuple[np.ndarray, np.ndarray]:
    """Return for each step the number of its cycle and how many steps of that cycle are done.

    Cycle i has first·growth^i steps.

    >>> cycles(np.array([0, 9, 10, 29, 30]), first=10, growth=2)
    (array([0., 0., 1., 1., 2.]), array([ 0.,  9.,  0., 19.,  0.]))
    """
    if growth == 1:
        cycle = np.floor(t / first)
        return cycle, t - cycle * first

    def start(cycle):
        return first * (float(growth) ** cycle - 1) / (growth - 1)

    # The logarithm may round to the wrong side of a boundary: the boundaries themselves decide.
    cycle = np.floor(np.log1p(t * (growth - 1) / first) / np.log(growth))
    cycle = np.where(start(cycle + 1) <= t, cycle + 1, np.where(start(cycle) > t, cycle - 1, cycle))
    return cycle, t - start(cycle)


def _check_schedule(name: str, value) -> None:
    if not isinstance(value, Schedule):
        raise TypeError(f"{name} must be a Schedule, got {type(value).__name__}")
