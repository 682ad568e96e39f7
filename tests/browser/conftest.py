"""What the tests in a browser share: the Chromium that is there, and the site, built once a run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip(f"none of {', '.join(NAMES)} is on the PATH")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


def build(folder):
    """Build the site from the stored notebooks, as `make site` does."""
    source = folder / "source"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "site", source)
    shutil.copytree(ROOT / "examples", source / "examples")
    for notebooks, into in (("notebooks", source), ("notebooks/solutions", source / "exercises")):
        into.mkdir(exist_ok=True)
        for notebook in (ROOT / notebooks).glob("*.ipynb"):
            shutil.copy(notebook, into)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E"]
    subprocess.run(
        [*command, str(source), str(folder / "html")],
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture(scope="session")
def site(testrun_uid):
    """Return the folder of the site, which the first worker of this run builds for all."""
    place = ROOT / "_build"  # the settings look above themselves for the book they belong to
    place.mkdir(exist_ok=True)
    folder, built = place / "tested", place / "tested" / "run"
    with FileLock(place / "tested.lock"):
        if not built.exists() or built.read_text() != testrun_uid:
            build(folder)
            built.write_text(testrun_uid)
    return folder / "html"
