"""What the package imports, that it works without its checkout, and that all of it is explained."""

import ast
import doctest
import importlib
import inspect
import itertools
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import yaml

import lrsched_book

PACKAGE = Path(lrsched_book.__file__).parent
ROOT = Path(__file__).resolve().parents[1]
# Data with the script that drew it, no part of the code.
DATA = ("sample", "text", "answers")
SOURCES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in (*DATA, "__init__.py")
}
# The rooms of the house: a module imports from the rooms above its own, never from below.
ROOMS = (
    ("_checks", "_files", "_copies"),
    ("schedules",),
    ("scheduler",),
    ("data",),
    ("models",),
    ("history",),
    ("progress",),
    ("checkpoint", "fingerprint"),
    ("preparation",),
    ("training",),
    ("rate_finder", "landscapes", "theory"),
    ("plotting",),
    ("claims", "setups", "sweeps"),
    ("comparison_plots", "rounds"),
    ("comparison",),
    ("atlas",),
    ("atlas_pages",),
    ("diagnosis",),
    ("recipes",),
    ("exercises",),
)
FLOOR = {name: floor for floor, room in enumerate(ROOMS) for name in room}
# What a module may import of the package and of others, wherever in its code, where that is less
# than the rooms above it: schedules know no torch, and what draws knows nothing that trains.
ONLY = {
    "schedules": {"_checks", "schedules", "numpy"},
    "theory": {"_checks", "schedules", "numpy", "scipy"},
    "comparison_plots": {"plotting", "matplotlib", "numpy", "claims"},
    "plotting": {
        "_checks",
        "progress",
        "schedules",
        "IPython",
        "cycler",
        "matplotlib",
        "numpy",
        "torch",  # torch for the losses that it draws
    },
}
AT_IMPORT = {"lrsched_book", "torch", "numpy"}  # the rest is imported where it is needed
TABLES = {"atlas", "recipes"}  # tables of data, which may be long
# Seen at work in the examples of others, or dependent on the environment.
NEED_NO_EXAMPLE = {
    *("Comparison", "Data", "Examples", "ScheduleLR", "base_seed"),
    *("CheckpointError", "ClaimError", "Diverged", "SweepError"),
}


def public():
    """The functions and classes that the package offers, by name."""
    return {
        name: value
        for name, value in vars(lrsched_book).items()
        if callable(value) and not name.startswith("_")
    }


def room_of(name):
    return name.split(".")[0]


def imports(name, *, anywhere=True):
    """The dotted names that a module imports, also inside functions and `if TYPE_CHECKING`.

    Without `anywhere`, only those of the module's top level, which are imported with it.
    """
    tree = ast.parse(SOURCES[name].read_text(encoding="utf-8"))
    for node in ast.walk(tree) if anywhere else tree.body:
        yield from imported_names(node)


def imported_names(node):
    """The dotted names that one statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert not node.level, f"imports are written in full, from {ast.unparse(node)}"
        for alias in node.names:  # `from lrsched_book import plotting` imports a module
            inner = f"{node.module}.{alias.name}"
            yield inner if inner.removeprefix("lrsched_book.") in SOURCES else node.module


def running(name):
    """What a module imports when it runs: without what `if TYPE_CHECKING` hides."""
    source = SOURCES[name].read_text(encoding="utf-8")
    hidden = [
        node
        for block in ast.walk(ast.parse(source))
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in block.body
    ]
    return set(imports(name)) - set(itertools.chain.from_iterable(map(imported_names, hidden)))


def own(names):
    """Those of the names that are modules of the package, without its name."""
    for name in names:
        if name.split(".")[0] == "lrsched_book":
            yield name.removeprefix("lrsched_book").removeprefix(".")


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
    heavy = {"torchvision", "pandas", "matplotlib", "joblib", "tqdm", "IPython", "scipy"}
    assert not {name.split(".")[0] for name in added} & heavy
    assert not before & {"pandas", "torchvision"}, "or the test would show nothing"


def test_no_module_imports_itself_through_others():
    graph = {name: set(own(imports(name))) for name in SOURCES}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' → '.join(error.args[1])}")


@pytest.mark.parametrize("name", SOURCES)
def test_imports_go_up_the_house_only(name):
    room = room_of(name)
    assert room in FLOOR, "a new module: give it a room"
    for imported in own(imports(name)):
        assert imported, f"{name} imports the whole package, which imports it"
        above = room_of(imported)
        assert FLOOR[above] < FLOOR[room] or above == room, f"{name} imports {imported}"


@pytest.mark.parametrize("name", [name for name in SOURCES if room_of(name) in ONLY])
def test_a_module_imports_only_what_its_room_allows(name):
    found = {room_of(imported.removeprefix("lrsched_book.")) for imported in running(name)}
    assert found - sys.stdlib_module_names <= ONLY[room_of(name)]


@pytest.mark.parametrize("name", SOURCES)
def test_what_comes_with_a_module_is_light(name):
    roots = {imported.split(".")[0] for imported in imports(name, anywhere=False)}
    assert roots - sys.stdlib_module_names <= AT_IMPORT


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_can_be_read_in_one_sitting(name):
    lines = SOURCES[name].read_text(encoding="utf-8").count("\n")
    assert lines <= 400 or name in TABLES


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


@pytest.mark.parametrize("name", SOURCES)
def test_every_public_function_has_a_docstring(name):
    module = importlib.import_module(f"lrsched_book.{name}")
    assert module.__doc__
    for item, value in vars(module).items():
        if inspect.isfunction(value) and value.__module__ == module.__name__ and item[0] != "_":
            assert value.__doc__, item


def test_only_the_benchmark_needs_what_pip_cannot_install():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(text)["project"]["optional-dependencies"]
    assert [name for name, needs in extras.items() if "d2l==1.0.3" in needs] == ["bench"]
    assert "bench" not in "".join(extras["all"])


def test_the_citation_gives_each_part_its_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    book = citation["preferred-citation"]
    # A list would mean that whoever uses it may choose.
    assert (citation["type"], citation["license"]) == ("software", "MIT")
    assert (book["type"], book["license"]) == ("book", "CC-BY-4.0")
    assert citation["version"] == book["version"] == version()
    assert book["year"] == citation["date-released"].year


def test_the_newest_heading_of_the_changelog_has_the_version_and_the_date_of_the_citation():
    heading = r"^## \[(.+)\] – (unreleased|\d{4}-\d\d-\d\d)$"
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest, date = re.search(heading, changelog, re.MULTILINE).groups()
    assert newest == version()
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert date in ("unreleased", citation["date-released"].isoformat())


def version():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]


ALONE = """
import sys
from pathlib import Path

root, dependencies = map(Path, sys.argv[1:])
opened = []
sys.addaudithook(lambda event, given: event == "open" and opened.append(given[0]))

import torch
import lrsched_book as lb

data = lb.load_fashion_mnist().take(train=200, validation=100)
model = lb.mlp(widths=(784, 16, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
history = lb.fit(model, data, optimizer, lb.cosine(4), epochs=1, batch_size=50)
assert history.updates == 4 and history.epochs == 1
assert len(lb.load_text().train.x) > 0
assert Path(lb.__file__).with_name("py.typed").is_file()
for path in (Path(name) for name in opened if isinstance(name, str)):
    inside = path.is_relative_to(root) and not path.is_relative_to(dependencies)
    assert not inside, f"{path} is read, which only the checkout has"
print("alone", lb.__file__)
"""


@pytest.mark.slow
def test_a_wheel_installed_alone_works(tmp_path):
    uv = Path(sys.executable).with_name("uv")
    built = subprocess.run(
        [uv, "build", "--wheel", "--quiet", "--out-dir", tmp_path, ROOT],
        capture_output=True,
        text=True,
        env={**os.environ, "UV_BUILD_CONSTRAINT": str(ROOT / "constraints.txt")},
    )
    if re.search("dns|connect|fetch|offline", built.stderr):
        pytest.skip("the build backend is neither here nor within reach")
    assert not built.returncode, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        roots = {name.split("/")[0] for name in archive.namelist()}
    assert {name for name in roots if not name.endswith(".dist-info")} == {"lrsched_book"}

    environment = tmp_path / "environment"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--no-deps", "--python", environment, wheel], check=True
    )
    # The dependencies are the installed ones: a path in a .pth file is not searched for more of
    # them, so an editable install of the checkout stays out.
    (site,) = environment.rglob("site-packages")
    dependencies = sysconfig.get_path("purelib")
    (site / "dependencies.pth").write_text(dependencies + "\n", encoding="utf-8")
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = subprocess.run(
        [python, "-I", "-c", ALONE, ROOT, dependencies],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert not done.returncode, done.stderr
    assert done.stdout.startswith("alone")
    assert str(site) in done.stdout
