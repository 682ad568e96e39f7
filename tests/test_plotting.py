"""Every figure has a title and named axes, and shows what it is given."""

from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from IPython.core.pylabtools import select_figure_formats

from lrsched_book import (
    History,
    constant,
    cosine,
    cosine_restarts,
    exponential,
    inverse_sqrt,
    linear,
    multistep,
    polynomial,
    step,
    triangular,
)
from lrsched_book.landscapes import descend, quadratic
from lrsched_book.plotting import (
    COLOURS,
    _stairs,
    alt_text,
    plot_history,
    plot_lines,
    plot_paths,
    plot_runs,
    plot_schedules,
    use_style,
)


@pytest.fixture(autouse=True)
def _no_figure_left():
    with mpl.rc_context():
        yield
    plt.close("all")


def history(level):
    record = History()
    for _ in range(3):
        record.add_update(lr=0.1, loss=level)
        record.add_epoch(
            train_loss=level,
            train_accuracy=level,
            validation_loss=level,
            validation_accuracy=level,
        )
    return record


def names(ax):
    legend = ax.get_legend()
    return legend and [text.get_text() for text in legend.get_texts()]


def described(ax):
    """The title wherever the style puts it, and the names of the axes."""
    title = ax.get_title(loc="left") or ax.get_title()
    return title, ax.get_xlabel(), ax.get_ylabel()


@pytest.mark.parametrize("styled", [False, True])
def test_lines_are_drawn_over_their_index_or_their_own_x(styled):
    if styled:
        use_style()
    ax = plot_lines(
        {"values": [3, 2, 1], "pairs": ([10, 20], [1, 2])},
        title="Falls",
        xlabel="update",
        ylabel="loss",
    )
    assert described(ax) == ("Falls", "update", "loss")
    assert names(ax) == ["values", "pairs"]
    first, second = ax.lines
    assert first.get_xdata().tolist() == [0, 1, 2]
    assert list(second.get_xdata()) == [10, 20]


def test_a_single_line_needs_no_legend_and_goes_where_it_is_told():
    _, ax = plt.subplots()
    drawn = plot_lines({"one": [1, 2]}, title="t", xlabel="x", ylabel="y", ax=ax, linewidth=3)
    assert drawn is ax
    assert names(ax) is None
    assert ax.lines[0].get_linewidth() == 3


@pytest.mark.parametrize(
    ("peak", "label"), [(1.0, "factor of the peak rate"), (0.3, "learning rate")]
)
def test_schedules_are_drawn_at_their_peak(peak, label):
    schedules = {"cosine": cosine(9), "linear": linear(9)}
    ax = plot_schedules(schedules, 12, title="Two decays", peak=peak, unit="epoch")
    assert described(ax) == ("Two decays", "epoch", label)
    assert names(ax) == ["cosine", "linear"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), peak * cosine(9).values(12))
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize(
    ("schedule", "jumps"),
    [
        (step(every=3, gamma=0.5), [3, 6]),
        (multistep([2, 5], gamma=0.1).with_warmup(3), [5, 8]),  # not within the ramp
        (constant(0.1).then(constant(), at=4), [4]),
        (cosine_restarts(5), [5]),
        (constant(), []),
        (cosine(9), []),
        (linear(4), []),
        (linear(4).with_warmup(4), []),
        (exponential(0.5), []),
        (inverse_sqrt(), []),
        (triangular(2, 2), []),
        (polynomial(9, power=9), []),
        (constant().then(linear(3), at=5), []),
    ],
)
def test_a_schedule_is_drawn_with_a_vertical_line_where_it_jumps(schedule, jumps):
    (line,) = plot_schedules({"one": schedule}, 9, title="t").lines
    x, y = line.get_xdata(), line.get_ydata()
    upright = np.flatnonzero(np.diff(x) == 0)
    assert x[upright].tolist() == jumps
    np.testing.assert_array_equal(y[upright], schedule([step - 1 for step in jumps]))
    assert np.delete(x, upright).tolist() == list(range(9))
    np.testing.assert_array_equal(np.delete(y, upright), schedule.values(9))


def test_a_jump_is_more_than_five_times_the_changes_beside_it():
    def jumps(change):
        values = np.cumsum([5, 1, change, 1])
        return len(_stairs(values)[0]) - len(values)

    assert [jumps(change) for change in (5, 6, -5, -6)] == [0, 1, 0, 1]


def test_the_alternative_text_of_a_figure_is_its_titles():
    figure, axes = plt.subplots(1, 3)
    assert alt_text(figure) == ""
    axes[0].set_title("Left and", loc="left")
    axes[2].set_title("centre,\nbroken")
    assert alt_text(figure) == "Left and; centre, broken"
    figure.suptitle("Both")
    assert alt_text(figure) == "Both: Left and; centre, broken"


@pytest.mark.parametrize("formats", ["png", "retina"])
def test_a_figure_keeps_its_alternative_text_whatever_format_is_chosen_later(formats, monkeypatch):
    shell = SimpleNamespace(display_formatter=DisplayFormatter())
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    select_figure_formats(shell, "png")  # as Jupyter does when a notebook draws for the first time
    use_style()
    select_figure_formats(shell, formats)
    ax = plot_lines({"a": [1, 2]}, title="It rises", xlabel="x", ylabel="y")
    data, metadata = shell.display_formatter.format(ax.figure)
    assert set(data) == {"text/plain", "image/png"}
    assert metadata["alt"] == "It rises"


def test_runs_are_drawn_as_mean_and_band():
    ax = plot_runs({"a": [history(0.2), history(0.4)], "b": [history(0.5)]}, title="Two settings")
    assert described(ax) == ("Two settings", "epoch", "validation accuracy")
    assert names(ax) == ["a", "b"]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 0.3)
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3]
    band, none = (collection.get_paths()[0].get_extents() for collection in ax.collections)
    deviation = np.sqrt(0.02)  # of 0.2 and 0.4, divided by n - 1
    np.testing.assert_allclose([band.ymin, band.ymax], [0.3 - deviation, 0.3 + deviation])
    assert none.ymin == none.ymax, "one run has no spread"


def test_a_history_is_drawn_as_rate_losses_and_accuracies():
    figure = plot_history(history(0.5))
    assert [described(ax) for ax in figure.axes] == [
        ("Learning rate used", "update", "learning rate"),
        ("Loss", "epoch", "loss"),
        ("Accuracy", "epoch", "accuracy"),
    ]
    assert names(figure.axes[1]) == names(figure.axes[2]) == ["train", "validation"]
    assert figure.axes[0].lines[0].get_drawstyle() == "steps-post", "a rate holds, then jumps"


def test_every_path_is_drawn_over_the_contours():
    bowl = quadratic(1, 10)
    path = descend(bowl, [2.0, 1.0], lambda p: torch.optim.SGD(p, lr=0.05), steps=5)
    paths = {f"path {number}": path for number in range(9)}  # more than there are markers
    ax = plot_paths(bowl, paths, title="Paths", xlim=(-3, 3), ylim=(-2, 2))
    assert described(ax) == ("Paths", "first parameter", "second parameter")
    assert names(ax) == list(paths)
    assert ax.get_xlim() == (-3, 3)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), path)


def test_the_style_tells_lines_apart_by_more_than_colour():
    use_style()
    cycle = list(plt.rcParams["axes.prop_cycle"])
    assert len({style["color"] for style in cycle}) == len(COLOURS) == len(cycle)
    assert len({str(style["linestyle"]) for style in cycle}) == len(cycle)
