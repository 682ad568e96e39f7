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
    """A progress bar over the updates of a run.

    Args:
        updates: number of updates of the whole run.
        history: the record; what it holds already counts as done.
        progress: whether to show the bar, if somebody is watching.
    """

    def __init__(self, updates: int, history: History, progress: bool):
        from tqdm.auto import tqdm

        self.history = history
        hidden = not (progress and someone_is_watching())
        self.bar = tqdm(
            total=updates, initial=history.updates, unit="update", leave=False, disable=hidden
        )

    def update(self) -> None:
        """Count one update."""
        self.bar.update()

    def epoch(self) -> None:
        """Show where the run stands after an epoch."""
        accuracy = self.history.last("validation_accuracy")
        self.bar.set_postfix(epoch=self.history.epochs, accuracy=accuracy)

    def __enter__(self):
        """Start watching."""
        return self

    def __exit__(self, kind, error, traceback):
        """Remove the bar. An error, also Ctrl-C, takes the record along as `error.history`."""
        self.bar.close()
        if error is not None:
            error.history = self.history
