"""What identifies a run, in plain values: so that its checkpoint is not continued by another one.

Two lambdas look alike when printed, and two networks may differ in nothing but a `forward`. So what
a person wrote is told apart by its code: the bytecode, the constants and the values that it
has taken from outside. What Python or an installed library wrote goes by its name.
"""

import functools
import hashlib
import inspect
import re
import sys
import types

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lrsched_book.data import Data
from lrsched_book.schedules import Schedule

LIBRARIES = {"lrsched_book", "numpy", "scipy", "torch", "torchvision", *sys.stdlib_module_names}


def describe_run(
    model: nn.Module,
    data: Data,
    optimizer: Optimizer,
    schedule: Schedule | LRScheduler | None,
    settings: dict,
) -> dict:
    """Return what a run is determined by, but for the initial weights and its length."""
    return {
        "model": f"{type(model).__name__} {fingerprint(model)}",
        "optimizer": f"{type(optimizer).__name__} {[_group(g) for g in optimizer.param_groups]}",
        "schedule": _describe_schedule(schedule),
        "training data": fingerprint(data.train),
        "validation data": fingerprint(data.validation),
        **settings,
    }


def fingerprint(value) -> str:
    """Return eight digits that differ for values, functions and models that do other things.

    >>> fingerprint(lambda t: 0.9**t) == fingerprint(lambda t: 0.9**t)
    True
    >>> fingerprint(lambda t: 0.9**t) == fingerprint(lambda t: 0.1**t)
    False
    """
    return hashlib.sha256(_canonical(value, ()).encode()).hexdigest()[:8]


def _group(group: dict) -> dict:
    """Describe a parameter group: its options, and which weights it holds."""
    options = {k: str(v) for k, v in group.items() if k not in ("params", "initial_lr")}
    return {**options, "params": fingerprint([tuple(p.shape) for p in group["params"]])}


def _describe_schedule(schedule) -> str:
    if schedule is None:
        return "None"
    text = str(schedule)
    if isinstance(schedule, LRScheduler):
        text = f"{type(schedule).__name__}({schedule.state_dict()})"
    return f"{_without_addresses(text)} {fingerprint(schedule)}"


def _without_addresses(text: str) -> str:
    """Remove what is another number in each process."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def _canonical(value, above: tuple[int, ...]) -> str:
    """Return a text that is the same in every process, for a value that is inside those `above`."""
    if id(value) in above:
        return "itself"

    def each(values) -> list[str]:
        return [_canonical(one, (*above, id(value))) for one in values]

    match value:
        case None | bool() | int() | float() | complex() | str() | bytes():
            return repr(value)
        case np.generic():
            return repr(value.item())
        case np.ndarray() | torch.Tensor():
            return _array(value)
        case list() | tuple():
            return f"[{', '.join(each(value))}]"
        case dict():
            return f"{each(value)} {each(value.values())}"
        case set() | frozenset():
            return f"{{{', '.join(sorted(each(value)))}}}"
        case types.CodeType():
            return f"code {value.co_code.hex()} {value.co_names} {each(value.co_consts)}"
        case functools.partial():
            return f"partial {each([value.func, value.args, value.keywords])}"
        case types.MethodType():
            return f"method {each([value.__func__, value.__self__])}"
        case types.FunctionType() if not _of_library(value):
            code = [value.__code__, value.__defaults__, value.__kwdefaults__]
            return f"function {each([*code, *_taken_from_outside(value)])}"
        case Schedule():
            return f"schedule {each([value.recipe or value.factor])}"
        case LRScheduler():
            state = {k: v for k, v in sorted(vars(value).items()) if k != "optimizer"}
            return f"{_class(value, each)} {each([state])}"
        case nn.Module():
            shapes = [(name, tuple(part.shape)) for name, part in value.state_dict().items()]
            classes = sorted({_class(module, each) for module in value.modules()})
            return f"{_without_addresses(repr(value))} {shapes} {classes}"
    if callable(value) and not hasattr(value, "__qualname__"):  # an object with a __call__
        return f"{_class(value, each)} {each([vars(value)] if hasattr(value, '__dict__') else [])}"
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _of_library(value) -> bool:
    return (value.__module__ or "").partition(".")[0] in LIBRARIES


def _class(value, each) -> str:
    """Return the name of an object's class, and the code of what a person wrote of it."""
    kinds = [kind for kind in type(value).__mro__ if not _of_library(kind)]
    functions = [vars(kind)[name] for kind in kinds for name in sorted(vars(kind))]
    return f"{type(value).__qualname__} {each(filter(inspect.isfunction, functions))}"


def _taken_from_outside(function: types.FunctionType) -> list:
    """Return the values of a function's closure, and the plain global values that it names."""
    try:
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
    except ValueError:  # a name that is bound later has no value yet
        cells = []
    named = (function.__globals__.get(name) for name in _names(function.__code__))
    kinds = (bool, int, float, str, tuple, types.FunctionType, functools.partial, Schedule)
    return [*cells, *(value for value in named if isinstance(value, kinds))]


def _names(code: types.CodeType) -> list[str]:
    """Return the names that a function's code uses, those of the functions inside it included."""
    inner = [one for one in code.co_consts if isinstance(one, types.CodeType)]
    return [*code.co_names, *(name for one in inner for name in _names(one))]


def _array(array: np.ndarray | torch.Tensor) -> str:
    """Return kind and content of an array, wherever it lies."""
    if isinstance(array, np.ndarray):
        return f"{array.dtype} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}"
    content = array.detach().cpu().contiguous()
    content = content.flatten().view(torch.uint8).numpy()  # NumPy lacks some of torch's dtypes
    return f"{array.dtype} {tuple(array.shape)} {hashlib.sha256(content).hexdigest()}"
