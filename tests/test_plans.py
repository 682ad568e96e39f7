"""How many faults of published plans `diagnose` finds, and how often it cries wolf.

The plans are those of public recipes and bug reports. The rules were written with the `_dev` ones
in sight; `_held`, then `_final`, then `_fresh` were each looked at once before the rules were
mended by what they missed. What was found at a first look is what is to be expected of other
people's plans: CONTRIBUTING has it, since no test can hold it. The `_sampled` ones came last: the
answers of fixed searches, as they came.
"""

import importlib
from collections import Counter
from pathlib import Path

import pytest

from lrsched_book import diagnose

# At least so many of the faults are found by a right code, and at most so many of the sound plans
# get a warning or an error. A note alarms nobody.
DETECTED, FALSE_ALARMS = 0.95, 0.01
PLANS_PER_ORIGIN = 3
# What is missed among the last plans, not to grow. When a rule is mended by one of them, lower
# this, and gather new plans before you speak of a rate.
UNSEEN_MISSES = {"faulty_unseen": 11, "faulty_sampled": 4}
SETS = sorted(path.stem for path in (Path(__file__).parent / "plans").glob("*_*.py"))
SETS = [name for name in SETS if name.split("_")[0] in ("sound", "faulty")]


def plans(name):
    return importlib.import_module(f"plans.{name}").PLANS


def missed(plan):
    """Why what is said of a plan is wrong; empty if it is right."""
    found = diagnose(plan.build(), plan.steps, **plan.keywords)
    if plan.codes:
        right = set(plan.codes) & set(found.codes)
        return "" if right else f"{plan.name} ({plan.origin}): {plan.codes}, got {found.codes}"
    alarms = [finding for finding in found if finding.severity != "note"]
    return f"{plan.name} ({plan.origin}): {alarms}" if alarms else ""


@pytest.mark.parametrize("name", SETS)
def test_the_faults_are_found_and_the_sound_plans_raise_no_alarm(name):
    misses = [text for plan in plans(name) if (text := missed(plan))]
    print(f"{name}: {len(misses)} of {len(plans(name))} wrong", *misses, sep="\n")
    aim = 1 - DETECTED if name.startswith("faulty") else FALSE_ALARMS
    assert len(misses) <= UNSEEN_MISSES.get(name, aim * len(plans(name))), misses


def test_no_origin_has_more_than_three_plans():
    of_all = {"sound": Counter(), "faulty": Counter()}
    for name in SETS:
        of_all[name.split("_")[0]].update(plan.origin for plan in plans(name))
    many = [counts.most_common(1) for counts in of_all.values() if counts]
    assert all(most[0][1] <= PLANS_PER_ORIGIN for most in many), many


def test_every_plan_has_a_name_of_its_own_and_says_whether_it_is_sound():
    named = Counter()
    for name in SETS:
        for plan in plans(name):
            named[plan.name, plan.origin] += 1
            assert bool(plan.codes) == name.startswith("faulty"), plan.name
    assert max(named.values()) == 1, named.most_common(3)
