"""The picture of the cheat sheet: shapes under the lines that draw them, made from the package."""

from pathlib import Path

from explorer_data import save
from matplotlib.figure import Figure

import lrsched_book as lb

STEPS = 100
# Each line is evaluated, so that what is printed is what is drawn.
LINES = (
    "lb.constant()",
    "lb.multistep([50, 75])",
    "lb.step(25, gamma=0.5)",
    "lb.exponential(0.97)",
    "lb.linear(100)",
    "lb.cosine(100)",
    "lb.inverse_sqrt(10)",
    "lb.cosine(90).with_warmup(10)",
    "lb.wsd(10, 70, lb.linear(20))",
    "lb.one_cycle(100)",
    "lb.cosine_restarts(25)",
    "lb.wsd(0, 80, lb.linear(20))",
)


def figure():
    """Draw all shapes on the same axes."""
    drawn = Figure(figsize=(9.2, 3.9), layout="constrained")
    for axes, line in zip(drawn.subplots(3, 4, sharex=True, sharey=True).flat, LINES, strict=True):
        values = eval(line, {"lb": lb}).values(STEPS)
        axes.plot(values, color="black", drawstyle="steps-post")
        axes.set_title(line, fontsize=7, family="monospace")
        axes.set(xticks=[0, 50, 100], yticks=[0, 1], ylim=(-0.05, 1.1))
        axes.spines[["top", "right"]].set_visible(False)
    return drawn


def write(app):
    """Write the picture into the copy of `site` that Sphinx reads, whole or not at all."""
    static = Path(app.srcdir) / "_static"
    static.mkdir(exist_ok=True)
    save(figure(), static / "cheatsheet.svg")


def setup(app):
    app.connect("builder-inited", write)
    app.add_css_file("cheatsheet.css")
    return {"parallel_read_safe": True}
