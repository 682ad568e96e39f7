"""A folder of work: what a long measurement has finished, until all of it is there."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from lrsched_book._files import write_whole

VERSIONS = ("code", "python", "torch", "numpy")


def begin(work: Path, about: Mapping[str, str], what: str, check: Callable[[Path], object]) -> None:
    """Make the folder of work, or check that what it holds can be continued.

    Args:
        work: the folder.
        about: what makes the results, as `describe` returns it.
        what: what the folder keeps, in the plural, for the messages.
        check: is called with each finished file, and raises `ValueError` if it is damaged.

    Raises:
        ValueError: if the folder holds a damaged file, or files of other code or versions.
    """
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
            f"{file} does not say what made the {what} beside it ({error!r}): remove the folder "
            "to begin anew"
        ) from error
    if other:
        words = ", ".join(f"{name} {was} instead of {about[name]}" for name, was in other.items())
        raise ValueError(
            f"{work} holds {what} of another version: {words}. Go on with that one, or remove the "
            "folder to begin anew"
        )
    for path in sorted(work.glob("*.json")):
        if path != file:
            check(path)


def end(work: Path) -> None:
    """Remove what is in the tables now, and the folder unless it holds anything else."""
    for file in work.glob("*.json"):
        file.unlink()
    if not any(work.iterdir()):
        work.rmdir()
