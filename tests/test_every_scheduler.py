"""Every scheduler class of the installed torch has its place in the book, and the atlas is true."""

import inspect
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from helpers import stepped
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import ChainedScheduler, ExponentialLR, LambdaLR, SequentialLR

import lrsched_book
from lrsched_book import Schedule
from lrsched_book.atlas import ATLAS, STEPS, chapter_of
from lrsched_book.scheduler import stand_in

SOURCES = Path(__file__).resolve().parents[1] / "notebooks" / "src"
CLASSES = sorted(
    name
    for name, value in vars(lr_scheduler).items()
    if inspect.isclass(value)
    and issubclass(value, lr_scheduler.LRScheduler)
    and value is not lr_scheduler.LRScheduler
    and not name.startswith("_")
)


def test_every_class_of_torch_has_an_entry_and_every_entry_a_class():
    named = {entry.torch for entry in ATLAS} - {""}
    assert set(CLASSES) == named, "torch has changed its classes: the book must follow"


def test_every_schedule_of_the_package_has_an_entry():
    functions = {
        name
        for name, value in vars(lrsched_book).items()
        if inspect.isfunction(value) and value.__annotations__.get("return") is Schedule
    }
    assert len(functions) >= 16
    made = {word for entry in ATLAS for word in re.findall(r"\w+(?=\()", entry.ours)}
    assert functions <= made


@pytest.mark.parametrize("name", CLASSES)
def test_the_chapter_of_a_class_exists_and_shows_it_running(name):
    source = SOURCES / f"{chapter_of(name)}.md"
    cells = re.findall(
        r"```\{code-cell\}.*?```", source.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    # A call, or the class handed to what calls it; not its import.
    code = re.sub(r"^from .* import (\([^)]*\)|.*)", "", "\n".join(cells), flags=re.MULTILINE)
    assert re.search(rf"\b{name}[(,]", code), f"{source.name} does not call {name}"


@pytest.mark.parametrize("entry", ATLAS, ids=lambda entry: entry.name)
def test_an_entry_equals_its_class_at_every_step_or_says_where_it_differs(entry):
    if entry.build is not None:
        assert type(entry.build(stand_in(1.0))).__name__ == entry.torch
    if entry.example is None:
        assert entry.torch == "ReduceLROnPlateau", "every other schedule is a function of the step"
        return
    assert isinstance(entry.example, Schedule)
    if entry.build is None:
        return
    ours, torchs = entry.example.values(STEPS), stepped(entry.build(stand_in(1.0)), STEPS)
    equal = np.allclose(ours, torchs, rtol=1e-9, atol=1e-13)
    assert equal == (entry.differs == "")


TRAPS = [(entry, trap) for entry in ATLAS for trap in entry.traps]
WITH_CLASS = [entry for entry in ATLAS if entry.build is not None]


@pytest.mark.parametrize(
    ("entry", "trap"), TRAPS, ids=lambda it: getattr(it, "name", None) or it.story
)
def test_a_trap_is_there_and_diagnose_calls_it_by_its_code(entry, trap):
    there, names = trap.show()
    assert there
    assert entry.torch + "(" in trap.lines or entry.torch in ("ChainedScheduler",)
    assert trap.remedy
    assert ("steps" in names) == bool(trap.code), "what diagnose cannot see leaves it no plan"
    if trap.code:
        assert trap.code in lrsched_book.diagnose(names["scheduler"], names["steps"]).codes


def relative(optimizer):
    return ExponentialLR(optimizer, 0.999)


def absolute(optimizer):
    return LambdaLR(optimizer, lambda t: 0.999**t)


def in_sequence(optimizer, part, milestone=50):
    parts = [part(optimizer), part(optimizer)]
    return SequentialLR(optimizer, parts, milestones=[milestone])


def chained(optimizer, part):
    return ChainedScheduler([part(optimizer), ExponentialLR(optimizer, 0.9999)], optimizer)


@pytest.mark.parametrize("entry", WITH_CLASS, ids=lambda entry: entry.name)
def test_a_relative_class_keeps_a_rate_that_was_changed_by_hand(entry):
    optimizer = stand_in(1.0)
    scheduler, plan = entry.build(optimizer), entry.build(stand_in(1.0))
    if entry.torch == "ReduceLROnPlateau":
        optimizer.param_groups[0]["lr"] = 0.5
        scheduler.step(1.0)
        assert (optimizer.param_groups[0]["lr"] == 0.5) == entry.relative
        return
    at = 60  # within the part of each that follows the first handover
    for _ in range(at):
        scheduler.step()
    planned = stepped(plan, at + 2)
    optimizer.param_groups[0]["lr"] *= 0.5
    scheduler.step()
    ratio = optimizer.param_groups[0]["lr"] / planned[at + 1]
    # The examples of those whose parts decide have relative parts.
    assert np.isclose(ratio, 1.0 if entry.relative is False else 0.5, atol=0.02)


@pytest.mark.parametrize("compose", [in_sequence, chained])
@pytest.mark.parametrize(("part", "kept"), [(relative, True), (absolute, False)])
def test_in_a_composition_the_parts_decide_what_becomes_of_a_rate_changed_by_hand(
    compose, part, kept
):
    optimizer = stand_in(1.0)
    scheduler = compose(optimizer, part)
    scheduler.step()
    before = optimizer.param_groups[0]["lr"]
    optimizer.param_groups[0]["lr"] *= 0.5
    scheduler.step()
    assert np.isclose(optimizer.param_groups[0]["lr"] / before, 0.5 if kept else 1.0, atol=0.02)


def test_a_milestone_sets_a_rate_changed_by_hand_anew():
    optimizer = stand_in(1.0)
    scheduler = in_sequence(optimizer, relative, milestone=3)
    optimizer.param_groups[0]["lr"] *= 0.5
    for _ in range(2):
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] < 0.51
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] == 1.0


@pytest.mark.parametrize("entry", WITH_CLASS, ids=lambda entry: entry.name)
def test_only_two_classes_move_the_momentum(entry):
    moves = {"CyclicLR", "OneCycleLR"}
    assert entry.momentum == (entry.torch in moves)
    assert ("cycle_momentum" in inspect.signature(vars(lr_scheduler)[entry.torch]).parameters) == (
        entry.momentum
    )


# What a class does when it is stepped as often again as its example planned.
PAST_END = {
    "Holds": lambda rates: np.allclose(rates[STEPS:], rates[STEPS]),
    "Goes on falling": lambda rates: rates[-1] < 0.9 * rates[STEPS],
    "Goes on multiplying": lambda rates: rates[-1] < 0.9 * rates[STEPS],
    "Climbs back": lambda rates: rates[-1] > 10 * rates[STEPS],
    "Goes on cycling": lambda rates: np.ptp(np.sign(np.diff(rates[STEPS - 5 :]))) == 2,
}


@pytest.mark.parametrize("entry", WITH_CLASS, ids=lambda entry: entry.name)
def test_past_its_end_a_class_does_what_its_entry_says(entry):
    assert entry.stepped
    scheduler = entry.build(stand_in(1.0))
    if entry.torch == "OneCycleLR":
        assert entry.past_end == "Raises an error."
        with pytest.raises(ValueError, match="total steps"):
            stepped(scheduler, STEPS + 2)
        return
    checks = [check for words, check in PAST_END.items() if entry.past_end.startswith(words)]
    parts = {"LambdaLR", "SequentialLR", "ChainedScheduler", "ReduceLROnPlateau"}
    assert bool(checks) != (entry.torch in parts), "what follows from its parts needs no check"
    for check in checks:
        assert check(stepped(scheduler, 2 * STEPS))


def test_the_other_names_are_of_libraries_that_are_known():
    libraries = {"transformers", "timm", "optax", "keras", "ignite"}
    assert {library for entry in ATLAS for library in entry.elsewhere} == libraries
    assert all(name for entry in ATLAS for name in entry.elsewhere.values())


def test_the_names_that_are_asked_for_lead_to_one_entry_each():
    names = Counter(name for entry in ATLAS for name in (entry.name, *entry.also))
    assert names.most_common(1)[0][1] == 1
    asked = {"WSD", "1-sqrt", "REX", "linear to zero", "budgeted", "rsqrt with cooldown"}
    assert asked <= set(names)


def test_a_name_that_the_atlas_lacks_is_an_error():
    with pytest.raises(KeyError, match="cosines"):
        chapter_of("cosines")
