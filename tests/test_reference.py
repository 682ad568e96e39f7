"""The API reference: every public name stands in it with an example, and chapters lead to it."""

import inspect
import re
import sys
import types
from pathlib import Path

import pytest

import lrsched_book as lb

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "site"))
import reference  # noqa: E402

LISTED = re.findall(r"^   ([A-Za-z_.]+)$", (ROOT / "site" / "api.rst").read_text(), re.MULTILINE)
# What is no function or class: the page of its room says what it is.
DATA = {"CHARACTERS", "CLASSES", "recipes"}
# What a reader meets, and does not make: an error, or what another function returns.
MET = {
    "CheckpointError",
    "ClaimError",
    "Diverged",
    "ScheduleLR",
    "SweepError",
    "Verdict",
    "diagnosis.findings.Diagnosis",
    "diagnosis.findings.Finding",
    "diagnosis.rules.Seen",
    "exercises.Exercise",
    "exercises.NotYet",
}


def public():
    """The names that `import lrsched_book as lb` offers."""
    named = {n: value for n, value in vars(lb).items() if not n.startswith("_")}
    return {n for n, value in named.items() if not isinstance(value, types.ModuleType)} - DATA


def test_every_public_name_stands_in_the_reference():
    assert public() - set(LISTED) == set()
    assert len(LISTED) == len(set(LISTED))


@pytest.mark.parametrize("room", ["theory", "landscapes", "plotting"])
def test_so_does_every_function_of_a_room_that_chapters_use(room):
    used = set()
    for source in (ROOT / "notebooks" / "src").rglob("*.md"):
        used |= set(re.findall(rf"lb\.{room}\.([a-z_A-Z]+)\b", source.read_text()))
    assert {f"{room}.{name}" for name in used if callable(getattr(getattr(lb, room), name))} <= {
        *LISTED
    }


@pytest.mark.parametrize("name", sorted(set(LISTED) - MET))
def test_an_entry_has_an_example(name):
    found = reference.find(name)
    texts = [inspect.getdoc(found) or ""]
    if inspect.isclass(found):  # or one of its methods
        texts += [inspect.getdoc(value) or "" for value in vars(found).values() if callable(value)]
    assert any(">>>" in text for text in texts)


def test_a_name_that_is_gone_is_named():
    with pytest.raises(ValueError, match=r"lists 'theory\.forecast', but lrsched_book has no such"):
        reference.find("theory.forecast")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lb.fit", "fit"),
        ("lb.cosine(steps, final=0)", "cosine"),
        ("lb.theory.best_peak", "theory.best_peak"),
        ("fit", None),
        ("lb.fit(model).lr[0]", None),
        ("lb.fit and lb.compare", None),
    ],
)
def test_a_mention_is_a_name_and_nothing_else(text, name):
    mention = reference.MENTION.fullmatch(text)
    assert (mention and mention[1]) == name


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page of two mentions, a title and a link, built beside a small reference."""
    from sphinx.application import Sphinx

    folder = tmp_path_factory.mktemp("site")
    (folder / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'site')!r})\n"
        "extensions = ['sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'reference']\n"
    )
    (folder / "api.rst").write_text("Names\n=====\n\n.. api::\n\n   cosine\n   fit\n")
    (folder / "index.rst").write_text(
        "``lb.fit``\n==========\n\nFirst ``lb.cosine(10)``, then ``lb.cosine`` and ``lb.none``.\n\n"
        ".. toctree::\n\n   api\n"
    )
    app = Sphinx(folder, folder, folder / "out", folder / "trees", "html", status=None)
    app.build()
    return (folder / "out" / "index.html").read_text()


def test_the_first_mention_on_a_page_leads_to_the_entry(page):
    body = page.split("<body>")[1].split("toctree")[0]
    (link,) = re.findall(r'<a class="reference internal" href="(api.html#[^"]+)"', body)
    assert link == "api.html#lrsched_book.cosine"
    assert re.search(r"<a [^>]*api.html[^>]*><code.*?lb\.cosine\(10\)", body)
