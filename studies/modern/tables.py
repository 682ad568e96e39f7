"""The table of the study: written whole, and read only if it is."""

from pathlib import Path
from typing import TYPE_CHECKING

import lrsched_book as lb
from lrsched_book._files import write_whole

if TYPE_CHECKING:
    import pandas as pd

RESULTS = Path(__file__).resolve().parents[2] / "results"
TABLE = "modern.csv"  # one row a run
MEASURED = [
    "schedule", "peak", "seed", "role", "lost", "validation_loss", "test_loss", "test_accuracy",
]  # fmt: skip
COLUMNS = [
    "setting", *MEASURED, "commit", "code", "python", "torch", "numpy", "machine",
    "of",  # how many runs the table has, so that one that is cut short shows
]  # fmt: skip
COMMAND = "`python -m studies.modern`"


def read_results(results: Path = RESULTS) -> dict[str, lb.Comparison]:
    """Return the stored comparison of each setting, as `lb.compare` would have returned it.

    Its runs have no curves and no histories: those were not stored.

    Raises:
        FileNotFoundError: if the table is missing.
        ValueError: if it is cut short, damaged, or was written by another version.
    """
    import pandas as pd

    path = Path(results) / TABLE
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: {COMMAND} writes it")
    try:
        table = pd.read_csv(path, dtype={"code": str, "commit": str, "python": str})
    except ValueError as error:  # pandas' own errors are of this kind
        raise ValueError(f"{path} cannot be read ({error}): get it from git again") from error
    if list(table.columns) != COLUMNS:
        raise ValueError(
            f"{path} is of another version: its columns are {', '.join(table.columns)} instead of "
            f"{', '.join(COLUMNS)}; {COMMAND} makes it anew"
        )
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


def write_table(results: Path, rows: list[dict]) -> None:
    """Write the table, whole or not at all; `results` is made if need be."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=COLUMNS[:-1]).assign(of=len(rows))
    results.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    write_whole(results / TABLE, text.encode())
