"""What decays gain over the tuned constant in the book's usual setting; writes results/pilot.csv.

Six schedules, six peaks a factor two apart, three seeds to choose and ten others to judge: 168
runs, about three minutes on two cores.
"""

import argparse
import io
import json
import os
import platform
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import lrsched_book as lb
from lrsched_book._files import write_whole

RESULTS = Path(__file__).parents[2] / "results"
PEAKS = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
# Gain over the tuned constant in test accuracy and test loss, and its t = mean / sd * sqrt(10), as
# an earlier pilot measured them that chose and judged with the same ten seeds.
PILOT = {
    "exponential to 1%": (0.0138, 5.6, 0.040, 6.8),
    "cosine to 1%": (0.0157, 5.9, 0.046, 8.1),
    "linear to 1%": (0.0179, 6.6, 0.045, 7.1),
    "a tenth at 90%": (0.0189, 8.2, 0.053, 11.1),
    "last 20% linear": (0.0200, 9.5, 0.053, 9.9),
}


def schedules(updates):
    """The constant and five decays of a run of `updates` updates."""
    return {
        "constant": lb.constant(),
        "exponential to 1%": lb.exponential(0.01 ** (1 / (updates - 1))),
        "cosine to 1%": lb.cosine(updates, final=0.01),
        "linear to 1%": lb.linear(updates, final=0.01),
        "a tenth at 90%": lb.multistep([round(0.9 * updates)], gamma=0.1),
        "last 20% linear": lb.constant().then(
            lb.linear(updates - round(0.8 * updates)), at=round(0.8 * updates)
        ),
    }


def beside_the_pilot(runs):
    """One row a decay: its gains, and their distance from the pilot's in standard errors.

    Both gains have an error of their own, and both count.
    """
    rows = []
    for name, (accuracy, accuracy_t, loss, loss_t) in PILOT.items():
        row = {"schedule": name, "peak": runs.chosen[name]}
        for metric, pilot, t in (("accuracy", accuracy, accuracy_t), ("loss", loss, loss_t)):
            gain = runs.gain(name, over="constant", metric=metric)
            row[f"gain in {metric}"] = round(gain.effect, 5)
            row[f"error in {metric}"] = round(gain.error, 5)
            row[f"margin in {metric}"] = round(gain.effect / gain.error, 2)
            apart = (gain.effect - pilot) / np.hypot(gain.error, pilot / t)
            row[f"from the pilot in {metric}"] = round(apart, 2)
        rows.append(row)
    return pd.DataFrame(rows)


def main():
    """Compare, and write the runs, the gains and how they were made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=-1, help="runs at once (default: all cores)")
    parser.add_argument("--into", type=Path, default=RESULTS, help="folder to write to")
    options = parser.parse_args()
    start = time.time()
    setup = lb.Setup()
    runs = lb.compare(schedules(setup.updates), setup, peaks=PEAKS, jobs=options.jobs)
    print(runs)
    gains = beside_the_pilot(runs)
    print(gains.to_string(index=False))
    about = {
        "minutes": round((time.time() - start) / 60, 1),
        "base seed": lb.base_seed(),
        "seeds": {
            role: sorted(map(int, set(rows["seed"]))) for role, rows in runs.table.groupby("role")
        },
        "chosen": runs.chosen,
        "edge": runs.edge,
        "comparisons": runs.comparisons,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
    for name, table in (
        ("pilot.csv", gains),
        ("pilot_runs.csv", runs.table.drop(columns=["curve", "history"])),
    ):
        text = io.StringIO()
        table.to_csv(text, index=False, float_format="%.6g", lineterminator="\n")
        write_whole(options.into / name, text.getvalue().encode())
    write_whole(options.into / "pilot.json", (json.dumps(about, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
