"""Every sound plan of the corpus builds anew, and its recipe's loop gets to the end of it."""

import math
import re
from collections import Counter

import pytest
from plans import faulty_fresh, sound_dev, sound_final, sound_fresh, sound_held
from plans.parts_sound import walk

from lrsched_book import Schedule

FEWEST = {sound_dev: 70, sound_held: 32, sound_final: 32, sound_fresh: 60}
PLANS = [plan for module in FEWEST for plan in module.PLANS]
CASES = [pytest.param(p, id=f"{m.__name__}: {p.name}") for m in FEWEST for p in m.PLANS]


def root(origin):
    """The paper's number, or the repository."""
    paper = re.search(r"arXiv:([\d.]+\d)", origin)
    return paper[1] if paper else re.split(r"[ #]", origin)[0].lower()


def rates(scheduler):
    return [float(group["lr"]) for group in scheduler.optimizer.param_groups]


@pytest.mark.parametrize("plan", CASES)
def test_it_builds_anew_and_runs_to_its_end(plan):
    assert plan.codes == ()
    scheduler, again = plan.build(), plan.build()
    if isinstance(scheduler, Schedule):
        assert all(math.isfinite(f) and f >= 0 for f in scheduler.values(plan.steps))
        return
    assert scheduler.optimizer is not again.optimizer
    assert rates(scheduler) == rates(again)
    walk(scheduler, plan.steps - 1)  # each update has its rate; the last step leads nowhere
    assert all(math.isfinite(rate) and rate >= 0 for rate in rates(scheduler))


def test_names_are_unique():
    assert [name for name, n in Counter(plan.name for plan in PLANS).items() if n > 1] == []


def test_no_origin_has_more_than_three():
    origins = Counter(root(plan.origin) for plan in PLANS)
    assert [origin for origin, n in origins.items() if n > 3] == []


def test_an_origin_is_in_one_part_only():
    parts = [{root(plan.origin) for plan in module.PLANS} for module in FEWEST]
    assert len(set.union(*parts)) == sum(map(len, parts))


@pytest.mark.parametrize("module", FEWEST, ids=lambda module: module.__name__)
def test_there_are_enough(module):
    assert len(module.PLANS) >= FEWEST[module]


@pytest.mark.parametrize("plan", faulty_fresh.PLANS, ids=lambda plan: plan.name)
def test_a_fresh_faulty_plan_builds_anew(plan):
    assert plan.codes
    scheduler, again = plan.build(), plan.build()
    assert scheduler.optimizer is not again.optimizer
    assert rates(scheduler) == rates(again)
