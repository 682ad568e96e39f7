"""What takes a chapter's subject away: the source it writes, and the table."""

import csv
import json
import re

import jupytext
import pytest

from studies.removal import __main__ as removal


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.setattr(removal, "FOLDER", tmp_path)
    monkeypatch.setattr(removal, "TABLE", tmp_path / "removal.csv")
    return tmp_path


@pytest.mark.parametrize("chapter", removal.REMOVALS)
def test_only_the_setup_and_the_constants_differ(elsewhere, chapter):
    before = jupytext.read(removal.build.SOURCES / f"{chapter}.md").cells
    after = jupytext.read(removal.without_subject(chapter)).cells
    _, code, constants = removal.REMOVALS[chapter]
    replaced = 0
    for old, new in zip(before, after, strict=True):
        if old.source == new.source:
            continue
        compile(new.source, chapter, "exec")
        if code and "setup" in old.metadata.get("tags", ()):
            assert code.strip() in new.source
            assert new.source.startswith(old.source), "it follows what the cell has"
            continue
        lines = zip(old.source.splitlines(), new.source.splitlines(), strict=True)
        others = [line for line, instead in lines if line != instead]
        assert {line.split(" = ")[0] for line in others} <= set(constants)
        replaced += len(others)
    assert replaced == len(constants)


def test_a_constant_that_is_not_there_is_an_error(elsewhere, monkeypatch):
    monkeypatch.setitem(removal.REMOVALS, "08_cosine", ("x", "", {"NOWHERE": "0"}))
    with pytest.raises(ValueError, match="08_cosine has no line that begins with NOWHERE"):
        removal.without_subject("08_cosine")


def test_chapters_that_are_not_run_keep_their_rows(elsewhere):
    def row(chapter, holds):
        return {"chapter": chapter, "removed": "x", "claim": "c", "holds": holds, "margin": 7.0}

    removal.write_table([row("08_cosine", False), row("03_why_schedule", True)], [])
    removal.write_table([row("03_why_schedule", False)], ["03_why_schedule"])
    with open(elsewhere / "removal.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(r["chapter"][:2], r["holds"]) for r in rows] == [("03", "False"), ("08", "False")]


def test_claims_that_are_not_reached_are_rows_too(elsewhere):
    sentences = removal.stored_claims("08_cosine")
    assert len(sentences) > 5
    collected = elsewhere / "08_cosine.jsonl"
    first = next(s for s in sentences if "agree" not in s)
    collected.write_text(json.dumps({"claim": first, "holds": False, "margin": -3.0}) + "\n")
    rows = removal.results("08_cosine")
    assert [row["holds"] for row in rows] == [False] + ["not reached"] * (len(rows) - 1)
    assert len(rows) < len(sentences), "what agrees with PyTorch is no result"


@pytest.mark.parametrize(
    ("errors", "why"),
    [
        ({}, "the stored chapter makes others"),
        ({"08_cosine": "Stop\nValueError: x"}, "ValueError: x"),
    ],
)
def test_the_summary_says_why_claims_are_not_reached(elsewhere, monkeypatch, capsys, errors, why):
    monkeypatch.setattr(removal, "run", lambda chapters, jobs: errors)
    monkeypatch.setattr("sys.argv", ["removal", "08_cosine"])
    removal.main()
    assert re.search(
        rf"0 of (\d+) result claims fail; \1 are not reached: {why}\n", capsys.readouterr().out
    )


def test_the_mean_stays_where_a_schedule_is_made_a_constant():
    import lrsched_book as lb

    names = {"lb": lb}
    exec(removal.SAME_MEAN, names)
    cosine = names["same_mean"](lb.cosine)
    assert cosine(100, final=0.01)(7) == pytest.approx(
        lb.cosine(100, final=0.01).values(100).mean()
    )
    assert cosine(gaps=50)(0) == pytest.approx(lb.cosine(gaps=50).values(50).mean())
