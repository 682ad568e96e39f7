"""What the package imports, and that all of it is documented with examples."""

import ast
import doctest
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import lrsched_book

PACKAGE = Path(lrsched_book.__file__).parent
MODULES = [name for _, name, _ in pkgutil.iter_modules([str(PACKAGE)])]
# The rooms of the design: what each module may import when it is imported itself.
ALLOWED = {
    "schedules": {"numpy", "lrsched_book._checks"},
    "claims": {"numpy"},
    "plotting": {"numpy", "lrsched_book.progress", "lrsched_book.schedules"},
}
# Seen at work in the examples of others, or dependent on the environment.
NEED_NO_EXAMPLE = {"Data", "ScheduleLR", "Diverged", "CheckpointError", "ClaimError", "base_seed"}


def public():
    """The functions and classes that the package offers, by name."""
    return {
        name: value
        for name, value in vars(lrsched_book).items()
        if callable(value) and not name.startswith("_")
    }


def imported_by(module):
    """What a module imports at its top level, outside `if TYPE_CHECKING`."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_importing_the_package_pulls_in_nothing_heavy():
    code = """if True:
        import json, sys, torch
        before = set(sys.modules)
        import lrsched_book
        print(json.dumps([sorted(before), sorted(set(sys.modules) - before)]))"""
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    before, added = map(set, json.loads(output.stdout))
    heavy = {"torchvision", "pandas", "d2l", "matplotlib", "joblib", "tqdm", "IPython", "scipy"}
    assert not {name.split(".")[0] for name in added} & heavy
    assert not before & {"pandas", "torchvision"}, "or the test would show nothing"


@pytest.mark.parametrize("module", ALLOWED)
def test_a_module_imports_only_what_its_room_allows(module):
    names = set(imported_by(module))
    own = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
    assert own <= ALLOWED[module]


@pytest.mark.parametrize("module", MODULES)
def test_no_module_knows_a_notebook(module):
    # One direction only: notebooks → lrsched_book → torch, numpy, matplotlib.
    roots = {name.split(".")[0] for name in imported_by(module)} if module != "sample" else set()
    third = {root for root in roots if root not in sys.stdlib_module_names}
    assert third <= {"lrsched_book", "torch", "numpy"}


@pytest.mark.parametrize("name", public())
def test_what_the_package_offers_is_explained_with_an_example(name):
    value = public()[name]
    documentation = inspect.getdoc(value)
    assert documentation
    assert documentation.split("\n")[0].endswith((".", ":")), "one sentence comes first"
    if name not in NEED_NO_EXAMPLE:
        assert doctest.DocTestParser().get_examples(documentation), "no example to try"


@pytest.mark.parametrize("name", [name for name in public() if inspect.isfunction(public()[name])])
def test_what_can_go_wrong_is_documented(name):
    function = public()[name]
    if "raise " in inspect.getsource(function):
        assert "Raises:" in inspect.getdoc(function)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_has_a_docstring(module):
    module = importlib.import_module(f"lrsched_book.{module}")
    assert module.__doc__ or module.__name__.endswith("sample")
    for name, value in vars(module).items():
        if inspect.isfunction(value) and value.__module__ == module.__name__ and name[0] != "_":
            assert value.__doc__, name
