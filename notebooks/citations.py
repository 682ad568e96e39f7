"""Turn citations into links, which a reader sees in JupyterLab, on Colab and on the page alike."""

import functools
import re
from pathlib import Path

from pybtex.database import parse_file

BIBLIOGRAPHY = Path(__file__).resolve().parents[1] / "site" / "references.bib"
PLACES = {"url": "{}", "doi": "https://doi.org/{}", "eprint": "https://arxiv.org/abs/{}"}
ROLE = re.compile(r"\{cite:p\}`([^`]*)`")


def linked(text):
    """Replace each role, which names sources by their keys, with their years as links.

    The authors stand in the text: "He and others {cite:p}`he2016deep`" becomes "He and others
    [2016]".

    Raises:
        KeyError: if the bibliography has no source of that key.
    """
    return ROLE.sub(lambda role: f"[{', '.join(map(link, role[1].split(',')))}]", text)


def link(key):
    """Return the year of a source, linked to where it can be read if there is such a place."""
    if key not in sources():
        raise KeyError(f"{BIBLIOGRAPHY.name} has no source {key!r}")
    fields = sources()[key].fields
    for name, form in PLACES.items():
        if name in fields:
            return f"[{fields['year']}]({form.format(fields[name])})"
    return fields["year"]


@functools.cache
def sources():
    """Return the entries of the bibliography by their keys."""
    return parse_file(BIBLIOGRAPHY).entries
