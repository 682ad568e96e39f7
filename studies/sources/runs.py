"""Train what `settings` lists, and keep each finished run until all of them are there."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import lrsched_book as lb
from lrsched_book._files import write_whole
from studies import work as folder
from studies.provenance import describe
from studies.sources.settings import (
    HELD_OUT,
    LARGER,
    PEAKS,
    SETTINGS,
    SMALLER,
    TUNED,
    TUNING_SEEDS,
    Setting,
)
from studies.sources.tables import CHOICES, SOURCES, write_figure, write_tables

ROOT = Path(__file__).resolve().parents[2]
CODE = ("lrsched_book", "studies/sources")  # what the numbers depend on


def train(setting: Setting, data: lb.Data, seed: int) -> lb.History:
    """Train one setting with one seed; the same seed gives the same weights and batches.

    A run that diverges ends there: its record has fewer epochs than the setting.
    """
    model = setting.model(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=setting.peak, momentum=setting.momentum)
    updates = setting.epochs * -(-len(data.train.y) // setting.batch_size)
    steps = setting.epochs if setting.step_every == "epoch" else updates
    try:
        return lb.fit(
            model,
            data,
            optimizer,
            setting.plan(steps),
            epochs=setting.epochs,
            batch_size=setting.batch_size,
            step_every=setting.step_every,
            seed=seed,
            device="cpu",
        )
    except lb.Diverged as error:
        return error.history


def measured_on(which: str, setting: Setting) -> lb.Data:
    """Return the data of a setting: what it is measured on stands in the validation part.

    That is the held-out images for a run that chooses a peak. For every other one it is the test
    images, which the sources, too, look at after each epoch.
    """
    data = lb.load_fashion_mnist(which, validation=setting.held_out)
    return data if setting.held_out else replace(data, validation=data.test)


def reproduce(
    work: Path,
    results: Path,
    *,
    settings: Mapping[str, Setting] = SETTINGS,
    which: str = "full",
) -> None:
    """Train every run of the sources that is not finished, then write their tables and figure.

    Args:
        work: a folder that keeps each finished run; made if need be, and removed in the end
            unless it holds anything else.
        results: the folder of the tables, which are replaced when all runs are finished.
        settings: trained with each of their seeds.
        which: the data: see `load_fashion_mnist`.

    Raises:
        ValueError: if `work` holds a damaged run, or runs of other code or versions, or is
            `results`; or whatever `load_fashion_mnist` raises. Nothing has been trained or
            overwritten then.
    """
    about = _begin(work, results, which)
    write_tables(results, SOURCES, _train_all(work, settings, which), about)
    write_figure(results)
    folder.end(work)


def tune(
    work: Path,
    results: Path,
    *,
    tuned: Mapping[str, Setting] = TUNED,
    which: str = "full",
) -> None:
    """Let schedules choose their peaks among the same ones, then judge each with its own.

    Each peak is tried with every one of `TUNING_SEEDS` on a part of the training images; the mean
    loss on the images held out chooses. A peak that lost a run cannot be chosen. Where a best peak
    lies at the edge of the grid, the grid grows for all. Then each schedule trains on all images
    with its peak and its own seeds.

    Args:
        work: as in `reproduce`, but another folder.
        results: as in `reproduce`.
        tuned: what chooses.
        which: as in `reproduce`.

    Raises:
        ValueError: as in `reproduce`, or if a schedule diverges with all peaks.
    """
    about = _begin(work, results, which)
    peaks, larger, smaller = list(PEAKS), list(LARGER), list(SMALLER)
    while True:
        tries = {
            f"{name}, try {peak:g}": replace(
                setting, purpose="tuning", peak=peak, held_out=HELD_OUT, seeds=TUNING_SEEDS
            )
            for name, setting in tuned.items()
            for peak in peaks
        }
        tuning = _train_all(work, tries, which)
        best = {name: _best_peak(name, setting, peaks, tuning) for name, setting in tuned.items()}
        if larger and peaks[-1] in best.values():
            peaks.append(larger.pop(0))
        elif smaller and peaks[0] in best.values():
            peaks.insert(0, smaller.pop(0))
        else:
            break
    chosen = {name: replace(setting, peak=best[name]) for name, setting in tuned.items()}
    judging = _train_all(work, chosen, which)
    write_tables(results, CHOICES, pd.concat([tuning, judging]), about)
    folder.end(work)


def _best_peak(name: str, setting: Setting, peaks: Sequence[float], tuning: pd.DataFrame) -> float:
    """Return the peak whose tuning runs end with the lowest mean loss; lost ones are out."""
    losses = {}
    for peak in peaks:
        histories = tuning.loc[tuning["setting"] == f"{name}, try {peak:g}", "history"]
        if all(history.epochs == setting.epochs for history in histories):
            losses[peak] = np.mean([history.validation_loss[-1] for history in histories])
    if not losses:
        raise ValueError(f"tuned must have a peak that trains, but {name!r} diverged with all")
    return min(losses, key=losses.get)


def _train_all(work: Path, settings: Mapping[str, Setting], which: str) -> pd.DataFrame:
    """Return all runs of the settings; those that `work` keeps are read, the others trained."""

    def run(seed: int, name: str, setting: Setting) -> dict:
        file = work / f"{re.sub(r'[^a-zA-Z0-9.]+', '-', name)}-{seed}.json"
        if not file.exists():
            started = time.perf_counter()
            history = train(setting, measured_on(which, setting), seed)
            seconds = time.perf_counter() - started
            write_whole(file, json.dumps({"seconds": seconds, **history.to_dict()}).encode())
        columns = _read_run(file)
        return {"seconds": columns.pop("seconds"), "history": lb.History.from_dict(columns)}

    tables = []
    for seeds in dict.fromkeys(setting.seeds for setting in settings.values()):
        calls = {
            name: {"name": name, "setting": setting}
            for name, setting in settings.items()
            if setting.seeds == seeds
        }
        tables.append(lb.sweep(run, calls, seeds))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(about=[settings[name] for name in table["setting"]])


def _begin(work: Path, results: Path, which: str) -> dict[str, str]:
    """Check the folders and the data before any run; return what makes the results."""
    if work.resolve() == results.resolve():
        raise ValueError(f"work must be another folder than results, got {str(work)!r} for both")
    lb.load_fashion_mnist(which)
    about = describe(CODE)
    folder.begin(work, about, "runs", _read_run)
    return about


def _read_run(file: Path) -> dict:
    """Return the columns of a finished run and its seconds, or raise `ValueError`."""
    try:
        columns = json.loads(file.read_text())
        lb.History.from_dict({k: v for k, v in columns.items() if k != "seconds"})
        return {**columns, "seconds": float(columns["seconds"])}
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(
            f"{file} is no finished run ({error}): remove it, and it is trained again"
        ) from error
