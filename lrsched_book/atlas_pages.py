"""What the page of the atlas shows of an entry: picture, formula, signature, other names, traps."""

import inspect
import re
import textwrap

import numpy as np
from torch.optim import lr_scheduler as torchs

from lrsched_book import plotting, schedules
from lrsched_book._checks import one_of
from lrsched_book.atlas import ATLAS, STEPS, Entry, Trap
from lrsched_book.scheduler import stand_in, trace

LIBRARIES = {
    "transformers": "Transformers",
    "timm": "timm",
    "optax": "Optax",
    "keras": "Keras",
    "ignite": "Ignite",
}
SEEN = STEPS + STEPS // 2  # the pictures go on past the end of the plan
NAMES = "a b c d f h i k m n p q r t u v w tau gamma"  # the quantities that a formula may name
FUNCTIONS = "g x y"
# By `Entry.relative`.
CHANGED_BY_HAND = {
    True: "stays changed: the class multiplies the rate that it finds (relative).",
    False: "is overwritten at the next step: the class computes each rate anew (absolute).",
    None: "stays or not, as with its parts; a milestone of `SequentialLR` sets it anew.",
}


def headings() -> dict[str, Entry]:
    """Return each entry by the heading of its section: the class of torch, else our function.

    The second entry of a class or function takes the next of its names.

    >>> list(headings())[:3], headings()["linear_warmup"].torch
    (['constant', 'ConstantLR', 'StepLR'], 'LinearLR')
    """
    sections = {}
    for entry in ATLAS:
        names = (entry.torch, entry.ours.partition("(")[0], entry.name)
        sections[next(name for name in names if name and name not in sections)] = entry
    return sections


def expression(formula: str):
    """Return a formula of the atlas as a SymPy expression, as it is written.

    The page shows it, and the tests evaluate it.

    >>> expression("(1 + cos(pi * p)) / 2")
    (cos(pi*p) + 1)/2
    """
    import sympy

    names = {name: sympy.Symbol(name) for name in NAMES.split()}
    names |= {name: sympy.Function(name) for name in FUNCTIONS.split()}
    return sympy.parse_expr(formula, local_dict=names, evaluate=False)


def latex(formula: str) -> str:
    r"""Return a formula of the atlas in LaTeX.

    >>> latex("gamma**floor(t / h)")
    '\\gamma^{\\left\\lfloor{\\frac{t}{h}}\\right\\rfloor}'
    """
    import sympy

    return sympy.latex(expression(formula), order="none")


def signature(function) -> str:
    """Return how a class or function is called, with its defaults and without the types.

    >>> signature(torchs.StepLR)
    'StepLR(optimizer, step_size, gamma=0.1, last_epoch=-1)'
    """
    whole = inspect.signature(function)
    bare = [p.replace(annotation=p.empty) for p in whole.parameters.values()]
    arguments = whole.replace(parameters=bare, return_annotation=whole.empty)
    return f"{function.__name__}{arguments}"


def rates(entry: Entry) -> tuple[np.ndarray, np.ndarray]:
    """Return the rates of the example, and those of torch's class stepped past its end.

    >>> ours, torchs = rates(headings()["OneCycleLR"])
    >>> len(ours), len(torchs)  # it raises an error at the step after the last
    (100, 100)
    """
    # A metric that falls to 0 in 30 updates and stays there, for the one class that wants it.
    metrics = None if entry.example else np.maximum(1 - np.arange(SEEN) / 30, 0).tolist()
    theirs = np.empty(0)
    if entry.build is not None:
        known = STEPS if entry.past_end.startswith("Raises") else SEEN
        theirs = trace(entry.build(stand_in(1.0)), known, metrics=metrics)
    return (entry.example.values(STEPS) if entry.example else theirs[:STEPS]), theirs


def draw(entry: Entry, ax) -> None:
    """Draw an entry's example; dashed, what torch's class does when it is stepped on."""
    ours, theirs = rates(entry)
    ax.plot(ours, color=plotting.COLOURS[0], linestyle="-", drawstyle="steps-post")
    past = np.arange(STEPS - 1, len(theirs))
    ax.plot(past, theirs[past], color=plotting.COLOURS[1], linestyle="--", drawstyle="steps-post")
    ax.axvline(STEPS - 1, color="0.8", linewidth=0.8, linestyle="-", zorder=0)
    ax.set(xlim=(-3, SEEN), ylim=(-0.05, 1.1), xticks=(0, 50, 100, 150), yticks=(0, 0.5, 1))
    ax.set_title(entry.name, fontsize="small")
    if not entry.example:
        ax.text(70, 0.6, "metric still\nfrom 30", fontsize="small")


def overview() -> None:
    """Show the pictures of all entries together."""
    import matplotlib.pyplot as plt

    columns = 4
    rows = -(-len(ATLAS) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(9.6, 8.2), sharex=True, sharey=True)
    for ax, entry in zip(axes.flat, ATLAS, strict=False):
        draw(entry, ax)
    for ax in axes.flat[len(ATLAS) :]:
        ax.set_axis_off()
    axes[-2, -1].tick_params(labelbottom=True)
    figure.supxlabel("update", fontsize="medium")
    figure.supylabel("factor of the peak rate", fontsize="medium")
    figure.suptitle(f"Every schedule of the book, over {STEPS} updates", weight="bold", fontsize=11)
    plt.show()


def show(heading: str) -> None:
    """Show the section of the atlas with this heading: the picture, and what `text` says.

    Raises:
        ValueError: if there is no such section.
    """
    import matplotlib.pyplot as plt
    from IPython.display import Markdown, display

    entry = headings()[one_of("heading", heading, tuple(headings()))]
    _, ax = plt.subplots(figsize=(4.4, 1.9))
    draw(entry, ax)
    ax.set_xlabel("update", fontsize="small")
    ax.set_ylabel("factor", fontsize="small")
    plt.show()
    display(Markdown(text(entry)))


def text(entry: Entry) -> str:
    """Return what the page says about an entry, in Markdown.

    >>> print(text(headings()["rex"])[:19])
    A high rate for lon
    """
    number, _, _ = entry.chapter.partition("_")
    also = f" Also called {', '.join(entry.also)}." if entry.also else ""
    parts = [
        f"{entry.purpose}{also} Explained in [chapter {number}]({entry.chapter}.ipynb).",
        f"$$\ns(t) = {latex(entry.formula)}\n$$",
        "\n".join(["```python", *calls(entry), "```"]),
        "\n".join(f"- **{name}:** {value}" for name, value in facts(entry).items()),
        *map(told, entry.traps),
    ]
    return "\n\n".join(parts)


def calls(entry: Entry) -> list[str]:
    """Return the lines of code: both signatures, and the schedule of the picture.

    >>> calls(headings()["StepLR"])[-1]
    'step(every=30, gamma=0.4, floor=0.0)'
    """
    of = {}
    if entry.torch:
        of["PyTorch"] = signature(getattr(torchs, entry.torch))
    ours = re.fullmatch(r"(\w+)\([^()]*\)", entry.ours)
    known = ours and ours[1] in schedules.__all__ and ours[1] != "Schedule"
    of["this book"] = signature(getattr(schedules, ours[1])) if known else entry.ours
    if entry.example and "<" not in repr(entry.example):  # a function of one's own has no line
        of["the picture"] = repr(entry.example)
    wrapped = textwrap.TextWrapper(76, subsequent_indent="    ", break_on_hyphens=False)
    return [line for name, call in of.items() for line in (f"# {name}", wrapped.fill(call))]


def facts(entry: Entry) -> dict[str, str]:
    """Return what a reader looks up, by name.

    >>> facts(headings()["CosineAnnealingLR"])["Past the end"]
    'Climbs back to the peak, for as long as it fell. Ours keeps its final factor.'
    """
    found = {"Arguments": f"{entry.arguments} {entry.differs}".rstrip()}
    if entry.torch:
        found["Stepped"] = f"{entry.stepped}."
        stays = entry.past_end.startswith(("Climbs", "Raises"))
        found["Past the end"] = entry.past_end + " Ours keeps its final factor." * stays
        found["A rate changed by hand"] = CHANGED_BY_HAND[entry.relative]
        found["Momentum"] = (
            "moved too, unless `cycle_momentum=False`." if entry.momentum else "left alone."
        )
    found["In other libraries"] = (
        "; ".join(f"{LIBRARIES[of]} {names(value)}" for of, value in entry.elsewhere.items())
        or "no name of its own"
    ) + "."
    return found


def names(value: str) -> str:
    """Set the names of a library in code, one by one; what is said in words stays as it is.

    >>> names("CosineDecay, ExponentialDecay"), names("a subclass of `LambdaLR`")
    ('`CosineDecay`, `ExponentialDecay`', 'a subclass of `LambdaLR`')
    """
    if "`" in value or value.startswith(("a ", "any ")):
        return value
    return ", ".join(f"`{name}`" for name in value.split(", "))


def told(trap: Trap) -> str:
    """Return a trap in Markdown: its story, the lines that show it, and what to do instead."""
    code = f" `diagnose` calls it `{trap.code}`." if trap.code else ""
    ends = f"raises {trap.raises}" if trap.raises else "True"
    return (
        f"**Trap.** {trap.story}\n\n```python\n{trap.lines}  # {ends}\n```\n\n"
        f"*Remedy:* {trap.remedy}{code}"
    )
