"""Labels, DNS names and paths of strangers stay text in a real browser."""

import pytest

from tests.report.test_html import HOSTILE

LONG = ("x" * 63 + ".") * 3 + "x" * 61
TEXTS = [*HOSTILE, LONG, "javascript:alert(1)", "shop\u202eweb\u200b\u2066", "'\"><svg/onload=alert(1)>"]
PAGES = ["summary", "review", "policies", "findings", "matrix", "map", "groups", "edges", "exposure", "about"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_text_becomes_markup_or_runs(hostile, text):
    opened = hostile(text)
    visible = "\\u" if "\u202e" in text else text
    for name in PAGES:
        page = opened.move(name)
        assert page.locator("main").locator("img, iframe, object, script, [onerror], [onload]").count() == 0, name
        assert page.locator("h1").count() == 1
        if name in {"groups", "edges"}:
            assert visible in page.locator("section.current").evaluate("(section) => section.textContent")
    opened.check()


def test_links_lead_nowhere_but_into_the_page(hostile):
    opened = hostile("javascript:alert(1)")
    for name in ("groups", "edges", "policies", "findings"):
        hrefs = opened.move(name).locator("a[href]").evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
        assert all(href.startswith("#") for href in hrefs)


def test_a_long_name_does_not_stretch_the_page(hostile):
    opened = hostile(LONG)
    for name in ("groups", "edges", "review", "findings"):
        page = opened.move(name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1400, name


def test_a_broken_address_shows_the_summary(opened):
    page = opened.go("%E0%A4%A?x=%E0%A4%A&<img src=x>")
    assert page.locator("main > section.current").get_attribute("id") == "summary"
    opened.check()
