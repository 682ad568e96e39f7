"""Print the book: python site/pdf.py PAGE TARGET writes a page of HTML as PDF, by Chromium."""

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from lrsched_book._files import write_whole

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 600_000  # milliseconds: hundreds of pages of formulas, on a machine that may be busy


def chromium():
    """Return the path of a Chromium; without one, say which names were looked for."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        sys.exit(f"the PDF is printed by Chromium, and none of {', '.join(NAMES)} is on the PATH")
    return found


def printed(page_file):
    """Return the page as PDF, with an outline, once its formulas are drawn."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE
        )
        page = browser.new_page(color_scheme="light")
        page.set_default_timeout(PATIENCE)
        page.goto(page_file.resolve().as_uri())
        page.wait_for_function("window.MathJax?.startup?.promise")
        page.evaluate("MathJax.startup.promise")
        # Nobody can unfold what is printed.
        page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
        return page.pdf(format="A4", tagged=True, outline=True)


def main():
    parser = argparse.ArgumentParser(description="Print a page of HTML as PDF.")
    parser.add_argument("page", type=Path)
    parser.add_argument("target", type=Path)
    asked = parser.parse_args()
    if not asked.page.is_file():
        parser.error(f"there is no page {asked.page}")
    write_whole(asked.target, printed(asked.page))


if __name__ == "__main__":
    main()
