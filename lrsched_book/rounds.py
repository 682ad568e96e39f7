"""The rounds of runs of a comparison: those that choose each peak, and those that judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lrsched_book.setups import run_once
from lrsched_book.sweeps import Call, SweepError, base_seed, run_all

if TYPE_CHECKING:
    import pandas as pd

TUNING = 500  # the first tuning seed after the base; the judging seeds are the numbers below it
GROWTH = 3  # how often a grid may grow: by then the peak has moved by a factor of eight


class Rounds:
    """Trains the entries of a comparison round by round, and keeps every run."""

    def __init__(self, entries: Mapping[str, tuple], jobs: int, progress: bool):
        self.entries = entries
        self.options = {"jobs": jobs, "progress": progress}
        self.done: list[pd.DataFrame] = []

    @property
    def table(self) -> pd.DataFrame:
        """All runs so far, in the order of the rounds."""
        import pandas as pd

        return pd.concat(self.done, ignore_index=True)

    def train(self, rates: Mapping[str, Sequence[float]], role: str, numbers: Sequence[int]):
        """Train each entry at each of its rates with each seed, numbered from the base seed."""
        calls = []
        for name, its_rates in rates.items():
            schedule, setup = self.entries[name]
            for lr in its_rates:
                for seed in (1000 * base_seed() + number for number in numbers):
                    labels = {"schedule": name, "peak": lr, "seed": seed, "role": role}
                    run = {"setup": setup, "schedule": schedule, "lr": lr, "seed": seed}
                    calls.append(Call(labels, {**run, "judge": role == "judging"}))
        try:
            self.done.append(run_all(run_once, calls, title=role, **self.options))
        except (SweepError, KeyboardInterrupt) as error:
            self.done.append(error.table)
            error.table = self.table  # with the runs of the earlier rounds
            raise

    def tune(self, grids: dict[str, list[float]], numbers: Sequence[int]) -> tuple[dict, dict]:
        """Return the chosen peak of each entry, and on which side of its grid one is an edge."""
        self.train(grids, "tuning", numbers)
        for _ in range(GROWTH):
            sides = set(_edges(_choose(self.table, grids), grids).values())
            if not sides:
                break
            new = {name: _beyond(grid, sides) for name, grid in grids.items()}
            self.train(new, "tuning", numbers)
            grids = {name: sorted(grid + new[name]) for name, grid in grids.items()}
        chosen = _choose(self.table, grids)
        return chosen, _edges(chosen, grids)


def _choose(table: pd.DataFrame, grids: Mapping[str, Sequence[float]]) -> dict[str, float | None]:
    """Return the peak with the lowest mean validation loss, None where each loses a run."""
    chosen = {}
    for name in grids:
        runs = table[table["schedule"] == name].groupby("peak")
        means = runs["validation_loss"].mean()[~runs["lost"].any()]
        chosen[name] = float(means.idxmin()) if len(means) else None
    return chosen


def _edges(
    chosen: Mapping[str, float | None], grids: Mapping[str, Sequence[float]]
) -> dict[str, str]:
    """Return, for each choice that has only larger or only smaller rates beside it, which side."""
    edges = {}
    for name, peak in chosen.items():
        if peak is None or peak == min(grids[name]):
            edges[name] = "smallest"  # where every peak loses a run, smaller ones are wanted
        elif peak == max(grids[name]):
            edges[name] = "largest"
    return edges


def _beyond(grid: Sequence[float], sides: set[str]) -> list[float]:
    """Return the next rates beyond a sorted grid, at the ratio of its last two on that side."""
    smaller = [grid[0] ** 2 / grid[1]] if "smallest" in sides else []
    larger = [grid[-1] ** 2 / grid[-2]] if "largest" in sides else []
    return [float(f"{rate:.6g}") for rate in smaller + larger]
