"""Printing the book: what stops it is said at once, and nothing is written then."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "site" / "pdf.py"
PAGE = """<script>window.MathJax = {startup: {promise: Promise.resolve()}}</script>
<h1>One</h1><details><summary>Folded</summary><p style="break-before: page">Two</p></details>"""


def run(*arguments, **options):
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_a_missing_page_is_named(tmp_path):
    done = run(tmp_path / "none.html", tmp_path / "book.pdf")
    assert done.returncode == 2
    assert "there is no page" in done.stderr
    assert "none.html" in done.stderr


def test_without_a_chromium_it_says_which_were_looked_for(tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    done = run(tmp_path / "page.html", tmp_path / "book.pdf", env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "none of chromium, chromium-browser, google-chrome is on the PATH" in done.stderr
    assert not (tmp_path / "book.pdf").exists()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not on the PATH")
def test_what_is_folded_is_printed_too(tmp_path):
    (tmp_path / "page.html").write_text(PAGE)
    assert run(tmp_path / "page.html", tmp_path / "book.pdf").returncode == 0
    printed = (tmp_path / "book.pdf").read_bytes()
    assert printed.startswith(b"%PDF")
    assert b"/Count 2" in printed, "the folded paragraph has a page of its own"
