"""Fill the wheel with the modules and licences of the published d2l."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


class PublishedWheel(BuildHookInterface):
    """Download d2l, check it against the hash in published.txt and hand its files to hatchling."""

    def initialize(self, version, build_data):
        """Called by hatchling before it collects the wheel's files."""
        wanted = Path(self.root) / "published.txt"
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        subprocess.run(
            [*PIP, "download", "--no-deps", "--require-hashes", "-r", wanted, "-d", folder],
            check=True,
        )
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        for path in [*folder.glob("d2l/*.py"), *folder.glob("*.dist-info/LICENSE*")]:
            build_data["force_include"][str(path)] = f"d2l/{path.name}"

    def finalize(self, version, build_data, artifact_path):
        """Called by hatchling when the wheel is written."""
        self.folder.cleanup()
