"""Compare the book's training loop and schedules with other libraries': `make bench`.

Prints the tables and writes them to `results/benchmark.md`, and every single measurement to
`results/benchmark.csv`. A library that is not installed is left out, and so is the run on the full
data set if that cannot be had. What fails is reported, the rest goes on, and the exit status is 1.
"""

import argparse
import sys
import warnings
from pathlib import Path

from studies.speed import footprint

RESULTS = Path(__file__).resolve().parents[2] / "results"


def main() -> int:
    """Run everything, print and write the tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="timed runs of each (default: 15)")
    parser.add_argument("--quick", action="store_true", help="two rounds; nothing is written")
    arguments = parser.parse_args()
    quick, rounds = arguments.quick, 2 if arguments.quick else arguments.rounds
    if rounds < 2:
        parser.error(f"argument --rounds: must be at least 2, got {rounds}")

    # First, while this process is small: on Linux, the peak memory of a process begins with that
    # of the process that started it. So torch and all that needs it is imported only below.
    failed = []
    imports = footprint.import_times(rounds=1 if quick else 7)
    try:
        full_runs, missing = footprint.full_runs(rounds=1 if quick else 3), None
    except footprint.MissingData as error:
        full_runs, missing = [], "the full data set is not here"
        print(f"Left out, the run on the full Fashion-MNIST: {error}", file=sys.stderr)
    except RuntimeError as error:
        full_runs, missing = [], "failed"
        failed.append("the run on the full Fashion-MNIST")
        print(error, file=sys.stderr)

    from lrsched_book._files import write_whole
    from studies.speed import loops, race, stepping, text_loops
    from studies.speed.report import Measured, markdown, tidy_csv

    warnings.simplefilter("ignore")  # other libraries' advice to their users
    images, text, schedules = (module.contestants() for module in (loops, text_loops, stepping))
    race.race(images, loops.same_work, rounds, "images")
    race.race(text, text_loops.same_work, rounds, "text")
    race.race(schedules, stepping.largest_error, rounds, "schedules")

    run = Measured(rounds, images, text, schedules, imports, full_runs, missing)
    report = markdown(run)
    print(report)
    if quick:
        print("Nothing is written: two rounds measure little.")
    else:
        RESULTS.mkdir(exist_ok=True)
        write_whole(RESULTS / "benchmark.md", report.encode())
        write_whole(RESULTS / "benchmark.csv", tidy_csv(run).encode())

    failed += [contestant.name for contestant in images + text + schedules if contestant.failed]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
