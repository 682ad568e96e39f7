"""Take each chapter's subject away, and count the claims that fail.

python -m studies.removal [--jobs JOBS] [CHAPTER ...]

A claim about cosine that holds as well where every cosine is a constant rate is no claim about
cosine. So each chapter is run once more with its subject removed and its claims collected. What
fails and what holds goes to results/removal.csv, one line a claim, and a summary is printed. What
only says that two ways to write one schedule agree is no result, and is left out. Chapters that
are not named keep their lines.
"""

import argparse
import csv
import io
import sys
from pathlib import Path

import nbformat

from lrsched_book._files import write_whole

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "notebooks"))

import build  # noqa: E402  (they lie with the chapters)
import seeds  # noqa: E402

FOLDER = ROOT / "_build" / "removal"
TABLE = ROOT / "results" / "removal.csv"
HOLDS = "Claim holds: "
COLUMNS = ("chapter", "removed", "claim", "holds", "margin")
AGREEMENT = ("agree", "at every step", "bit for bit", "same rate at every update")

# What stands in for a schedule: one rate, the mean of what the schedule would have had.
SAME_MEAN = """
import functools


def same_mean(shape):
    @functools.wraps(shape)
    def made(steps=None, *arguments, **named):
        first = () if steps is None else (steps,)
        updates = int(steps or named.get("gaps") or 1000)
        return lb.constant(float(shape(*first, *arguments, **named).values(updates).mean()))

    return made
"""
# By chapter: what is removed, the code that follows the setup cell, and constants to be replaced.
REMOVALS = {
    "01_optimizer_basics": ("the noise", "", {"SIGMA": "0.0"}),
    # Not 0.0 exactly, which the chapter has beside it for plain descent.
    "02_momentum": ("the momentum", "", {"BETA": "1e-12"}),
    "03_why_schedule": ("the cut", "lb.multistep = lambda *_, **__: lb.constant()", {}),
    "04_finding_the_peak": (
        "the order of the range test's rates",
        """
import dataclasses

import joblib

joblib.parallel_config("threading")  # a worker process would import the range test as it is


def shuffled(model, data, optimizer, *, seed, low, high, steps, test=lb.range_test, **named):
    options = {"seed": seed, "low": low, "high": high, "steps": steps}
    found = test(model, data, optimizer, **options, **named)
    mixed = np.random.default_rng(seed).permutation(np.geomspace(low, high, steps))
    return dataclasses.replace(found, lr=mixed[: len(found.lr)])


lb.range_test = shuffled
""",
        {},
    ),
    "05_step_and_multistep": (
        "the cuts",
        "lb.step = lb.multistep = lambda *_, **__: lb.constant()",
        {},
    ),
    "06_exponential": ("the decay", "lb.exponential = lambda *_, **__: lb.constant()", {}),
    "07_polynomial": (
        "every decay",
        "lb.linear = lb.polynomial = lb.inverse_sqrt = lb.inverse_time = "
        "lambda *_, **__: lb.constant()",
        {},
    ),
    "08_cosine": ("the cosine, for a constant of its mean", "lb.cosine = same_mean(lb.cosine)", {}),
    "09_restarts_and_cycles": (
        "the restarts and the cycles",
        """
lb.cosine_restarts = lambda first, *_, final=0.0, **__: lb.cosine(3 * first, final=final)
lb.triangular = lambda *_, **__: lb.constant()
""",
        {},
    ),
    "10_plateau": (
        "the cuts",
        """
class Blind(ReduceLROnPlateau):
    def __init__(self, optimizer, factor=0.1, **named):
        super().__init__(optimizer, **named)

    def _reduce_lr(self, epoch):
        pass


ReduceLROnPlateau = Blind
lb.WarmupPlateau._reduce_lr = Blind._reduce_lr
""",
        {"FACTOR": "1.0"},
    ),
    "11_warmup": (
        "the warmup",
        """
lb.Schedule.with_warmup = lambda self, *_, **__: self
lb.linear_warmup = lambda *_, **__: lb.constant()
""",
        {},
    ),
    "12_one_cycle": (
        "one cycle, for a constant of its mean",
        """
from torch.optim.lr_scheduler import LambdaLR

lb.one_cycle = same_mean(lb.one_cycle)


def OneCycleLR(optimizer, *_, **__):
    return LambdaLR(optimizer, lambda t: 0.5)
""",
        {},
    ),
    "13_your_own_schedule": (
        "the fall, and the low start of the rise",
        "lb.polynomial = lambda *_, **__: lb.constant()",
        {"START": "1.0"},
    ),
    "14_the_loop": (
        "every wrong order",
        "",
        {
            **dict.fromkeys(("ZERO_LAST", "SCHEDULE_FIRST", "PER_MICRO_BATCH"), "RIGHT"),
            **dict.fromkeys(("ONCE_PER_EPOCH", "FORGOTTEN", "ZERO_LATE", "NEVER_ZERO"), "RIGHT"),
            **dict.fromkeys(("CLIP_EARLY", "NEVER_WAITS"), "WAITS"),
            "WRONG_WEIGHTS": "by_tokens",
            "NORM": "nn.Identity",
        },
    ),
    "15_groups_and_resuming": (
        "the body's own rate, and each wrong way to resume",
        "",
        {
            "TENTH": "1.0",
            **dict.fromkeys(("LATE", "NO_STEP", "NO_MEMORY"), "RIGHT"),
            "HELD": "SHORT.then(LONGER.skip(half), at=half)",
        },
    ),
    "16_modern": (
        "every line that comes down, and what told the stored runs apart",
        """
lb.linear = lambda *_, **__: lb.constant()
for _runs in stored.values():
    _judged = _runs.table["role"] == "judging"
    _runs.table.loc[_judged, "test_loss"] = (
        _runs.table[_judged].groupby("seed")["test_loss"].transform("mean"))
""",
        {},
    ),
    "17_averaging": (
        "the averaging",
        """
class Blind(AveragedModel):
    def update_parameters(self, model):
        self.module.load_state_dict(model.state_dict())


AveragedModel = Blind
""",
        {},
    ),
    "18_theory": (
        "all that the theories know of a schedule but the mean of its rates",
        """
def blind(theory):
    def of_the_mean(rates, *arguments, **named):
        return theory(np.full(len(rates), np.mean(rates)), *arguments, **named)
    return of_the_mean


noisy_quadratic, best_peak, last_iterate_bound = map(
    blind, (noisy_quadratic, best_peak, last_iterate_bound))
terms = lb.theory._law_terms
lb.theory._law_terms = lambda *given: (terms(*given)[0], np.zeros(len(given[1])))
""",
        {},
    ),
    "19_scaling": (
        "every change of rate, batch, width and clock",
        "",
        {
            "ROOT": "1",
            "LINEAR": "1",
            "FURTHER": "1",
            "GROWN": "(32, 32, 32)",
            "MULTIPLIER": "{32: 1, 96: 1, 288: 1}",
            "PROCESSES": "1",
        },
    ),
    "20_choosing": (
        "every shape, and what told the stored runs apart",
        """
for _runs in stored.values():
    for _role, _loss in (("judging", "test_loss"), ("tuning", "validation_loss")):
        _mine = _runs.table["role"] == _role
        _runs.table.loc[_mine, _loss] = (
            _runs.table[_mine].groupby("seed")[_loss].transform("mean"))
_planned = plans


def plans(updates):
    return {name: lb.constant() for name in _planned(updates)}
""",
        {},
    ),
}


def without_subject(chapter: str) -> Path:
    """Write the source of a chapter without its subject, and return where.

    Raises:
        ValueError: if the source has no setup cell, or not the constant that is to be replaced.
    """
    _, code, constants = REMOVALS[chapter]
    lines = (build.SOURCES / f"{chapter}.md").read_text(encoding="utf-8").splitlines()
    for name, value in constants.items():
        found = [number for number, line in enumerate(lines) if line.startswith(f"{name} = ")]
        if not found:
            raise ValueError(f"{chapter} has no line that begins with {name} =")
        for number in found:
            lines[number] = f"{name} = {value}"
    text = "\n".join(lines) + "\n"
    before, setup, after = text.partition(":tags: [setup]")
    body, fence, rest = after.partition("\n```\n")
    if not setup or not fence:
        raise ValueError(f"{chapter} has no cell with the tag setup")
    added = SAME_MEAN + code if "same_mean" in code else code
    path = FOLDER / f"{chapter}.md"
    build.write_text(before + setup + body + "\n" + added + fence + rest, path)
    return path


def run(chapters: list[str], jobs: int) -> dict[str, str]:
    """Run chapters without their subjects; return the error of each that does not reach its end."""
    runs = []
    for chapter in chapters:
        records = FOLDER / f"{chapter}.jsonl"
        records.unlink(missing_ok=True)
        paths = without_subject(chapter), FOLDER / f"{chapter}.ipynb"
        runs.append((chapter, paths, seeds.collecting(0, records)))
    return build.run_all(runs, jobs)


def results(chapter: str) -> list[dict]:
    """Return what a chapter's result claims came to, a row each.

    Where the chapter stops for want of its subject, the claims behind that place are not reached.
    """
    lines = seeds.recorded(FOLDER / f"{chapter}.jsonl")
    made = {line["claim"]: line for line in lines if "claim" in line}
    return [
        {
            "chapter": chapter,
            "removed": REMOVALS[chapter][0],
            "claim": sentence,
            "holds": made[sentence]["holds"] if sentence in made else "not reached",
            "margin": made[sentence]["margin"] if sentence in made else None,
        }
        for sentence in stored_claims(chapter)
        if not any(words in sentence for words in AGREEMENT)
    ]


def stored_claims(chapter: str) -> list[str]:
    """Return the claims of the stored chapter, in their order."""
    notebook = nbformat.read(build.stored(chapter), as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    printed = "".join(output.get("text", "") for output in outputs)
    return [line.removeprefix(HOLDS) for line in printed.splitlines() if line.startswith(HOLDS)]


def write_table(rows: list[dict], chapters: list[str]) -> None:
    """Write the rows of some chapters into the table, beside the rows that it has of others."""
    kept = []
    if TABLE.exists():
        stored = csv.DictReader(io.StringIO(TABLE.read_text(encoding="utf-8")))
        kept = [row for row in stored if row["chapter"] not in chapters]
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(sorted(kept + rows, key=lambda row: row["chapter"]))
    write_whole(TABLE, text.getvalue().encode())


def main():
    """Parse the command line, run the chapters, and write and print what became of their claims."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=2, help="chapters run at once (default: 2)")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=f"of {', '.join(REMOVALS)}")
    options = parser.parse_args()
    chapters = build.chosen(parser, list(REMOVALS), options.chapters)
    build.share_cores(options.jobs)
    errors = run(chapters, options.jobs)
    rows = [row for chapter in chapters for row in results(chapter)]
    write_table(rows, chapters)
    for chapter in chapters:
        mine = [row["holds"] for row in rows if row["chapter"] == chapter]
        lost = mine.count("not reached")
        why = errors.get(chapter, "the stored chapter makes others").splitlines()[-1]
        end = f"; {lost} are not reached: {why}" if lost else ""
        print(f"{chapter:<24} without {REMOVALS[chapter][0]}: {mine.count(False)} of {len(mine)} "
              f"result claims fail{end}")  # fmt: skip


if __name__ == "__main__":
    main()
