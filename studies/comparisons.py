"""Studies that compare schedules: what is finished is kept, and the table is a row a run."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import lrsched_book as lb
from lrsched_book._files import write_whole
from studies import work as folder
from studies.provenance import describe
from studies.stored import read_table

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results"
MEASURED = [
    "schedule", "peak", "seed", "role", "lost", "validation_loss", "test_loss", "test_accuracy",
]  # fmt: skip
COLUMNS = [
    "setting", *MEASURED, "commit", "code", "python", "torch", "numpy", "machine",
    "of",  # how many runs the table has, so that one that is cut short shows
]  # fmt: skip


class Study(NamedTuple):
    """A study: its name, which its table and its module have, and how many seeds it takes."""

    name: str
    tuning: int
    judging: int

    @property
    def table(self) -> str:
        """The file in `results`."""
        return f"{self.name}.csv"

    @property
    def command(self) -> str:
        """What makes the table."""
        return f"`python -m studies.{self.name}`"

    @property
    def code(self) -> tuple[str, ...]:
        """What the numbers depend on."""
        return "lrsched_book", f"studies/{self.name}"


class Setting(NamedTuple):
    """A network on its data, the schedules compared there, and the peaks they try (or none).

    If `apart`, each schedule is a comparison of its own, so that a killed study loses little; its
    grid then grows alone if its choice is an edge. Else all of them share one grid.
    """

    setup: lb.Setup
    schedules: Mapping[str, lb.Schedule]
    peaks: tuple[float, ...] | None
    apart: bool = False


def measure(
    study: Study,
    settings: Mapping[str, Setting],
    work: Path,
    results: Path = RESULTS,
    *,
    jobs: int = -1,
) -> None:
    """Compare what is not finished in `work`, then write the table into `results`.

    Args:
        study: whose table is written.
        settings: what is compared, by name.
        work: a folder that keeps each finished comparison; made if need be, and removed in the
            end unless it holds anything else.
        results: the folder of the table, which is replaced when all is finished.
        jobs: runs at the same time.

    Raises:
        ValueError: if `work` holds a damaged comparison, or comparisons of other code or versions.
            Nothing has been trained or overwritten then.
    """
    about = describe(study.code)
    folder.begin(work, about, "comparisons", _read)
    rows = []
    for name, setting in settings.items():
        apart = [{plan: shape} for plan, shape in setting.schedules.items()]
        for schedules in apart if setting.apart else [setting.schedules]:
            label = " ".join([name, *schedules]) if setting.apart else name
            file = work / f"{re.sub(r'[^a-zA-Z0-9.]+', '-', label)}.json"
            if not file.exists():
                runs = lb.compare(schedules, setting.setup, peaks=setting.peaks,
                                  tuning=study.tuning, judging=study.judging,
                                  jobs=jobs)  # fmt: skip
                found = json.loads(
                    runs.table[MEASURED].to_json(orient="records", double_precision=6)
                )
                write_whole(file, json.dumps(found).encode())
            rows += [{"setting": name, **run, **about} for run in _read(file)]
    write_table(study, rows, results)
    folder.end(work)


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


def read_results(study: Study, results: Path = RESULTS) -> dict[str, lb.Comparison]:
    """Return the stored comparison of each setting, as `lb.compare` would have returned it.

    Its runs have no curves and no histories: those were not stored.

    Raises:
        FileNotFoundError: if the table is missing.
        ValueError: if it is cut short, damaged, or was written by another version.
    """
    path = Path(results) / study.table
    table = read_table(path, COLUMNS, study.command)
    if table.empty or table["code"].nunique() != 1:
        codes = ", ".join(sorted(map(str, set(table["code"])))) or "no rows"
        raise ValueError(f"{path} must come from one code, got {codes}: get it from git again")
    if set(table["of"]) != {len(table)}:
        raise ValueError(
            f"{path} must have {table['of'].max()} runs, got {len(table)}: it is cut short; get it "
            "from git again"
        )
    return {
        name: _comparison(path, runs.reset_index(drop=True))
        for name, runs in table.groupby("setting", sort=False)
    }


def _comparison(path: Path, table: "pd.DataFrame") -> lb.Comparison:
    """Return the comparison of one setting, or raise `ValueError` if a run of it is missing."""
    chosen, edge = {}, {}
    judges = set(table.loc[table["role"] == "judging", "seed"])
    tuners = set(table.loc[table["role"] == "tuning", "seed"])
    for name, runs in table.groupby("schedule", sort=False):
        tries = runs[runs["role"] == "tuning"].groupby("peak")  # none at a given rate
        judged = runs[runs["role"] == "judging"]
        for peak, some in [*tries, ("judged", judged)]:
            wanted = judges if peak == "judged" else tuners
            if set(some["seed"]) != wanted or some["seed"].duplicated().any():
                raise ValueError(
                    f"{path} must have one run of {name!r} ({peak}) for each of the seeds "
                    f"{sorted(wanted)}, got {sorted(some['seed'])}: it is cut short; get it from "
                    "git again"
                )
        means = tries["validation_loss"].mean()[~tries["lost"].any()]
        peaks, tried = set(judged["peak"]), sorted(tries.groups)
        if len(peaks) != 1 or (tried and peaks != {means.idxmin()}):
            raise ValueError(
                f"{path} must judge {name!r} at the best of its tries, got {sorted(peaks)}: a try "
                "is missing; get it from git again"
            )
        chosen[name] = float(*peaks)
        if chosen[name] in tried[:1] + tried[-1:]:
            edge[name] = "smallest" if chosen[name] == tried[0] else "largest"
    return lb.Comparison(table, chosen, edge)


def write_table(study: Study, rows: list[dict], results: Path = RESULTS) -> None:
    """Write the table, whole or not at all; `results` is made if need be."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=COLUMNS[:-1]).assign(of=len(rows))
    results.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    write_whole(results / study.table, text.encode())
