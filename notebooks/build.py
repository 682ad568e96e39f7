"""Run the chapters and exercises of notebooks/src and write them as executed notebooks.

build.py --into DIR [CHAPTER ...]   run all, or those named, and write them into DIR
build.py --changed [CHAPTER ...]    run those whose source or package changed and store them here

A chapter is named as 08_cosine, exercises as exercises/08; patterns such as 'exercises/*' work too.
"""

import argparse
import ast
import fnmatch
import hashlib
import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import citations
import jupytext
import nbclient
import nbformat
import repository

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "src"
PACKAGE = HERE.parent / "lrsched_book"
TIMEOUT = 1800  # seconds for one cell; a chapter takes some 60, ten times that on a crowded machine

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
    """Hash what a chapter depends on: source, sources cited, package with its data, studies read.

    Contents are hashed, not dates: a fresh clone gives every file the same date. The exported
    answers are left out, since they follow from the sources of the exercises.
    """
    files = [path for suffix in ("py", "npz", "gz") for path in PACKAGE.rglob(f"*.{suffix}")]
    files = [path for path in files if not path.match("answers/ch*.py")]
    total = hashlib.sha256(citations.linked(source.read_text(encoding="utf-8")).encode())
    for path in sorted(files + studies_read(source)):
        name = path.relative_to(HERE.parent).as_posix()
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    total.update((repository.address() or "").encode())  # `read` writes it into a cell
    return total.hexdigest()


def studies_read(source):
    """Return the modules of the studies that a source names, and the tables if it names results/.

    The tables of the benchmark change with every machine, and what becomes of claims follows from
    the chapters themselves: such count only where they are named.
    """
    text = source.read_text(encoding="utf-8")
    named = sorted(set(re.findall(r"\bstudies[./](\w+)", text)))
    studies = HERE.parent / "studies"
    files = [path for study in named for path in (studies / study).rglob("*.py")]
    files += [path for study in named if (path := studies / f"{study}.py").is_file()]
    if "results/" in text:
        tables = (HERE.parent / "results").glob("*.*")
        apart = {"base_seeds", "benchmark", "removal"}
        files += [path for path in tables if path.stem not in apart or path.stem in text]
    return files


def tags(cell):
    return cell.metadata.get("tags", [])


def read(source, leave_out=("student", "answers")):
    """Read a source as a notebook with stable metadata and cell ids.

    Of exercises this is the solution; the tags say whose copy a cell belongs to (see CONTRIBUTING).
    """
    notebook = jupytext.read(source)
    header = notebook.metadata.get("header")
    notebook.metadata = nbformat.from_dict({**METADATA, "lrsched_book": {"digest": digest(source)}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"
        if cell.cell_type == "markdown":
            cell.source = citations.linked(cell.source)
    notebook.cells = [cell for cell in notebook.cells if not set(leave_out) & set(tags(cell))]
    if header is not None:
        title, _, text = notebook.cells[0].source.partition("\n\n")
        notebook.cells[0].source = f"{title}\n\n{box(header, source)}\n\n{text}".rstrip()
    url = repository.address()
    if url:
        notebook.cells.insert(1, installing(url))
    for cell in notebook.cells:
        fold(cell)
    return notebook


def installing(url):
    """Make the cell that installs the book where it is missing; the page does not show it."""
    tags = {"tags": ["remove-cell"], "jupyter": {"source_hidden": True}}
    return nbformat.v4.new_code_cell(repository.install_cell(url), id="cell-install", metadata=tags)


def box(header, source):
    """Render the header of a chapter: how long it takes, what it needs, what it teaches.

    As HTML, since JupyterLab shows a MyST directive as it is written; the class is Sphinx's.
    """
    if set(header) != {"minutes", "needs", "able"}:
        raise ValueError(
            f"{source.name}: header must have minutes, needs and able, got {', '.join(header)}"
        )
    able = "\n".join(f"- {line}" for line in header["able"])
    return (
        '<div class="admonition note">\n'
        f'<p class="admonition-title"><b>{header["minutes"]} minutes</b></p>\n\n'
        f"**Needs:** {header['needs']}\n\n**After it you can**\n\n{able}\n\n</div>"
    )


def fold(cell):
    """Fold what a reader of the page rarely wants to see at first: setup, claims, solutions."""
    if cell.cell_type == "markdown" and "solution" in tags(cell):
        cell.source = f"<details><summary>Solution</summary>\n\n{cell.source}\n\n</details>"
    if cell.cell_type != "code":
        return
    if "setup" in tags(cell):
        cell.metadata.jupyter = {"source_hidden": True}  # JupyterLab's way to fold a cell
        cell.metadata.tags.append("hide-input")
    elif "solution" in tags(cell):
        cell.metadata.tags.append("hide-cell")
    elif only_claims(cell.source) and "hide-input" not in tags(cell):
        cell.metadata.tags = [*tags(cell), "hide-input"]


def only_claims(code):
    """Tell whether a cell does nothing but make claims: its printed lines say what it does."""
    try:
        statements = ast.parse(code).body
    except SyntaxError:  # a line of IPython's own
        return False
    called = [ast.unparse(s.value.func) for s in statements if is_call(s)]
    return 0 < len(called) == len(statements) and set(called) <= {"claim", "lb.claim"}


def is_call(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)


def student_copy(source):
    """Read exercises without their solutions, and without what only an executed copy needs."""
    notebook = read(source, leave_out=("solution", "answers"))
    del notebook.metadata["lrsched_book"]
    return notebook


def answers_module(source):
    """Join the cells of exercises that say what is right and wrong to a module."""
    cells = [cell.source for cell in jupytext.read(source).cells if "answers" in tags(cell)]
    title = f"Answers to the exercises of chapter {source.stem}, written by notebooks/build.py."
    return "\n\n\n".join([f'"""{title}"""\n\n{cells[0]}', *cells[1:]]) + "\n"


def export(source):
    """Write what exercises consist of besides the solution: student's copy, answers for `check`."""
    write(student_copy(source), HERE / "exercises" / f"{source.stem}.ipynb")
    write_text(answers_module(source), PACKAGE / "answers" / f"ch{source.stem}.py")


def describe_figures(notebook):
    """Move the titles of figures, left in the outputs by `use_style`, to where MyST-NB looks.

    It takes the alternative text of an image from the cell's metadata alone.
    """
    for cell in notebook.cells:
        outputs = [
            output for output in cell.get("outputs", ()) if "alt" in output.get("metadata", {})
        ]
        titles = [output.metadata.pop("alt") for output in outputs]
        if titles:
            cell.metadata.mystnb = {"image": {"alt": "; ".join(titles)}}


def write(notebook, target):
    write_text(nbformat.writes(notebook).rstrip("\n") + "\n", target)


def write_text(text, target):
    """Write a file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    os.replace(unfinished, target)


def run(source, target, **variables):
    """Execute one chapter, write it to `target` and return the seconds it took.

    `variables` are set in the environment of its kernel.
    """
    started = time.perf_counter()
    environment = {**os.environ, **variables}
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
        client.execute(env=environment)
    except RuntimeError as error:
        # Two kernels that start in the same instant may choose the same port; one of them dies.
        if "Kernel died before replying" not in str(error):
            raise
        client.execute(env=environment)
    notebook.metadata = metadata
    describe_figures(notebook)
    write(notebook, target)
    return time.perf_counter() - started


def stored_digest(target):
    """Return the digest recorded in a stored notebook, None if there is none."""
    if not target.exists():
        return None
    return nbformat.read(target, as_version=4).metadata.get("lrsched_book", {}).get("digest")


def run_all(runs, jobs):
    """Run (name, arguments of `run`, variables), `jobs` at a time; return each failure by name."""
    failures = {}
    if not runs:
        return failures
    from lrsched_book.sweeps import exit_with_parent  # here: it takes seconds to load torch

    # Killed, this process cannot end its workers. A kernel watches its own worker, and follows.
    with ProcessPoolExecutor(max_workers=jobs, initializer=exit_with_parent) as pool:
        names = {pool.submit(run, *paths, **variables): name for name, paths, variables in runs}
        for finished in as_completed(names):
            name = names[finished]
            try:
                print(f"{name:<32} {finished.result():6.1f} s", flush=True)
            except Exception as error:  # one broken chapter does not hide the state of the others
                failures[name] = ANSI.sub("", str(error))
                print(f"{name:<32} FAILED\n{failures[name]}", file=sys.stderr, flush=True)
    return failures


def all_sources():
    """Return the sources by name, chapters as 08_cosine and exercises as exercises/08."""
    paths = sorted(SOURCES.rglob("*.md"))
    return {path.relative_to(SOURCES).with_suffix("").as_posix(): path for path in paths}


def stored(name):
    """Return where the executed notebook of this name is stored."""
    return HERE / f"{name.replace('exercises/', 'solutions/')}.ipynb"


def chosen(parser, names, patterns):
    """Return the names that the command line asks for, or end with what there is to choose from."""
    unknown = [pattern for pattern in patterns if not fnmatch.filter(names, pattern)]
    if unknown or not names:
        parser.error(f"no such chapter: {', '.join(unknown)}; there are: {', '.join(names)}")
    return [name for name in names if any(fnmatch.fnmatch(name, p) for p in patterns or "*")]


def share_cores(jobs):
    """Set what every kernel inherits: no progress bar, which is noise, and a share of the cores."""
    os.environ["TQDM_DISABLE"] = "1"
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // jobs)))


def main():
    """Parse the command line, run the chapters, and fail if one of them did."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--into", type=Path, metavar="DIR", help="where the executed notebooks go")
    what.add_argument("--changed", action="store_true", help="update the stored notebooks")
    parser.add_argument("--jobs", type=int, default=2, help="chapters run at once (default: 2)")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help="for example 08_cosine")
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error(f"--jobs must be at least 1, got {options.jobs}")

    sources = all_sources()
    names = chosen(parser, list(sources), options.chapters)
    for name in names:
        if name.startswith("exercises/"):
            export(sources[name])  # before anything runs: `check` loads what is written here
    if options.changed:
        os.environ["LRSCHED_SEED"] = "0"  # the stored book is the one of the default seed
        names = [name for name in names if stored_digest(stored(name)) != digest(sources[name])]
        if not names:
            print("Every stored notebook is up to date.")

    share_cores(options.jobs)
    runs = []
    for name in names:
        target = options.into.resolve() / f"{name}.ipynb" if options.into else stored(name)
        runs.append((name, (sources[name], target), {}))
    sys.exit(bool(run_all(runs, options.jobs)))


if __name__ == "__main__":
    main()
