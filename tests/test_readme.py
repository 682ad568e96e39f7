"""The example of the README does what its comments say; its numbers are the measured ones."""

import re
from pathlib import Path

import numpy as np

import lrsched_book as lb
from studies.sources.tables import headline, read_choices, read_published, read_results

README = Path(__file__).resolve().parents[1] / "README.md"

EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_diagnose_prints_what_is_shown(capsys):
    example, _ = EXAMPLES
    exec(example, {})
    (shown,) = re.findall(r"```text\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert capsys.readouterr().out.rstrip() == shown.rstrip()


def test_the_example_runs_and_its_schedule_ends_where_the_comment_says():
    _, example = EXAMPLES
    names = {}
    exec(example, names)
    schedule, scheduler = names["s"], names["scheduler"]
    assert schedule(999) == schedule.values(2000).min() == 0.01
    assert np.allclose(lb.trace(scheduler, 1000), 0.3 * schedule.values(1000), rtol=1e-12)


def test_it_is_cited_as_in_the_file_for_tools():
    citation = (README.parent / "CITATION.cff").read_text(encoding="utf-8")
    title, version = (
        re.search(rf"^{key}: (.*)$", citation, re.M)[1] for key in ("title", "version")
    )
    entry = re.search(r"```bibtex\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert title.strip('"') in entry
    assert f"Version {version}" in entry
    assert re.search(r'name: "(.*)"', citation)[1] in entry


def test_the_table_of_results_is_the_measured_one():
    table = headline(read_results()[0], read_published())
    shown = re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", README.read_text("utf-8"), re.M)
    shown = [row for row in shown if row[0] in table.index]
    assert len(shown) == 4, "not all five, and none by another name"
    assert all(row == (row[0], *table.loc[row[0]]) for row in shown)


def test_what_is_said_of_peaks_of_their_own_is_measured():
    runs, _ = read_choices()
    judged = runs[runs["purpose"] == "tuned"]
    losses = judged.pivot(index="seed", columns="setting", values="test_loss")
    constant = losses.pop("tuned constant")
    means = losses.mean()
    words = f"test loss of {constant.mean():.3f};.*between {means.min():.3f} and {means.max():.3f}"
    assert re.search(words, README.read_text("utf-8"), re.DOTALL)
    assert losses.lt(constant, axis=0).all(axis=None)
    assert losses.shape == (5, 5), "seeds, and schedules that come down"
