"""Files that are written whole or not at all."""

import os
import uuid
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
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # on the disk before the name points to it
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
