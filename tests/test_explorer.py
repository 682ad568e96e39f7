"""The explorer's scripts, run in quickjs: they must say what the package says."""

import html
import json
import random
import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from helpers import weightless

import lrsched_book as lb
from lrsched_book.diagnosis import RULES

quickjs = pytest.importorskip(
    "quickjs", reason="quickjs, which runs the explorer's scripts, has no wheel for this Python"
)

SITE = Path(__file__).resolve().parents[1] / "site"
sys.path.insert(0, str(SITE))
import explorer_data  # noqa: E402

SETTINGS = 1500
# Torch's recursions leave their formulas by less than a millionth of the peak in any run.
RECURSION = 1e-6
# What a schedule cannot break: it has one group, no momentum, no torch class, no past, no function
# of one's own, and factors from 0 to 1. A new rule belongs here, or into explorer_rules.js.
NOT_OURS = {
    "counts_updates",
    "milestone_at_the_end",
    "cosine_past_its_end",
    "no_warmup_at_all",
    "floor_above_rate",
    "linear_by_default",
    "rises_by_default",
    "composition_bends_rates",
    "begins_anew",
    "rate_mismatch",
    "passes_its_minimum",
    "swings",
    "turns_all_the_time",
    "restarts_and_stays_up",
    "changes_after_the_run",
    "warms_up_to_the_end",
    "goes_on",
    "may_be_meant_to_end_high",
    "stops_in_mid_fall",
    "group_rates_overwritten",
    "driven_to_one_peak",
    "lr_scale_ignored",
    "own_milestone_outside_run",
    "own_milestone_at_the_end",
    "own_floor_above_rate",
    "leaves_its_closed_form",
    "drives_another_optimizer",
    "would_raise",
    "rate_not_finite",
    "negative_rate",
    "all_updates_at_zero",
    "collapses_at_once",
    "the_same_factor_at_every_step",
    "momentum_changed",
    "exceeds_peak",
    "rate_as_factor",
    "stays_below_its_peak",
    "used_up_by_as_many_steps",
    "resumed_on_the_last_stair",
    "already_stepped",
    "falls_back_to_its_start",
    "late_warmup",
}


class Explorer:
    """The scripts of the page without a page."""

    def __init__(self):
        self.context = quickjs.Context()
        self.context.eval(explorer_data.script())
        for name in ("explorer_plan", "explorer_rules"):
            self.context.eval((SITE / "_static" / f"{name}.js").read_text(encoding="utf-8"))

    def ask(self, expression, **given):
        names = "".join(f"const {k} = {json.dumps(v)};" for k, v in given.items())
        return json.loads(
            self.context.eval(f"(() => {{ {names} return JSON.stringify({expression}); }})()")
        )

    def look(self, settings):
        return self.ask(
            "{settings: s, rates: LRX.rates(s), findings: LRX.diagnose(s), "
            "python: LRX.inPython(s), torch: LRX.inTorch(s)}",
            s=settings,
        )

    def link(self, hash_):
        return self.ask("LRX.read(hash)", hash=hash_)


@pytest.fixture(scope="module")
def explorer():
    return Explorer()


def drawn(seed, explorer):
    """Settings at random, the ends of the sliders among them."""
    dice = random.Random(seed)
    plan = dice.choice([10, 40, 60, 100, 150, 330, 1000, dice.randint(10, 1000)])
    run = dice.choice([plan, plan, plan, 10, 40, 100, dice.randint(10, 1000)])
    settings = {
        "shape": dice.choice([*explorer_data.SHAPES, explorer_data.CLIMBS]),
        "peak": dice.choice([1e-5, 3e-4, 0.05, 0.1, 10]),
        "final": dice.choice([0, 0, 0.001, 0.01, 0.05, 0.1, 0.5, 1]),
        "run": run,
        "plan": plan,
        "warmup": dice.choice([0, 0, 1, 2, 3, 10, plan, dice.randint(0, plan)]),
        "start": dice.choice(["above", "zero"]),
        "cooldown": dice.choice([0, 0, 1, 20, plan, dice.randint(0, plan)]),
        "cycles": dice.choice([1, 1, 1, 2, 3, 4, 5]),
    }
    return explorer.ask("LRX.settle(s)", s=settings)


def run_lines(lines, peak):
    """Run what the page shows for copying, and return the scheduler that it makes."""
    names = {"lb": lb, "optimizer": weightless(peak)}
    exec(lines, names)
    return names["scheduler"]


def said(finding, plan):
    """What a finding says, with "the plan" where the package writes the plan out."""
    names = ("code", "severity", "step", "consequence", "remedy", "chapter")
    texts = {name: getattr(finding, name) for name in names}
    return begun_small({**texts, "consequence": finding.consequence.replace(plan, "the plan")})


def begun_small(finding):
    text = finding["consequence"]
    return {**finding, "consequence": text[0].lower() + text[1:]}


@pytest.mark.parametrize("part", range(10))
def test_rates_lines_and_findings_are_those_of_the_package(explorer, part):
    for seed in range(part, SETTINGS, 10):
        settings = drawn(seed, explorer)
        shown = explorer.look(settings)
        peak, run, rates = settings["peak"], settings["run"], np.array(shown["rates"])

        scheduler = run_lines(shown["python"], peak)
        used = lb.trace(scheduler, run)
        np.testing.assert_allclose(rates, used, rtol=0, atol=1e-15 * peak, err_msg=str(settings))

        torchs = lb.trace(run_lines(shown["torch"], peak), run)
        np.testing.assert_allclose(torchs, used, rtol=0, atol=RECURSION * peak, err_msg=str(shown))

        diagnosis = lb.diagnose(scheduler, run)
        expected = [said(finding, repr(scheduler.schedule)) for finding in diagnosis]
        assert [begun_small(finding) for finding in shown["findings"]] == expected, settings


def test_each_rule_of_the_package_is_in_the_script_or_cannot_be_broken_here(explorer):
    looked_at = set(explorer.ask("LRX.LOOKS"))
    assert looked_at | NOT_OURS == {rule.look.__name__ for rule in RULES}
    assert not looked_at & NOT_OURS


@pytest.mark.parametrize("digits", [2, 3, 4])
def test_numbers_are_written_as_python_writes_them(explorer, digits):
    dice = random.Random(digits)
    values = [0.03125, 0.3125, 1.125, 1.375, 9.995, 999.5, 0.00099995, 1e-5, 123456.0, 0.0]
    values += [dice.uniform(0, 1) * 10 ** dice.randint(-9, 6) for _ in range(1000)]
    written = explorer.ask("v.map((x) => LRX.significant(x, digits))", v=values, digits=digits)
    assert written == [f"{value:.{digits}g}" for value in values]
    whole = [0, 999, 1000, 123456, 1234567]
    assert explorer.ask("v.map(LRX.counted)", v=whole) == [f"{value:,}" for value in whole]


def test_a_link_restores_its_setting(explorer):
    for seed in range(200):
        settings = drawn(seed, explorer)
        link = explorer.ask("LRX.write(s)", s=settings)
        assert explorer.link(link) == {"settings": settings, "complaints": []}


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("#peak=abc", "peak=abc: peak must be a number from 0.00001 to 10"),
        ("#peak=1e9", "peak=1e9: peak must be a number from 0.00001 to 10"),
        ("#peak=-0.1", "peak=-0.1: peak must be a number from 0.00001 to 10"),
        ("#peak=NaN", "peak=NaN: peak must be a number from 0.00001 to 10"),
        ("#peak=", "peak=: peak must be a number from 0.00001 to 10"),
        ("#final=2", "final=2: final must be a number from 0 to 1"),
        ("#run=0", "run=0: run must be a whole number from 10 to 1000"),
        ("#plan=12.5", "plan=12.5: plan must be a whole number from 10 to 1000"),
        ("#cycles=6", "cycles=6: cycles must be a whole number from 1 to 5"),
        ("#start=late", "start=late: start must be above or zero"),
        ("#shape=toString", "shape=toString: shape must be one of constant, linear, "),
        ("#peak", "peak: peak must be"),
        ("#colour=red", "colour=red: allowed are shape, peak, final, run, plan, warmup, "),
        ("#constructor=1", "constructor=1: allowed are shape"),
        ("#%E0%A4%A=1", "%E0%A4%A=1: allowed are shape"),
        ("#<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>: allowed are shape"),
        ("#plan=10&warmup=900", "warmup=900: warmup is 8 at plan=10 and cycles=1"),
        ("#cooldown=3&cycles=5", "cooldown=3: cooldown is 10 at plan=100 and cycles=5"),
    ],
)
def test_what_a_bad_link_asks_for_is_named_and_left_out(explorer, link, complaint):
    found = explorer.link(link + "&final=0.05")
    assert [text[: len(complaint)] for text in found["complaints"]] == [complaint]
    assert found["settings"]["final"] == 0.05  # what was understood is kept
    assert len(explorer.look(found["settings"])["rates"]) == found["settings"]["run"]


@pytest.mark.parametrize("link", ["", "#", "#&", "#peak=.1", "#peak=1E-3"])
def test_a_good_link_draws_no_complaint(explorer, link):
    assert explorer.link(link)["complaints"] == []


def stories():
    """The three links of the page."""
    page = (SITE / "explorer.md").read_text(encoding="utf-8")
    return [html.unescape(link) for link in re.findall(r'<a href="(#shape=[^"]+)"', page)]


@pytest.mark.parametrize(
    ("number", "codes"), [(0, ["rises-again"]), (1, ["first-update-at-zero"]), (2, [])]
)
def test_a_story_shows_what_it_tells(explorer, number, codes):
    title, schedule, updates, peak = explorer_data.STORIES[number]
    found = explorer.link(stories()[number])
    shown = explorer.look(found["settings"])
    assert found["complaints"] == []
    assert [finding["code"] for finding in shown["findings"]] == codes, title
    np.testing.assert_allclose(shown["rates"], peak * schedule.values(updates), rtol=0, atol=1e-16)


def test_the_stories_numbers(explorer):
    climbs, zero, prolonged = (explorer.link(link)["settings"] for link in stories())
    rates = [explorer.ask("LRX.rates(s)", s=settings) for settings in (climbs, zero, prolonged)]
    assert rates[0].index(min(rates[0])) == 60
    assert 0.7 < rates[0][-1] / 0.1 < 0.75  # nearly three quarters
    assert rates[1][0] == 0 < rates[1][1]
    longer = explorer.ask("LRX.rates(s)", s={**prolonged, "run": 150, "plan": 150})
    assert longer[:80] == rates[2][:80]
    assert longer[80:] != rates[2][80:]


def test_what_is_written_for_the_page(tmp_path):
    (tmp_path / "_static").mkdir()
    app = types.SimpleNamespace(srcdir=tmp_path)
    explorer_data.write(app)
    first = {path.name: path.read_bytes() for path in (tmp_path / "_static").iterdir()}
    explorer_data.write(app)
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "_static").iterdir()}
    assert sorted(first) == [
        "explorer_data.js",
        *(f"explorer_story_{number}.svg" for number in (1, 2, 3)),
    ]
    page = (SITE / "explorer.md").read_text(encoding="utf-8")
    assert all(f"_static/{name}" in page for name in first)
