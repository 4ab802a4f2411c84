"""What people decided, through the whole main job."""

import pytest
import yaml

from recommender import recommend
from recommender.model.decision import Standing
from recommender.model.disposition import Disposition
from recommender.report import build_view
from recommender.report.files import write_report
from tests.pipeline.conftest import DEMO

SCANNED = "iot/Deployment/device-sync -> shop/Deployment/cart TCP/22"
DEBUG = "shop/Pod/debug-shell -> shop/StatefulSet/redis TCP/6379"
NEEDED = "shop/Deployment/web -> shop/Deployment/cart TCP/8080"
UNSEEN = "shop/Deployment/web -> shop/StatefulSet/redis TCP/6379"


@pytest.fixture(scope="module")
def first(demo_recommendation):
    return build_view(demo_recommendation)


def run(tmp_path, **decided):
    path = tmp_path / "decisions.yaml"
    path.write_text(yaml.safe_dump({"schema_version": 1, **decided}))
    return recommend(sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json", decisions=path)


def said(view, item, decision, **more):
    found = {one["item"]: one["digest"] for one in (*view["policies"], *view["baselines"])}
    return {"policy": item, "digest": found[item], "decision": decision, **more}


def written(directory):
    return {str(path.relative_to(directory)) for path in directory.rglob("*.yaml")}


def test_policies_go_where_reviewers_send_them(first, tmp_path):
    baselines = [said(first, one["item"], "approve") for one in first["baselines"]]
    policies = [
        said(first, "shop/web-404d3b", "approve", reviewer="Ada", note="read on <b>Monday</b>"),
        said(first, "shop/mailer-c47abf", "reject", note="it scans"),
        said(first, "shop/cart-0f999f", "defer"),
        {**said(first, "shop/redis-cae8ec", "approve"), "digest": "0" * 32},
        said(first, "data/kafka-957aa8", "approve", expires="2026-03-01"),
    ]
    result = run(tmp_path, policies=[*baselines, *policies])
    view = write_report(result, tmp_path / "out")
    files = written(tmp_path / "out")
    assert "policies/shop/web-404d3b.yaml" in files
    assert not any("mailer-c47abf" in name for name in files)
    for waiting in ("shop/cart-0f999f", "shop/redis-cae8ec", "data/kafka-957aa8", "batch/invoice-8b845f"):
        assert f"pending/{waiting}.yaml" in files
        assert f"policies/{waiting}.yaml" not in files
    listed = yaml.safe_load((tmp_path / "out" / "policies" / "kustomization.yaml").read_text())["resources"]
    assert sorted(f"policies/{name}" for name in listed) == sorted(
        name for name in files if name.startswith("policies/") and "kustomization" not in name
    )
    assert view["decisions"]["standings"] == {"approved": 4, "pending": 33, "rejected": 1}
    lapsed = {one["item"]: one["reason"] for one in view["decisions"]["lapsed"]}
    assert lapsed == {
        "shop/redis-cae8ec": "the policy is not the one that was decided on",
        "data/kafka-957aa8": "it expired on 2026-03-01",
    }
    assert {gap["subject"] for gap in view["gaps"] if gap["code"] == "NPR701"} == set(lapsed)
    assert result.approved_proof.holds


def test_decisions_are_obeyed_by_the_same_policies_run_after_run(first, tmp_path):
    """Approving everything writes what the first run wrote, byte for byte."""
    everything = [said(first, one["item"], "approve") for one in (*first["policies"], *first["baselines"])]
    result = run(tmp_path, policies=everything)
    texts = {manifest.path: manifest.text for manifest in result.manifests}
    assert texts == {
        manifest["path"]: manifest["text"]
        for one in (*first["policies"], *first["baselines"])
        for manifest in one.get("manifests", [one.get("manifest")])
    }
    assert {item.standing for item in result.followed.items.values()} == {Standing.APPROVED}
    assert result.holds


def test_an_approval_without_its_baseline_fails_the_proof_of_what_is_approved(first, tmp_path):
    result = run(tmp_path, policies=[said(first, "shop/web-404d3b", "approve")])
    assert result.proof.holds
    assert not result.approved_proof.holds
    assert not result.holds
    assert any("coredns" in denial.edge for denial in result.approved_proof.broken)


def test_edges_are_excluded_released_and_forced(tmp_path):
    result = run(
        tmp_path,
        edges=[
            {"edge": NEEDED, "decision": "exclude", "note": "old"},
            {"edge": DEBUG, "decision": "release", "reviewer": "Ada"},
            {"edge": SCANNED, "decision": "force"},
            {"edge": UNSEEN, "decision": "force"},
        ],
    )
    found = {one.edge.key: one.decided for one in result.edges}
    assert found[NEEDED].disposition is Disposition.EXCLUDED
    assert {found[key].disposition for key in (DEBUG, SCANNED, UNSEEN)} == {Disposition.NEEDED}
    assert result.proof.holds
    rules = {manifest.path: manifest.text for manifest in result.manifests}
    redis = next(text for path, text in rules.items() if "redis" in path)
    assert redis.count("BY DECISION") >= 2
    assert "shop/web" in redis
    codes = {gap.code: gap.subject for gap in result.gaps if gap.code.startswith("NPR7")}
    assert codes["NPR703"] == NEEDED
    assert codes["NPR702"] in {DEBUG, SCANNED, UNSEEN}


def test_a_rule_kept_by_a_person_survives_a_run_that_does_not_show_it(tmp_path):
    rule = {
        "policy": "shop/web-404d3b",
        "rule": "to shop/redis",
        "edges": [UNSEEN],
        "decision": "keep",
        "note": "failover",
    }
    result = run(tmp_path, rules=[rule])
    [kept] = [one for one in result.edges if not one.edge.evidence.seen]
    assert kept.edge.key == UNSEEN
    assert result.followed.kept == (kept.edge.edge_id,)
    web = next(one for one in result.policies if one.policy.item == "shop/web-404d3b")
    assert "kept by a reviewer: failover; not seen in this window" in web.manifests[0].text
    assert [gap.subject for gap in result.gaps if gap.code == "NPR704"] == ["shop/web-404d3b"]
    assert result.proof.holds
    view = build_view(result)
    assert view["decisions"]["rules"][0]["edges"] == [UNSEEN]


def test_an_accepted_finding_no_longer_counts(first, tmp_path):
    high = [gap for gap in first["gaps"] if gap["severity"] == "high"]
    accepted = [{"finding": gap["fingerprint"], "decision": "accept", "note": "known"} for gap in high]
    result = run(tmp_path, findings=accepted)
    high_severity = next(gap.severity for gap in result.gaps if gap.severity.value == "high")
    assert not result.worst_reaches(high_severity)
    assert all(gap["decision"]["note"] == "known" for gap in build_view(result)["gaps"] if gap["severity"] == "high")


def test_what_the_file_names_and_the_run_does_not_know_is_told(tmp_path):
    result = run(tmp_path, policies=[{"policy": "shop/gone-000000", "digest": "0" * 32, "decision": "approve"}])
    [told] = [gap for gap in result.gaps if gap.code == "NPR705"]
    assert told.subject == "shop/gone-000000"
    assert told.examples == ("decisions.yaml:2",)
