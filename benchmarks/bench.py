"""Compare the book's training loop and schedules with other libraries': `make bench`.

Prints the tables and writes them to `results/benchmark.md`, and every single measurement to
`results/benchmark.csv`. A library that is not installed is left out; one that fails is reported,
and then the exit status is 1.
"""

import argparse
import sys
import warnings
from pathlib import Path

import footprint

RESULTS = Path(__file__).parent.parent / "results"


def main() -> int:
    """Run everything, print and write the tables; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="timed runs of each (default: 15)")
    parser.add_argument("--quick", action="store_true", help="two rounds; nothing is written")
    arguments = parser.parse_args()
    quick, rounds = arguments.quick, 2 if arguments.quick else arguments.rounds
    if rounds < 2:
        parser.error(f"argument --rounds: must be at least 2, got {rounds}")

    # First, while this process is small: on Linux, the peak memory of a process begins with that
    # of the process that started it. So torch and all that needs it is imported only below.
    try:
        imports = footprint.import_times(rounds=1 if quick else 7)
        full_runs = footprint.full_runs(rounds=1 if quick else 3)
    except RuntimeError as error:
        print(f"A run on the full Fashion-MNIST failed: {error}", file=sys.stderr)
        return 1

    import loops
    import stepping
    from race import race
    from report import Measured, markdown, tidy_csv

    from lrsched_book._files import write_whole

    warnings.simplefilter("ignore")  # other libraries' advice to their users
    training, schedules = loops.contestants(), stepping.contestants()
    race(training, loops.same_work, rounds, "training")
    race(schedules, stepping.largest_error, rounds, "schedules")

    run = Measured(rounds, training, schedules, imports, full_runs)
    report = markdown(run)
    print(report)
    if quick:
        print("Nothing is written: two rounds measure little.")
    else:
        RESULTS.mkdir(exist_ok=True)
        write_whole(RESULTS / "benchmark.md", report.encode())
        write_whole(RESULTS / "benchmark.csv", tidy_csv(run).encode())

    failed = [contestant.name for contestant in training + schedules if contestant.failed]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
