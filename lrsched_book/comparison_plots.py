"""The figures of a comparison: numbers and names go in, whoever has run it hands them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lrsched_book.plotting import draw_mean, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lrsched_book.claims import Gain


def plot_curves(
    curves: Mapping[str, Sequence[Sequence[float]]],
    *,
    title: str,
    ylabel: str = "validation loss",
    ax: Axes | None = None,
) -> Axes:
    """Draw a number per epoch of several runs each: mean, and a band of ± one deviation.

    Where a run is lost, a mean would speak of those that are left. Its setting is drawn run by
    run instead, with a point where each ends, and the legend counts.

    Args:
        curves: by setting, a sequence of values for each run; NaN at its end if it is lost.
        title: what the reader should see in the figure.
        ylabel: the quantity along y.
        ax: where to draw; a new figure if left out.
    """
    ax = ax or new_axes()
    for name, runs in curves.items():
        whole = [bool(np.isfinite(run).all()) for run in runs]
        if runs and all(whole):
            draw_mean(ax, np.array(runs), name)
            continue
        (line,) = ax.plot([], [], label=f"{name} ({sum(whole)} of {len(runs)} runs end)")
        for run in runs:
            left = np.asarray(run)[np.isfinite(run)]
            style = {"color": line.get_color(), "linewidth": 0.7}
            ax.plot(np.arange(1, len(left) + 1), left, **style)
            ax.plot([len(left)] * len(left[-1:]), left[-1:], "o", markersize=4, **style)
    ax.set(title=title, xlabel="epoch", ylabel=ylabel)
    ax.legend()
    return ax


def plot_grid(
    losses: Mapping[str, Mapping[float, Sequence[float]]],
    chosen: Mapping[str, float | None],
    *,
    title: str,
    ylabel: str = "validation loss",
    ax: Axes | None = None,
) -> Axes:
    """Draw the losses of schedules over the peak rate, and a star at each chosen peak.

    Mean ± one deviation of the runs at a peak. Where one is lost, those that are left are drawn
    as points, and a cross at the upper edge stands for each lost one.

    Args:
        losses: by schedule and peak, the loss of each run, NaN if it is lost.
        chosen: by schedule, the chosen peak; None marks nothing.
        title: what the reader should see in the figure.
        ylabel: the quantity along y.
        ax: where to draw; a new figure if left out.
    """
    ax = ax or new_axes()
    for name, grid in losses.items():
        runs = {peak: np.asarray(grid[peak], dtype=float) for peak in sorted(grid)}
        whole = {peak: values for peak, values in runs.items() if np.isfinite(values).all()}
        means = [values.mean() for values in whole.values()]
        spreads = [values.std(ddof=1) if len(values) > 1 else 0 for values in whole.values()]
        drawn = ax.errorbar(list(whole), means, spreads, label=name, marker="o", markersize=4)
        color = drawn.lines[0].get_color()
        for peak in runs.keys() - whole.keys():
            left = runs[peak][np.isfinite(runs[peak])]
            lost = len(runs[peak]) - len(left)
            ax.plot([peak] * len(left), left, "o", color=color, markersize=4, mfc="none")
            height = 0.98 - 0.03 * np.arange(lost)  # of the axes: a lost loss has no height
            ax.plot([peak] * lost, height, "x", color=color, transform=ax.get_xaxis_transform())
        if chosen.get(name) in whole:
            best = whole[chosen[name]].mean()
            ax.plot(chosen[name], best, "*", color=color, markersize=13, zorder=3)
    peaks = sorted({peak for grid in losses.values() for peak in grid})
    ax.set(title=title, xlabel="peak learning rate", ylabel=ylabel, xscale="log")
    ax.set_xticks(peaks, [f"{peak:.3g}" for peak in peaks])
    ax.minorticks_off()
    ax.legend()
    return ax


def plot_gains(gains: Sequence[Gain], *, title: str, ax: Axes | None = None) -> Axes:
    """Draw the gain of each pair of runs as a dot, and the interval of the mean above the dots.

    Args:
        gains: one row each, the first on top; all of one metric.
        title: what the reader should see in the figure.
        ax: where to draw; a new figure, as high as the rows need, if left out.
    """
    if ax is None:
        ax = new_axes()
        ax.figure.set_size_inches(7, 1.2 + 0.5 * len(gains))
    for row, gain in enumerate(reversed(gains)):
        pairs = list(gain.pairs.values())
        ax.plot(pairs, [row] * len(pairs), "o", color="C0", alpha=0.5)
        ax.plot(gain.interval, [row + 0.25] * 2, color="black", linestyle="-", linewidth=2)
        ax.plot(gain.effect, row + 0.25, "|", color="black", markersize=10, markeredgewidth=2)
    ax.axvline(0, color="0.4", linewidth=1)
    names = [f"{gain.name} over {gain.over}" for gain in reversed(gains)]
    ax.set_yticks(range(len(gains)), names)
    xlabel = f"gain in {gains[0].metric}, a dot for each seed (better to the right)"
    ax.set(title=title, xlabel=xlabel, ylim=(-0.5, len(gains) - 0.3))
    return ax
