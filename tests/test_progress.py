"""A person sees a bar and live curves; a machine sees nothing at all."""

import sys
import types

import matplotlib.pyplot as plt
import pytest
from helpers import few, network, sgd
from tqdm import std

from lrsched_book import fit, progress, sweep
from lrsched_book.plotting import LivePlot


class Terminal:
    """A standard error stream at which a person sits."""

    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def run(**arguments):
    model = network()
    return fit(model, few(), sgd(model), epochs=2, batch_size=20, **arguments)


@pytest.fixture
def notebook(monkeypatch):
    """A pretended IPython; its kernel tells by `_allow_stdin` whether a person can answer."""
    plt.switch_backend("agg")  # now, or pyplot would ask the pretended IPython for its events
    kernel = types.SimpleNamespace(_allow_stdin=True)
    shown = []

    class Handle:
        def update(self, figure):
            shown.append(("update", figure))

    def display(figure, display_id):
        shown.append(("display", figure))
        return Handle()

    ipython = types.ModuleType("IPython")
    ipython.version_info = (9, 0)  # matplotlib asks
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=kernel)
    ipython.display = types.ModuleType("IPython.display")
    ipython.display.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    # What tqdm.auto has taken on import depends on where the tests run.
    monkeypatch.setitem(sys.modules, "tqdm.auto", std)
    return types.SimpleNamespace(kernel=kernel, shown=shown)


@pytest.fixture
def outside(monkeypatch):
    """No IPython, whatever another test has imported."""
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", std)


@pytest.mark.usefixtures("outside")
def test_nothing_is_written_when_nobody_watches(capfd):
    run(progress=True, on_epoch=LivePlot())
    sweep(lambda seed: {}, {"only": {}}, seeds=[1], jobs=1)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("wanted", [True, False])
def test_a_person_at_a_terminal_sees_a_bar_if_wanted(monkeypatch, wanted):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run(progress=wanted)
    assert ("6/6" in terminal.text or "accuracy" in terminal.text) is wanted
    if not wanted:
        assert terminal.text == ""


@pytest.mark.usefixtures("outside")
def test_the_bar_is_removed_also_after_an_error(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    watch = progress.Watch(6, run(progress=False), progress=True)
    with pytest.raises(KeyboardInterrupt), watch:
        raise KeyboardInterrupt
    assert watch.bar.disable, "a closed bar"
    last_line = terminal.text.rsplit("\r", 2)
    assert last_line[-1].strip() == ""


@pytest.mark.parametrize("answers", [True, False])
def test_a_notebook_has_a_watcher_if_its_kernel_can_ask(notebook, answers):
    notebook.kernel._allow_stdin = answers
    assert progress.someone_is_watching() is answers


def test_live_curves_are_redrawn_in_place_once_an_epoch(notebook):
    run(progress=False, on_epoch=LivePlot())
    assert [how for how, _ in notebook.shown] == ["display", "update"]
    assert not plt.get_fignums(), "or the notebook would show them once more"


def test_two_runs_are_drawn_in_two_places(notebook):
    for _ in range(2):
        run(progress=False, on_epoch=LivePlot())
    assert [how for how, _ in notebook.shown] == ["display", "update"] * 2


def test_no_curve_is_drawn_for_a_machine(notebook, capfd):
    notebook.kernel._allow_stdin = False
    run(progress=False, on_epoch=LivePlot())
    assert not notebook.shown
    assert capfd.readouterr() == ("", "")
