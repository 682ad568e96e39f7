"""The tables of the full-scale runs: written whole, read only if they are, and drawn."""

import io
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrsched_book._files import write_whole
from studies.sources.settings import (
    DIVE,
    PRINTED,
    SETTINGS,
    TUNED,
    TUNING_SEEDS,
    Setting,
)
from studies.stored import read_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RESULTS = Path(__file__).resolve().parents[2] / "results"
# Three pairs of tables: the runs of the sources, one of them on MNIST, and the schedules that chose
# their peaks.
SOURCES, ON_MNIST, CHOICES = "reproduction", "mnist", "choices"
RUNS, EPOCHS = "{}.csv", "{}_epochs.csv"  # one row per run, one row per epoch of a run
FIGURE = "reproduction.png"
PUBLISHED = "d2l_published.csv"  # nine published executions, each of five runs
PUBLISHED_COLUMNS = (
    "repository", "commit", "date", "run", "train_loss", "train_accuracy", "test_accuracy", "role",
)  # fmt: skip
# Ours with the plan used when it was meant.
ON_TIME = {
    DIVE + "square root from 0.1": "square root from 0.1",
    DIVE + "multistep": "multistep 15, 30",
    DIVE + "cosine, T = 20": "cosine, T = 20",
    DIVE + "warmup, cosine": "warmup, cosine",
}
ABOUT = ("commit", "code", "python", "torch", "numpy", "machine")
# What the tables call a measurement: the name in a run's history. What a run was measured on stood
# in the validation part of its data, and was the test images unless it chose a peak.
MEASURED = {
    "train_loss": "train_loss",
    "train_accuracy": "train_accuracy",
    "test_loss": "validation_loss",
    "test_accuracy": "validation_accuracy",
}
LAST_TEN = 10  # a run at a high rate ends anywhere: the mean of its last epochs says more
LAST_TEN_MEANS = ("mean_test_loss", "mean_test_accuracy")
RUN_COLUMNS = (
    "setting", "purpose", "seed", "peak", "epochs", *MEASURED, *LAST_TEN_MEANS, "seconds", *ABOUT,
)  # fmt: skip
EPOCH_COLUMNS = ("setting", "purpose", "seed", "peak", "epoch", "mean_lr", *MEASURED, "code")


def read_results(
    results: Path = RESULTS,
    settings: Mapping[str, Setting] = SETTINGS,
    which: str = SOURCES,
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the tables that `reproduce` wrote: one row per run, one row per epoch of a run.

    A run that diverged has fewer epochs than the others of its kind, and NaN for what it would
    have measured at its end. `mean_test_loss` and `mean_test_accuracy` are means of the last ten
    epochs. The second table's `mean_lr` is the mean of the rates that the epoch's updates used.
    Accuracies are shares between 0 and 1.

    Args:
        results: the folder.
        settings: what the tables must hold.
        which: `SOURCES` or `ON_MNIST`.

    Raises:
        FileNotFoundError: if a table is missing.
        ValueError: if a table is cut short, damaged, lacks a run of the protocol, has one of
            another protocol, or was written by another version.
    """
    runs, epochs = _read(Path(results), which)
    protocol = {
        (name, seed): setting.peak for name, setting in settings.items() for seed in setting.seeds
    }
    _check_protocol(Path(results) / RUNS.format(which), runs, protocol)
    return runs, epochs


def read_choices(
    results: Path = RESULTS, tuned: Mapping[str, Setting] = TUNED
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the tables that `tune` wrote, as `read_results` does.

    Those of the `"tuning"` runs were measured on held-out training images.

    Raises:
        FileNotFoundError, ValueError: as in `read_results`.
    """
    runs, epochs = _read(Path(results), CHOICES)
    tried = sorted(set(runs.loc[runs["purpose"] == "tuning", "peak"]))
    best = dict(zip(runs["setting"], runs["peak"], strict=True))
    protocol = {
        (f"{name}, try {peak:g}", seed): peak
        for name in tuned
        for peak in tried
        for seed in TUNING_SEEDS
    }
    protocol |= {
        (name, seed): best.get(name) for name, setting in tuned.items() for seed in setting.seeds
    }
    _check_protocol(Path(results) / RUNS.format(CHOICES), runs, protocol)
    return runs, epochs


def _read(results: Path, which: str) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return two tables that are whole and belong together."""
    runs, epochs = (
        read_table(results / name.format(which), columns, "`make reproduce`")
        for name, columns in ((RUNS, RUN_COLUMNS), (EPOCHS, EPOCH_COLUMNS))
    )
    _check_complete(results, which, runs, epochs)
    return runs, epochs


def read_published(results: Path = RESULTS) -> "pd.DataFrame":
    """Return nine published executions of the chapter of *Dive into Deep Learning*, a row per run.

    The `role` of the execution that the book calls the source is `"source"`, of the others
    `"copy"`.

    Raises:
        FileNotFoundError: if the table is missing.
        ValueError: if it is cut short or holds other runs than `PRINTED`.
    """
    import pandas as pd

    path = Path(results) / PUBLISHED
    text = path.read_text(encoding="utf-8")
    lines = 1 + 9 * len(PRINTED)
    if text.startswith(",".join(PUBLISHED_COLUMNS) + "\n") and text.count("\n") == lines:
        table = pd.read_csv(io.StringIO(text))
        source = table[table["role"] == "source"]
        printed = dict(zip(DIVE + source["run"], source["test_accuracy"], strict=True))
        if printed == PRINTED and table["role"].isin(["source", "copy"]).all():
            return table
    raise ValueError(f"{path} is cut short or of another protocol: get it from git again")


def lost(runs: "pd.DataFrame") -> "pd.Series":
    """Return which runs diverged or end no better than guessing among the ten classes."""
    return ~(runs["test_loss"] < np.log(10))


def headline(runs: "pd.DataFrame", published: "pd.DataFrame") -> "pd.DataFrame":
    """Return test accuracies, mean ± standard deviation: printed, nine executions, our runs.

    Of runs that were lost it gives the number; mean and deviation are then those of the others.

    Args:
        runs: the first table of `read_results`.
        published: what `read_published` returned.
    """
    import pandas as pd

    def said(values: "pd.Series") -> str:
        return f"{values.mean():.3f} ± {values.std():.3f}"

    def ours(name: str) -> str:
        mine = runs[runs["setting"] == name]
        gone = lost(mine)
        note = f", {gone.sum()} of {len(mine)} lost" if gone.any() else ""
        return said(mine.loc[~gone, "test_accuracy"]) + note

    rows = {
        name.removeprefix(DIVE): (
            f"{printed:.3f}",
            said(published.loc[DIVE + published["run"] == name, "test_accuracy"]),
            ours(name),
        )
        for name, printed in PRINTED.items()
    }
    columns = ["printed", "nine executions", "our runs"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def plot_headline(runs: "pd.DataFrame", published: "pd.DataFrame") -> "Axes":
    """Draw every run of `headline` as a mark, and ours with the plan used as it was meant."""
    import matplotlib.pyplot as plt

    from lrsched_book.plotting import COLOURS

    def draw(values: "pd.Series", height: float, marker: str, **style: object) -> None:
        ax.plot(values, np.full(len(values), height), marker, **style)

    kept = runs[~lost(runs)]
    _, ax = plt.subplots(figsize=(8, 4.1))
    large = {"markersize": 11, "markeredgewidth": 3}
    for place, name in enumerate(PRINTED):
        rows = published[DIVE + published["run"] == name].set_index("role")["test_accuracy"]
        draw(rows[["copy"]], place - 0.2, "x", color="0.45", markersize=7)
        draw(rows[["source"]], place - 0.2, "kx", **large)
        ours = kept.loc[kept["setting"] == name, "test_accuracy"]
        draw(ours, place + 0.05, "o", color=COLOURS[0], alpha=0.8)
        if gone := (runs["setting"] == name).sum() - len(ours):
            words = f"← {gone} of {gone + len(ours)} lost"
            ax.annotate(
                words, (0.01, place + 0.05), xycoords=("axes fraction", "data"), color=COLOURS[0],
                fontsize="small", va="center",
            )  # fmt: skip
        ours = runs.loc[runs["setting"] == ON_TIME.get(name), "test_accuracy"]
        draw(ours, place + 0.25, "^", color=COLOURS[1], alpha=0.9)
    ax.plot([], [], "kx", label="printed in the source", **large)
    ax.plot([], [], "x", color="0.45", markersize=7, label="eight other executions")
    ax.plot([], [], "o", color=COLOURS[0], label="ours, as published")
    ax.plot([], [], "^", color=COLOURS[1], label="ours, as meant")
    ax.set_yticks(range(len(PRINTED)), [name.removeprefix(DIVE) for name in PRINTED])
    ax.set_ylim(len(PRINTED) - 0.5, -0.6)
    ax.set(
        title="The warmup's printed accuracy is one outlier among nine executions",
        xlabel="test accuracy after 30 epochs on 60,000 images (one mark per run)",
    )
    ax.legend(loc="upper center", bbox_to_anchor=(0.4, -0.15), ncols=4, columnspacing=1.2)
    return ax


def _check_complete(
    results: Path, which: str, runs: "pd.DataFrame", epochs: "pd.DataFrame"
) -> None:
    """Raise `ValueError` unless both tables are whole and belong together."""
    runs_file, epochs_file = results / RUNS.format(which), results / EPOCHS.format(which)
    codes = {*runs["code"], *epochs["code"]}
    if len(codes) != 1:
        raise ValueError(
            f"{runs_file} and {epochs_file} must come from the same code, got "
            f"{', '.join(sorted(codes)) or 'no rows'}: get both from git again"
        )
    key = ["setting", "seed"]
    there = epochs.groupby(key).size()
    for row in runs.itertuples():
        found = there.get((row.setting, row.seed), 0)
        if found != row.epochs:
            raise ValueError(
                f"{epochs_file} must have {row.epochs} epochs of {row.setting!r} with seed "
                f"{row.seed}, got {found}: it is cut short; get it from git again"
            )
    if len(there) != (runs["epochs"] > 0).sum() or runs.duplicated(key).any():
        raise ValueError(
            f"{runs_file} has {len(runs)} runs but {epochs_file} has {len(there)}: "
            "one is cut short; get both from git again"
        )


def _check_protocol(path: Path, runs: "pd.DataFrame", protocol: Mapping[tuple, float]) -> None:
    """Raise `ValueError` unless the table holds the runs of the protocol, and no others."""
    keys = zip(runs["setting"], runs["seed"], strict=True)
    found = dict(zip(keys, runs["peak"], strict=True))
    if missing := [key for key in protocol if key not in found]:
        raise ValueError(
            f"{path} lacks the run of {missing[0][0]!r} with seed {missing[0][1]}: get it from git "
            "again, or `make reproduce` makes it anew"
        )
    if other := [key for key, peak in found.items() if protocol.get(key) != peak]:
        raise ValueError(
            f"{path} is from another protocol: it has a run of {other[0][0]!r} with seed "
            f"{other[0][1]} and peak {found[other[0]]:g}; `make reproduce` makes it anew"
        )


def write_tables(results: Path, which: str, table: "pd.DataFrame", about: dict[str, str]) -> None:
    """Write a pair of tables, each whole or not at all.

    Args:
        results: the folder; made if need be.
        which: `SOURCES`, `ON_MNIST` or `CHOICES`.
        table: what the sweeps returned: the columns `setting`, `seed`, `seconds`, `history`, and
            `about` with the `Setting`.
        about: code, versions and machine, under the names in `ABOUT`.
    """
    import pandas as pd

    runs, epochs = [], []
    for row in table.itertuples():
        setting, history = row.about, row.history
        name = {
            "setting": row.setting,
            "purpose": setting.purpose,
            "seed": row.seed,
            "peak": setting.peak,
        }
        measured = {column: getattr(history, name).round(6) for column, name in MEASURED.items()}
        ends = {column: values[-1:] for column, values in measured.items()}
        ends |= {name: measured[name.removeprefix("mean_")][-LAST_TEN:] for name in LAST_TEN_MEANS}
        diverged = history.epochs < setting.epochs
        last = {name: np.nan if diverged else round(v.mean(), 6) for name, v in ends.items()}
        runs.append(
            {**name, "epochs": history.epochs, **last, "seconds": round(row.seconds, 1), **about}
        )
        for epoch, (start, end) in enumerate(pairwise([0, *history.update])):
            now = {column: values[epoch] for column, values in measured.items()}
            mean_lr = float(f"{history.lr[start:end].mean():.6g}")
            epochs.append(
                {**name, "epoch": epoch, "mean_lr": mean_lr, **now, "code": about["code"]}
            )
    results.mkdir(parents=True, exist_ok=True)
    for file, rows, columns in ((RUNS, runs, RUN_COLUMNS), (EPOCHS, epochs, EPOCH_COLUMNS)):
        text = pd.DataFrame(rows, columns=columns).to_csv(index=False, lineterminator="\n")
        write_whole(results / file.format(which), text.encode())


def write_figure(results: Path = RESULTS) -> None:
    """Draw `plot_headline` for the tables in `results`, as a picture beside them."""
    import matplotlib.pyplot as plt

    runs, _ = _read(results, SOURCES)
    ax = plot_headline(runs, read_published())  # published ones never change
    picture = io.BytesIO()
    ax.figure.savefig(picture, format="png", dpi=120, bbox_inches="tight")
    plt.close(ax.figure)
    write_whole(results / FIGURE, picture.getvalue())
