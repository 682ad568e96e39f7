"""Compare what is missing, and write `results/modern.csv`: some half an hour on one core."""

import argparse
from pathlib import Path

from studies.comparisons import RESULTS, ROOT, measure
from studies.modern.settings import MODERN, settings

parser = argparse.ArgumentParser(prog="python -m studies.modern", description=__doc__)
parser.add_argument("--jobs", type=int, default=-1, help="runs at once (default: all cores)")
parser.add_argument("--into", type=Path, default=RESULTS, help="folder to write to")
options = parser.parse_args()
# Finished comparisons wait in a folder of work, so that an interrupted study goes on with the rest.
measure(MODERN, settings(), ROOT / "_build" / MODERN.name, options.into, jobs=options.jobs)
