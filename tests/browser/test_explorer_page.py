"""The explorer in a browser, opened from the disk as a reader of `make book` opens it."""

import json
import re
import shutil

import numpy as np
import pytest

import lrsched_book as lb
from lrsched_book.scheduler import stand_in

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)

pytestmark = pytest.mark.slow  # it needs the site

FRAME = 0.016  # seconds: what a redraw may take, so that a slider does not stutter
# What the theme says of itself where nobody has chosen light or dark yet.
THEMES_OWN = "Got invalid theme mode"
FOCUSED = "document.activeElement.id || document.activeElement.textContent"
WIDTHS = {"wide": 1400, "phone": 375}


@pytest.fixture
def page_file(site):
    return site / "explorer.html"


@pytest.fixture
def open_page(browser, page_file):
    """Open the page; whatever it asks for outside, or logs as an error, fails the test."""
    contexts, wrong = [], []

    def opened(hash_="", width=1400, **settings):
        context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
        context.set_default_timeout(60_000)  # milliseconds: a busy machine is no bug
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.on(
            "request",
            lambda request: (
                request.url.split(":")[0] in ("file", "data")
                or wrong.append(f"outside: {request.url}")
            ),
        )
        page.goto(page_file.as_uri() + hash_)
        if settings.get("java_script_enabled", True):
            page.wait_for_selector("#lrx-path[d]", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in wrong if THEMES_OWN not in text] == []


def settings_of(page):
    return page.evaluate("LRX.read(document.getElementById('lrx-link').hash).settings")


def rates_of(page):
    return page.evaluate("LRX.rates(LRX.read(document.getElementById('lrx-link').hash).settings)")


def shown(page, name):
    return page.inner_text(f"#lrx-{name}")


def test_the_curve_and_both_texts_are_those_of_the_package(open_page):
    page = open_page("#shape=rex&peak=0.3&final=0.05&run=80&plan=80&warmup=7&cooldown=30&cycles=2")
    for block in ("python", "torch"):  # the latter last: its rates are compared with the path
        names = {"lb": lb, "optimizer": stand_in(0.3)}
        exec(shown(page, block), names)
        rates = lb.trace(names["scheduler"], 80)
        np.testing.assert_allclose(rates_of(page), rates, atol=1e-15)
    # The path has a step for each update: its heights are the rates.
    path = page.get_attribute("#lrx-path", "d")
    heights = np.array([float(part.split("H")[0]) for part in path.split("V")[1:]])
    np.testing.assert_allclose((300 - heights) / 292 * 0.3, rates, atol=1e-4)
    assert f"{rates.sum():.4g}" in shown(page, "sum")
    assert shown(page, "findings") == "Nothing wrong was found."


def test_a_finding_names_its_remedy_and_leads_to_its_chapter(open_page):
    page = open_page("#run=40&plan=40&warmup=8&start=zero&final=0.1")
    (finding,) = lb.diagnose(lb.cosine(32, final=0.1).with_warmup(gaps=8), steps=40, peak=0.1)
    text = shown(page, "findings")
    assert finding.code in text
    assert finding.consequence in text
    assert finding.remedy in text
    assert page.get_attribute("#lrx-findings a", "href") == f"{finding.chapter}.html"


def test_keys_move_every_slider_from_end_to_end(open_page):
    page = open_page()
    for name in ("peak", "final", "run", "plan", "warmup", "cooldown", "cycles"):
        page.focus(f"#lrx-{name}")
        for key in ("End", "Home", "ArrowRight", "ArrowLeft"):
            page.keyboard.press(key)
            drawn = rates_of(page)
            assert np.isfinite(drawn).all()
            assert len(drawn) == settings_of(page)["run"]
        page.keyboard.press("ArrowRight")
    moved = settings_of(page)
    assert moved["peak"] == 1.5e-5
    assert moved["final"] == 0.001
    assert (moved["run"], moved["plan"], moved["cycles"]) == (15, 15, 2)
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "lrx-cooldown"


def test_all_that_can_be_done_is_reached_by_the_tab_key(open_page):
    page = open_page()
    page.focus(".lrx-stories a")
    reached = set()
    for _ in range(40):
        reached.add(page.evaluate(FOCUSED))
        page.keyboard.press("Tab")
    names = "shape peak final run plan warmup start cooldown cycles link"
    assert {f"lrx-{name}" for name in names.split()} <= reached
    assert {"Copy the line", "Copy the lines", "Copy the link"} <= reached


def test_the_address_follows_the_sliders_and_restores_them(open_page):
    page = open_page()
    page.select_option("#lrx-shape", "one_minus_sqrt")
    page.focus("#lrx-warmup")
    page.keyboard.press("End")
    page.wait_for_function("location.hash.includes('warmup=98')")
    left = settings_of(page)
    again = open_page(page.evaluate("location.hash"))
    assert settings_of(again) == left
    assert shown(again, "python") == shown(page, "python")
    assert again.is_hidden("#lrx-complaint")


def test_a_story_is_a_link(open_page):
    page = open_page()
    for link in page.query_selector_all(".lrx-stories a"):
        link.click()
        wanted = page.evaluate("LRX.read(location.hash)")
        page.wait_for_function(
            "hash => document.getElementById('lrx-link').hash === hash",
            arg=page.evaluate("LRX.write(LRX.read(location.hash).settings)"),
        )
        assert wanted["complaints"] == []
        assert settings_of(page) == wanted["settings"]


def test_a_bad_link_is_named_and_shown_as_text(open_page):
    page = open_page("#peak=abc&run=1e9&foo=<img src=x onerror=alert(1)>&final=0.05")
    text = shown(page, "complaint")
    assert "peak=abc: peak must be a number from 0.00001 to 10" in text
    assert "run=1e9: run must be a whole number from 10 to 1000" in text
    assert page.query_selector("#lrx-complaint img") is None
    assert settings_of(page)["final"] == 0.05
    page.focus("#lrx-peak")
    page.keyboard.press("ArrowRight")
    assert page.is_hidden("#lrx-complaint")


def test_a_heading_is_no_setting(open_page):
    assert open_page("#your-own").is_hidden("#lrx-complaint")
    assert open_page("#your-won").is_visible("#lrx-complaint")


def test_what_is_copied_is_what_is_shown(open_page):
    page = open_page()
    page.evaluate("() => { navigator.clipboard.writeText = async (x) => { window.copied = x; }; }")
    page.click("button[data-copies=lrx-torch]")
    page.wait_for_function("window.copied !== undefined")
    assert page.evaluate("window.copied") == page.text_content("#lrx-torch")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.click("button[data-copies=lrx-python]")
    page.wait_for_selector("#lrx-copied:has-text('Ctrl+C')")
    assert page.evaluate("getSelection().toString()") == page.text_content("#lrx-python")


def test_without_javascript_the_page_says_what_is_missing_and_shows_the_figures(open_page):
    page = open_page(java_script_enabled=False)
    assert page.is_hidden("#lrx")
    assert "JavaScript is off" in page.inner_text("article noscript")
    for picture in page.query_selector_all(".lrx-stories img"):
        assert picture.is_visible()
        assert picture.bounding_box()["height"] > 100


def test_without_its_data_the_page_says_what_is_missing(browser, page_file, tmp_path):
    copy = shutil.copytree(page_file.parent, tmp_path / "html")
    (copy / "_static" / "explorer_data.js").unlink()
    page = browser.new_page()
    page.goto((copy / "explorer.html").as_uri())
    page.wait_for_selector("#lrx-missing:visible")
    assert page.is_hidden("#lrx")
    page.close()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_of_ours_and_nothing_scrolls_sideways(open_page, scheme, width):
    page = open_page("#plan=60&shape=CosineAnnealingLR&foo=1", width=width, color_scheme=scheme)
    # Without the theme's own frame, and without fetching style sheets, which no file:// page may.
    answer = axe.Axe().run(page, context={"include": [["article"]]}, options={"preload": False})
    found = answer.response["violations"]
    listed = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
    assert listed == [], json.dumps(listed, indent=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_redraw_fits_into_a_frame(open_page):
    page = open_page("#run=1000&plan=1000&warmup=100&cycles=5&shape=step")
    session = page.context.new_cdp_session(page)
    # The thread's own time: what else runs on this machine does not count.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def taken():
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

    before, redraws = taken(), 50
    page.evaluate(
        """redraws => {
            const slider = document.getElementById("lrx-peak");
            for (let i = 0; i < redraws; i += 1) {
                slider.value = i % 30;
                slider.dispatchEvent(new Event("input"));
                document.body.offsetHeight; // layout, too
            }
        }""",
        redraws,
    )
    assert (taken() - before) / redraws < FRAME


def test_the_cheat_sheet_is_one_sheet_of_paper(browser, page_file):
    page = browser.new_page()
    page.goto(page_file.with_name("cheatsheet.html").as_uri())
    page.wait_for_function("window.MathJax?.startup?.promise")
    page.evaluate("MathJax.startup.promise")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
