"""The page of the atlas: its formulas are true, its lines run, and its anchors stay."""

import inspect
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import sympy
from docutils.nodes import make_id
from matplotlib import pyplot as plt
from torch.optim import lr_scheduler as torchs

import lrsched_book as lb
from lrsched_book.atlas import ATLAS
from lrsched_book.atlas_pages import draw, expression, headings, rates, signature, text

SOURCES = Path(__file__).resolve().parents[1] / "notebooks" / "src"
PAGE = (SOURCES / "A_atlas.md").read_text(encoding="utf-8")
SECTIONS = headings()
n = 60  # the steps at which a formula is evaluated


def progress(t):
    return min(t / (n - 1), 1)


def since(t, *starts):
    """The number of the cycle that update t is in, and its updates before t."""
    cycle = sum(start <= t for start in starts) - 1
    return {"i": cycle, "k": t - starts[cycle]}


def plateau(cuts):
    """The rates of a plateau's class that cuts at the steps told, as the factors of a schedule."""
    scheduler = torchs.ReduceLROnPlateau(lb.stand_in(1.0), factor=0.5, patience=0)
    metrics = np.where(np.isin(np.arange(1, n + 1), cuts), 9.0, -np.arange(n) - 1.0)
    return lambda t: lb.trace(scheduler, n, metrics=metrics.tolist())[t]


g = {"g": lambda i: 1 - 0.01 * i}
CURVE, LINE = lb.cosine(40, final=0.2), lb.linear(50, final=0.1)
# By section: a schedule none of whose arguments is left at its default, the quantities of its
# formula, and those that change with the step.
CASES = {
    "constant": (lb.constant(), {}, None),
    "ConstantLR": (lb.constant(0.3).then(lb.constant(), at=7), {"c": 0.3, "w": 7}, None),
    "StepLR": (lb.step(8, 0.7), {"gamma": 0.7, "h": 8}, None),
    "MultiStepLR": (
        lb.multistep([10, 33, 40], 0.6),
        {"gamma": 0.6},
        lambda t: {"m": sum(at <= t for at in (10, 33, 40))},
    ),
    "ExponentialLR": (lb.exponential(0.9, floor=0.05), {"gamma": 0.9, "f": 0.05}, None),
    "MultiplicativeLR": (
        lb.Schedule(lambda t: np.cumprod([1, *map(g["g"], range(1, n))])[np.int_(t)]),
        g,
        None,
    ),
    "PolynomialLR": (
        lb.polynomial(n, power=2.5, final=0.1, initial=0.8),
        {"q": 2.5, "f": 0.1, "a": 0.8},
        None,
    ),
    "LinearLR": (lb.linear(n, final=0.1, initial=0.8), {"f": 0.1, "a": 0.8}, None),
    "linear_warmup": (lb.linear_warmup(9), {"w": 9}, None),
    "inverse_sqrt": (lb.inverse_sqrt(5), {"tau": 5}, None),
    "inverse square root, cooled": (
        lb.inverse_sqrt(5) * lb.constant().then(lb.linear(20), at=40),
        {"tau": 5, "n": n, "m": 40},
        None,
    ),
    "inverse_time": (lb.inverse_time(6), {"tau": 6}, None),
    "CosineAnnealingLR": (lb.cosine(n, final=0.1, initial=0.8), {"f": 0.1, "a": 0.8}, None),
    "one_minus_sqrt": (lb.one_minus_sqrt(n, final=0.1, initial=0.8), {"f": 0.1, "a": 0.8}, None),
    "rex": (lb.rex(n, final=0.1, initial=0.8), {"f": 0.1, "a": 0.8}, None),
    "wsd": (lb.wsd(8, 12, CURVE), {"w": 8, "c": 12, "y": CURVE}, None),
    "CosineAnnealingWarmRestarts": (
        lb.cosine_restarts(10, growth=2, final=0.1, decay=0.7),
        {"f": 0.1, "d": 0.7},
        lambda t: (at := since(t, 0, 10, 30)) | {"h": 10 * 2 ** at["i"]},
    ),
    "ReduceLROnPlateau": (
        plateau([9, 30]),
        {"gamma": 0.5},
        lambda t: {"m": sum(at <= t for at in (9, 30))},
    ),
    "LambdaLR": (lb.Schedule(lambda t: 1 / (1 + t)), {"g": lambda t: 1 / (1 + t)}, None),
    "SequentialLR": (LINE.then(CURVE, at=13), {"x": LINE, "y": CURVE, "w": 13}, None),
    "ChainedScheduler": (LINE * CURVE, {"x": LINE, "y": CURVE}, None),
    "CyclicLR": (
        lb.triangular(up=6, down=14, low=0.2, decay=0.7),
        {"b": 0.2, "d": 0.7, "u": 6, "v": 14},
        lambda t: since(t, 0, 20, 40),
    ),
    "OneCycleLR": (
        lb.one_cycle(n, rise=0.25, initial=0.2, final=0.03),
        {"n": n, "w": 15, "a": 0.2, "f": 0.03},
        None,
    ),
}


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_formula_that_is_shown_gives_the_schedule_at_every_step(heading):
    schedule, quantities, at = CASES[heading]
    formula = expression(SECTIONS[heading].formula)
    functions = {name: value for name, value in quantities.items() if callable(value)}
    fixed = {name: value for name, value in quantities.items() if name not in functions}
    for t in range(n):
        known = {"t": t, "p": progress(t), **fixed, **(at(t) if at else {})}
        shown = formula.subs({sympy.Symbol(name): value for name, value in known.items()}).doit()
        for name, function in functions.items():
            shown = shown.replace(
                sympy.Function(name), lambda i, f=function: sympy.sympify(f(float(i)))
            )
        assert np.isclose(float(shown), schedule(t), rtol=1e-12, atol=1e-12), f"step {t}"


def test_every_section_has_its_heading_and_its_cell():
    parts = re.split(r"^## (.*)$", PAGE, flags=re.MULTILINE)
    shown = {
        heading: re.findall(r'^show\("(.*)"\)$', part, flags=re.MULTILINE)
        for heading, part in zip(parts[1::2], parts[2::2], strict=True)
    }
    assert {h: cells for h, cells in shown.items() if cells} == {h: [h] for h in SECTIONS}
    anchors = Counter(make_id(heading) for heading in shown)
    assert anchors.most_common(1)[0][1] == 1, "two headings with one anchor"


def test_every_class_of_torch_has_the_anchor_that_others_link_to():
    assert {entry.torch for entry in ATLAS} - {""} <= set(SECTIONS)
    assert make_id("CosineAnnealingLR") == "cosineannealinglr"


def test_links_to_the_atlas_lead_to_a_section():
    anchors = {make_id(heading) for heading in re.findall(r"^## (.*)$", PAGE, flags=re.MULTILINE)}
    linked = {
        link
        for path in SOURCES.rglob("*.md")
        for link in re.findall(r"A_atlas\.ipynb#([^)]*)\)", path.read_text(encoding="utf-8"))
    }
    linked |= set(re.findall(r"\]\(#([^)]*)\)", PAGE))
    assert linked
    assert linked <= anchors


def test_each_line_of_the_chooser_makes_a_scheduler_without_a_warning():
    chooser = PAGE.partition("## Which one?")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", chooser, flags=re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        names = {"lb": lb, "optimizer": lb.stand_in(0.1), "updates": 1000, "warmup": 50}
        exec(block, names)
        scheduler = names["scheduler"]
        if isinstance(scheduler, torchs.ReduceLROnPlateau):
            metrics = [None] * 999 + [1.0]
            assert lb.trace(scheduler, 1000, metrics=metrics)[-1] == 0.1
            continue
        serious = [f for f in lb.diagnose(scheduler, 1000).findings if f.severity != "note"]
        assert not serious, block


@pytest.mark.parametrize("entry", ATLAS, ids=lambda entry: entry.name)
class TestSection:
    def test_says_all_that_is_looked_up(self, entry):
        shown = text(entry)
        assert f"]({entry.chapter}.ipynb)" in shown
        assert "In other libraries" in shown
        for value in entry.elsewhere.values():
            assert value.split(", ")[0] in shown
        for trap in entry.traps:
            assert trap.story in shown
            assert f"\n{trap.lines}  # " in shown
            assert trap.remedy in shown
            assert f"`{trap.code}`" in shown or not trap.code
        if entry.torch:
            assert signature(getattr(torchs, entry.torch)) in re.sub(r"\n    ", " ", shown)
            for fact in ("Stepped", "Past the end", "A rate changed by hand", "Momentum"):
                assert f"- **{fact}:** " in shown

    def test_a_trap_is_told_in_few_lines(self, entry):
        assert all(len(trap.lines.splitlines()) <= 6 for trap in entry.traps)

    def test_has_a_picture_on_the_axes_of_the_others(self, entry):
        figure, ax = plt.subplots()
        draw(entry, ax)
        assert ax.get_ylim() == (-0.05, 1.1)
        assert ax.get_title(loc="left") or ax.get_title()
        assert rates(entry)[0].max() <= 1
        plt.close(figure)


def test_a_signature_has_torchs_own_defaults():
    shown = signature(torchs.OneCycleLR)
    for name, parameter in inspect.signature(torchs.OneCycleLR).parameters.items():
        known = parameter.default is not parameter.empty
        assert (f"{name}={parameter.default!r}" if known else name) in shown


def test_a_section_that_is_not_there_is_an_error():
    from lrsched_book.atlas_pages import show

    with pytest.raises(ValueError, match="got 'cosines'"):
        show("cosines")
