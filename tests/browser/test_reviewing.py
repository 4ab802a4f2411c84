"""Decisions made in the page, exported, and obeyed by the next run."""

import json

import pytest
import yaml

from recommender import recommend
from recommender.model.decision import Choice, EdgeChoice, FindingChoice, RuleChoice, Standing
from recommender.model.disposition import Disposition
from recommender.report.files import write_report
from recommender.review import read_decisions
from tests.pipeline.conftest import DEMO

NASTY = "\"quotes\", 'ticks', \\ # not: [a] {comment}\u202e <b>&amp;</b> é \U0001f600 - *alias"


def exported(page, tmp_path):
    with page.expect_download() as waiting:
        page.keyboard.press("s")
    path = tmp_path / "decisions.yaml"
    waiting.value.save_as(path)
    return path


def selected(page):
    return page.locator("#queue tr.selected").get_attribute("data-item")


def test_policies_are_decided_by_keyboard_and_the_next_run_obeys(opened, demo, tmp_path):
    page = opened.go("review")
    said = {}
    for key, choice in (("a", Choice.APPROVE), ("a", Choice.APPROVE), ("a", Choice.APPROVE), ("r", Choice.REJECT)):
        said[selected(page)] = choice
        page.keyboard.press(key)
        page.keyboard.press("j")
    said[selected(page)] = Choice.DEFER
    page.keyboard.press("n")
    page.locator("#queue-panel [data-field=note]").type("ask jar")
    page.keyboard.press("Tab")
    assert "4 of 38" in page.locator("#progress").inner_text()
    page.locator("h2:visible").first.focus()
    decisions = read_decisions(exported(page, tmp_path))
    assert {one.policy: one.choice for one in decisions.policies} == said
    [deferred] = [one for one in decisions.policies if one.choice is Choice.DEFER]
    assert deferred.signed.note == "ask jar"
    view = json.loads((demo / "recommendation.json").read_text(encoding="utf-8"))
    assert decisions.report == view["report_digest"]
    result = recommend(
        sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json", decisions=tmp_path / "decisions.yaml"
    )
    wanted = {Choice.APPROVE: Standing.APPROVED, Choice.REJECT: Standing.REJECTED, Choice.DEFER: Standing.PENDING}
    assert {item: result.followed.standing(item) for item in said} == {item: wanted[said[item]] for item in said}
    assert not [one for one in result.followed.items.values() if one.lapsed]
    opened.check()


def test_a_second_press_takes_a_decision_back(opened):
    page = opened.go("review")
    page.keyboard.press("a")
    assert "approved" in page.locator("#queue tr.selected").inner_text()
    page.keyboard.press("a")
    assert "to decide" in page.locator("#queue tr.selected").inner_text()


def test_letters_typed_into_a_field_decide_nothing(opened):
    page = opened.go("review")
    page.keyboard.press("/")
    page.keyboard.type("arda")
    assert "0 of 38" in page.locator("#progress").inner_text()


def test_what_is_typed_survives_the_file_whatever_it_is(opened, tmp_path):
    page = opened.go("review")
    page.keyboard.press("r")
    page.fill("#queue-panel [data-field=reviewer]", "Ada Łovelace")
    page.fill("#queue-panel [data-field=note]", NASTY)
    page.fill("#queue-panel [data-field=expires]", "2027-01-31")
    page.locator("h2:visible").first.focus()
    path = exported(page, tmp_path)
    assert path.read_bytes().isascii()
    [decision] = read_decisions(path).policies
    assert (decision.signed.reviewer, decision.signed.note) == ("Ada Łovelace", NASTY)
    assert decision.signed.expires.isoformat() == "2027-01-31"


def test_edges_rules_and_findings_are_decided_too(opened, tmp_path):
    page = opened.go("edges?q=debug-shell")
    page.locator("#edge-table a", has_text="debug-shell").last.click()
    page.locator("#edge-panel .choice-release").click()
    page.evaluate("location.hash = '#policies?policy=shop%2Fweb-404d3b&rule=3'")
    page.locator(".rule-evidence .choice-keep").click()
    page.evaluate("location.hash = '#findings'")
    page.locator("[data-finding] .choice-accept").first.click()
    page.locator("h2:visible").first.focus()
    decisions = read_decisions(exported(page, tmp_path))
    assert [one.choice for one in decisions.edges] == [EdgeChoice.RELEASE]
    assert "debug-shell" in decisions.edges[0].edge
    assert [(one.choice, len(one.edges)) for one in decisions.rules] == [(RuleChoice.KEEP, 1)]
    assert [one.choice for one in decisions.findings] == [FindingChoice.ACCEPT]
    result = recommend(
        sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json", decisions=tmp_path / "decisions.yaml"
    )
    released = next(one for one in result.edges if one.edge.key == decisions.edges[0].edge)
    assert released.decided.disposition is Disposition.NEEDED
    assert result.followed.findings.keys() == {decisions.findings[0].fingerprint}
    opened.check()


def test_drafts_survive_a_reload(opened):
    page = opened.go("review")
    page.keyboard.press("a")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert "1 of 38" in page.locator("#progress").inner_text()


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A run that was told decisions of every kind, some about what it does not hold."""
    directory = tmp_path_factory.mktemp("told")
    edge = "shop/Deployment/web -> shop/StatefulSet/redis TCP/6379"
    said = {
        "schema_version": 1,
        "policies": [
            {"policy": "shop/gone-000000", "digest": "0" * 32, "decision": "approve", "note": "not here this week"},
            {"policy": "shop/cart-0f999f", "digest": "1" * 32, "decision": "approve"},
            {"policy": "shop/web-404d3b", "decision": "defer"},
        ],
        "edges": [{"edge": edge, "decision": "force", "reviewer": "Ada"}],
        "rules": [{"policy": "shop/web-404d3b", "edges": [edge], "decision": "keep"}],
        "findings": [{"finding": "0123456789abcdef", "decision": "accept"}],
    }
    (directory / "decisions.yaml").write_text(yaml.safe_dump(said))
    result = recommend(
        sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json", decisions=directory / "decisions.yaml"
    )
    write_report(result, directory / "report")
    return directory


def test_decisions_are_handed_on_but_for_those_that_lapsed(opening, told, tmp_path):
    opened = opening(told / "report" / "report.html")
    page = opened.go("review")
    before, after = read_decisions(told / "decisions.yaml"), read_decisions(exported(page, tmp_path))
    kept = {one.policy: (one.digest, one.choice, one.signed.note) for one in after.policies}
    assert kept["shop/gone-000000"] == ("0" * 32, Choice.APPROVE, "not here this week")
    assert kept.keys() == {"shop/gone-000000", "shop/web-404d3b"}
    assert [(one.edge, one.choice, one.signed.reviewer) for one in after.edges] == [
        (one.edge, one.choice, one.signed.reviewer) for one in before.edges
    ]
    assert [(one.policy, one.edges) for one in after.rules] == [(one.policy, one.edges) for one in before.rules]
    assert [one.fingerprint for one in after.findings] == [one.fingerprint for one in before.findings]
    page.evaluate("location.hash = '#policies?policy=shop%2Fcart-0f999f'")
    assert "The earlier approve lapsed" in page.locator("#policy-detail").inner_text()
    opened.check()
