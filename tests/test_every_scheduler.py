"""Every scheduler class of the installed torch has its place in the book, and the atlas is true."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from helpers import stepped, weightless
from torch.optim import lr_scheduler

import lrsched_book
from lrsched_book import Schedule
from lrsched_book.atlas import ATLAS, STEPS, chapter_of

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
    calls = [cell for cell in cells if re.search(rf"\b{name}\(", cell)]
    assert calls, f"{source.name} does not call {name}"


@pytest.mark.parametrize("entry", ATLAS, ids=lambda entry: entry.name)
def test_an_entry_equals_its_class_at_every_step_or_says_where_it_differs(entry):
    if entry.build is not None:
        assert type(entry.build(weightless(1.0))).__name__ == entry.torch
    if entry.example is None:
        assert entry.torch == "ReduceLROnPlateau", "every other schedule is a function of the step"
        return
    assert isinstance(entry.example, Schedule)
    if entry.build is None:
        return
    ours, torchs = entry.example.values(STEPS), stepped(entry.build(weightless(1.0)), STEPS)
    equal = np.allclose(ours, torchs, rtol=1e-9, atol=1e-13)
    assert equal == (entry.differs == "")


def test_a_name_that_the_atlas_lacks_is_an_error():
    with pytest.raises(KeyError, match="cosines"):
        chapter_of("cosines")
