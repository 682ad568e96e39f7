"""Checkpoints: a run that is killed and started again ends bit for bit where it would have."""

import io
import random
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from lrsched_book._files import check_writable, write_whole
from lrsched_book.history import History

FORMAT = "checkpoint of lrsched_book"  # near the beginning of every file, and of no other


class CheckpointError(ValueError):
    """A checkpoint that is damaged or belongs to another run."""


class Checkpoint:
    """The file that a run is continued from; without a path, one that is never written.

    The file is read and checked at once, before anything is changed; `resume` then uses it.

    Args:
        path: the file, or `None`. Its folder must exist. A link stays one: what it points to is
            replaced.
        plan: what identifies the run, as plain values: see `describe_run`.
        epochs: how many the run is to have in all.
        parts: model, optimizer and schedule; the states of those that have one will be saved.

    Raises:
        ValueError: if `path` is no file, or its folder does not exist or cannot be written to.
        CheckpointError: if the file is damaged, no checkpoint, holds more than `epochs`, or was
            written by a run with another plan: the message names each difference. Also if the
            state of a part could not be read again.
    """

    def __init__(self, path: str | Path | None, plan: dict, epochs: int, parts: tuple = ()):
        self.path, self.plan, self.saved = path and Path(path), plan, None
        if not self.path:
            return
        if not self.path.parent.is_dir() or (self.path.exists() and not self.path.is_file()):
            raise ValueError(f"checkpoint must be a file in an existing folder, got {str(path)!r}")
        try:
            check_writable(self.path)  # now, not after the first epoch
        except OSError as error:
            raise ValueError(
                f"checkpoint must be in a folder that can be written to, got {str(path)!r}: {error}"
            ) from error
        if self.path.exists():
            self.saved = self._read(epochs)
        else:
            _check_readable([part.state_dict() for part in parts if hasattr(part, "state_dict")])

    def resume(self, shuffler: torch.Generator, **parts) -> History:
        """Put everything where the file has it, if there is one; return the history so far.

        Args:
            shuffler: the generator that orders the examples.
            parts: model, optimizer, scheduler: whatever has a `state_dict`. One may be `None`.
        """
        self.shuffler = shuffler
        self.parts = {name: part for name, part in parts.items() if part is not None}
        if self.saved is None:
            return History()
        for name, part in self.parts.items():
            part.load_state_dict(self.saved["parts"][name])
        self.shuffler.set_state(self.saved["random"]["shuffler"])
        restore_random_states(self.saved["random"])
        return History.from_dict(self.saved["history"])

    def save(self, history: History) -> None:
        """Write all that the rest of the run depends on, whole or not at all."""
        if not self.path:
            return
        state = {
            "format": FORMAT,
            "plan": self.plan,
            "history": history.to_dict(),
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "random": {"shuffler": self.shuffler.get_state(), **random_states()},
        }
        write_whole(self.path, _packed(state))

    def _read(self, epochs: int) -> dict:
        """Return what the file holds, once it is known to be whole and of this run."""
        with open(self.path, "rb") as file:
            ours = FORMAT.encode() in file.read(1000)
        if not ours:  # perhaps large, and precious to somebody: neither read it nor touch it
            raise CheckpointError(f"{self.path} is no checkpoint of fit: name another file")
        try:
            with zipfile.ZipFile(self.path) as file:  # torch.load does not look at the checksums
                if damaged := file.testzip():
                    raise ValueError(f"{damaged} was altered")
            saved = torch.load(self.path, map_location="cpu", weights_only=True)
            saved["parts"], saved["random"]
            plan, done = dict(saved["plan"]), History.from_dict(saved["history"]).epochs
        except Exception as error:  # a damaged file can make its readers fail in any way
            raise CheckpointError(
                f"{self.path} is no complete checkpoint ({type(error).__name__}: {error}): "
                "delete it to start afresh"
            ) from error
        differences = [
            f"{name} was {plan.get(name)}, now it is {self.plan.get(name)}"
            for name in sorted(plan.keys() | self.plan.keys())
            if plan.get(name) != self.plan.get(name)
        ]
        if differences:
            raise CheckpointError(f"{self.path} is of another run: {'; '.join(differences)}")
        if done > epochs:
            raise CheckpointError(f"{self.path} holds {done} epochs, more than epochs={epochs}")
        return saved


def _packed(state) -> bytes:
    content = io.BytesIO()
    torch.save(_plain(state), content)
    return content.getvalue()


def _check_readable(state) -> None:
    """Raise `CheckpointError` unless what is to be saved can be read again."""
    try:
        torch.load(io.BytesIO(_packed(state)), weights_only=True)
    except Exception as error:
        raise CheckpointError(
            "checkpoint must be left out: the state of model, optimizer or schedule holds what "
            f"torch.load(weights_only=True) refuses to read ({str(error).splitlines()[-1]})"
        ) from error


def _plain(value):
    """Replace NumPy's numbers, which torch.load(weights_only=True) refuses, by Python's."""
    if isinstance(value, np.generic):
        return value.item()
    if type(value) in (dict, Counter):  # not the state of a model, which has an attribute
        return type(value)({_plain(key): _plain(item) for key, item in value.items()})
    if type(value) in (list, tuple):
        return type(value)(map(_plain, value))
    return value


def random_states() -> dict:
    """Collect the state of every global generator that training code may draw from."""
    kind, keys, *position = np.random.get_state()
    states = {
        "python": random.getstate(),
        "numpy": (kind, keys.tolist(), *position),
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state_all()
    if torch.backends.mps.is_available():
        states["mps"] = torch.mps.get_rng_state()
    return states


def restore_random_states(states: dict) -> None:
    """Set the global generators to their saved states."""
    random.setstate(states["python"])
    kind, keys, *position = states["numpy"]
    np.random.set_state((kind, np.array(keys, dtype=np.uint32), *position))
    torch.set_rng_state(states["torch"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(states["cuda"])
    if "mps" in states and torch.backends.mps.is_available():
        torch.mps.set_rng_state(states["mps"])
