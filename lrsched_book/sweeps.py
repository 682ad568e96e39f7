"""The same run over several seeds and settings, in parallel, with its spread."""

from __future__ import annotations

import functools
import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, NamedTuple

import torch

from lrsched_book._checks import whole_number
from lrsched_book.progress import someone_is_watching

if TYPE_CHECKING:
    import pandas as pd

LABELS = ("setting", "seed")  # the columns of a sweep that say which run it was
COUNTS = ("runs", "lost")  # what a summary counts, so no measurement may be called so


class SweepError(RuntimeError):
    """A run of a sweep failed, or the process that it was in died.

    Attributes:
        table: the runs that were finished, as `sweep` would have returned them.
    """

    def __init__(self, message: str, table: pd.DataFrame):
        super().__init__(message)
        self.table = table

    def __reduce__(self):
        """Pickle both arguments: a sweep may itself run in a worker."""
        return SweepError, (str(self), self.table)


def base_seed() -> int:
    """Return the seed that all randomness of the book derives from: `LRSCHED_SEED`, else 0.

    Raises:
        ValueError: if `LRSCHED_SEED` is not a whole number of at least 0.

    >>> base_seed() == int(os.environ.get("LRSCHED_SEED", 0))
    True
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
        run: does one run and returns what it measured, as a mapping from column to value. A
            tensor or array of one number without dimensions becomes that number.
        settings: keyword arguments of `run`, under the name that the table is to show.
        seeds: a call is made for each of them with each setting.
        jobs: runs at the same time; -1 for as many as there are cores.
        progress: show a progress bar, unless nobody is watching.

    Returns:
        One row per call, in the order of `settings` and `seeds`, with the columns `setting`,
        `seed` and whatever `run` returned.

    Raises:
        ValueError: if there is no setting or no seed, a seed twice, `jobs` is 0, a setting is
            named None or has a `seed` of its own.
        SweepError: if a run raises, returns no mapping or a column named `setting`, `seed`,
            `runs` or `lost`, or if a process dies. It names the run; no further one is started,
            and those that were finished are in its `table`. Ctrl-C keeps them as well, in the
            `table` of the KeyboardInterrupt: `sys.last_value.table` at a prompt.

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
    if not settings:
        raise ValueError("settings must name at least one setting, got none")
    if None in settings:
        raise ValueError("settings must have names, got None for one of them")
    if own := [name for name, setting in settings.items() if "seed" in setting]:
        raise ValueError(f"settings must leave `seed` to the argument seeds, got one in {own[0]!r}")
    seeds = [whole_number("seeds", seed, at_least=0) for seed in seeds]
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must be one or more different seeds, got {seeds}")
    calls = [
        Call({"setting": name, "seed": seed}, {**setting, "seed": seed})
        for name, setting in settings.items()
        for seed in seeds
    ]
    return run_all(run, calls, jobs=check_jobs(jobs), progress=progress, reserved=COUNTS)


class Call(NamedTuple):
    """One run to be done: how the table is to label it, and the arguments it gets."""

    labels: Mapping
    arguments: Mapping

    def __str__(self) -> str:
        """Name the run as an error does: setting 'flat', seed 1."""
        return ", ".join(f"{name} {value!r}" for name, value in self.labels.items())


def check_jobs(jobs: int) -> int:
    """Return `jobs`, or raise `ValueError` unless it is a number of processes or -1 for all."""
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs == 0 or jobs < -1:
        raise ValueError(f"jobs must be a number of processes, or -1 for all cores, got {jobs!r}")
    return jobs


def run_all(
    run: Callable[..., Mapping],
    calls: Sequence[Call],
    *,
    jobs: int,
    progress: bool,
    title: str | None = None,
    reserved: Sequence[str] = (),
) -> pd.DataFrame:
    """Do all calls in parallel and return their labels and results, in the order of the calls.

    Args:
        run: does one run and returns a mapping from column to value.
        calls: the runs.
        jobs: runs at the same time; -1 for as many as there are cores.
        progress: show a progress bar, unless nobody is watching.
        title: what the bar says before its count.
        reserved: names that no column may have, beside those of the labels.

    Raises:
        SweepError: as in `sweep`.
    """
    from tqdm.auto import tqdm

    rows: dict[int, dict] = {}
    started: list[int] = []
    failure = None

    def waiting() -> Iterator[tuple[int, Call]]:
        for index, call in enumerate(calls):
            if failure is not None:
                return  # what is under way is finished and kept, nothing new is begun
            started.append(index)
            yield index, call

    hidden = not (progress and someone_is_watching())
    bar = tqdm(total=len(calls), unit="run", desc=title, leave=False, disable=hidden)
    try:
        for index, result in _results(run, waiting(), jobs):
            try:
                if isinstance(result, _Failure):
                    raise result.error
                labels = calls[index].labels
                rows[index] = {**labels, **_columns(result, {*labels, *reserved})}
                bar.update()
            except Exception as error:  # the first failure is told, the later ones are dropped
                failure = failure or (index, error)
    except KeyboardInterrupt as interrupt:
        interrupt.table = _in_order(rows)
        interrupt.add_note(
            f"{len(rows)} of {len(calls)} runs are finished: they are in the attribute `table` of "
            "this exception (sys.last_value.table)"
        )
        raise
    except Exception as error:  # a run's own errors are results, so this one is of the machinery
        lost = "; ".join(str(calls[index]) for index in started if index not in rows)
        raise SweepError(_broken(error, lost) + _kept(rows, calls), _in_order(rows)) from error
    finally:
        bar.close()
    if failure is None:
        return _in_order(rows)
    index, error = failure
    message = f"the run of {calls[index]} failed: {type(error).__name__}: {error}"
    raise SweepError(message + _kept(rows, calls), _in_order(rows)) from error


def _results(run, waiting, jobs) -> Iterator[tuple]:
    """Yield the index and the result of each call as soon as it is there."""
    import joblib

    # One call at a time for each worker, none in store: what has begun is what is under way.
    options = {"n_jobs": jobs, "batch_size": 1, "pre_dispatch": "n_jobs"}
    try:
        parallel = joblib.Parallel(return_as="generator_unordered", **options)
    except ValueError:  # a backend that hands out its results only when all are there (ray)
        parallel = joblib.Parallel(**options)
    calls = (joblib.delayed(_alone)(run, i, call.arguments, os.getpid()) for i, call in waiting)
    return iter(parallel(calls))


class _Failure(NamedTuple):
    """What a run raised, handed back like a result, so that it ends no other run."""

    error: Exception


def _alone(run: Callable, index: int, arguments: Mapping, parent: int) -> tuple:
    """Call `run` with one thread: more would compete with the runs beside it."""
    if os.getppid() == parent:  # a process that the sweep started, no thread and no cluster's
        _exit_with(parent)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return index, run(**arguments)
    except Exception as error:
        return index, _Failure(_portable(error))
    finally:
        torch.set_num_threads(threads)


def _portable(error: Exception) -> Exception:
    """Return the error, or its text if it does not survive the way to another process."""
    where = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(f"It was raised in a run of a sweep:\n{where}")
    return error


def exit_with_parent() -> None:
    """End this process within two seconds when the one that started it is gone.

    Workers of a sweep do so: killed hard, their parent cannot tell them to stop, and they would
    train on for nobody. A program calls it at its beginning if it should not outlive whoever
    started it, such as `make`. Where the system names a dead parent as if it were alive
    (Windows), this has no effect.
    """
    _exit_with(os.getppid())


@functools.cache  # one watcher for each process
def _exit_with(parent: int) -> None:
    def watch():
        while os.getppid() == parent:  # an orphan is given another parent
            time.sleep(1)
        os._exit(1)  # at once: there is nobody left to hand results to

    threading.Thread(target=watch, daemon=True, name="exit with parent").start()


def _columns(result, taken: set[str]) -> dict:
    """Return what a run measured with plain numbers, or raise an error that says what is wrong."""
    if not isinstance(result, Mapping):
        raise TypeError(f"run must return a mapping of columns, got {type(result).__name__}")
    if own := [name for name in result if name in taken]:
        raise ValueError(f"run must not return a column named {own[0]!r}: the table has its own")
    return {name: _plain(value) for name, value in result.items()}


def _plain(value):
    """Return the number in a tensor or array without dimensions, anything else as it is."""
    return value.item() if getattr(value, "shape", None) == () else value


def _in_order(rows: Mapping[int, dict]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([rows[index] for index in sorted(rows)])


def _broken(error: Exception, lost: str) -> str:
    """Say that no run raised an error, but what carries them out did."""
    if isinstance(error, BrokenExecutor):
        return f"a worker process died, killed or out of memory, during one of the runs {lost}"
    return f"the runs {lost} could not be carried out: {type(error).__name__}: {error}"


def _kept(rows, calls) -> str:
    return f" ({len(rows)} of {len(calls)} runs are finished and in this error's `table`)"


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean and standard deviation over the seeds, one row per setting.

    Args:
        table: what `sweep` returned. Columns that hold no numbers are left out; a truth value
            counts as 0 or 1.

    Returns:
        A table indexed by `setting`, in the order of the sweep, with three columns `mean`,
        `std` and `lost` for each measured column, and the number of `runs`. The standard
        deviation is that of the sample (divided by n - 1). `lost` counts the runs whose value is
        not finite; where there is one, mean and deviation are NaN: those of the runs that are
        left would speak of the lucky ones.

    Raises:
        ValueError: if `table` has no columns `setting` and `seed`, or one named `runs` or `lost`.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"setting": ["a", "a"], "seed": [0, 1], "loss": [1.0, 3.0]})
    >>> summarize(table).loc["a", "loss"].round(3).to_dict()
    {'mean': 2.0, 'std': 1.414, 'lost': 0.0}
    """
    import numpy as np

    if missing := set(LABELS) - set(table.columns):
        raise ValueError(f"table must come from sweep, but it lacks {', '.join(sorted(missing))}")
    if taken := [name for name in COUNTS if name in table.columns]:
        raise ValueError(
            f"table must not have a column named {taken[0]!r}: the summary has its own"
        )
    measured = table.drop(columns="seed").select_dtypes(["number", "bool"]).astype(float)
    measured = measured.drop(columns="setting", errors="ignore")  # settings named by numbers
    groups = measured.where(np.isfinite(measured)).groupby(table["setting"], sort=False)
    summary = groups.agg(
        [
            ("mean", lambda values: values.mean(skipna=False)),
            ("std", lambda values: values.std(skipna=False)),
            ("lost", lambda values: values.isna().sum()),
        ]
    )
    summary["runs", ""] = groups.size()
    return summary


def report(table: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Return `summarize(table)` as text for reading: mean ± standard deviation, or what is lost.

    Args:
        table: what `sweep` returned.
        digits: digits after the decimal point.

    Raises:
        ValueError: as `summarize`, or if `digits` is no whole number of at least 0.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"setting": ["a", "a"], "seed": [0, 1], "loss": [1.0, 3.0]})
    >>> report(table).loc["a"].to_dict()
    {'loss': '2.000 ± 1.414', 'runs': 2}
    >>> report(table.assign(loss=[1.0, float("nan")])).loc["a", "loss"]
    '1 of 2 lost'
    """
    import pandas as pd

    whole_number("digits", digits, at_least=0)
    summary = summarize(table)
    runs = summary["runs", ""].to_numpy()
    measured = dict.fromkeys(column for column, _ in summary.columns if column != "runs")
    text = {
        name: [
            f"{lost:.0f} of {n} lost" if lost else f"{mean:.{digits}f} ± {std:.{digits}f}"
            for (mean, std, lost), n in zip(summary[name].to_numpy(), runs, strict=True)
        ]
        for name in measured
    }
    return pd.DataFrame({**text, "runs": runs}, index=summary.index)
