"""Where the book lies for others: `Repository` in [project.urls] of pyproject.toml, or nowhere yet.

The buttons of the page and the first cell of a chapter on Colab follow from that one address.
"""

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
BRANCH = "main"
ADDRESS = re.compile(r"https://(github|gitlab)\.com/[\w.-]+/[\w.-]+")


def address(pyproject=PYPROJECT):
    """Return the address of the repository, or None while it is unset.

    Raises:
        ValueError: if it is none that the buttons know.
    """
    project = tomllib.loads(Path(pyproject).read_text(encoding="utf-8"))["project"]
    url = project.get("urls", {}).get("Repository")
    if url is None:
        return None
    if not ADDRESS.fullmatch(url) or url.endswith(".git"):
        raise ValueError(
            "Repository in [project.urls] must be https://github.com/OWNER/NAME or "
            f"https://gitlab.com/OWNER/NAME, without .git, got {url!r}"
        )
    return url


def theme_options(url):
    """Return the options of the theme that show the buttons: none while there is no address."""
    if url is None:
        return {}
    buttons = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
    if url.startswith("https://github.com/"):  # Colab opens notebooks from there alone
        buttons["colab_url"] = "https://colab.research.google.com"
    return {
        "repository_url": url,
        "repository_branch": BRANCH,
        "path_to_docs": "notebooks",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": buttons,
    }


def install_cell(url):
    """Return the code that makes a lone notebook run, as on Colab, and elsewhere does nothing.

    It brings the whole checkout, since some chapters read results/ and studies/.
    """
    return (
        "try:\n"
        "    import lrsched_book\n"
        "except ModuleNotFoundError:\n"
        f"    !git clone -q --depth 1 {url} lrsched-book\n"
        "    %cd -q lrsched-book/notebooks\n"
        "    %pip install -q .."
    )
