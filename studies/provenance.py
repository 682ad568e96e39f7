"""What made the results of a study: code, versions and machine."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]


def describe(folders: Sequence[str]) -> dict[str, str]:
    """Return commit, a digest of the code in some folders, versions and machine.

    The answers of exercises lie in the package, but no result depends on them.
    """
    code = hashlib.sha256()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.parent.name != "answers":
                code.update(path.read_bytes())
    processor = getattr(torch.cpu, "get_capabilities", dict)().get("cpu_name")
    git = ["git", "-C", str(ROOT)]
    try:
        commit = subprocess.check_output([*git, "rev-parse", "HEAD"], text=True).strip()
        changed = subprocess.check_output([*git, "status", "--porcelain", *folders])
    except (OSError, subprocess.CalledProcessError):
        commit, changed = "unknown", b""
    return {
        "commit": commit + (" with changes" if changed else ""),
        "code": code.hexdigest()[:12],
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "machine": f"{processor or platform.machine()}, {os.cpu_count()} cores",
    }
