"""Timing several contestants fairly: in turn, in a new order each round, on the same machine."""

import contextlib
import gc
import importlib.util
import io
import random
import statistics
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from tqdm.auto import tqdm


@dataclass
class Contestant:
    """One way to do the work, and what became of it.

    Attributes:
        name: what the tables call it.
        prepare: sets everything up, untimed, and returns the function that is timed.
        package: what must be installed for it, if anything beyond the book's own dependencies.
        times: seconds, one for each round.
        checked: the number that `check` made of its result.
        problem: why there are no times: "not installed", or the error.
    """

    name: str
    prepare: Callable[[], Callable]
    package: str | None = None
    times: list[float] = field(default_factory=list)
    checked: float | None = None
    problem: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it is installed and yet did not do its work."""
        return self.problem not in (None, "not installed")

    @property
    def median(self) -> float:
        """The median of its times."""
        return statistics.median(self.times)


def race(contestants: list[Contestant], check: Callable, rounds: int, title: str) -> None:
    """Time every contestant once a round and note the times in it.

    Whatever slows the machine down for a while then slows all of them, and none has the same
    neighbour every time. A first round is not counted: it pays for imports and first allocations,
    and its results are checked.

    Args:
        contestants: the first one is the reference; it leads the first round.
        check: takes a contestant's result and returns a number to report, or raises an error if
            the result is wrong: a contestant that does other work is not compared.
        rounds: number of rounds that count.
        title: of the progress bar.
    """
    running = []
    for contestant in tqdm(contestants, desc=f"{title}: checks", disable=None, leave=False):
        if contestant.package and importlib.util.find_spec(contestant.package) is None:
            contestant.problem = "not installed"
            continue
        with _noting_errors(contestant):
            contestant.checked = check(_timed(contestant)[1])
            running.append(contestant)

    order = random.Random(0)
    for _ in tqdm(range(rounds), desc=f"{title}: rounds", disable=None, leave=False):
        order.shuffle(running)
        for contestant in list(running):
            with _noting_errors(contestant):
                contestant.times.append(_timed(contestant)[0])
            if contestant.problem:
                running.remove(contestant)


def ratios(contestant: Contestant, reference: Contestant) -> tuple[float, float, float]:
    """Return the ratio of the medians and the quartiles of the rounds' own ratios."""
    each = [a / b for a, b in zip(contestant.times, reference.times, strict=True)]
    low, _, high = statistics.quantiles(each, method="inclusive")
    return contestant.median / reference.median, low, high


def _timed(contestant: Contestant) -> tuple[float, object]:
    """Return how long the work took and its result."""
    with contextlib.redirect_stdout(io.StringIO()):  # some libraries print whatever is asked
        torch.manual_seed(0)  # loaders shuffle by it
        work = contestant.prepare()
        gc.collect()  # nobody pays for the rubbish that the one before left behind
        start = time.perf_counter()
        result = work()
        return time.perf_counter() - start, result


@contextlib.contextmanager
def _noting_errors(contestant: Contestant):
    """Turn an error into the contestant's problem, so that the others still get their times."""
    try:
        yield
    except Exception as error:
        traceback.print_exc()
        first_line = str(error).partition("\n")[0]
        contestant.problem = f"{type(error).__name__}: {first_line}"
        contestant.times.clear()
