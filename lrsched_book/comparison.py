"""The protocol of an honest comparison: equal tries, choosing apart from judging, pairs by seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrsched_book._checks import one_of, real_number, whole_number
from lrsched_book.claims import Gain, record
from lrsched_book.rounds import TUNING, Rounds
from lrsched_book.schedules import Schedule
from lrsched_book.setups import Setup, check_setup
from lrsched_book.sweeps import check_jobs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from lrsched_book.history import History


def compare(
    schedules: Mapping[str, Schedule | Callable | tuple | None],
    setup: Setup | None = None,
    *,
    peaks: Sequence[float] | Mapping[str, Sequence[float]] | None,
    tuning: int = 3,
    judging: int = 10,
    jobs: int = -1,
    progress: bool = True,
) -> Comparison:
    """Find the best peak of each schedule on equal terms, then judge all of them once.

    Choosing and judging are apart. Each schedule is trained at each peak with the tuning seeds,
    and the mean validation loss of the last epoch chooses its peak. Then other seeds train it at
    that peak, and the test images judge these runs, once. A seed fixes initial weights and order
    of the images, so that the same seed of two schedules makes a pair.

    A run is *lost* if its loss is not finite, or if its last validation loss is no better than
    guessing, ln of the number of classes. A peak that loses a tuning run cannot be chosen.

    If the choice of a schedule is the smallest or the largest peak tried, a better one may lie
    beyond: the grids of all schedules are prolonged on that side by their own last ratio, at most
    three times. An edge that remains is named in the table, and no claim can rest on it.

    Args:
        schedules: by name, a schedule, `None` for a constant rate, or a function that makes a
            torch scheduler of an optimizer; or a pair of one of these and a setup of its own.
        setup: what all runs share; the book's usual one if left out.
        peaks: at least three rates for all schedules, or a mapping that has as many for each.
            None leaves out the choice and takes the rate `lr` of the setups.
        tuning: number of seeds that choose.
        judging: number of other seeds that judge.
        jobs: runs at the same time; -1 for as many as there are cores. The runs go through
            joblib, so `with joblib.parallel_config("dask")` or `"ray"` sends them to a cluster.
        progress: show a progress bar, unless nobody is watching.

    Raises:
        ValueError, TypeError: if an argument is bad, before any run starts.
        SweepError: if a run fails for another reason than its rate. It names the run and keeps
            the finished ones in its `table`; Ctrl-C keeps them in that of the KeyboardInterrupt.

    >>> from lrsched_book import constant, linear, load_fashion_mnist
    >>> few = load_fashion_mnist().take(train=500, validation=200, test=200)
    >>> setup = Setup(epochs=3, batch_size=50, data=few)
    >>> plans = {"constant": constant(), "to zero": linear(setup.updates)}
    >>> runs = compare(plans, setup, peaks=(0.02, 0.04, 0.08), judging=4, jobs=1)
    >>> list(runs.chosen), runs.comparisons
    (['constant', 'to zero'], 1)
    >>> gain = runs.gain("to zero", over="constant", metric="accuracy")
    >>> bool(gain.within(0.5))  # the accuracies differ by less than half of all images
    True
    """
    entries = _entries(schedules, Setup() if setup is None else setup)
    grids = _grids(entries, peaks)
    whole_number("tuning", tuning, at_least=1)
    whole_number("judging", judging, at_least=2)
    if max(tuning, judging) > TUNING:
        raise ValueError(f"tuning and judging must be at most {TUNING}, got {tuning}, {judging}")
    check_jobs(jobs)
    for name, (schedule, its_setup) in entries.items():
        check_setup(name, schedule, its_setup, grids[name][0])
    rounds = Rounds(entries, jobs, progress)
    if peaks is None:
        chosen, edge = {name: grid[0] for name, grid in grids.items()}, {}
    else:
        chosen, edge = rounds.tune(grids, range(TUNING, TUNING + tuning))
    final = {name: [peak] for name, peak in chosen.items() if peak is not None}
    if final:
        rounds.train(final, "judging", range(judging))
    record({"comparison": list(entries), "chosen": chosen, "edge": list(edge)})
    return Comparison(rounds.table, chosen, edge)


def _entries(schedules, setup: Setup) -> dict[str, tuple]:
    """Return each schedule with the setup it is trained in, or raise an error."""
    if not isinstance(setup, Setup):
        raise TypeError(f"setup must be a Setup, got {type(setup).__name__}")
    if not isinstance(schedules, Mapping) or not schedules:
        raise ValueError(f"schedules must be a mapping with at least one name, got {schedules!r}")
    entries = {}
    for name, entry in schedules.items():
        if not isinstance(name, str):
            raise TypeError(f"schedules must be named by text, got {name!r}")
        alone = not (isinstance(entry, tuple) and len(entry) == 2)
        schedule, its_setup = (entry, setup) if alone else entry
        if not (schedule is None or callable(schedule)) or not isinstance(its_setup, Setup):
            raise TypeError(
                f"schedules[{name!r}] must be a Schedule, None or a function that makes a torch "
                f"scheduler of an optimizer, alone or in a pair with a Setup, got {entry!r}"
            )
        entries[name] = schedule, its_setup
    return entries


def _grids(entries: Mapping[str, tuple], peaks) -> dict[str, list[float]]:
    """Return the sorted peaks of each entry, all equally many, or raise `ValueError`."""
    if peaks is None:
        if without := [name for name, (_, setup) in entries.items() if setup.lr is None]:
            raise ValueError(f"the setup of {without[0]!r} must have an lr where peaks is None")
        return {name: [float(setup.lr)] for name, (_, setup) in entries.items()}
    if not isinstance(peaks, Mapping | Sequence):
        raise TypeError(f"peaks must be a sequence of rates, a mapping or None, got {peaks!r}")
    if not isinstance(peaks, Mapping):
        peaks = dict.fromkeys(entries, peaks)
    if set(peaks) != set(entries):
        raise ValueError(f"peaks must name {', '.join(entries)}, got {', '.join(map(str, peaks))}")
    grids = {}
    for name in entries:
        grids[name] = sorted(real_number("peaks", peak, above=0.0) for peak in peaks[name])
        if len(set(grids[name])) < max(3, len(peaks[name])):
            raise ValueError(f"peaks must be at least three different rates, got {peaks[name]!r}")
    if len(tries := {len(grid) for grid in grids.values()}) > 1:
        raise ValueError(f"peaks must be equally many for all schedules, got {sorted(tries)}")
    return grids


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What `compare` found. In a notebook it shows itself as a table.

    Attributes:
        table: one row a run: `schedule`, `peak`, `seed`, `role` (`"tuning"` or `"judging"`),
            `lost`, `validation_loss` of the last epoch, `test_loss` and `test_accuracy` (NaN for
            tuning and lost runs), `curve` (the validation loss after each epoch) and `history`.
        chosen: the peak of each schedule; None where each peak lost a tuning run.
        edge: for each schedule whose choice lies at an edge of its grid, whether it is the
            `"smallest"` or the `"largest"` rate tried.
    """

    table: pd.DataFrame
    chosen: dict[str, float | None]
    edge: dict[str, str]

    @property
    def comparisons(self) -> int:
        """How many pairs of schedules there are; the intervals are widened for all of them.

        All k·(k - 1) / 2 pairs of a table of k schedules count, whichever of them are looked at.
        With ten judging seeds a margin of six standard errors is enough for up to 22 schedules.
        """
        return math.comb(len(self.chosen), 2)

    @property
    def summary(self) -> pd.DataFrame:
        """The table for reading: each schedule at its peak, judged on the test images."""
        import pandas as pd

        rows = {}
        for name, peak in self.chosen.items():
            runs, lost = self._judged(name), self.lost(name)
            shown = {
                f"test {metric}": "–" if lost or not len(runs) else _mean_and_sd(runs[column])
                for metric, column in (("loss", "test_loss"), ("accuracy", "test_accuracy"))
            }
            rows[name] = {
                "peak": "none" if peak is None else f"{peak:.4g}",
                **shown,
                "lost": f"{lost} of {len(runs)}",
                "edge": f"{self.edge[name]} tried" if name in self.edge else "",
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("schedule")

    def lost(self, name: str) -> int:
        """Return how many judging runs of a schedule are lost.

        Raises:
            ValueError: if no schedule has this name.
        """
        return int(self._judged(name)["lost"].sum())

    def gain(self, name: str, *, over: str, metric: str = "loss") -> Gain:
        """Return what `name` gains over another schedule on test, paired by seed.

        Args:
            name: one of the schedules.
            over: another one.
            metric: `"loss"` or `"accuracy"`; for both, positive is better.

        Raises:
            ValueError: if there is no such schedule or metric, or both are the same schedule.
        """
        one_of("metric", metric, ("loss", "accuracy"))
        better, worse = (self._judged(which) for which in (name, over))
        doubt = self._doubt(name, over)
        return self._paired(name, over, f"test {metric}", better, worse, doubt)

    def gain_at(self, peak: float, name: str, *, over: str) -> Gain:
        """Return what `name` gains over another schedule where both are trained at one peak.

        It comes from the tuning runs: their validation losses, paired by the few tuning seeds.

        Raises:
            ValueError: if there is no such schedule, both are the same, or one of them was not
                tried at this peak.
        """
        runs = [self._tuned(which, peak) for which in (name, over)]
        lost = [
            repr(which) for which, its in zip((name, over), runs, strict=True) if its["lost"].any()
        ]
        doubt = f"{' and '.join(lost)} lost a run at {peak:g}" if lost else ""
        return self._paired(name, over, "validation loss", *runs, doubt)

    def histories(self, name: str, *, peak: float | None = None) -> list[History]:
        """Return the records of a schedule's judging runs, in the order of their seeds.

        Args:
            name: one of the schedules.
            peak: if given, the tuning runs at this peak instead.

        Raises:
            ValueError: if there is no such schedule, or it was not tried at this peak.
        """
        runs = self._judged(name) if peak is None else self._tuned(name, peak)
        return list(runs.sort_values("seed")["history"])

    def test_losses(self, name: str) -> pd.Series:
        """Return the test losses of a schedule's judging runs, by seed; NaN where a run is lost.

        Two of them subtract seed by seed, those of two comparisons as well.

        Raises:
            ValueError: if no schedule has this name.

        >>> from lrsched_book import load_fashion_mnist
        >>> few = load_fashion_mnist().take(train=200, validation=100, test=100)
        >>> setup = Setup(epochs=1, batch_size=50, data=few, lr=0.1)
        >>> runs = compare({"constant": None}, setup, peaks=None, judging=3, jobs=1)
        >>> losses = runs.test_losses("constant")
        >>> list(losses.index), bool((losses < 3).all())
        ([0, 1, 2], True)
        """
        return self._judged(name).set_index("seed")["test_loss"].sort_index()

    def plot(self, *, title: str = "Validation loss at the chosen peaks", ax: Axes | None = None):
        """Draw the validation loss after each epoch: judging runs, mean and spread."""
        from lrsched_book.comparison_plots import plot_curves

        curves = {}
        for name in self.chosen:
            runs = self._judged(name)
            ends = [[math.nan] if lost else [] for lost in runs["lost"]]  # marks it as lost
            curves[name] = [curve + end for curve, end in zip(runs["curve"], ends, strict=True)]
        return plot_curves(curves, title=title, ax=ax)

    def plot_peaks(self, *, title: str = "Each schedule over its peaks", ax: Axes | None = None):
        """Draw the validation loss of the tuning runs over the peak, and mark the choices.

        Raises:
            ValueError: if no peak was chosen (`peaks=None`).
        """
        from lrsched_book.comparison_plots import plot_grid

        if self._tuning.empty:
            raise ValueError("plot_peaks needs a grid of peaks, got a comparison at given rates")
        losses = {
            name: {
                peak: runs["validation_loss"].where(~runs["lost"]).to_list()
                for peak, runs in self._tuned(name).groupby("peak")
            }
            for name in self.chosen
        }
        return plot_grid(losses, self.chosen, title=title, ax=ax)

    def plot_gains(
        self,
        pairs: Sequence[tuple[str, str]],
        *,
        metric: str = "loss",
        title: str = "Gains, paired by seed",
        ax: Axes | None = None,
    ):
        """Draw the gain of each judging seed for pairs of schedules, `(name, over)`."""
        from lrsched_book.comparison_plots import plot_gains

        gains = [self.gain(name, over=over, metric=metric) for name, over in pairs]
        return plot_gains(gains, title=title, ax=ax)

    def _paired(self, name, over, metric, better, worse, doubt) -> Gain:
        """Return the gain from the runs of two schedules that share a seed."""
        if name == over:
            raise ValueError(f"over must be another schedule than {name!r}")
        column = metric.replace(" ", "_")
        pairs = worse.set_index("seed")[column] - better.set_index("seed")[column]
        pairs = pairs[pairs.index.isin(better["seed"]) & pairs.index.isin(worse["seed"])]
        sign = -1 if "accuracy" in metric else 1
        return Gain(name, over, metric, (sign * pairs).to_dict(), self.comparisons, doubt)

    @property
    def _tuning(self) -> pd.DataFrame:
        return self.table[self.table["role"] == "tuning"]

    def _tuned(self, name: str, peak: float | None = None) -> pd.DataFrame:
        """Return the tuning runs of a schedule, at one peak if it is given."""
        one_of("name", name, tuple(self.chosen))
        runs = self._tuning[self._tuning["schedule"] == name]
        if peak is None:
            return runs
        one_of("peak", peak, tuple(runs["peak"].sort_values().unique().tolist()))
        return runs[runs["peak"] == peak]

    def _judged(self, name: str) -> pd.DataFrame:
        one_of("name", name, tuple(self.chosen))
        return self.table[(self.table["role"] == "judging") & (self.table["schedule"] == name)]

    def _doubt(self, *names: str) -> str:
        """Say why nothing can be concluded about these schedules; empty if something can."""
        reasons = []
        for name in names:
            if self.chosen[name] is None:
                reasons.append(f"each peak of {name!r} loses a tuning run")
            elif name in self.edge:
                reasons.append(f"the peak of {name!r} is the {self.edge[name]} one tried")
            if lost := self.lost(name):
                reasons.append(f"{lost} of {len(self._judged(name))} runs of {name!r} are lost")
        return "; ".join(reasons)

    def _caption(self) -> str:
        judging = self.table[self.table["role"] == "judging"]["seed"].nunique()
        how, other = "At given rates", ""
        if not self._tuning.empty:
            peaks = self._tuning.groupby("schedule")["peak"].nunique().max()
            seeds = self._tuning["seed"].nunique()
            how = f"Peaks chosen from {peaks} each by the mean validation loss of {seeds} seeds"
            other = "other "
        return (
            f"{how}; judged on test by {judging} {other}seeds, mean ± sd. "
            f"Comparisons: {self.comparisons}."
        )

    def __repr__(self) -> str:
        """Show the table and how it came about."""
        return f"{self.summary.to_string()}\n{self._caption()}"

    def _repr_html_(self) -> str:
        # No colours of its own, so that it can be read on a dark page, too.
        return f"{self.summary.to_html()}<p>{self._caption()}</p>"


def _mean_and_sd(values: pd.Series) -> str:
    return f"{values.mean():.4f} ± {values.std():.4f}"
