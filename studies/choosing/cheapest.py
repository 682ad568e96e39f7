"""The cheapest setting in which decay against tuned constant keeps a margin of six.

Each setting (epochs, training images, peaks) is compared as a chapter would do it, with several
base seeds: one margin from ten pairs is itself uncertain by almost two. Writes
results/cheapest.csv, one row a setting and base seed, as they come; rows that are there already
are not measured again.
"""

import argparse
import functools
import io
import os
import time
from pathlib import Path

import pandas as pd

import lrsched_book as lb
from lrsched_book._files import write_whole

RESULTS = Path(__file__).parents[2] / "results"
GRIDS = {5: (0.02, 0.04, 0.08, 0.16, 0.32), 4: (0.02, 0.06, 0.18, 0.54)}
# Epochs, training images, peaks: half the length first, the usual setting, then other savings.
SETTINGS = [(5, 8000, 5), (10, 8000, 5), (5, 8000, 4), (10, 8000, 4), (10, 4000, 5), (3, 8000, 4)]


def load(images):
    """The book's sample with fewer training images."""
    return lb.load_fashion_mnist().take(train=images)


def margins(epochs, images, peaks, jobs):
    """Compare linear to 1% with the tuned constant; what it gains, by what margin, for what."""
    setup = lb.Setup(epochs=epochs, data=functools.partial(load, images))
    plans = {"constant": lb.constant(), "linear to 1%": lb.linear(setup.updates, final=0.01)}
    start = time.time()
    runs = lb.compare(plans, setup, peaks=GRIDS[peaks], jobs=jobs)
    row = {"epochs": epochs, "images": images, "peaks": peaks, "base seed": lb.base_seed()}
    for metric in ("loss", "accuracy"):
        gain = runs.gain("linear to 1%", over="constant", metric=metric)
        row[f"gain in {metric}"] = round(gain.effect, 5)
        row[f"margin in {metric}"] = round(gain.effect / gain.error, 2)
    row["chosen"] = " ".join(f"{peak:g}" for peak in runs.chosen.values())
    row["edge"] = " ".join(runs.edge)
    row["lost"] = sum(map(runs.lost, plans))
    return row | {"runs": len(runs.table), "seconds": round(time.time() - start, 1)}


def main():
    """Measure what is missing, setting by setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=-1, help="runs at once (default: all cores)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="base seeds")
    parser.add_argument("--into", type=Path, default=RESULTS, help="folder to write to")
    options = parser.parse_args()
    path = options.into / "cheapest.csv"
    rows = pd.read_csv(path).to_dict("records") if path.exists() else []
    for setting in SETTINGS:
        for seed in options.seeds:
            names = ("epochs", "images", "peaks", "base seed")
            if any(tuple(row[name] for name in names) == (*setting, seed) for row in rows):
                continue
            os.environ["LRSCHED_SEED"] = str(seed)
            rows.append(margins(*setting, options.jobs))
            print(rows[-1], flush=True)
            text = io.StringIO()
            pd.DataFrame(rows).to_csv(text, index=False, lineterminator="\n")
            write_whole(path, text.getvalue().encode())


if __name__ == "__main__":
    main()
