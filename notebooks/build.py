"""Run the chapters of notebooks/src and write them as executed notebooks.

build.py --into DIR [CHAPTER ...]   run all chapters, or those named, and write them into DIR
build.py --changed [CHAPTER ...]    run those whose source or package changed and store them here
"""

import argparse
import hashlib
import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import jupytext
import nbclient
import nbformat

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "src"
PACKAGE = HERE.parent / "lrsched_book"
TIMEOUT = 600  # seconds for one cell; a whole chapter should take less than 60

ANSI = re.compile(r"\x1b\[[0-9;]*m")  # the colours of a traceback

# Written into every notebook in place of what the kernel reports, which names a Python version.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}


def digest(source):
    """Hash what a chapter's outputs depend on: its source, and the package with its data.

    Contents are hashed, not dates: a fresh clone gives every file the same date.
    """
    files = sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.npz")])
    total = hashlib.sha256()
    for path in [source, *files]:
        name = path.relative_to(HERE.parent).as_posix()
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def read(source):
    """Read a chapter's source as a notebook with stable metadata and cell ids."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict({**METADATA, "lrsched_book": {"digest": digest(source)}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"
    return notebook


def write(notebook, target):
    """Write a notebook whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    unfinished.write_text(
        nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8", newline="\n"
    )
    os.replace(unfinished, target)


def run(source, target):
    """Execute one chapter, write it to `target` and return the seconds it took."""
    started = time.perf_counter()
    notebook = read(source)
    metadata = notebook.metadata.copy()
    client = nbclient.NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # not the kernel's remarks on its transport
        resources={"metadata": {"path": str(HERE)}},
    )
    try:
        client.execute()
    except RuntimeError as error:
        # Two kernels that start in the same instant may choose the same port; one of them dies.
        if "Kernel died before replying" not in str(error):
            raise
        client.execute()
    notebook.metadata = metadata
    write(notebook, target)
    return time.perf_counter() - started


def stored_digest(target):
    """Return the digest recorded in a stored notebook, None if there is none."""
    if not target.exists():
        return None
    return nbformat.read(target, as_version=4).metadata.get("lrsched_book", {}).get("digest")


def run_all(pairs, jobs):
    """Run (source, target) pairs, `jobs` at a time, and return how many failed."""
    failed = 0
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        runs = {pool.submit(run, source, target): source.stem for source, target in pairs}
        for finished in as_completed(runs):
            name = runs[finished]
            try:
                print(f"{name:<32} {finished.result():6.1f} s", flush=True)
            except Exception as error:  # one broken chapter does not hide the state of the others
                failed += 1
                print(f"{name:<32} FAILED\n{ANSI.sub('', str(error))}", file=sys.stderr, flush=True)
    return failed


def main():
    """Parse the command line, run the chapters, and fail if one of them did."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--into", type=Path, metavar="DIR", help="where the executed notebooks go")
    what.add_argument("--changed", action="store_true", help="update the stored notebooks")
    parser.add_argument("--jobs", type=int, default=2, help="chapters run at once (default: 2)")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="for example 07_cosine")
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error(f"--jobs must be at least 1, got {options.jobs}")

    sources = {path.stem: path for path in sorted(SOURCES.glob("*.md"))}
    unknown = sorted(set(options.chapters) - set(sources))
    if unknown or not sources:
        parser.error(f"no such chapter: {', '.join(unknown)}; there are: {', '.join(sources)}")
    pairs = [
        (sources[name], (options.into or HERE).resolve() / f"{name}.ipynb")
        for name in options.chapters or sources
    ]
    if options.changed:
        os.environ["LRSCHED_SEED"] = "0"  # the stored book is the one of the default seed
        pairs = [
            (source, target) for source, target in pairs if stored_digest(target) != digest(source)
        ]
        if not pairs:
            print("Every stored notebook is up to date.")

    # A progress bar in an executed notebook is noise; chapters that run at once share the cores.
    os.environ["TQDM_DISABLE"] = "1"
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // options.jobs)))
    sys.exit(bool(run_all(pairs, options.jobs)))


if __name__ == "__main__":
    main()
