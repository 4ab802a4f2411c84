"""The documentation's site: it builds strictly, finds what is searched for, and asks nobody for anything."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[2]
NARROW = {"width": 400, "height": 800}
LOADS = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//|<link\b[^>]*\bhref=[\"']?(?:https?:)?//[^>]*>"
)
OPENED = ("index.html", "cli.html", "findings/index.html", "tutorial/2-recommend.html", "quality.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site; problems of any kind fail it."""
    if importlib.util.find_spec("mkdocs") is None:
        pytest.skip("MkDocs is not installed here: make site")
    directory = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(directory)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return directory


def test_it_builds_and_names_nothing_to_load(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 50
    assert [str(page.relative_to(site)) for page in pages if LOADS.search(page.read_text(encoding="utf-8"))] == []
    assert 'id="npr101"' in (site / "findings" / "index.html").read_text(encoding="utf-8")
    assert '<a href="findings/index.html#npr103">NPR103</a>' in (site / "limits.html").read_text(encoding="utf-8")


def test_every_link_of_the_built_pages_leads_somewhere(site):
    """The row of each finding among them, which only the site has."""
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html") if page.name != "404.html"}
    places = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in pages.items()}
    broken = []
    for page, text in pages.items():
        for link in re.findall(r'href="((?!https?:|mailto:|data:)[^"]+)"', text):
            path, _, fragment = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (fragment and fragment not in places.get(target, {fragment})):
                broken.append(f"{page.name}: {link}")
    assert broken == []


def test_it_works_from_disk_and_no_request_leaves_it(site, browser):
    page = browser.new_page(viewport=NARROW)
    left, problems = [], []
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((f"file://{site}", "data:", "blob:")) else left.append(request.url)
        ),
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    for name in OPENED:
        page.goto(f"file://{site / name}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], (
            f"{name} is wider than the window"
        )
    page.close()
    assert left == []
    assert [one for one in problems if "search_index" not in one] == [], "the search alone needs a server"


def test_the_search_finds_and_asks_nobody_else(site, browser):
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        left = []
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(180_000)  # The index is built in the browser, beside other tests.
        page.on("request", lambda request: request.url.startswith(address) or left.append(request.url))
        page.goto(f"{address}/index.html")
        page.fill("[data-md-component=search-query]", "quarantine")
        page.wait_for_selector(".md-search-result__link")
        assert "uarantine" in page.inner_text(".md-search-result__list")
        page.close()
        server.shutdown()
    assert left == []
