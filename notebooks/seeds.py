"""Run the book for several random seeds, and tabulate how its claims fare.

seeds.py --seeds SEED ... [--chapters CHAPTER ...]

A claim that fails stops nothing here: it is counted. What has been run from an unchanged source and
package is not run again. All is written to _build/seeds: the table as table.md, every claim at
every seed in table.csv, and the executed chapters in a folder a seed.
"""

import argparse
import csv
import io
import json
import math
import statistics
import sys
from collections import Counter, defaultdict
from pathlib import Path

import build

FOLDER = build.HERE.parent / "_build" / "seeds"


def claims_table(records):
    """Return one row a claim, weakest first: failed ones, then by the smallest margin.

    Args:
        records: by (chapter, seed), what a chapter recorded at this seed.
    """
    found = defaultdict(dict)  # by chapter and sentence, at each seed: did it hold, by what margin
    for (chapter, seed), lines in records.items():
        for line in lines:
            if "claim" in line:
                now = (line["holds"], math.inf if line["margin"] is None else line["margin"])
                at = found[chapter, line["claim"]]
                at[seed] = min(now, at.get(seed, now))  # one made twice is as strong as its weaker
    rows = []
    for (chapter, sentence), at in found.items():
        margins = [margin for _, margin in at.values() if margin != math.inf]
        rows.append(
            {
                "chapter": chapter,
                "claim": sentence,
                "held": f"{sum(holds for holds, _ in at.values())} of {len(at)}",
                "weakest margin": min(margins, default=math.inf),
                "median margin": statistics.median(margins) if margins else math.inf,
                "fails at seed": sorted(seed for seed, (holds, _) in at.items() if not holds),
            }
        )
    return sorted(rows, key=lambda row: (not row["fails at seed"], row["weakest margin"]))


def peaks_table(records):
    """Return one row a schedule of a comparison: the peaks chosen for it, most often first."""
    chosen, edges = defaultdict(Counter), defaultdict(list)
    for (chapter, seed), lines in records.items():
        comparisons = [line for line in lines if "comparison" in line]
        for number, line in enumerate(comparisons, start=1):
            for name, peak in line["chosen"].items():
                chosen[chapter, number, name][peak] += 1
                if name in line["edge"]:
                    edges[chapter, number, name].append(seed)
    return [
        {
            "chapter": chapter,
            "comparison": number,
            "schedule": name,
            "chosen peaks": ", ".join(
                f"{'none to choose' if peak is None else peak} × {n}"
                for peak, n in peaks.most_common()
            ),
            "edge of the grid at seed": sorted(edges[chapter, number, name]),
        }
        for (chapter, number, name), peaks in chosen.items()
    ]


def report(records, raised):
    """Write the tables as Markdown.

    Args:
        records: by (chapter, seed), what a chapter recorded at this seed.
        raised: by (chapter, seed), the error of a chapter that did not run to its end.
    """
    errors = [
        {"chapter": chapter, "seed": seed, "error": error.strip().splitlines()[-1]}
        for (chapter, seed), error in raised.items()
    ]
    claims = claims_table(records)
    failed = sum(bool(row["fails at seed"]) for row in claims)
    parts = [f"{len(claims)} claims, {failed} failed at a seed; {len(raised)} chapters raised."]
    for title, rows in (
        ("Chapters that raised", errors),
        ("Claims, weakest first (margins in standard errors)", claims),
        ("Chosen peaks", peaks_table(records)),
    ):
        if rows:
            parts += [f"## {title}", markdown(rows)]
    return "\n\n".join(parts) + "\n"


def markdown(rows):
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [[cell(value).replace("|", "\\|") for value in row.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(value):
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return "" if math.isinf(value) else f"{value:.1f}"
    return str(value)


def every_claim(records):
    """Write each claim at each seed as CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["chapter", "seed", "claim", "holds", "margin"])
    for (chapter, seed), lines in records.items():
        for line in lines:
            if "claim" in line:
                rows.writerow([chapter, seed, line["claim"], line["holds"], line["margin"]])
    return text.getvalue()


def collecting(seed, records):
    """Return the variables that have a chapter, run with a base seed, record its claims."""
    return {
        "LRSCHED_SEED": str(seed),
        "LRSCHED_CLAIMS": "collect",
        "LRSCHED_CLAIMS_FILE": str(records),
    }


def recorded(path):
    """Read what a chapter recorded; one without claims has no file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(pairs, sources, jobs):
    """Run the (chapter, seed) pairs that are not finished; return the errors of those that raise.

    An executed chapter is written last, so one that is stored and up to date has its records too.
    """
    runs = {}
    for chapter, seed in pairs:
        target, records = FOLDER / str(seed) / f"{chapter}.ipynb", records_of(chapter, seed)
        if build.stored_digest(target) == build.digest(sources[chapter]):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        records.unlink(missing_ok=True)
        paths = sources[chapter], target
        runs[f"{chapter}, seed {seed}"] = (chapter, seed), paths, collecting(seed, records)
    failures = build.run_all([(name, *rest) for name, (_, *rest) in runs.items()], jobs)
    return {runs[name][0]: error for name, error in failures.items()}


def records_of(chapter, seed):
    return FOLDER / str(seed) / f"{chapter}.jsonl"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", required=True, help="base seeds, each ≥ 0")
    parser.add_argument("--jobs", type=int, default=2, help="chapters run at once (default: 2)")
    parser.add_argument("--chapters", nargs="*", default=[], help="for example 08_cosine")
    options = parser.parse_args()
    if options.jobs < 1 or min(options.seeds) < 0:
        parser.error(f"--jobs must be at least 1 and seeds at least 0, got {options}")
    sources = {name: path for name, path in build.all_sources().items() if "/" not in name}
    chapters = build.chosen(parser, list(sources), options.chapters)
    pairs = [(chapter, seed) for seed in dict.fromkeys(options.seeds) for chapter in chapters]

    build.share_cores(options.jobs)
    raised = run(pairs, sources, options.jobs)
    records = {pair: recorded(records_of(*pair)) for pair in pairs}
    build.write_text(report(records, raised), FOLDER / "table.md")
    build.write_text(every_claim(records), FOLDER / "table.csv")
    print(Path(FOLDER / "table.md").read_text(encoding="utf-8"))
    failed = raised or any(row["fails at seed"] for row in claims_table(records))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
