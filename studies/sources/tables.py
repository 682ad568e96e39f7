"""The tables of the full-scale runs: written whole, read only if they are, and drawn."""

import io
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrsched_book._files import write_whole
from studies.sources.settings import CORRECTED, CUTS_OF_THE_TEXT, DIVE, PRINTED, TUNED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RESULTS = Path(__file__).resolve().parents[2] / "results"
RUNS = "reproduction.csv"  # one row per run
EPOCHS = "reproduction_epochs.csv"  # one row per epoch of a run
FIGURE = "reproduction.png"
ABOUT = ("commit", "code", "python", "torch", "numpy", "machine")
# What the tables call a measurement: the name in a run's history. What a run was measured on stood
# in the validation part of its data, and was the test images unless it chose a peak.
MEASURED = {
    "train_loss": "train_loss",
    "train_accuracy": "train_accuracy",
    "test_loss": "validation_loss",
    "test_accuracy": "validation_accuracy",
}
RUN_COLUMNS = ("setting", "purpose", "seed", "peak", "epochs", *MEASURED, "seconds", *ABOUT)
EPOCH_COLUMNS = ("setting", "purpose", "seed", "peak", "epoch", "mean_lr", *MEASURED, "code")


def read_results(results: Path = RESULTS) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the tables that `reproduce` wrote: one row per run, one row per epoch of a run.

    A run that diverged has fewer epochs than the others of its kind, and NaN for what it would
    have measured at its end. The second table's `mean_lr` is the mean of the rates that the
    epoch's updates used. Accuracies are shares between 0 and 1; those of the `"tuning"` runs are
    of held-out images.

    Raises:
        FileNotFoundError: if a table is missing.
        ValueError: if a table is cut short, damaged, or was written by another version.
    """
    import pandas as pd

    tables = []
    for name, columns in ((RUNS, RUN_COLUMNS), (EPOCHS, EPOCH_COLUMNS)):
        path = Path(results) / name
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing: `make reproduce` writes it")
        try:
            table = pd.read_csv(path, dtype={"code": str, "commit": str})
        except ValueError as error:  # pandas' own errors are of this kind
            raise ValueError(f"{path} cannot be read ({error}): get it from git again") from error
        if tuple(table.columns) != columns:
            raise ValueError(
                f"{path} is of another version: its columns are {', '.join(table.columns)} instead "
                f"of {', '.join(columns)}; `make reproduce` makes it anew"
            )
        tables.append(table)
    runs, epochs = tables
    _check_complete(Path(results), runs, epochs)
    return runs, epochs


def headline(runs: "pd.DataFrame") -> "pd.DataFrame":
    """Return test accuracies, mean ± standard deviation: printed, as published, corrected or tuned.

    Args:
        runs: the first table of `read_results`.
    """
    import pandas as pd

    accuracy = runs.groupby("setting")["test_accuracy"].agg(["mean", "std"])

    def said(setting: str | None) -> str:
        return "{:.3f} ± {:.3f}".format(*accuracy.loc[setting]) if setting else "–"

    rows = {
        name.removeprefix(DIVE): (f"{printed:.3f}", said(name), said(CORRECTED.get(name)))
        for name, printed in PRINTED.items()
    }
    rows |= {name: ("–", "–", said(name)) for name in (CUTS_OF_THE_TEXT, *TUNED)}
    columns = ["printed", "re-run as published", "corrected or tuned"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def plot_headline(runs: "pd.DataFrame") -> "Axes":
    """Draw every run of `headline` as a point."""
    import matplotlib.pyplot as plt

    from lrsched_book.plotting import COLOURS

    _, ax = plt.subplots(figsize=(8, 4.2))
    names = [*PRINTED, CUTS_OF_THE_TEXT, *TUNED]
    for place, name in enumerate(names):
        points = [(CORRECTED.get(name), 0.14, "^", 1)]
        points.append((name, 0, "o", 0) if name in PRINTED else (name, 0, "^", 1))
        for setting, below, marker, colour in points:
            values = runs.loc[runs["setting"] == setting, "test_accuracy"]
            heights = np.full(len(values), place + below)
            ax.plot(values, heights, marker, color=COLOURS[colour], alpha=0.8)
    ax.plot(list(PRINTED.values()), range(len(PRINTED)), "kx", markersize=9, label="printed")
    ax.plot([], [], "o", color=COLOURS[0], label="re-run as published")
    ax.plot([], [], "^", color=COLOURS[1], label="corrected or tuned")
    labels = [name.removeprefix(DIVE) for name in names]
    labels[names.index(DIVE + "square root from 0.1")] = "square root from 0.1, corrected 0.3"
    ax.set_yticks(range(len(names)), labels)
    ax.invert_yaxis()
    ax.set(
        title="Two faults hardly move the accuracy; a rate that comes down far does",
        xlabel="test accuracy after 30 epochs on 60,000 images (one point per run)",
    )
    ax.legend(loc="lower left")
    return ax


def _check_complete(results: Path, runs: "pd.DataFrame", epochs: "pd.DataFrame") -> None:
    """Raise `ValueError` unless both tables are whole and belong together."""
    codes = {*runs["code"], *epochs["code"]}
    if len(codes) != 1:
        raise ValueError(
            f"{results / RUNS} and {results / EPOCHS} must come from the same code, got "
            f"{', '.join(sorted(codes)) or 'no rows'}: get both from git again"
        )
    key = ["setting", "seed"]
    there = epochs.groupby(key).size()
    for row in runs.itertuples():
        found = there.get((row.setting, row.seed), 0)
        if found != row.epochs:
            raise ValueError(
                f"{results / EPOCHS} must have {row.epochs} epochs of {row.setting!r} with seed "
                f"{row.seed}, got {found}: it is cut short; get it from git again"
            )
    if len(there) != (runs["epochs"] > 0).sum() or runs.duplicated(key).any():
        raise ValueError(
            f"{results / RUNS} has {len(runs)} runs but {results / EPOCHS} has {len(there)}: "
            "one is cut short; get both from git again"
        )


def write_tables(results: Path, tables: "list[pd.DataFrame]", about: dict[str, str]) -> None:
    """Write both tables and the figure, each whole or not at all.

    Args:
        results: the folder; made if need be.
        tables: what the sweeps returned: the columns `setting`, `seed`, `seconds`, `history`, and
            `about` with the `Setting`.
        about: code, versions and machine, under the names in `ABOUT`.
    """
    import pandas as pd

    runs, epochs = [], []
    for row in pd.concat(tables).itertuples():
        setting, history = row.about, row.history
        name = {
            "setting": row.setting,
            "purpose": setting.purpose,
            "seed": row.seed,
            "peak": setting.peak,
        }
        measured = {column: getattr(history, name).round(6) for column, name in MEASURED.items()}
        diverged = history.epochs < setting.epochs
        last = {column: np.nan if diverged else values[-1] for column, values in measured.items()}
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
        table = pd.DataFrame(rows, columns=columns)
        write_whole(results / file, table.to_csv(index=False, lineterminator="\n").encode())
    write_figure(results)


def write_figure(results: Path = RESULTS) -> None:
    """Draw `plot_headline` for the tables in `results`, as a picture beside them."""
    import matplotlib.pyplot as plt

    ax = plot_headline(read_results(results)[0])
    picture = io.BytesIO()
    ax.figure.savefig(picture, format="png", dpi=120, bbox_inches="tight")
    plt.close(ax.figure)
    write_whole(results / FIGURE, picture.getvalue())
