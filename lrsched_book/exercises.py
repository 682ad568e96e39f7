"""Answers to the exercises are checked at every step, and a wrong one draws a hint.

What is right and what is wrong stands in the sources of the exercises, beside their text; here is
only how an answer is compared.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lrsched_book.schedules import Schedule

ANSWERS = Path(__file__).parent / "answers"  # one module a chapter, loaded when it is asked for


@dataclass(frozen=True)
class Exercise:
    """What `check` knows of an exercise.

    An answer is a number, an array, a `Schedule`, or a function that returns one of these.

    Attributes:
        number: chapter and number, such as "08.2".
        right: answers that are right, computed rather than typed. The first is what an answer is
            compared with; the others are other ways to get there, and only the tests use them.
        wrong: pairs of a wrong answer and the hint that it draws.
        hint: what every other wrong answer draws, and the empty copy too.
        steps: over how many steps schedules are compared, the first ones, all of them.
        calls: the tuples of arguments that a function is called with.
        tolerance: how far an answer may be off, as a share of the largest right value.
    """

    number: str
    right: Sequence[Any]
    wrong: Sequence[tuple[Any, str]]
    hint: str
    steps: int | None = None
    calls: Sequence[tuple] = ()
    tolerance: float = 1e-6


class NotYet(Exception):
    """An answer that is not right yet. The message is a hint."""

    def _render_traceback_(self) -> list[str]:
        """Show the hint alone in Jupyter: the lines of `check` would only bury it."""
        return [f"Not yet: {self}"]


def check(number: str, answer: Any) -> None:
    """Print one line if `answer` is right, raise a hint if it is not.

    An answer is a number, an array, a `Schedule` or a function, as the exercise asks. Schedules
    and arrays are compared at every step, functions for several arguments.

    Args:
        number: the exercise: chapter, dot, number in the chapter.
        answer: what you found.

    Raises:
        NotYet: if the answer is wrong. The message is a hint.
        TypeError: if the answer is of another type than the exercise asks for. No verdict.
        ValueError: if there is no such exercise, or the answer has another shape than the exercise
            asks for or holds a value that is not finite. No verdict.

    >>> check("08.1", 340)
    Traceback (most recent call last):
    ...
    lrsched_book.exercises.NotYet: 08.1: That is where a line would be at a tenth. The cosine is \
there earlier.
    >>> check("8.1", 340)
    Traceback (most recent call last):
    ...
    ValueError: there is no exercise '8.1'; did you mean '08.1'?
    """
    exercise = find(number)
    model = exercise.right[0]
    given = _values(exercise, model, answer)
    where = _first_difference(exercise, _values(exercise, model, model), given)
    if where is None:
        print(f"Right: {number}")
        return
    for wrong, hint in exercise.wrong:
        if _first_difference(exercise, _values(exercise, model, wrong), given) is None:
            raise NotYet(f"{number}: {hint}")
    raise NotYet(f"{number}: {exercise.hint}{where}")


def find(number: str) -> Exercise:
    """Return the exercise of this number.

    Raises:
        TypeError: if `number` is not a string.
        ValueError: if there is no such exercise; the message has the nearest number.

    >>> find("08.2").number
    '08.2'
    """
    if not isinstance(number, str):
        raise TypeError(f"number must be a string such as '08.1', got {number!r}")
    modules = [name for _, name, _ in pkgutil.iter_modules([str(ANSWERS)])]
    own = f"ch{number.partition('.')[0]}"
    known = _exercises([own] if own in modules else modules)
    if number in known:
        return known[number]
    padded = number.zfill(len("08.1"))  # what "8.1" means; "18.1" would be as near
    near = [padded] if padded in known else difflib.get_close_matches(number, known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    raise ValueError(f"there is no exercise {number!r}; {advice}")


def _exercises(modules: list[str]) -> dict[str, Exercise]:
    """Import these modules of answers, and return their exercises by number, in order."""
    loaded = [importlib.import_module(f"lrsched_book.answers.{name}") for name in modules]
    found = [value for m in loaded for value in vars(m).values() if isinstance(value, Exercise)]
    return {exercise.number: exercise for exercise in sorted(found, key=lambda e: e.number)}


def _values(exercise: Exercise, model: Any, answer: Any, call: str = "") -> dict[str, np.ndarray]:
    """Turn an answer into arrays, by the call that gave them; `model` is what is asked for."""
    found = f"{call} returned" if call else "got"
    if answer is ...:  # the three dots of the empty copy
        raise NotYet(f"{exercise.number}: {exercise.hint}")
    if isinstance(model, Schedule):
        if not isinstance(answer, Schedule):
            raise TypeError(f"{exercise.number} asks for a Schedule, {found} {_kind(answer)}")
        return {call: answer.values(exercise.steps)}
    if callable(model):
        if not callable(answer):
            raise TypeError(f"{exercise.number} asks for a function, {found} {_kind(answer)}")
        values = {}
        for arguments in exercise.calls:
            name = f"{getattr(answer, '__name__', 'f')}({', '.join(map(repr, arguments))})"
            values |= _values(exercise, model(*arguments), answer(*arguments), name)
        return values
    return {call: _numbers(exercise, np.shape(model), answer, found)}


def _numbers(exercise: Exercise, shape: tuple, answer: Any, found: str) -> np.ndarray:
    """Return `answer` as an array of floats of this shape, or say what it is instead."""
    asked = f"{exercise.number} asks for " + (f"an array of shape {shape}" if shape else "a number")
    try:
        array = np.asarray(answer)
    except (TypeError, ValueError, RuntimeError):  # lists of unequal lengths, tensors with a graph
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{asked}, {found} {_kind(answer)}")
    if array.shape != shape:
        raise ValueError(f"{asked}, {found} {f'shape {array.shape}' if array.ndim else 'a number'}")
    if not np.isfinite(array).all():
        raise ValueError(f"{asked}, {found} a value that is not finite")
    return array.astype(float)


def _kind(answer: Any) -> str:
    return f"{type(answer).__name__} {answer!r}"


def _first_difference(exercise: Exercise, expected: dict, given: dict) -> str | None:
    """Say where `given` first differs from `expected`, or return None if it does not."""
    largest = max(np.abs(values).max() for values in expected.values())
    allowed = exercise.tolerance * (largest or 1.0)
    # By order, not by name: the calls are the same, the names of the functions may differ.
    for wanted, (call, values) in zip(expected.values(), given.items(), strict=True):
        far = np.argwhere(np.abs(values - wanted) > allowed)
        if len(far):
            places = [call] if call else []
            places += [f"index {', '.join(map(str, far[0]))}"] if values.ndim else []
            return f" First difference: {', '.join(places)}." if places else ""
    return None
