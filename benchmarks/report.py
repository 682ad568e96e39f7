"""The tables that a benchmark run leaves: Markdown for people, CSV for programs."""

import csv
import datetime
import importlib.metadata
import io
import os
import platform
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

import footprint
import loops
import stepping
import torch
from race import Contestant, ratios

VERSIONS = ("d2l", "fastai", "lightning", "numpy", "pytorch-ignite", "skorch", "timm")


@dataclass
class Measured:
    """Everything that one run measured."""

    rounds: int
    training: list[Contestant]
    schedules: list[Contestant]
    imports: list[dict]
    full_runs: list[dict]


def markdown(run: Measured) -> str:
    """Return all tables, with what a reader must know to judge them."""
    named = {contestant.name: contestant for contestant in run.training + run.schedules}
    machine = f"{_processor()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads"
    sections = [
        "# Benchmark",
        f"{datetime.date.today()} · torch {torch.__version__} · {machine} · {platform.system()} · "
        f"{run.rounds} rounds",
        "Written by `make bench`. The contestants take turns, in a new order each round, after a "
        "first round that does not count. A ratio is that of two medians; beside it stands the "
        "middle half of the ratios of the single rounds. "
        f"Other versions: Python {platform.python_version()}, {_versions()}.",
        "## Training",
        f"LeNet on {loops.IMAGES:,} images of Fashion-MNIST, {loops.EPOCHS} epochs, batch "
        f"{loops.BATCH_SIZE}, SGD with momentum, a cosine schedule stepped after every update, on "
        f"the CPU: {loops.UPDATES} updates for everyone, from the same weights. The plain loop "
        "does nothing but train. `fit` and d2l's loop also record loss and accuracy, and evaluate "
        f"{loops.TEST_IMAGES:,} test images after each epoch; the second plain loop does what "
        "`fit` does, and `fit` with one test image shows what the evaluation costs. The other "
        "libraries run without validation.",
        _race_table(run.training, "training loss", ".3f"),
        f"## {stepping.STEPS:,} steps of a cosine schedule",
        _race_table(run.schedules, "largest error", ".0e"),
        "## Import and memory",
        _footprint_table(run),
        "## What must hold",
        _requirements_table(run, named),
    ]
    return "\n\n".join(sections) + "\n"


def tidy_csv(run: Measured) -> str:
    """Return every single measurement, one a line."""
    lines = [("benchmark", "contestant", "round", "quantity", "value")]
    for benchmark, contestants, checked in (
        ("training", run.training, "training loss"),
        ("schedules", run.schedules, "largest error"),
    ):
        for one in contestants:
            lines += [(benchmark, one.name, i, "seconds", t) for i, t in enumerate(one.times)]
            if one.checked is not None:
                lines.append((benchmark, one.name, "", checked, one.checked))
    for i, seconds in enumerate(run.imports):
        for module in ("torch", "lrsched_book"):
            lines.append(("import", module, i, "seconds", seconds[module]))
    for i, values in enumerate(run.full_runs):
        for name in ("seconds", "peak bytes", "bytes after imports"):
            lines.append(("full run", "lrsched_book.fit", i, name, values[name]))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def _race_table(contestants: list[Contestant], checked: str, digits: str) -> str:
    """Return the medians and their ratios to the first contestant's."""
    reference = contestants[0]
    rows = []
    for one in contestants:
        if one.problem:
            rows.append((one.name, "–", "–", "–", one.problem))
        elif one is reference:
            rows.append((one.name, _seconds(one.median), "1.00", "", f"{one.checked:{digits}}"))
        elif reference.problem:
            rows.append((one.name, _seconds(one.median), "–", "–", f"{one.checked:{digits}}"))
        else:
            ratio, low, high = ratios(one, reference)
            spread = f"{_short(low)} to {_short(high)}"
            time = _seconds(one.median)
            rows.append((one.name, time, _short(ratio), spread, f"{one.checked:{digits}}"))
    return _table(("", "median", "ratio", "middle half", checked), rows)


def _footprint_table(run: Measured) -> str:
    """Return what importing and a full run cost."""
    torch_seconds = statistics.median(one["torch"] for one in run.imports)
    rows = [
        ("`import torch`", f"{torch_seconds:.2f} s"),
        ("`import lrsched_book` after it", f"{_import_seconds(run):.3f} s"),
        ("`fit` on all 60,000 images, an epoch with its evaluation", f"{_full_seconds(run):.2f} s"),
        ("peak memory of that run", _megabytes(run, "peak bytes")),
        ("peak memory after the imports alone", _megabytes(run, "bytes after imports")),
    ]
    return _table(("", "median"), rows)


def _requirements_table(run: Measured, named: dict[str, Contestant]) -> str:
    """Return the requirements of the book's code, and whether this run meets them."""
    plain, fit, d2l = (named[name] for name in (loops.REFERENCE, loops.FIT, loops.D2L))
    recording, fit_only = named[loops.RECORDING], named[loops.FIT_ONLY]
    values = named[stepping.REFERENCE]
    loaded = sorted({name for one in run.imports for name in one["loaded"]})
    peak = max(one["peak bytes"] or 0 for one in run.full_runs)
    # Requirement, measured, whether it holds: None where it was not measured.
    rows = [
        (
            "`fit` and all it records take at most 1.00 × the time of the plain loop",
            _ratio(fit_only, plain),
            _at_most(1.0, fit_only, plain),
        ),
        (
            f"the same with an evaluation of {loops.TEST_IMAGES:,} images, which only `fit` makes",
            _ratio(fit, plain),
            _at_most(1.0, fit, plain),
        ),
        (
            "the same against a plain loop that records and evaluates as `fit` does",
            _ratio(fit, recording),
            _at_most(1.0, fit, recording),
        ),
        (
            "`fit` is at least 2.5 × as fast as d2l's loop as published",
            _ratio(d2l, fit),
            _at_most(1 / 2.5, fit, d2l),
        ),
        (
            f"`.values` computes {stepping.STEPS:,} factors in at most 5 ms",
            "–" if values.problem else _seconds(values.median),
            None if values.problem else values.median <= 0.005,
        ),
        (
            "`import lrsched_book` adds at most 0.3 s to `import torch`",
            f"{_import_seconds(run):.3f} s",
            _import_seconds(run) <= 0.3,
        ),
        (
            f"it loads none of {', '.join(footprint.LATE)}",
            ", ".join(loaded) or "none",
            not loaded,
        ),
        (
            "the peak memory of a full run is below 1 GB",
            _megabytes(run, "peak bytes"),
            peak < 1e9 if peak else None,
        ),
    ]
    says = {True: "yes", False: "no", None: "not measured"}
    return _table(("", "measured", "holds"), [(a, b, says[holds]) for a, b, holds in rows])


def _at_most(limit: float, one: Contestant, other: Contestant) -> bool | None:
    """Tell whether the ratio of two medians is within the limit; `None` if it was not measured."""
    return None if one.problem or other.problem else ratios(one, other)[0] <= limit


def _import_seconds(run: Measured) -> float:
    return statistics.median(one["lrsched_book"] for one in run.imports)


def _full_seconds(run: Measured) -> float:
    return statistics.median(one["seconds"] for one in run.full_runs)


def _megabytes(run: Measured, quantity: str) -> str:
    """Return a median in MB; Windows has no such number."""
    values = [one[quantity] for one in run.full_runs if one[quantity]]
    return f"{statistics.median(values) / 1e6:.0f} MB" if values else "–"


def _ratio(one: Contestant, other: Contestant) -> str:
    """Return the ratio of two contestants' times with its spread, if both have any."""
    if one.problem or other.problem:
        return "–"
    ratio, low, high = ratios(one, other)
    return f"{_short(ratio)} ({_short(low)} to {_short(high)})"


def _seconds(value: float) -> str:
    return f"{value:.3f} s" if value >= 0.1 else f"{1000 * value:.2f} ms"


def _short(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _table(header: tuple, rows: list[tuple]) -> str:
    """Return a Markdown table that is aligned, so that it also reads well on a terminal."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [header, rule, *rows]
    return "\n".join(
        "| " + " | ".join(
            cell.ljust(width) if first else cell.rjust(width)
            for cell, width, first in zip(line, widths, [True] + [False] * len(line), strict=False)
        ) + " |"
        for line in lines
    )  # fmt: skip


def _processor() -> str:
    """Return the processor's name, which Python itself knows only on some systems."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return platform.processor() or platform.machine()


def _versions() -> str:
    """Return the versions of the libraries that took part."""
    found = []
    for name in VERSIONS:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
