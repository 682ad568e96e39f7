"""What a training run leaves behind: plain numbers, per update and per epoch."""

import json
from pathlib import Path

import numpy as np

from lrsched_book._files import write_whole

PER_UPDATE = ("lr", "loss")
MEASURED = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
PER_EPOCH = ("update", *MEASURED)


class History:
    """The record of a training run.

    Each attribute is an array with one row per update or per epoch.

    Attributes:
        lr: the rate used, read from the optimizer; shape (updates,), or (updates, groups).
        loss: mean loss of the batch, before its update; shape (updates,).
        update: number of updates made when the epoch ended; shape (epochs,).
        train_loss, train_accuracy: mean over the epoch's batches, while training; shape (epochs,).
        validation_loss, validation_accuracy: the same after the epoch; shape (epochs,).

    Accuracies are shares between 0 and 1. In a notebook a history shows itself as a table.

    >>> history = History()
    >>> history.add_update(lr=0.1, loss=2.5)
    >>> history.add_update(lr=0.05, loss=1.5)
    >>> history.lr
    array([0.1 , 0.05])
    >>> history
    History(2 updates, 0 epochs)
    """

    def __init__(self):
        self._columns = {name: [] for name in PER_UPDATE + PER_EPOCH}

    def add_update(self, **values) -> None:
        """Append one update: `lr` and `loss`."""
        for name in PER_UPDATE:
            self._columns[name].append(values[name])

    def add_epoch(self, **values) -> None:
        """Append one epoch: loss and accuracy of the training and of the validation part."""
        values["update"] = self.updates
        for name in PER_EPOCH:
            self._columns[name].append(values[name])

    def __getattr__(self, name: str) -> np.ndarray:
        """Return a column as an array."""
        columns = self.__dict__.get("_columns", {})
        if name not in columns:
            raise AttributeError(f"History has no {name!r}; it has {', '.join(columns)}")
        return np.array(columns[name])

    def last(self, name: str):
        """Return the last value of a column, without making an array of it."""
        return self._columns[name][-1]

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return len(self._columns["validation_loss"])

    @property
    def updates(self) -> int:
        """Number of updates."""
        return len(self._columns["loss"])

    def to_dict(self) -> dict[str, list]:
        """Return the columns as plain lists."""
        return {name: list(column) for name, column in self._columns.items()}

    @classmethod
    def from_dict(cls, columns: dict[str, list]) -> "History":
        """Make a history of the columns that `to_dict` returned.

        Raises:
            ValueError: if the columns are not exactly those of a history, hold anything but
                numbers, or are not equally long: all per update, all per epoch.
        """
        history = cls()
        right = isinstance(columns, dict) and set(columns) == set(history._columns)
        if not right or not all(isinstance(column, list) for column in columns.values()):
            raise ValueError(f"columns must be {', '.join(history._columns)}, got {columns!r:.80}")
        for name, column in columns.items():
            if not _holds_numbers(column, dimensions=(1, 2) if name == "lr" else (1,)):
                raise ValueError(f"{name} must hold numbers, got {column!r:.80}")
        for group in (PER_UPDATE, PER_EPOCH):
            lengths = [len(columns[name]) for name in group]
            if len(set(lengths)) > 1:
                raise ValueError(f"{', '.join(group)} must be equally long, got {lengths}")
        history._columns = {name: list(columns[name]) for name in history._columns}
        return history

    def save(self, path: str | Path) -> None:
        """Write the history as JSON, whole or not at all."""
        write_whole(path, json.dumps(self.to_dict()).encode())

    @classmethod
    def load(cls, path: str | Path) -> "History":
        """Read a history that `save` wrote.

        Raises:
            ValueError: if the file is damaged or is no history.
        """
        try:
            return cls.from_dict(json.loads(Path(path).read_text()))
        except ValueError as error:
            raise ValueError(f"{path} is no complete history file: {error}") from error

    def to_frame(self):
        """Return the epochs as a pandas table, with the rate of each epoch's last update."""
        import pandas as pd

        table = pd.DataFrame({name: self._columns[name] for name in PER_EPOCH})
        table.insert(1, "lr", [self._columns["lr"][update - 1] for update in table["update"]])
        table.index = pd.RangeIndex(1, self.epochs + 1, name="epoch")
        return table

    def __repr__(self) -> str:
        """Say how long the run was."""
        return f"History({self.updates} updates, {self.epochs} epochs)"

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4g}".format)

    def __eq__(self, other) -> bool:
        """Two histories are equal if every number is."""
        return isinstance(other, History) and self._columns == other._columns


def _holds_numbers(column: list, dimensions: tuple[int, ...]) -> bool:
    """Tell whether a column is an array of numbers with one of the numbers of dimensions."""
    try:
        array = np.array(column)
    except ValueError:  # rows of unequal lengths
        return False
    return array.dtype.kind in "iuf" and array.ndim in dimensions
