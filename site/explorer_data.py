"""What the explorer's scripts know of the package: `make book` writes it beside them as a script.

A page that was opened from a disk may fetch nothing, so the data is a script of its own. Shapes,
remedies and thresholds stay in the package; the figures are what a reader without JavaScript sees.
"""

import importlib
import io
import json
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

import lrsched_book as lb
from lrsched_book._files import write_whole
from lrsched_book.atlas import ATLAS, CHAPTERS
from lrsched_book.diagnosis import RULES
from lrsched_book.diagnosis.run import chapter

# The atlas's functions that a horizon and a final value describe, or that need neither.
SHAPES = (
    "constant",
    "linear",
    "polynomial",
    "cosine",
    "one_minus_sqrt",
    "rex",
    "step",
    "exponential",
    "inverse_sqrt",
    "inverse_time",
)
# The one class of torch that goes on where ours stays down, and so needs an entry of its own.
CLIMBS = "CosineAnnealingLR"
MODULES = ("arguments", "cycles", "rates", "starts")  # those whose rules the explorer looks by

# The settings that explorer.md links to, as the figure draws them: title, schedule, updates, peak.
STORIES = (
    (
        "A horizon shorter than the run:\ntorch's cosine climbs again",
        lb.cosine(100, waves=99 / 120),
        100,
        0.1,
    ),
    (
        "A warmup that starts at zero:\nupdate 0 moves nothing",
        lb.linear(32, final=0.05).with_warmup(gaps=8),
        40,
        0.1,
    ),
    (
        "Warmup, stable, decay:\ncan be prolonged until update 80",
        lb.wsd(10, 70, lb.one_minus_sqrt(20)),
        100,
        0.1,
    ),
)


def package():
    """Return what the scripts need to know, as JSON would hold it."""
    return {
        "shapes": [_shape(name) for name in SHAPES] + [_climbing()],
        "rules": [
            {
                "look": rule.look.__name__,
                "code": rule.code,
                "severity": rule.severity,
                "remedy": rule.remedy,
                "chapter": CHAPTERS.get(rule.chapter, ""),
                "unless": sorted(rule.unless),
            }
            for rule in RULES
        ],
        "limits": {name: _numbers(name) for name in MODULES},
        "chapters": {
            name: chapter(name)
            for name in (*SHAPES, "linear_warmup", "then", "repeat", "a composition")
        },
    }


def _entry(name):
    return next(entry for entry in ATLAS if entry.ours.partition("(")[0] == name)


def _shape(name):
    entry = _entry(name)
    return {"name": name, "label": entry.name, "purpose": entry.purpose}


def _climbing():
    entry = next(entry for entry in ATLAS if entry.torch == CLIMBS)
    return {"name": CLIMBS, "label": f"{entry.name}, torch's {CLIMBS}", "purpose": entry.past_end}


def _numbers(module):
    names = vars(importlib.import_module(f"lrsched_book.diagnosis.{module}"))
    return {
        name: value
        for name, value in names.items()
        if name.isupper() and isinstance(value, (int, float))
    }


def script():
    return f"globalThis.LRSCHED_BOOK = {json.dumps(package(), indent=1, sort_keys=True)};\n"


def figures():
    """Draw the three stories: the curves that a reader without JavaScript sees."""
    for title, schedule, updates, peak in STORIES:
        drawn = Figure(figsize=(3.4, 2.6), layout="constrained")
        axes = drawn.subplots()
        axes.plot(peak * schedule.values(updates), drawstyle="steps-post")
        axes.set(xlabel="update", ylabel="learning rate", ylim=(-0.004, 0.108))
        axes.set_title(title, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        yield drawn


def write(app):
    """Write the script and the figures into the copy of `site` that Sphinx reads."""
    static = Path(app.srcdir) / "_static"
    static.mkdir(exist_ok=True)
    write_whole(static / "explorer_data.js", script().encode())
    for number, drawn in enumerate(figures(), start=1):
        save(drawn, static / f"explorer_story_{number}.svg")


def save(figure, path):
    """Write a figure as SVG: the same bytes at each build, with no date and no random names."""
    picture = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "lrsched_book"}):
        figure.savefig(picture, format="svg", metadata={"Date": None})
    write_whole(path, picture.getvalue())


def setup(app):
    app.connect("builder-inited", write)
    app.add_css_file("explorer.css")
    return {"parallel_read_safe": True}
