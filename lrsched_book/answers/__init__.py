"""Right and wrong answers to the exercises, one module a chapter, which `exercises.check` loads.

The modules are written by `notebooks/build.py` from the cells tagged `answers` in the sources of
the exercises: edit those. This file alone is written by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Exercise:
    """What `check` knows of an exercise.

    An answer is a number, an array, a `Schedule`, or a function that returns one of these.

    Attributes:
        number: chapter and number, such as "07.2".
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
