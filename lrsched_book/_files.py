"""Files that are written whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_whole(path: str | Path, content: bytes) -> None:
    """Write `content` to `path` so that a crash leaves the old file or the new one, never a part.

    Raises:
        OSError: if the folder does not exist or cannot be written to.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "run.json"
    >>> write_whole(path, b"{}")
    >>> path.read_bytes()
    b'{}'
    """
    path = Path(path)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # on the disk before the name points to it
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
