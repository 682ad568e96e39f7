"""Files that are written whole or not at all."""

import os
import uuid
from pathlib import Path


def write_whole(path: str | Path, content: bytes) -> None:
    """Write `content` to `path` so that a crash leaves the old file or the new one, never a part.

    A link stays a link: the file that it points to is replaced.

    Raises:
        OSError: if the folder does not exist or cannot be written to, or the disk is full. It
            names the path.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "run.json"
    >>> write_whole(path, b"{}")
    >>> path.read_bytes()
    b'{}'
    """
    part = _part_of(path)
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # on the disk before the name points to it
        os.replace(part, os.path.realpath(path))
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # a full disk names no file
        raise


def check_writable(path: str | Path) -> None:
    """Make and remove a file beside `path`: only that shows whether `write_whole` will work.

    Raises:
        OSError: if it will not.
    """
    part = _part_of(path)
    part.touch(exist_ok=False)
    part.unlink()


def _part_of(path: str | Path) -> Path:
    """Return a new name in the folder in which the file itself lies."""
    path = Path(os.path.realpath(path))
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}")
