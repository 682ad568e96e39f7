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

import torch

from studies.speed import footprint, loops, stepping, text_loops
from studies.speed.race import Contestant, ratios

VERSIONS = (
    "accelerate",
    "d2l",
    "fastai",
    "lightning",
    "numpy",
    "pytorch-ignite",
    "skorch",
    "timm",
    "transformers",
)
TOLERANCE = 0.03  # what the ratio of two medians of 15 rounds scatters on a quiet machine
ON_TEXT = 1.05  # `fit` evaluates there, too; the plain loop only trains
MOST_MEMORY = 850  # MB


@dataclass
class Measured:
    """Everything that one run measured.

    Attributes:
        rounds: of each race.
        images, text, schedules: the races.
        imports: one measurement of `footprint.import_times` a round.
        full_runs: one of `footprint.full_runs` a round; none if they could not be made.
        missing: why they could not.
    """

    rounds: int
    images: list[Contestant]
    text: list[Contestant]
    schedules: list[Contestant]
    imports: list[dict]
    full_runs: list[dict]
    missing: str | None = None

    @property
    def races(self) -> tuple[tuple[str, list[Contestant], str], ...]:
        """Name, contestants and checked quantity of each race."""
        return (
            ("images", self.images, "training loss"),
            ("text", self.text, "training loss"),
            ("schedules", self.schedules, "largest error"),
        )


def markdown(run: Measured) -> str:
    """Return all tables, with what a reader must know to judge them."""
    machine = f"{_processor()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads"
    sections = [
        "# Benchmark",
        f"{datetime.date.today()} · torch {torch.__version__} · {machine} · {platform.system()} · "
        f"{run.rounds} rounds",
        "Written by `make bench`. The contestants take turns, in a new order each round, after a "
        "first round that does not count. A ratio is that of two medians; beside it stands the "
        "middle half of the ratios of the single rounds. "
        f"Other versions: Python {platform.python_version()}, {_versions()}.",
        "## Training on images",
        f"LeNet on {loops.IMAGES:,} images of Fashion-MNIST, {loops.EPOCHS} epochs, batch "
        f"{loops.BATCH_SIZE}, SGD with momentum, a cosine schedule stepped after every update, on "
        f"the CPU: {loops.UPDATES} updates for everyone, from the same weights and the same bytes. "
        "The plain loop does nothing but train. `fit` and d2l's loop also record loss and "
        f"accuracy, and evaluate {loops.EVALUATED:,} images after each epoch; the second plain "
        "loop does what `fit` does, and `fit` with one image to evaluate shows what the evaluation "
        "costs. The other libraries run without validation.",
        _race_table(run.images, "training loss", ".3f"),
        "## Training on text",
        f"A transformer of two layers on {text_loops.PIECES:,} pieces of text of 32 characters, "
        f"{text_loops.EPOCHS} epoch, batch {text_loops.BATCH_SIZE}, AdamW with clipped gradients "
        f"and a cosine schedule: {text_loops.UPDATES} updates for everyone. `fit` also evaluates "
        f"{text_loops.EVALUATED} pieces.",
        _race_table(run.text, "training loss", ".3f"),
        f"## {stepping.STEPS:,} steps of a cosine schedule",
        _race_table(run.schedules, "largest error", ".0e"),
        "## Import and memory",
        _footprint_table(run),
        "## What must hold",
        _requirements_table(run),
    ]
    return "\n\n".join(sections) + "\n"


def tidy_csv(run: Measured) -> str:
    """Return every single measurement, one a line."""
    lines = [("benchmark", "contestant", "round", "quantity", "value")]
    for benchmark, contestants, checked in run.races:
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
    full = "`fit` on all 60,000 images, an epoch with its evaluation"
    rows = [
        ("`import torch`", f"{torch_seconds:.2f} s"),
        ("`import lrsched_book` after it", f"{_import_seconds(run):.3f} s"),
    ]
    if run.missing:
        rows.append((full, f"not measured: {run.missing}"))
    else:
        rows += [
            (full, _seconds(statistics.median(one["seconds"] for one in run.full_runs))),
            ("peak memory of that run", _megabytes(run, "peak bytes")),
            ("peak memory after the imports alone", _megabytes(run, "bytes after imports")),
        ]
    return _table(("", "median"), rows)


def _requirements_table(run: Measured) -> str:
    """Return the requirements of the book's code, and whether this run meets them."""
    images, text, schedules = (
        {one.name: one for one in contestants} for _, contestants, _ in run.races
    )
    plain, fit, d2l = (images[name] for name in (loops.REFERENCE, loops.FIT, loops.D2L))
    plain_text, fit_text = text[text_loops.REFERENCE], text[text_loops.FIT]
    attached, torchs = schedules[stepping.ATTACHED], schedules[stepping.LAMBDA]
    values = schedules[stepping.REFERENCE]
    loaded = sorted({name for one in run.imports for name in one["loaded"]})
    # The largest, to a tenth of a megabyte: what is shown is what is judged.
    peaks = [round(one["peak bytes"] / 1e6, 1) for one in run.full_runs if one["peak bytes"]]
    plus = f"1.00 × (± {TOLERANCE})"
    # Requirement, measured, whether it holds: None where it was not measured.
    rows = [
        (
            f"`fit`, recording and evaluating, takes at most {plus} the time of the plain loop",
            _ratio(fit, plain),
            _at_most(1 + TOLERANCE, fit, plain),
        ),
        (
            "the same against a plain loop that records and evaluates as `fit` does",
            _ratio(fit, images[loops.RECORDING]),
            _at_most(1 + TOLERANCE, fit, images[loops.RECORDING]),
        ),
        (
            f"on text it takes at most {ON_TEXT} × the time of the plain loop",
            _ratio(fit_text, plain_text),
            _at_most(ON_TEXT, fit_text, plain_text),
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
            "an attached schedule steps in at most 1.5 × the time of torch's LambdaLR",
            _ratio(attached, torchs),
            _at_most(1.5, attached, torchs),
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
            f"no full run takes more than {MOST_MEMORY} MB at its peak",
            f"{max(peaks):.1f} MB at most" if peaks else "–",
            max(peaks) <= MOST_MEMORY if peaks else None,
        ),
    ]
    says = {True: "yes", False: "no", None: "not measured"}
    return _table(("", "measured", "holds"), [(a, b, says[holds]) for a, b, holds in rows])


def _at_most(limit: float, one: Contestant, other: Contestant) -> bool | None:
    """Tell whether the ratio of two medians is within the limit; `None` if it was not measured."""
    return None if one.problem or other.problem else ratios(one, other)[0] <= limit


def _import_seconds(run: Measured) -> float:
    return statistics.median(one["lrsched_book"] for one in run.imports)


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
