"""Checks of arguments, so that every error names the argument, what it was and what is allowed."""

import math
import operator

import numpy as np


def whole_number(name: str, value, *, at_least: int, at_most: int | None = None) -> int:
    """Return `value` as an int, or raise `ValueError` unless it is a whole number in the range.

    >>> whole_number("steps", 0, at_least=1)
    Traceback (most recent call last):
    ...
    ValueError: steps must be a whole number of at least 1, got 0
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < at_least or (at_most is not None and number > at_most):
        bound = "" if at_most is None else f" and at most {at_most}"
        raise ValueError(
            f"{name} must be a whole number of at least {at_least}{bound}, got {value!r}"
        )
    return number


def real_number(
    name: str,
    value,
    *,
    low: float = 0.0,
    above: float | None = None,
    high: float | None = None,
) -> float:
    """Return `value` as a float, or raise `ValueError` unless it is finite and ≥ `low`.

    With `above` that bound is excluded: the number must be greater than `above`. With `high` it
    must be ≤ `high` as well.

    >>> real_number("final", float("nan"))
    Traceback (most recent call last):
    ...
    ValueError: final must be a finite number ≥ 0.0, got nan
    """
    try:
        number = math.nan if isinstance(value, (str, bytes, bool, np.bool_)) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    in_range = number >= low if above is None else number > above
    if not (math.isfinite(number) and in_range and (high is None or number <= high)):
        bound = f"≥ {low}" if above is None else f"> {above}"
        bound += "" if high is None else f" and ≤ {high}"
        raise ValueError(f"{name} must be a finite number {bound}, got {value!r}")
    return number


def one_of(name: str, value, allowed: tuple):
    """Return `value`, or raise `ValueError` unless it is one of `allowed`.

    >>> one_of("step_every", "week", ("batch", "epoch"))
    Traceback (most recent call last):
    ...
    ValueError: step_every must be one of 'batch', 'epoch', got 'week'
    """
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value
