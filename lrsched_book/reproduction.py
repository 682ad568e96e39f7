"""The runs of the source documents at full scale, as published and as corrected.

`make reproduce` trains them all on the 60,000 images of Fashion-MNIST and writes two tables and a
figure into `results/`; appendix A reads the tables. Each finished run is kept in a folder of work,
so that an interrupted reproduction goes on with the runs that are missing.
"""

import hashlib
import io
import json
import os
import platform
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from lrsched_book._checks import whole_number
from lrsched_book._files import write_whole
from lrsched_book.data import Data, load_fashion_mnist
from lrsched_book.history import MEASURED, History
from lrsched_book.models import lenet, mlp
from lrsched_book.schedules import Schedule, constant, cosine, inverse_sqrt, linear, multistep
from lrsched_book.sweeps import sweep
from lrsched_book.training import Diverged, fit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ROOT = Path(__file__).resolve().parent.parent
SEEDS = (0, 1, 2)
TUNING_SEED = 1000  # another one than those that judge
PEAKS = (0.1, 0.2, 0.4, 0.8)  # what each tuned schedule may choose among
HELD_OUT = 10_000  # training images that choose the peak

RUNS = "reproduction.csv"  # one row per run
EPOCHS = "reproduction_epochs.csv"  # one row per epoch of a run
FIGURE = "reproduction.png"
ABOUT = ("commit", "code", "python", "torch", "numpy", "machine")
RUN_COLUMNS = ("setting", "purpose", "seed", "peak", "epochs", *MEASURED, "seconds", *ABOUT)
EPOCH_COLUMNS = ("setting", "purpose", "seed", "peak", "epoch", "mean_lr", *MEASURED, "code")


@dataclass(frozen=True)
class Setting:
    """What is trained under one name, with several seeds.

    Attributes:
        purpose: `"published"` for what a source does, `"corrected"` for what it meant, `"tuned"`
            for a schedule with its best peak, `"tuning"` for the runs that choose that peak.
        peak: the optimizer's learning rate.
        plan: makes the schedule, or `None`, from the number of steps of the run.
        step_every: what a step is: `"epoch"` or `"batch"`.
        model: makes the network from a seed.
        epochs, batch_size, momentum: of the training, with plain or heavy-ball SGD.
        held_out: training images that are kept from training and judge instead of the test images.
    """

    purpose: str
    peak: float
    plan: Callable[[int], Schedule | None] = lambda steps: None
    step_every: str = "epoch"
    model: Callable[[int], torch.nn.Module] = lenet
    epochs: int = 30
    batch_size: int = 256
    momentum: float = 0.0
    held_out: int = 0


def one_cycle(steps: int) -> Schedule:
    """Return the factors of `OneCycleLR(max_lr, total_steps=steps)` relative to `max_lr`.

    Up from 1/25 during three tenths of the run, down to 1/25/10,000 in the rest, both as half a
    cosine.

    Raises:
        ValueError: if `steps` is not a multiple of ten, where torch's phases end on whole steps.

    >>> one_cycle(10).values(10).round(2)
    array([0.04, 0.52, 1.  , 0.95, 0.81, 0.61, 0.39, 0.19, 0.05, 0.  ])
    """
    if whole_number("steps", steps, at_least=10) % 10:
        raise ValueError(f"steps must be a multiple of ten, got {steps}")
    top = 3 * steps // 10 - 1  # the step that uses the peak
    down = cosine(steps - top, final=1 / 25 / 10_000)
    return cosine(top + 1, initial=1 / 25, final=1).then(down, at=top)


def late(schedule: Schedule) -> Schedule:
    """Return what a loop uses that computes the rate of an epoch after the epoch is over.

    The first epoch then runs at the optimizer's own rate, and each later one at the rate of its
    predecessor. The loop of *Dive into Deep Learning* does so.

    >>> late(linear(3)).values(4)
    array([1. , 1. , 0.5, 0. ])
    """
    return constant().then(schedule, at=1)


# The cosine of the chapter falls in 20 epochs from 0.3 to 0.01; its warmup takes 5 of them.
COSINE = cosine(21, final=0.01 / 0.3)
WARMUP = linear(6, initial=0, final=1).then(cosine(16, final=0.01 / 0.3), at=5)
# The same without the epoch at rate zero: the first epoch uses a fifth of the peak.
WARMUP_FROM_A_FIFTH = cosine(16, final=0.01 / 0.3).with_warmup(5)

DIVE = "Dive into Deep Learning: "
BLOG = "blog post: "
CUTS_OF_THE_TEXT = "multistep 5, 10, 20"  # the chapter's text has these, its code has others

SETTINGS = {
    DIVE + "constant 0.3": Setting("published", 0.3),
    DIVE + "square root from 0.1": Setting("published", 0.1, lambda n: late(inverse_sqrt(1))),
    # Drawing the curve has used the scheduler up: two cuts of 0.5 are made before the first epoch.
    DIVE + "multistep": Setting("published", 0.5, lambda n: constant(0.25)),
    DIVE + "cosine, T = 20": Setting("published", 0.3, lambda n: late(COSINE)),
    DIVE + "warmup, cosine": Setting("published", 0.3, lambda n: late(WARMUP)),
    "square root from 0.3": Setting("corrected", 0.3, lambda n: inverse_sqrt(1)),
    "multistep 15, 30": Setting("corrected", 0.5, lambda n: multistep([15, 30], gamma=0.5)),
    CUTS_OF_THE_TEXT: Setting("corrected", 0.5, lambda n: multistep([5, 10, 20], gamma=0.5)),
    "cosine, T = 20": Setting("corrected", 0.3, lambda n: COSINE),
    "warmup, cosine": Setting("corrected", 0.3, lambda n: WARMUP_FROM_A_FIFTH),
}
# The perceptron of the blog post, which trains on MNIST, here on Fashion-MNIST.
_BLOG = Setting("published", 0.1, model=mlp, epochs=50, batch_size=128, momentum=0.9)
SETTINGS |= {
    BLOG + "constant 0.1": replace(_BLOG, purpose="corrected"),
    BLOG + "cosine, T_max = 50": replace(_BLOG, plan=lambda n: cosine(51, final=1e-5)),
}
# Schedules that choose among PEAKS on held-out images, with the same number of tries.
_TUNED = Setting("tuned", PEAKS[0], step_every="batch", held_out=HELD_OUT)
TUNED = {
    "tuned constant": _TUNED,
    "tuned linear to zero": replace(_TUNED, plan=linear),
    "tuned one cycle": replace(_TUNED, plan=one_cycle),
}

# The accuracies on test images that Dive into Deep Learning prints, and its runs put right.
PRINTED = {
    DIVE + "constant 0.3": 0.885,
    DIVE + "square root from 0.1": 0.876,
    DIVE + "multistep": 0.889,
    DIVE + "cosine, T = 20": 0.892,
    DIVE + "warmup, cosine": 0.878,
}
CORRECTED = {
    DIVE + "square root from 0.1": "square root from 0.3",
    DIVE + "multistep": "multistep 15, 30",
    DIVE + "cosine, T = 20": "cosine, T = 20",
    DIVE + "warmup, cosine": "warmup, cosine",
}


def train(setting: Setting, data: Data, seed: int) -> History:
    """Train one setting with one seed; the same seed gives the same weights and batches.

    A run that diverges ends there: its record has fewer epochs than the setting.
    """
    if setting.held_out:
        data = data.hold_out(setting.held_out)
    model = setting.model(seed)
    optimizer = torch.optim.SGD(model.parameters(), lr=setting.peak, momentum=setting.momentum)
    updates = setting.epochs * -(-len(data.train_y) // setting.batch_size)
    steps = setting.epochs if setting.step_every == "epoch" else updates
    try:
        return fit(
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
    except Diverged as error:
        return error.history


def reproduce(
    work: Path,
    results: Path,
    *,
    settings: Mapping[str, Setting] = SETTINGS,
    tuned: Mapping[str, Setting] = TUNED,
    which: str = "full",
) -> None:
    """Train every run that is not finished in `work`, then write the tables into `results`.

    Args:
        work: a folder that keeps each finished run; made if need be, and removed in the end
            unless it holds anything else.
        results: the folder of the two tables, which are replaced when all runs are finished.
        settings: trained with each of `SEEDS`.
        tuned: each tries all `PEAKS` with `TUNING_SEED` on the images it holds out, then trains
            on all images with the best peak and each of `SEEDS`.
        which: the data: see `load_fashion_mnist`.

    Raises:
        ValueError: if `work` holds a damaged run, or runs of other code or versions, or is
            `results`; or whatever `load_fashion_mnist` raises. Nothing has been trained or
            overwritten then.
    """
    if work.resolve() == results.resolve():
        raise ValueError(f"work must be another folder than results, got {str(work)!r} for both")
    load_fashion_mnist(which)
    about = _describe()
    _prepare(work, about)

    def run(seed: int, name: str, setting: Setting) -> dict:
        file = work / f"{re.sub(r'[^a-zA-Z0-9.]+', '-', name)}-{seed}.json"
        if not file.exists():
            started = time.perf_counter()
            history = train(setting, load_fashion_mnist(which), seed)
            seconds = time.perf_counter() - started
            write_whole(file, json.dumps({"seconds": seconds, **history.to_dict()}).encode())
        columns = _read_run(file)
        return {"seconds": columns.pop("seconds"), "history": History.from_dict(columns)}

    def run_all(settings: Mapping[str, Setting], seeds: Sequence[int]) -> "pd.DataFrame":
        calls = {name: {"name": name, "setting": setting} for name, setting in settings.items()}
        table = sweep(run, calls, seeds)
        return table.assign(about=[settings[name] for name in table["setting"]])

    tries = {
        f"{name}, try {peak}": replace(setting, purpose="tuning", peak=peak)
        for name, setting in tuned.items()
        for peak in PEAKS
    }
    tables = [run_all(tries, [TUNING_SEED])] if tries else []
    best = {}
    for name, setting in tuned.items():
        accuracy = {
            row.about.peak: row.history.test_accuracy[-1]
            for row in tables[0].itertuples()
            if row.setting.startswith(f"{name}, try ") and row.history.epochs == setting.epochs
        }
        if not accuracy:
            raise ValueError(f"tuned must have a peak that trains, but {name!r} diverged with all")
        best[name] = replace(setting, peak=max(accuracy, key=accuracy.get), held_out=0)
    tables.append(run_all({**settings, **best}, SEEDS))
    _write(results, tables, about)
    for file in work.glob("*.json"):
        file.unlink()
    if not any(work.iterdir()):
        work.rmdir()


def read_results(results: Path = ROOT / "results") -> "tuple[pd.DataFrame, pd.DataFrame]":
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


def _describe() -> dict[str, str]:
    """Return the code, versions and machine that make the results."""
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    processor = getattr(torch.cpu, "get_capabilities", dict)().get("cpu_name")
    git = ["git", "-C", str(ROOT)]
    try:
        commit = subprocess.check_output([*git, "rev-parse", "HEAD"], text=True).strip()
        changed = subprocess.check_output([*git, "status", "--porcelain", "lrsched_book"])
    except (OSError, subprocess.CalledProcessError):
        commit, changed = "unknown", b""
    return {
        "commit": commit + (" with changes" if changed else ""),
        "code": code.hexdigest()[:12],
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "machine": f"{processor or platform.machine()}, {os.cpu_count()} cores",
    }


def _prepare(work: Path, about: dict[str, str]) -> None:
    """Make the folder of work, or raise `ValueError` if what it holds cannot be continued."""
    file = work / "about.json"
    if not file.exists():
        work.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(about).encode())
        return
    versions = ("code", "python", "torch", "numpy")
    try:
        found = json.loads(file.read_text())
        before = {name: found[name] for name in versions}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{file} does not say what made the runs beside it ({error!r}): remove the folder to "
            "begin anew"
        ) from error
    other = [name for name in versions if before[name] != about[name]]
    if other:
        raise ValueError(
            f"{work} holds runs of another version: "
            + ", ".join(f"{name} {before[name]} instead of {about[name]}" for name in other)
            + ". Go on with that one, or remove the folder to begin anew"
        )
    for path in sorted(work.glob("*.json")):
        if path != file:
            _read_run(path)


def _read_run(file: Path) -> dict:
    """Return the columns of a finished run and its seconds, or raise `ValueError`."""
    try:
        columns = json.loads(file.read_text())
        History.from_dict({k: v for k, v in columns.items() if k != "seconds"})
        return {**columns, "seconds": float(columns["seconds"])}
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(
            f"{file} is no finished run ({error}): remove it, and it is trained again"
        ) from error


def _write(results: Path, tables: "list[pd.DataFrame]", about: dict[str, str]) -> None:
    """Write both tables, each whole or not at all."""
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
        measured = {column: getattr(history, column).round(6) for column in MEASURED}
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


def write_figure(results: Path = ROOT / "results") -> None:
    """Draw `plot_headline` for the tables in `results`, as a picture beside them."""
    import matplotlib.pyplot as plt

    ax = plot_headline(read_results(results)[0])
    picture = io.BytesIO()
    ax.figure.savefig(picture, format="png", dpi=120, bbox_inches="tight")
    plt.close(ax.figure)
    write_whole(results / FIGURE, picture.getvalue())


if __name__ == "__main__":
    reproduce(ROOT / "_build" / "reproduction", ROOT / "results")
