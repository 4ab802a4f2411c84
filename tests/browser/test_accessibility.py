"""axe-core finds nothing serious, in light and in dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = [
    "summary", "review", "policies", "policies?policy=shop%2Fweb-404d3b&rule=1", "findings", "matrix", "map",
    "groups?group=shop%2Fweb", "edges", "timeline", "confidence", "exposure", "capture", "proof", "existing", "about",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_is_found_in_light(opening, demo, name):
    assert serious(opening(demo / "report.html", color_scheme="light").go(name)) == []


@pytest.mark.parametrize("name", PAGES)
def test_colours_have_contrast_in_dark(opening, demo, name):
    assert serious(opening(demo / "report.html", color_scheme="dark").go(name), runOnly=["color-contrast"]) == []


def serious(page, **options):
    found = Axe().run(page, options=options).response["violations"]
    return [
        (one["id"], node["target"], node.get("failureSummary", ""))
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def test_the_keyboard_reaches_everything_that_can_be_pressed(opening, demo):
    page = opening(demo / "report.html").go("review")
    unreachable = page.locator("section.current :is(button, a[href], input, select)").evaluate_all(
        "(all) => all.filter((one) => one.tabIndex < 0 && !one.disabled && !one.matches('.disabled')).length"
    )
    assert unreachable == 0
    page = opening(demo / "report.html").go("")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
