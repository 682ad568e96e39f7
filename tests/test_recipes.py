"""The recipes do what their sources state, and `diagnose` has little to say of them."""

import re
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest

import lrsched_book as lb
from lrsched_book import Schedule, diagnose, recipes

ROOT = Path(__file__).resolve().parents[1]
EVERY = pytest.mark.parametrize("recipe", recipes.values(), ids=lambda recipe: recipe.name)
# The first update of these has the rate zero, as the source says or its library counts: a note.
NOTE = "first-update-at-zero"
# What else is found, and why the plan is sound.
EXPLAINED = {
    "olmo-2-7b": ["horizon-outside-run"],  # the cosine was left on purpose, for a straight line
}
# The line beneath the warmup has fallen a little when it ends, or the paper counts from 1.
REACHED = {"bert": 0.99, "transformer": 0.999}


def test_there_are_recipes_in_the_order_of_time():
    years = [recipe.year for recipe in recipes.values()]
    assert len(recipes) >= 30
    assert years == sorted(years)
    assert list(recipes) == [recipe.name for recipe in recipes.values()]


@EVERY
def test_the_line_is_a_schedule_and_moves_the_rate_as_the_source_states(recipe):
    schedule = recipe.schedule
    assert isinstance(schedule, Schedule)
    start, peak = schedule(np.array([0, recipe.warmup]))
    assert peak == pytest.approx(1, abs=1 - REACHED.get(recipe.name, 1) + 1e-12)
    assert start == 1 if recipe.warmup == 0 else start < peak
    rise = schedule(np.linspace(0, recipe.warmup, 50).round())
    assert (np.diff(rise) >= 0).all() or recipe.name == "bert"
    fall = schedule(np.linspace(recipe.warmup, recipe.steps - 1, 5_000).round())
    assert (np.diff(fall) <= 1e-12).all()
    # A decay counted in gaps arrives with the first update after the run.
    ends = schedule(np.array([recipe.steps - 1, recipe.steps]))
    assert any(np.isclose(ends, recipe.final, rtol=1e-3, atol=1e-9))


@EVERY
def test_what_diagnose_finds_is_explained(recipe):
    found = diagnose(recipe.schedule, recipe.steps, peak=recipe.peak)
    expected = EXPLAINED.get(recipe.name, [])
    assert [finding.code for finding in found if finding.code != NOTE] == expected
    assert (NOTE in found.codes) == (recipe.schedule(0) == 0)


@EVERY
def test_a_recipe_says_where_it_was_read(recipe):
    text = (ROOT / "site" / "references.bib").read_text(encoding="utf-8")
    assert f"{{{recipe.source}," in text
    assert recipe.where
    assert recipe.updates is None or recipe.unit != "update" or recipe.updates == recipe.steps
    assert recipe.field in {"language", "images", "speech", "games", "3D"}
    for commit in re.findall(r"commit (\w+)", recipe.where):
        assert re.fullmatch(r"[0-9a-f]{7}", commit)


# What the sources state, once more and by hand: (step, factor) after the decay has begun.
STATED = {
    "resnet-cifar": [(31_999, 1), (32_000, 0.1), (48_000, 0.01)],
    "seq2seq": [(9, 1), (10, 0.5), (11, 0.25)],
    "lstm-ptb": [(13, 1), (14, 1 / 1.15)],
    "wide-resnet": [(60, 0.2), (120, 0.04), (160, 0.008)],
    "imagenet-in-an-hour": [(0, 0.1 / 3.2), (29, 1), (30, 0.1), (60, 0.01), (80, 1e-3)],
    "transformer": [(0, 1 / 4_000), (3_999, 1), (15_999, 0.5)],
    "cyclegan": [(99, 1), (100, 1), (150, 0.5)],
    "bert": [(5_000, 0.5), (500_000, 0.5)],
    "t5": [(9_999, 1), (40_000, 0.5)],
    "detectron2": [(0, 0.001), (59_999, 1), (60_000, 0.1), (80_000, 0.01)],
    "gpt-3": [(375, 1), (260_000, 0.1), (299_999, 0.1)],
    "vit-g": [(40_000, 0.5), (975_000, 0.5 * (1 + 96.5) ** -0.5)],
    "palm": [(9_999, 1), (40_000, 0.5), (160_000, 0.25)],
    "deepseek-67b": [(84_770, 1), (84_771, 0.316), (95_367, 0.1)],
    "deepseek-v3": [(0, 0), (10_000, 1), (14_300, 0.1), (14_632, 0.1), (14_634, 7.3e-6 / 2.2e-4)],
    "kimi-k2": [(0, 0), (250, 0.5), (149_253, 1), (231_343, 0.1)],
    "smollm-135m": [(0, 0), (1_000, 0.5), (1_599_999, 1), (1_800_000, 0.5)],
    "smollm3": [(0, 0), (1_000, 0.5), (4_198_000, 1), (4_459_000, 0.5), (4_720_000, 0)],
    "apertus-8b": [(0, 0.1), (134_999, 1), (149_999, 0.1)],
    "nemotron-3-super": [(0, 0), (10, 0.5), (1_999, 1), (2_125, 0.505)],
}


@pytest.mark.parametrize(("name", "stated"), STATED.items(), ids=STATED)
def test_the_factors_are_those_of_the_source(name, stated):
    for step, factor in stated:
        assert recipes[name].schedule(step) == pytest.approx(factor, rel=2e-3)


def test_the_second_stage_of_olmo_begins_where_its_cosine_was():
    olmo = recipes["olmo-2-7b"]
    before, after = olmo.schedule(np.array([928_645, 928_646]))
    assert before == pytest.approx(6.1499e-5 / 3e-4, abs=1e-3)
    assert after == pytest.approx(before, abs=1e-3)


def test_an_unknown_name_is_told_what_is_spelled_alike():
    with pytest.raises(KeyError, match=r"llama65.*did you mean 'llama-65b'"):
        recipes["llama65"]
    with pytest.raises(KeyError, match=r"list\(recipes\)"):
        recipes[7]
    assert "gpt-5" not in recipes


def test_recipes_cannot_be_changed():
    with pytest.raises(TypeError):
        recipes["mine"] = recipes["bert"]
    with pytest.raises(FrozenInstanceError):
        recipes["bert"].peak = 1.0


def test_a_line_reaches_nothing_but_the_language_of_schedules():
    with pytest.raises(NameError):
        _ = replace(recipes["bert"], line="open('x')").schedule


def test_the_names_show_and_lead_to_the_package():
    assert repr(recipes).startswith(f"<{len(recipes)} recipes: word2vec, ")
    assert lb.recipes is recipes
