"""How long the usual comparison takes, and what a second worker brings; prints a table.

Two schedules, five peaks on three seeds, ten seeds to judge: 50 runs of the book's usual setting.
The workers are warmed first: they import torch once, in seconds that no later comparison pays.
"""

import argparse
import os
import statistics
import time

import pandas as pd

import lrsched_book as lb
from lrsched_book.setups import run_once

PEAKS = (0.02, 0.04, 0.08, 0.16, 0.32)


def seconds(jobs, setup):
    """Wall-clock seconds of one comparison with so many workers that are already there."""
    plans = {"constant": lb.constant(), "cosine": lb.cosine(setup.updates, final=0.01)}
    lb.compare(plans, lb.Setup(epochs=1), peaks=PEAKS, tuning=1, judging=2, jobs=jobs)
    start = time.perf_counter()
    runs = lb.compare(plans, setup, peaks=PEAKS, jobs=jobs)
    wall = time.perf_counter() - start
    return wall, len(runs.table)


def main():
    """Measure by turns, so that a busy minute of the machine meets both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    setup = lb.Setup()
    run_once(lb.Setup(epochs=1), None, 0.1, seed=0, judge=True)
    start = time.process_time()
    for seed in range(5):
        run_once(setup, lb.cosine(setup.updates), 0.1, seed, judge=True)
    print(f"CPU seconds a run: {(time.process_time() - start) / 5:.2f}")
    rows = []
    for number in range(options.rounds):
        for jobs in (1, 2):
            wall, runs = seconds(jobs, setup)
            rows.append({"round": number, "workers": jobs, "seconds": round(wall, 1), "runs": runs})
    print(pd.DataFrame(rows).to_string(index=False))
    median = {
        jobs: statistics.median(row["seconds"] for row in rows if row["workers"] == jobs)
        for jobs in (1, 2)
    }
    print(f"two workers: {median[2]:.1f} s, {median[1] / median[2]:.2f} times as fast as one")
    print(f"{os.cpu_count()} cores; load when it ended: {os.getloadavg()}")


if __name__ == "__main__":
    main()
