"""The stored table of a study, read only if it is there and of this version."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def read_table(path: Path, columns: Sequence[str], command: str) -> "pd.DataFrame":
    """Return the table in a file.

    Args:
        path: the file.
        columns: what it must have, in this order.
        command: what writes it, for the messages.

    Raises:
        FileNotFoundError: if the table is missing.
        ValueError: if it cannot be read, or was written by another version.
    """
    import pandas as pd

    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: {command} writes it")
    try:
        table = pd.read_csv(path, dtype={"code": str, "commit": str, "python": str})
    except ValueError as error:  # pandas' own errors are of this kind
        raise ValueError(f"{path} cannot be read ({error}): get it from git again") from error
    if list(table.columns) != list(columns):
        raise ValueError(
            f"{path} is of another version: its columns are {', '.join(table.columns)} instead of "
            f"{', '.join(columns)}; {command} makes it anew"
        )
    return table
