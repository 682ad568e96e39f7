"""Copies of schedulers that can be stepped, while original and optimizer stay as they are."""

import copy
import types
from collections.abc import Iterator

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def copy_of(scheduler: LRScheduler) -> LRScheduler:
    """Return a copy of a scheduler that drives a stand-in for its optimizer, without weights.

    What its functions keep in closures and defaults is copied with them; global variables are
    not.

    Raises:
        TypeError: if something cannot be copied, such as a generator that it draws from.
    """
    real, optimizer = scheduler.optimizer, _stand_in(scheduler.optimizer)
    # deepcopy takes the stand-in wherever it meets the real optimizer, in nested schedulers too,
    # and its groups wherever a scheduler holds on to them.
    memo = {id(real): optimizer, id(real.param_groups): optimizer.param_groups}
    pairs = zip(real.param_groups, optimizer.param_groups, strict=True)
    memo |= {id(group): stand_in for group, stand_in in pairs}
    try:
        twin = copy.deepcopy(scheduler, memo)
        _copy_functions(twin, memo)
    except Exception as error:  # a lock, a generator, a file
        raise TypeError(
            f"scheduler must be one that can be copied, which {type(scheduler).__name__} is not: "
            f"{error}"
        ) from error
    return twin


def _copy_functions(scheduler: LRScheduler, memo: dict) -> None:
    """Give a copied scheduler functions of its own, which deepcopy shares with the original."""
    for name, value in vars(scheduler).items():
        if isinstance(value, types.FunctionType):
            setattr(scheduler, name, _copied(value, memo))
        elif isinstance(value, list):
            value[:] = [
                _copied(item, memo) if isinstance(item, types.FunctionType) else item
                for item in value
            ]
    for piece in getattr(scheduler, "_schedulers", ()):
        _copy_functions(piece, memo)


def _copied(value, memo: dict):
    """Copy a value deeply, a function with all that it keeps in its closure and defaults."""
    if not isinstance(value, types.FunctionType):
        try:
            return copy.deepcopy(value, memo)
        except Exception:
            if isinstance(value, Iterator):  # it would be used up
                raise
            return value  # a module, a lock: no function of time keeps its state there
    if id(value) in memo:
        return memo[id(value)]
    cells = value.__closure__ or ()
    twins = tuple(memo.setdefault(id(cell), types.CellType()) for cell in cells)
    defaults = copy.deepcopy(value.__defaults__, memo)
    twin = types.FunctionType(
        value.__code__, value.__globals__, value.__name__, defaults, twins or None
    )
    twin.__kwdefaults__ = copy.deepcopy(value.__kwdefaults__, memo)
    memo[id(value)] = twin  # before the cells are filled: a function may close over itself
    for cell, own in zip(cells, twins, strict=True):
        try:
            contents = cell.cell_contents
        except ValueError:  # a variable that has no value yet
            continue
        own.cell_contents = _copied(contents, memo)
    return twin


def _stand_in(optimizer: Optimizer) -> Optimizer:
    """Return an optimizer with the same groups and hyperparameters, but without the weights."""
    groups = [
        {k: copy.deepcopy(v) for k, v in group.items() if k != "params"}
        for group in optimizer.param_groups
    ]
    stand_in = torch.optim.SGD([{"params": [torch.zeros(0)]} for _ in groups], lr=0.0)
    for group, hyperparameters in zip(stand_in.param_groups, groups, strict=True):
        group.clear()
        group.update(params=[torch.zeros(0)], **hyperparameters)
    stand_in.defaults = dict(optimizer.defaults)
    return stand_in
