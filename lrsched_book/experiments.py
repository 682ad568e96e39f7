"""The same run over several seeds and settings, in parallel, with its spread."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from lrsched_book._checks import whole_number
from lrsched_book.progress import someone_is_watching

if TYPE_CHECKING:
    import pandas as pd


def base_seed() -> int:
    """Return the seed that all randomness of the book derives from: `LRSCHED_SEED`, else 0.

    Raises:
        ValueError: if `LRSCHED_SEED` is not a whole number of at least 0.
    """
    text = os.environ.get("LRSCHED_SEED", "0")
    if not text.isdecimal():
        raise ValueError(f"LRSCHED_SEED must be a whole number of at least 0, got {text!r}")
    return int(text)


def seeds(n: int = 3) -> list[int]:
    """Return `n` seeds derived from the base seed; two base seeds never share one.

    Raises:
        ValueError: if `n` is not between 1 and 1000.

    >>> len(set(seeds(3)))
    3
    """
    if whole_number("n", n, at_least=1) > 1000:
        raise ValueError(f"n must be at most 1000, got {n}")
    return [1000 * base_seed() + index for index in range(n)]


def sweep(
    run: Callable[..., Mapping],
    settings: Mapping[str, Mapping],
    seeds: Sequence[int],
    *,
    jobs: int = -1,
    progress: bool = True,
) -> pd.DataFrame:
    """Call `run(seed=…, **setting)` for every setting and seed, in parallel, into one tidy table.

    Each call has one thread to itself, so its result does not depend on how many run at once.
    Calls run in processes; `joblib.parallel_config(backend=…)` around the sweep changes that.

    Args:
        run: does one run and returns what it measured, as a mapping from column to value.
        settings: keyword arguments of `run`, under the name that the table is to show.
        seeds: a call is made for each of them with each setting.
        jobs: runs at the same time; -1 for as many as there are cores.
        progress: show a progress bar, unless nobody is watching.

    Returns:
        One row per call, in the order of `settings` and `seeds`, with the columns `setting`,
        `seed` and whatever `run` returned.

    Raises:
        ValueError: if there is no setting or no seed, a seed twice, or `jobs` is 0.
        TypeError: if `run` returns no mapping.

    >>> import joblib
    >>> def run(seed, slope): return {"y": slope * seed}
    >>> with joblib.parallel_config(backend="sequential"):
    ...     sweep(run, {"flat": {"slope": 0}, "steep": {"slope": 2}}, seeds=[1, 2])
      setting  seed  y
    0    flat     1  0
    1    flat     2  0
    2   steep     1  2
    3   steep     2  4
    """
    import joblib
    import pandas as pd
    from tqdm.auto import tqdm

    if not settings:
        raise ValueError("settings must name at least one setting, got none")
    seeds = [whole_number("seeds", seed, at_least=0) for seed in seeds]
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must be one or more different seeds, got {seeds}")
    if jobs == 0 or not isinstance(jobs, int):
        raise ValueError(f"jobs must be a number of processes, or -1 for all cores, got {jobs!r}")
    calls = [(name, seed) for name in settings for seed in seeds]
    results = joblib.Parallel(n_jobs=jobs, return_as="generator")(
        joblib.delayed(_alone)(run, {**settings[name], "seed": seed}) for name, seed in calls
    )
    hidden = not (progress and someone_is_watching())
    rows = []
    bar = tqdm(results, total=len(calls), unit="run", leave=False, disable=hidden)
    for (name, seed), result in zip(calls, bar, strict=True):
        if not isinstance(result, Mapping):
            raise TypeError(f"run must return a mapping of columns, got {type(result).__name__}")
        rows.append({"setting": name, "seed": seed, **result})
    return pd.DataFrame(rows)


def _alone(run: Callable, arguments: Mapping):
    """Call `run` with one thread: more would compete with the runs beside it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return run(**arguments)
    finally:
        torch.set_num_threads(threads)


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard deviation over the seeds, one row per setting.

    Args:
        table: what `sweep` returned. Columns that hold no numbers are left out.

    Returns:
        A table indexed by `setting`, in the order of the sweep, with two columns `mean` and
        `std` for each measured column, and the number of `runs`. The standard deviation is that
        of the sample (divided by n - 1).

    Raises:
        ValueError: if `table` has no columns `setting` and `seed`.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"setting": ["a", "a"], "seed": [0, 1], "loss": [1.0, 3.0]})
    >>> summarize(table).loc["a", "loss"].round(3).to_dict()
    {'mean': 2.0, 'std': 1.414}
    """
    if missing := {"setting", "seed"} - set(table.columns):
        raise ValueError(f"table must come from sweep, but it lacks {', '.join(sorted(missing))}")
    measured = table.drop(columns="seed").select_dtypes("number")
    groups = measured.groupby(table["setting"], sort=False)
    summary = groups.agg(["mean", "std"])
    summary["runs", ""] = groups.size()
    return summary


def report(table: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Return `summarize(table)` as text for reading: mean ± standard deviation.

    Args:
        table: what `sweep` returned.
        digits: digits after the decimal point.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"setting": ["a", "a"], "seed": [0, 1], "loss": [1.0, 3.0]})
    >>> report(table).loc["a"].to_dict()
    {'loss': '2.000 ± 1.414', 'runs': 2}
    """
    import pandas as pd

    summary = summarize(table)
    measured = dict.fromkeys(column for column, _ in summary.columns if column != "runs")
    text = {
        name: [f"{m:.{digits}f} ± {s:.{digits}f}" for m, s in summary[name].to_numpy()]
        for name in measured
    }
    return pd.DataFrame({**text, "runs": summary["runs", ""].to_numpy()}, index=summary.index)
