"""The whole site in a browser, built from the stored notebooks and opened from the disk.

Every page that the build writes is looked at, so that a new chapter needs no line here.
"""

from fnmatch import fnmatchcase
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.slow

LARGEST = 2_000_000  # bytes of a page with its pictures
# What the theme says of itself where nobody has chosen light or dark yet.
THEMES_OWN_WORDS = "Got invalid theme mode"
MODES = {"light": ("light", 1400), "dark": ("dark", 1400), "phone": ("light", 375)}
# One page of each kind: axe takes seconds for a page.
LOOKED_AT = [
    "index",
    "05_step_and_multistep",
    "14_the_loop",
    "20_choosing",
    "A_atlas",
    "D_recipes",
    "api",
    "cheatsheet",
    "check_your_plan",
    "classroom",
    "exercises/05",
    "explorer",
    "in_your_own_project",
    "references",
]
# What others write into the page, and axe minds: (rule, pattern of the element) -> why it stays.
THEMES_OWN = {
    ("region", "*navbar-brand logo*"): "the theme puts its logo outside the landmarks",
    # Longer than axe quotes: one without words would be quoted whole.
    ("empty-table-header", '<th class="head">'): "MathJax draws a formula without text",
}


class Page(HTMLParser):
    """The links, anchors and pictures of a page."""

    def __init__(self, path):
        super().__init__()
        self.path, self.links, self.anchors, self.pictures = path, [], set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.anchors.update(filter(None, (attrs.get("id"), attrs.get("name"))))
        if tag == "img":
            self.pictures.append(attrs)
        self.links += [attrs[key] for key in ("href", "src") if attrs.get(key)]

    def targets(self):
        """Yield each link into the site as it is written, its file and its anchor."""
        for link in self.links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            path = (self.path.parent / unquote(url.path)).resolve() if url.path else self.path
            # The explorer's settings stand in its address, and are no place in the page.
            yield link, path, "" if "=" in url.fragment else unquote(url.fragment)


@pytest.fixture(scope="session")
def pages(site):
    return {
        path.relative_to(site).as_posix().removesuffix(".html"): Page(path)
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts
    }


@pytest.fixture
def tab(browser):
    """Return a function that opens a tab, and the list of what went wrong in it."""
    contexts = []

    def opened(scheme="light", width=1400):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(300_000)  # milliseconds: a busy machine is no bug
        contexts.append(context)
        page, wrong = context.new_page(), []
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: (
                said.type == "error"
                and THEMES_OWN_WORDS not in said.text
                and wrong.append(f"{page.url}: {said.text}")
            ),
        )
        page.on(
            "request",
            lambda request: (
                request.url.split(":")[0] in ("file", "data", "blob")
                or wrong.append(f"{page.url} asks for {request.url}")
            ),
        )
        return page, wrong

    yield opened
    for context in contexts:
        context.close()


def test_every_link_within_the_site_leads_somewhere(pages):
    known, bad = {page.path.resolve(): page for page in pages.values()}, []
    for name, page in pages.items():
        for link, path, anchor in page.targets():
            there = known.get(path)
            if not path.is_file() or (anchor and there and anchor not in there.anchors):
                bad.append(f"{name}: {link}")
    assert bad == []


def test_every_picture_has_words_that_are_not_its_file_name(pages):
    bad = [
        f"{name}: {picture.get('src')}"
        for name, page in pages.items()
        for picture in page.pictures
        if "alt" not in picture
        or picture["alt"] in ("", None, picture.get("src"))
        or (picture["alt"] or "").endswith((".png", ".svg"))
    ]
    assert bad == []


def test_no_page_is_too_large(pages):
    for name, page in pages.items():
        pictures = {path for _, path, _ in page.targets() if path.parent.name == "_images"}
        size = page.path.stat().st_size + sum(path.stat().st_size for path in pictures)
        assert size <= LARGEST, f"{name}: {size:,} bytes"


def test_no_page_asks_outside_or_logs_an_error_or_moves_sideways(pages, tab):
    page, wrong = tab()
    sideways = []
    for name, found in pages.items():
        # Opened wide and then narrowed: widened, the sidebar would still be on its way in.
        page.set_viewport_size({"width": 1400, "height": 900})
        page.goto(found.path.as_uri())
        page.evaluate("window.MathJax?.startup?.promise?.then(() => {})")
        for width in (1400, 375):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                sideways.append(f"{name} at {width}: {wide}")
    assert wrong == []
    assert sideways == []


def test_the_search_finds_cosine(site, tab):
    page, wrong = tab()
    page.goto((site / "search.html").as_uri() + "?q=cosine")
    page.wait_for_selector("#search-results li a")
    hits = page.eval_on_selector_all("#search-results li a", "all => all.map(a => a.href)")
    assert any("08_cosine.html" in hit for hit in hits), hits
    assert wrong == []


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing_of_ours(pages, tab, mode):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    ).Axe()
    page, _ = tab(*MODES[mode])
    bad = []
    for name in LOOKED_AT:
        page.goto(pages[name].path.as_uri())
        page.evaluate("window.MathJax?.startup?.promise?.then(() => {})")
        # Fetching style sheets, which axe would do, is forbidden to a file:// page.
        answer = axe.run(page, options={"preload": False, "resultTypes": ["violations"]})
        bad += [
            (name, found["id"], node["target"], node["html"][:200])
            for found in answer.response["violations"]
            for node in found["nodes"]
            if not any(
                found["id"] == rule and fnmatchcase(node["html"], html) for rule, html in THEMES_OWN
            )
        ]
    assert bad == [], "\n".join(map(str, bad))
