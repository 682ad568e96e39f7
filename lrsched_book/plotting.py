"""Every figure of the book. Each function draws, and returns the axes for a caller to add to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from lrsched_book.progress import someone_is_watching
from lrsched_book.schedules import Schedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lrsched_book.history import History
    from lrsched_book.rate_finder import RangeTest

# Okabe and Ito's colours, told apart by colour-blind readers too; ordered dark and light in turn,
# and paired with a line style each, so that they also survive grey print.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000")
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 1)))


# A change between two steps is drawn as a jump if it is this many times the changes beside it.
JUMP = 5


def use_style() -> None:
    """Set matplotlib's defaults for the book: size, grid, and line styles that print in grey.

    In a notebook it also makes every figure carry its titles as alternative text, in the metadata
    of the cell's output.

    >>> import matplotlib.pyplot as plt
    >>> with plt.rc_context():  # here only: what follows is drawn as before
    ...     use_style()
    ...     plt.rcParams["axes.titlelocation"]
    'left'
    """
    import matplotlib.pyplot as plt
    from cycler import cycler

    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 100,
            "savefig.dpi": 100,
            "figure.constrained_layout.use": True,
            "axes.grid": True,
            "grid.alpha": 0.3,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "legend.framealpha": 0.85,
            "legend.edgecolor": "none",
            "lines.linewidth": 1.8,
            "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=STYLES),
        }
    )
    _describe_figures()


def alt_text(figure: Figure) -> str:
    """Return the titles of a figure and of its parts, for those who cannot see it.

    >>> import matplotlib.pyplot as plt
    >>> alt_text(plot_lines({"a": [1, 2]}, title="It rises", xlabel="x", ylabel="y").figure)
    'It rises'
    >>> plt.close()
    """
    parts = [ax.get_title(loc) for ax in figure.axes for loc in ("left", "center", "right")]
    titles = [figure.get_suptitle(), "; ".join(part for part in parts if part)]
    return " ".join(": ".join(title for title in titles if title).split())


def _describe_figures() -> None:
    """Make Jupyter send the alternative text of a figure along with its picture."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    from matplotlib.figure import Figure

    # Not where the picture is drawn: who chooses another format for figures replaces that.
    shell.display_formatter.mimebundle_formatter.for_type(Figure, _only_alt_text)


def _only_alt_text(figure: Figure) -> tuple[dict, dict]:
    """Return no picture, which Jupyter draws itself, but metadata that go with it."""
    return {}, {"alt": alt_text(figure)}


def plot_lines(
    lines: Mapping[str, Sequence[float] | tuple[Sequence[float], Sequence[float]]],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    ax: Axes | None = None,
    **line_style,
) -> Axes:
    """Draw curves under their names, and a legend if there are several.

    Args:
        lines: by name, either the values at 0, 1, 2, … or a pair of x and y values.
        title: what the reader should see in the figure.
        xlabel: the quantity along x, with its unit.
        ylabel: the quantity along y, with its unit.
        ax: where to draw; a new figure if left out.
        line_style: passed on to `Axes.plot`.

    >>> import matplotlib.pyplot as plt
    >>> squares = {"as values": [0, 1, 4], "as x and y": ([0, 2], [0, 4])}
    >>> ax = plot_lines(squares, title="It bends", xlabel="x", ylabel="x squared")
    >>> len(ax.lines), ax.get_legend() is not None
    (2, True)
    >>> plt.close()
    """
    ax = ax or new_axes()
    for name, line in lines.items():
        x, y = line if isinstance(line, tuple) else (np.arange(len(line)), line)
        ax.plot(x, y, label=name, **line_style)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if len(lines) > 1:
        ax.legend()
    return ax


def plot_schedules(
    schedules: Mapping[str, Schedule],
    steps: int,
    *,
    title: str,
    peak: float = 1.0,
    unit: str = "update",
    ax: Axes | None = None,
) -> Axes:
    """Draw the rates of schedules over `steps` steps, at the given peak rate.

    Where a schedule jumps, the line is vertical at the first step that uses the new rate.

    Args:
        schedules: by the name that the legend shows.
        steps: number of steps to draw.
        title: what the reader should see in the figure.
        peak: the optimizer's learning rate; with 1, the curves are the factors themselves.
        unit: what a step is: an update or an epoch.
        ax: where to draw; a new figure if left out.

    >>> import matplotlib.pyplot as plt
    >>> from lrsched_book import cosine
    >>> ax = plot_schedules({"cosine": cosine(90)}, 90, title="Down by a cosine", peak=0.1)
    >>> ax.get_ylabel()
    'learning rate'
    >>> plt.close()
    """
    rates = {name: _stairs(peak * s.values(steps)) for name, s in schedules.items()}
    ylabel = "factor of the peak rate" if peak == 1.0 else "learning rate"
    ax = plot_lines(rates, title=title, xlabel=unit, ylabel=ylabel, ax=ax)
    ax.set_ylim(bottom=0)
    return ax


def _stairs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the x and y of a line through `values` that is vertical where they jump.

    A jump stands out from the changes beside it, so a ramp has none, however steep it is.

    >>> _stairs(np.array([2, 2, 1, 1]))
    (array([0, 1, 2, 2, 3]), array([2, 2, 2, 1, 1]))
    """
    changes = np.abs(np.diff(values))
    beside = np.pad(changes, 1)
    jumps = 1 + np.flatnonzero(changes > JUMP * np.maximum(beside[:-2], beside[2:]))
    return np.insert(np.arange(len(values)), jumps, jumps), np.insert(
        values, jumps, values[jumps - 1]
    )


def plot_runs(
    runs: Mapping[str, Sequence[History]],
    column: str = "validation_accuracy",
    *,
    title: str,
    ylabel: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a per-epoch column of several runs each: mean, band of ± one deviation, thin runs.

    Args:
        runs: by setting, the histories of its seeds, all of the same length.
        column: which column of `History`, e.g. `"validation_loss"`.
        title: what the reader should see in the figure.
        ylabel: the quantity along y; the column's name if left out.
        ax: where to draw; a new figure if left out.

    >>> import matplotlib.pyplot as plt
    >>> from lrsched_book import History
    >>> runs = [History(), History()]
    >>> for accuracy, run in zip((0.6, 0.8), runs):
    ...     run.add_epoch(train_loss=1, train_accuracy=0.5, validation_loss=1,
    ...                   validation_accuracy=accuracy)
    >>> ax = plot_runs({"two seeds": runs}, title="One epoch, two seeds")
    >>> ax.lines[0].get_ydata().tolist()
    [0.7]
    >>> plt.close()
    """
    ax = ax or new_axes()
    for name, histories in runs.items():
        values = np.array([getattr(history, column) for history in histories])
        epochs, color = draw_mean(ax, values, name)
        ax.plot(epochs, values.T, color=color, linestyle="-", linewidth=0.6, alpha=0.5)
    ax.set(title=title, xlabel="epoch", ylabel=ylabel or column.replace("_", " "))
    ax.legend()
    return ax


def plot_history(history: History) -> Figure:
    """Draw one run: its rate per update, its losses and its accuracies per epoch.

    >>> import matplotlib.pyplot as plt
    >>> from lrsched_book import History
    >>> history = History()
    >>> history.add_update(lr=0.1, loss=2.3)
    >>> [ax.get_title() for ax in plot_history(history).axes]
    ['Learning rate used', 'Loss', 'Accuracy']
    >>> plt.close()
    """
    import matplotlib.pyplot as plt

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.6, 2.8), layout="constrained")
    left.plot(history.lr, drawstyle="steps-post")  # each rate holds for one update, then jumps
    left.set(title="Learning rate used", xlabel="update", ylabel="learning rate")
    epochs = np.arange(1, history.epochs + 1)
    for ax, measure in ((middle, "loss"), (right, "accuracy")):
        for part in ("train", "validation"):
            ax.plot(epochs, getattr(history, f"{part}_{measure}"), marker=".", label=part)
        ax.set(title=measure.capitalize(), xlabel="epoch", ylabel=measure)
        ax.legend()
    return figure


class LivePlot:
    """Redraw the curves of a run in the notebook after every epoch: `fit(…, on_epoch=LivePlot())`.

    For one run. Nothing is drawn when nobody is watching.

    >>> from lrsched_book import fit, load_fashion_mnist, mlp
    >>> model, few = mlp(widths=(784, 10)), load_fashion_mnist().take(train=64, validation=10)
    >>> from torch.optim import SGD
    >>> fit(model, few, SGD(model.parameters(), lr=0.1), epochs=2, batch_size=32,
    ...     on_epoch=LivePlot())
    History(4 updates, 2 epochs)
    """

    def __init__(self):
        self.display = None

    def __call__(self, history: History) -> None:
        """Draw the history in the place of the last one."""
        if not someone_is_watching():
            return
        import matplotlib.pyplot as plt
        from IPython.display import display

        figure = plot_history(history)
        if self.display is None:
            self.display = display(figure, display_id=True)
        else:
            self.display.update(figure)
        plt.close(figure)  # or the notebook would show it once more when the cell ends


def plot_range_test(test: RangeTest, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw the losses of a range test over the rate, and mark the rates that it suggests.

    If it can suggest none, a remark stands in place of the marks.

    Args:
        test: what `range_test` returned.
        title: what the reader should see in the figure.
        ax: where to draw; a new figure if left out.

    >>> import matplotlib.pyplot as plt
    >>> from lrsched_book import RangeTest
    >>> rates = np.geomspace(1e-3, 1, 50)
    >>> test = RangeTest(lr=rates, loss=2 - rates, smoothed=2 - rates)
    >>> plot_range_test(test, title="It only falls").get_xscale()
    'log'
    >>> plt.close()
    """
    ax = ax or new_axes()
    ax.plot(test.lr, test.loss, "-", color="0.7", linewidth=1, label="loss of the batch")
    ax.plot(test.lr, test.smoothed, "-", color="black", label="smoothed")
    try:
        suggestions = test.suggestions
    except ValueError:
        suggestions = {}
        ax.text(0.5, 0.95, "no suggestion", transform=ax.transAxes, ha="center", va="top")
    for (name, rate), color, marker in zip(suggestions.items(), COLOURS, "^sD", strict=False):
        height = np.interp(np.log(rate), np.log(test.lr), test.smoothed)
        label = f"{name}: {rate:.2g}"
        ax.plot(rate, height, marker, color=color, markersize=8, zorder=3, label=label)
    # The explosion is cut off: beside it, the descent that matters would look flat.
    ax.set(xscale="log", ylim=(0.8 * test.loss.min(), 1.3 * test.smoothed[0]))
    ax.set(title=title, xlabel="learning rate of the update", ylabel="training loss")
    ax.legend(loc="lower left")
    return ax


def plot_paths(
    loss: Callable,
    paths: Mapping[str, np.ndarray],
    *,
    title: str,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    ax: Axes | None = None,
) -> Axes:
    """Draw the paths of optimizers over the contours of a loss of two parameters.

    Args:
        loss: maps points, a tensor of shape `(..., 2)`, to losses of shape `(...)`.
        paths: by name, the positions that `landscapes.descend` returned, shape `(steps + 1, 2)`.
        title: what the reader should see in the figure.
        xlim: range of the first parameter.
        ylim: range of the second parameter.
        ax: where to draw; a new figure if left out.

    >>> import matplotlib.pyplot as plt
    >>> from lrsched_book.landscapes import quadratic
    >>> straight = {"straight": np.linspace([4.0, 4.0], [0.0, 0.0], 5)}
    >>> sides = {"xlim": (-1, 5), "ylim": (-1, 5)}
    >>> ax = plot_paths(quadratic(1.0, 0.1), straight, title="Down to the middle", **sides)
    >>> ax.lines[0].get_xdata().tolist()
    [4.0, 3.0, 2.0, 1.0, 0.0]
    >>> plt.close()
    """
    import torch

    ax = ax or new_axes()
    x, y = np.meshgrid(np.linspace(*xlim, 200), np.linspace(*ylim, 200))
    grid = torch.tensor(np.stack([x, y], axis=-1), dtype=torch.float32)
    height = loss(grid).numpy()
    # Levels in geometric steps: near the minimum as many lines as far from it.
    levels = np.geomspace(height.max() / 1000, height.max(), 12)
    ax.contour(x, y, height, levels=levels, colors="0.75", linewidths=0.8)
    for (name, path), marker in zip(paths.items(), cycle("osv^Dx+"), strict=False):
        ax.plot(*path.T, marker=marker, markersize=3.5, linewidth=1.2, label=name)
    ax.set(title=title, xlabel="first parameter", ylabel="second parameter", xlim=xlim, ylim=ylim)
    ax.grid(False)
    ax.legend()
    return ax


def new_axes() -> Axes:
    """Return the axes of a new figure."""
    import matplotlib.pyplot as plt

    return plt.subplots()[1]


def draw_mean(ax: Axes, values: np.ndarray, name: str) -> tuple[np.ndarray, str]:
    """Draw the mean over runs, `values` has a row for each, and a band of ± one deviation."""
    epochs = np.arange(1, values.shape[1] + 1)
    mean = values.mean(axis=0)
    deviation = values.std(axis=0, ddof=1) if len(values) > 1 else np.zeros_like(mean)
    (line,) = ax.plot(epochs, mean, label=name)
    area = epochs, mean - deviation, mean + deviation
    ax.fill_between(*area, color=line.get_color(), alpha=0.2, lw=0)
    return epochs, line.get_color()
