"""Compare what `settings` lists, and keep each finished comparison until all of them are there."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import lrsched_book as lb
from lrsched_book._files import write_whole
from studies.modern.settings import JUDGING, TUNING, Setting, settings
from studies.modern.tables import MEASURED, write_table
from studies.provenance import describe

ROOT = Path(__file__).resolve().parents[2]
CODE = ("lrsched_book", "studies/modern")  # what the numbers depend on, the exercises' answers not
VERSIONS = ("code", "python", "torch", "numpy")


def measure(
    work: Path,
    results: Path,
    *,
    which: Mapping[str, Setting] | None = None,
    tuning: int = TUNING,
    judging: int = JUDGING,
    jobs: int = -1,
) -> None:
    """Compare each schedule that is not finished in `work`, then write the table into `results`.

    A schedule is a comparison of its own, so that a killed study loses little: its grid grows if
    its choice is an edge, alone.

    Args:
        work: a folder that keeps each finished comparison; made if need be, and removed in the
            end unless it holds anything else.
        results: the folder of the table, which is replaced when all is finished.
        which: the settings by name; those of the study if left out.
        tuning: number of seeds that choose each peak.
        judging: number of other seeds that judge it.
        jobs: runs at the same time.

    Raises:
        ValueError: if `work` holds a damaged comparison, or comparisons of other code or versions.
            Nothing has been trained or overwritten then.
    """
    about = describe(CODE)
    _prepare(work, about)
    rows = []
    for name, setting in (settings() if which is None else which).items():
        for schedule, shape in setting.schedules.items():
            file = work / f"{re.sub(r'[^a-zA-Z0-9]+', '-', f'{name} {schedule}')}.json"
            if not file.exists():
                runs = lb.compare({schedule: shape}, setting.setup, peaks=setting.peaks,
                                  tuning=tuning, judging=judging, jobs=jobs)  # fmt: skip
                found = json.loads(
                    runs.table[MEASURED].to_json(orient="records", double_precision=6)
                )
                write_whole(file, json.dumps(found).encode())
            rows += [{"setting": name, **run, **about} for run in _read(file)]
    write_table(results, rows)
    for file in work.glob("*.json"):
        file.unlink()
    if not any(work.iterdir()):
        work.rmdir()


def _prepare(work: Path, about: Mapping[str, str]) -> None:
    """Make the folder of work, or raise `ValueError` if what it holds cannot be continued."""
    file = work / "about.json"
    if not file.exists():
        work.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(about).encode())
        return
    try:
        found = json.loads(file.read_text())
        other = {name: found[name] for name in VERSIONS if found[name] != about[name]}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{file} does not say what made the comparisons beside it ({error!r}): remove the "
            "folder to begin anew"
        ) from error
    if other:
        words = ", ".join(f"{name} {was} instead of {about[name]}" for name, was in other.items())
        raise ValueError(
            f"{work} holds comparisons of another version: {words}. Go on with that one, or remove "
            "the folder to begin anew"
        )
    for path in sorted(work.glob("*.json")):
        if path != file:
            _read(path)


def _read(file: Path) -> list[dict]:
    """Return the runs of a finished comparison, or raise `ValueError`."""
    try:
        runs = json.loads(file.read_text())
        if not runs or any(set(run) != set(MEASURED) for run in runs):
            raise ValueError("it lacks runs or columns")
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{file} is no finished comparison ({error}): remove it, and it is made again"
        ) from error
    return runs
