"""The page as a reader uses it: every section, tables, pictures, links between rules and evidence."""

import json
import re
from urllib.parse import quote

import pytest

PAGES = [
    "summary", "review", "policies", "findings", "matrix", "map", "groups", "edges", "timeline", "confidence",
    "exposure", "capture", "proof", "existing", "about",
]  # fmt: skip
WEB = "policies?policy=shop%2Fweb-404d3b"


@pytest.fixture(scope="module")
def view(demo):
    return json.loads((demo / "recommendation.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_without_an_error_a_request_or_a_violation(opened, name):
    page = opened.go(name)
    assert page.locator("main > section.current").get_attribute("id") == name
    assert page.locator("nav a[aria-current]").get_attribute("href") == f"#{name}"
    assert page.locator("section.current h2").is_visible()
    assert page.locator("section.current").inner_text().strip()
    assert page.locator("section.current .bad", has_text="could not be drawn").count() == 0
    opened.check()


def test_pictures_are_drawn(opened):
    for name, count in (("matrix", 1), ("map", 1), ("timeline", 2), ("confidence", 2)):
        page = opened.move(name)
        canvas = page.locator("section.current .picture canvas")
        canvas.first.wait_for()
        assert page.locator("section.current .picture").count() == count
        assert canvas.first.bounding_box()["height"] > 100
    opened.check()


def test_each_picture_has_a_table(opened):
    for name in ("matrix", "map", "timeline", "confidence"):
        page = opened.move(name)
        folded = page.locator("section.current details.as-table")
        assert folded.count() == page.locator("section.current .picture").count()
        folded.first.locator("summary").click()
        assert folded.first.locator("tbody tr").first.inner_text().strip()


def test_tables_search_sort_and_filter(opened, view):
    page = opened.go("edges")
    rows = page.locator("#edge-table tbody tr")
    page.fill("#edge-table .dt-search input", "debug-shell")
    wanted = [edge for edge in view["edges"] if "debug-shell" in edge["key"]]
    assert rows.count() == len(wanted) == 3
    assert "q=debug-shell" in page.url
    page.fill("#edge-table .dt-search input", "")
    page.locator("#edge-table th", has_text="Connections").click()
    page.locator("#edge-table th[aria-sort=ascending]").wait_for()
    shown = [int(text.replace(",", "")) for text in page.locator("#edge-table td:nth-child(6)").all_inner_texts()]
    assert shown == sorted(shown)
    page.select_option("#edge-table select[aria-label='Filter by What becomes of it']", "review")
    assert rows.count() == sum(edge["disposition"] == "review" for edge in view["edges"])
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert rows.count() == 4


def test_a_rule_leads_to_its_evidence_and_its_lines_and_back(opened, view):
    page = opened.go(WEB)
    policy = next(one for one in view["policies"] if one["item"] == "shop/web-404d3b")
    assert page.locator(".three .rule").count() == len(policy["rules"])
    card = page.locator(".three .rule", has_text="data/kafka")
    card.click()
    evidence = page.locator(".rule-evidence")
    assert "shop/Deployment/web -> data/StatefulSet/kafka TCP/9092" in evidence.inner_text()
    picked = page.locator(".yaml li.picked")
    assert "# to data/kafka on TCP/9092" in picked.first.inner_text()
    assert re.search(r"rule=\d", page.url)
    page.locator(".yaml button.line", has_text="# to shop/cart").click()
    assert "shop/Deployment/web -> shop/Deployment/cart TCP/8080" in evidence.inner_text()
    assert page.locator(".three .rule.picked", has_text="shop/cart").count() == 1
    evidence.locator("a").first.click()
    page.wait_for_url("**#edges?edge=*")
    assert (
        "hubble observe --from-pod shop/web --to-pod shop/cart --to-port 8080" in page.locator(".command").inner_text()
    )
    page.go_back()
    page.wait_for_selector("section#policies.current .rule.picked")
    opened.check()


def test_every_rule_finds_its_lines(opened, view):
    """Of all policies: a rule that no comment introduces would have no lines to show."""
    lost = []
    for policy in view["policies"]:
        page = opened.move(f"policies?policy={quote(policy['item'], safe='')}")
        marked = set(page.locator(".yaml li[data-rule]").evaluate_all("(all) => all.map((one) => one.dataset.rule)"))
        shared = {str(place) for place, rule in enumerate(policy["rules"]) if rule["baseline"]}
        lost += [
            (policy["item"], place) for place in map(str, range(len(policy["rules"]))) if place not in marked | shared
        ]
    assert lost == []


def test_the_manifest_beside_the_rules_is_the_file(opened, demo):
    page = opened.go(WEB)
    shown = page.locator(".yaml .line").all_inner_texts()
    assert "\n".join(shown) + "\n" == (demo / "policies" / "shop" / "web-404d3b.yaml").read_text(encoding="utf-8")


def test_the_matrix_answers_to_keys_and_to_the_pointer(opened):
    page = opened.go("matrix")
    picture = page.locator("#matrix-picture")
    picture.focus()
    seen = set()
    for key in ["ArrowDown"] * 6 + ["ArrowRight"] * 8:
        page.keyboard.press(key)
        seen.add(page.locator("#matrix-readout").inner_text())
    assert len(seen) == 14
    assert any("allowed" in text for text in seen)
    box = picture.locator("canvas").first.bounding_box()
    texts = set()
    for across in range(20):
        page.mouse.move(box["x"] + box["width"] * (0.3 + across * 0.02), box["y"] + box["height"] * 0.367)
        page.wait_for_timeout(40)
        texts |= {text for text in page.locator(".bk-tooltip-row-value").all_inner_texts() if "→" in text}
    assert any(text.startswith("iot/device-sync → ") and "would be blocked" in text for text in texts)
    opened.check()


def test_the_map_finds_the_way_of_an_intruder(opened):
    page = opened.go("map?from=ingress-nginx%2Fingress-nginx-controller&to=data%2Fpostgres")
    words = page.locator("section.current .readout").inner_text()
    assert words.startswith(("2 steps: ", "3 steps: "))
    assert words.endswith("data/postgres")
    page.fill("input[name=focus]", "shop/web")
    page.fill("input[name=from]", "")
    page.click("section.current form button[type=submit]")
    page.wait_for_url("**#map?focus=shop%2Fweb*")
    assert "Around shop/web" in page.locator("section.current .readout").inner_text()


def test_the_address_keeps_the_place(opened):
    page = opened.go("groups?group=shop%2Fweb")
    assert page.locator("#group-panel h3").inner_text() == "shop/web"
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.locator("#group-panel h3").inner_text() == "shop/web"


def test_the_theme_is_kept_and_pictures_follow(opened):
    page = opened.go("summary")
    page.click("#theme")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_without_scripts_summary_findings_and_every_manifest_are_there(opening, demo, view):
    page = opening(demo / "report.html", java_script_enabled=False).page
    page.goto(f"file://{demo / 'report.html'}")
    assert page.locator("#summary").is_visible()
    text = page.locator("main").evaluate("(main) => main.textContent")
    for gap in view["gaps"]:
        assert gap["subject"] in text
    assert page.locator("#policies pre").count() == len(view["policies"]) + len(view["baselines"]) + 1
    assert not page.locator("#review").is_visible()
    assert page.locator(".without-script").is_visible()


def test_a_narrow_window_is_enough(opening, demo):
    opened = opening(demo / "report.html", width=400, height=800)
    wide = {name: opened.move(name).evaluate("document.documentElement.scrollWidth") for name in (*PAGES, WEB)}
    assert {name for name, width in wide.items() if width > 400} == set()


def test_print_shows_the_page_without_its_tools(opened):
    page = opened.go("summary")
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert page.locator("#summary").is_visible()
    assert page.pdf()[:4] == b"%PDF"
