"""What a rule is, and the list of all of them.

A rule is a function that looks at a run and yields what it sees. Its code, its severity and its
remedy stand beside it, so a rule of your own takes ten lines:

>>> @rule(
...     code="peak-above-one",
...     severity="note",
...     remedy="Divide the rate by ten.",
...     chapter="step and multistep",
... )
... def _peak_above_one(run):
...     if run.rates.max() > 1:
...         yield Seen(int(run.rates.max(axis=1).argmax()), "The rate is above 1.")
>>> RULES.pop().code  # and it is gone again
'peak-above-one'
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from lrsched_book._checks import one_of
from lrsched_book.atlas import CHAPTERS
from lrsched_book.diagnosis.findings import SEVERITIES


class Seen(NamedTuple):
    """What a rule has seen.

    Attributes:
        step: the update where it shows first.
        consequence: what will happen, in a sentence.
        about: the class or function at fault; its chapter is named if the rule has none.
    """

    step: float
    consequence: str
    about: str | None = None


@dataclass(frozen=True)
class Rule:
    """A rule: how to look, and what to say.

    Attributes:
        code: the name of the fault. Where several rules have one code, the first that sees
            something is heard: it knows most about it.
        severity: one of `SEVERITIES`.
        remedy: what to change.
        look: yields a `Seen` for everything that it finds in a run.
        chapter: the subject of the chapter that explains the fault, one of the atlas's
            `CHAPTERS`; None if the chapter of the schedule does.
        unless: codes that describe the same fault better. If one is found, this rule is silent.
    """

    code: str
    severity: str
    remedy: str
    look: Callable[..., Iterable[Seen]]
    chapter: str | None
    unless: frozenset[str]


RULES: list[Rule] = []


def rule(
    *,
    code: str,
    severity: str,
    remedy: str,
    chapter: str | None = None,
    unless: Iterable[str] = (),
) -> Callable:
    """Enter the function below into the list of rules; see `Rule` for the arguments.

    >>> @rule(code="any", severity="note", remedy="None.", chapter="cosine")
    ... def _at_once(run):
    ...     yield Seen(0, "There is a run.")
    >>> RULES.pop().code  # and it is gone again
    'any'

    Raises:
        ValueError: if `severity` is not one of `SEVERITIES`, or `chapter` none of `CHAPTERS`.
    """
    severity = one_of("severity", severity, SEVERITIES)
    if chapter is not None:
        chapter = one_of("chapter", chapter, CHAPTERS)

    def enter(look):
        RULES.append(Rule(code, severity, remedy, look, chapter, frozenset(unless)))
        return look

    return enter
