"""Chromium, driven over its own protocol, and the page of the demo capture opened from disk."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from recommender import recommend
from recommender.report.files import write_report
from tests.pipeline.conftest import DEMO
from tests.report.test_html import hostile_page

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""


@pytest.fixture(scope="session")
def browser():
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium here: install it (apt-get install chromium), or name it with CHROMIUM=/path")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """The report directory of the demo capture."""
    directory = tmp_path_factory.mktemp("demo") / "report"
    write_report(recommend(sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json"), directory)
    return directory


class Opened:
    """A page, and everything that it must not do."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.path = path
        self.problems: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._see(request.url))
        page.add_init_script(WATCH)

    def _note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.problems.append(f"{kind}: {text}")

    def _see(self, url: str) -> None:
        if not url.startswith((f"file://{self.path}", "blob:", "data:")):
            self.problems.append(f"request: {url}")

    def go(self, address: str) -> Page:
        """Open an address of the page anew, and wait until it is drawn."""
        self.page.goto("about:blank")
        self.page.goto(f"file://{self.path}#{address}")
        self.page.wait_for_selector("html[data-ready]")
        return self.page

    def move(self, address: str) -> Page:
        """Go to an address of the open page, as a link does."""
        if self.page.url == "about:blank":
            return self.go(address)
        self.page.evaluate(
            "(hash) => { location.hash = hash; delete document.documentElement.dataset.shown }", f"#{address}"
        )
        self.page.wait_for_selector("html[data-shown]")
        return self.page

    def check(self) -> None:
        """Nothing was forbidden, loaded or thrown."""
        assert self.page.evaluate("window.violations ?? []") == []
        assert self.problems == []


@pytest.fixture
def opening(browser: Browser):
    """Opens a file in a fresh profile: `opening(path, **options)`."""
    contexts = []

    def opened(path: Path, *, height: int = 900, width: int = 1400, **options: object) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True, **options)
        contexts.append(context)
        return Opened(context.new_page(), path)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def opened(opening, demo) -> Opened:
    return opening(demo / "report.html")


@pytest.fixture
def hostile(opening, tmp_path):
    """The page of a capture in which everything that others choose is the given text."""

    def made(text: str) -> Opened:
        path = tmp_path / "report.html"
        path.write_text(hostile_page(text), encoding="utf-8")
        return opening(path)

    return made
