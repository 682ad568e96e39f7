"""What a person sees while a run is under way; a machine sees nothing."""

import sys

from lrsched_book.history import History


def someone_is_watching() -> bool:
    """Tell whether a person is likely to look at the output while it is made.

    A notebook executed by a machine (nbclient, nbval) announces that nobody can answer a
    question; outside notebooks, a person sits at a terminal.
    """
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython and ipython.get_ipython(), "kernel", None)
    if kernel is None:
        return sys.stderr.isatty()
    return getattr(kernel, "_allow_stdin", True)


class Watch:
    """A progress bar over the updates of a run and, if wanted, its curves, redrawn in place.

    Args:
        updates: number of updates of the whole run.
        history: the record; what it holds already counts as done.
        progress: whether to show the bar.
        live: whether to draw the curves after every epoch.
    """

    def __init__(self, updates: int, history: History, progress: bool, live: bool):
        from tqdm.auto import tqdm

        self.history = history
        self.live = live and someone_is_watching()
        self.display = None
        hidden = not (progress and someone_is_watching())
        self.bar = tqdm(
            total=updates, initial=history.updates, unit="update", leave=False, disable=hidden
        )

    def update(self) -> None:
        """Count one update."""
        self.bar.update()

    def epoch(self) -> None:
        """Show where the run stands after an epoch."""
        self.bar.set_postfix(epoch=self.history.epochs, accuracy=self.history.test_accuracy[-1])
        if self.live:
            self._draw()

    def _draw(self) -> None:
        import matplotlib.pyplot as plt
        from IPython.display import display

        from lrsched_book.plotting import plot_history

        figure = plot_history(self.history)
        if self.display is None:
            self.display = display(figure, display_id=True)
        else:
            self.display.update(figure)
        plt.close(figure)  # or the notebook would show it once more when the cell ends

    def __enter__(self):
        """Start watching."""
        return self

    def __exit__(self, *error):
        """Remove the bar, also after an error."""
        self.bar.close()
