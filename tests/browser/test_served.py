"""The page that `netpol-recommend review` serves: decisions go to the file."""

import shutil

import pytest
import yaml

from recommender.model.decision import Choice
from recommender.review import read_decisions
from tests.browser.conftest import Opened
from tests.rollout.serve.conftest import serving


class Served(Opened):
    """The page of a server; it may ask that server for the page and for nothing else but saving."""

    def __init__(self, page, server):
        super().__init__(page, server.url)
        self.url = server.url

    def _see(self, url):
        if not url.startswith((self.url, "blob:", "data:")):
            self.problems.append(f"request: {url}")

    def go(self, address):
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}#{address}")
        self.page.wait_for_selector("html[data-ready]")
        return self.page


@pytest.fixture
def directory(demo, tmp_path):
    shutil.copytree(demo, tmp_path / "report")
    return tmp_path / "report"


@pytest.fixture
def served(browser, directory):
    with serving(directory) as server:
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        yield Served(context.new_page(), server)
        context.close()


def save(page):
    with page.expect_response(lambda response: response.url.endswith("/decisions.yaml")) as waiting:
        page.keyboard.press("s")
    waiting.value.finished()
    return waiting.value


def test_what_is_approved_by_keyboard_stands_in_the_file(served, directory):
    page = served.go("review")
    file = directory / "decisions.yaml"
    assert page.locator("#save-decisions").inner_text() == "Save decisions"
    first = page.locator("#queue tr.selected").get_attribute("data-item")
    page.keyboard.press("a")
    assert not file.exists()
    assert save(page).status == 200
    assert [(one.policy, one.choice) for one in read_decisions(file).policies] == [(first, Choice.APPROVE)]
    page.keyboard.press("j")
    page.keyboard.press("r")
    assert save(page).status == 200
    assert sorted(one.choice for one in read_decisions(file).policies) == [Choice.APPROVE, Choice.REJECT]
    assert "2 decisions saved" in page.locator("#status").inner_text()
    served.check()


def test_a_later_review_starts_from_the_file(served, directory, browser):
    page = served.go("review")
    page.keyboard.press("a")
    save(page)
    with serving(directory) as server:
        context = browser.new_context()
        again = Served(context.new_page(), server)
        page = again.go("review")
        assert "1 of 38" in page.locator("#progress").inner_text()
        page.keyboard.press("j")
        page.keyboard.press("a")
        assert save(page).status == 200
        again.check()
        context.close()
    assert len(read_decisions(directory / "decisions.yaml").policies) == 2


def test_an_approval_of_another_text_waits_anew(served, directory):
    said = [{"policy": "shop/web-404d3b", "digest": "1" * 32, "decision": "approve"}]
    said += [{"policy": "shop/gone-000000", "digest": "0" * 32, "decision": "approve"}]
    (directory / "decisions.yaml").write_text(yaml.safe_dump({"schema_version": 1, "policies": said}))
    page = served.go("review")
    assert "0 of 38" in page.locator("#progress").inner_text()
    save(page)
    assert [one.policy for one in read_decisions(directory / "decisions.yaml").policies] == ["shop/gone-000000"]


def test_a_file_that_changed_meanwhile_is_kept_and_the_page_says_so(served, directory):
    page = served.go("review")
    (directory / "decisions.yaml").write_text("schema_version: 1\n# by hand\n")
    page.keyboard.press("a")
    assert save(page).status == 412
    page.wait_for_selector("#save-decisions.failed")
    assert "changed since this page was loaded" in page.locator("#progress").inner_text()
    assert "# by hand" in (directory / "decisions.yaml").read_text()


def test_the_page_may_ask_no_other_address(served):
    page = served.go("summary")
    blocked = page.evaluate("fetch('http://127.0.0.1:1/').then(() => 'answered', () => 'blocked')")
    assert blocked == "blocked"
    assert any("connect-src" in said for said in page.evaluate("window.violations"))


def test_who_leaves_with_unsaved_decisions_is_asked(served):
    page = served.go("review")
    page.locator("#queue tr.selected").click()
    page.keyboard.press("a")
    with page.expect_event("dialog") as waiting:
        page.close(run_before_unload=True)
    assert waiting.value.type == "beforeunload"


def test_who_has_saved_may_leave(served):
    page = served.go("review")
    page.locator("#queue tr.selected").click()
    page.keyboard.press("a")
    save(page)
    page.on("dialog", lambda dialog: pytest.fail(f"asked by a {dialog.type} dialog"))
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def test_the_page_says_that_it_is_served(served):
    page = served.go("about")
    assert "served to this machine alone" in page.locator("footer").inner_text()
