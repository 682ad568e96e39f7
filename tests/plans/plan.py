"""A training plan that somebody published or asked about, and what `diagnose` should say of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """One plan of the corpus.

    Attributes:
        name: what it is, in a few words.
        origin: where it was found: repository and file, or repository#issue, or paper.
        steps: how often the run steps the scheduler.
        build: makes optimizer and scheduler (or a bare schedule) anew and returns the latter.
        codes: for a faulty plan, the codes of which one at least must be found; empty if sound.
        keywords: what else `diagnose` is told.
    """

    name: str
    origin: str
    steps: int
    build: Callable[[], object]
    codes: tuple[str, ...] = ()
    keywords: Mapping = field(default_factory=dict)
