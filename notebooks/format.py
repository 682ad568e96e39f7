"""Format the code cells of the sources in notebooks/src; all else stays as it was written.

`jupytext --pipe` would write the header box of a chapter anew, in another form of YAML.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = Path(__file__).resolve().parent / "src"
SETTINGS = SOURCES.parents[1] / "pyproject.toml"

# The fence, the tags and the empty line after them; the code; the fence that ends it.
CELL = re.compile(r"(?ms)^(```\{code-cell\}[^\n]*\n(?:(?::[^\n]*\n)+\n)?)(.*?)\n(?=```$)")


def formatted(texts):
    """Return sources with their code as ruff formats it: in notebooks, so that one run does."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.ipynb") for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(json.dumps(notebook(CELL.findall(text))), encoding="utf-8")
        ruff = [sys.executable, "-m", "ruff", "format", "--quiet", "--config", SETTINGS, folder]
        subprocess.run(ruff, check=True)
        for path, text in zip(paths, texts, strict=True):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            codes = iter("".join(cell["source"]) for cell in cells)
            yield CELL.sub(lambda cell, codes=codes: f"{cell[1]}{next(codes)}\n", text)


def notebook(cells):
    usual = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [{**usual, "source": code.splitlines(keepends=True)} for _, code in cells]
    metadata = {"language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def main():
    """Format what is not formatted yet, and name it."""
    paths = sorted(SOURCES.rglob("*.md"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    for path, old, new in zip(paths, texts, formatted(texts), strict=True):
        if new != old:
            path.write_text(new, encoding="utf-8", newline="\n")
            print(path.relative_to(SOURCES).as_posix())


if __name__ == "__main__":
    main()
