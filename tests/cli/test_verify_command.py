import json
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.cli.judging_samples import cluster, run
from tests.rollout.verify.flows import network_policy, regular, write

__all__ = ["cluster", "run"]


@pytest.fixture
def flows(cluster):
    return write(cluster / "flows.log", [*regular("web", "db", 5432), *regular("worker", "db", 5432)])


def policies(cluster, *documents):
    path = cluster / "k8s.yaml"
    path.write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    return path


def verify(run, *arguments):
    return run("verify", "k8s.yaml", "flows.log", "--quiet", *arguments)


@pytest.mark.usefixtures("flows")
def test_all_passes_by_rules_that_all_serve(cluster, run):
    policies(cluster, network_policy("db", "db", [("web", 5432), ("worker", 5432)]))
    code, out, err = verify(run)
    assert (code, err) == (0, "")
    assert out.endswith("2 of 2 needed edges pass; 0 rules of 2 unused\n")
    assert "Would be denied" not in out


@pytest.mark.usefixtures("flows")
def test_what_would_be_denied_is_told_with_what_denies_it_and_fails(cluster, run):
    policies(cluster, network_policy("db", "db", [("web", 5432), ("batch", 5432)]), network_policy("gone", "gone", []))
    code, out, _ = verify(run)
    assert code == 1
    assert "shop/Deployment/worker -> shop/Deployment/db TCP/5432: ingress: no rule allows it under " in out
    assert "NetworkPolicy/shop/db" in out
    assert "Unused rules (1)\n  NetworkPolicy/shop/db spec.ingress[1]: " in out
    assert "Policies that select nobody (1)\n  NetworkPolicy/shop/gone\n" in out
    assert "1 of 2 needed edges pass" in out
    assert verify(run, "--fail-on", "never")[0] == 0
    assert verify(run, "--ignore", "NPR951")[0] == 0


@pytest.mark.usefixtures("flows")
def test_json_holds_every_edge_and_rule(cluster, run):
    policies(cluster, network_policy("db", "db", [("web", 5432)]))
    found = json.loads(verify(run, "--format", "json")[1])
    assert found["counts"]["denied"] == 1
    by_edge = {item["edge"]: item for item in found["edges"]}
    assert by_edge["shop/Deployment/web -> shop/Deployment/db TCP/5432"]["allowed_by"] == ["NetworkPolicy/shop/db"]
    denied = by_edge["shop/Deployment/worker -> shop/Deployment/db TCP/5432"]
    assert (denied["passes"], denied["denied_by"]) == (False, ["NetworkPolicy/shop/db"])
    assert [(rule["path"], len(rule["edges"])) for rule in found["rules"]] == [("spec.ingress[0]", 1)]
    assert {(item["workload"], item["direction"]) for item in found["not_isolated"]} >= {
        ("shop/Deployment/web", "ingress"),
        ("shop/Deployment/db", "egress"),
    }


@pytest.mark.usefixtures("flows")
def test_findings_name_the_line_of_the_rule(cluster, run):
    path = policies(cluster, network_policy("db", "db", [("web", 5432), ("batch", 5432)]))
    assert verify(run, "--findings", "v.sarif", "--findings", "v.xml")[0] == 1
    (ran,) = json.loads((cluster / "v.sarif").read_text())["runs"]
    results = {item["ruleId"]: item for item in ran["results"]}
    place = results["NPR955"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "k8s.yaml"
    lines = path.read_text().splitlines()
    assert "app: batch" in "\n".join(lines[place["region"]["startLine"] - 1 :][:5])
    suite = ET.fromstring((cluster / "v.xml").read_text())  # noqa: S314 - our own text
    proof, *findings = suite.iter("testcase")
    assert (proof.get("classname"), proof.find("failure").get("message")) == ("proof", "1 would be denied")
    failed = [case.get("classname") for case in findings if case.find("failure") is not None]
    assert failed == ["high.NPR951"]


def test_a_scan_that_passes_is_told(cluster, run):
    refused = [
        flow
        for port in range(9000, 9030)
        for flow in regular("scanner", "db", port, verdict="DROPPED", drop_reason_desc="POLICY_DENIED")[:1]
    ]
    write(cluster / "flows.log", [*regular("web", "db", 5432), *refused])
    policies(cluster, network_policy("db", "db", [("web", 5432)]))
    assert "Suspicious and let through" not in verify(run)[1]
    policies(cluster, network_policy("other", "other", []))
    code, out, _ = verify(run, "--fail-on", "medium")
    assert code == 1
    assert "Suspicious and let through (30)" in out


@pytest.mark.usefixtures("flows")
def test_policies_in_force_stand_beside_unless_left_out(cluster, run):
    policies(cluster, network_policy("db", "db", [("web", 5432)]))
    beside = {"apiVersion": "v1", "kind": "List", "items": [network_policy("more", "db", [("worker", 5432)])]}
    (cluster / "inventory.json").write_text(json.dumps(beside), encoding="utf-8")
    assert verify(run, "--inventory", "inventory.json")[0] == 0
    assert verify(run, "--inventory", "inventory.json", "--existing", "ignore")[0] == 1


@pytest.mark.usefixtures("flows")
def test_an_unknown_ending_is_refused_at_once(cluster, run):
    policies(cluster, network_policy("db", "db", []))
    code, _, err = verify(run, "--findings", "v.txt")
    assert code == 2
    assert "no form of findings" in err


def test_a_cilium_rule_of_nothing_is_no_unused_rule(cluster, run):
    write(cluster / "flows.log", regular("web", "db", 5432))
    closed = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"endpointSelector": {"matchLabels": {"app": "db"}}, "egress": [{}]},
    }
    policies(cluster, closed)
    assert "0 rules of 0 unused" in verify(run)[1]


def test_what_enforced_policies_cut_is_told(cluster, run):
    """In a cluster that enforces them already, a need that they cut is a denied connection and nothing else."""
    cut = regular("worker", "db", 9187, verdict="DROPPED", drop_reason_desc="POLICY_DENIED")
    write(cluster / "flows.log", [*regular("web", "db", 5432), *cut])
    policies(cluster, network_policy("db", "db", [("web", 5432)]))
    code, out, _ = verify(run, "--findings", "found.sarif")
    assert code == 0
    assert "Denied in the flows already (1)\n  shop/Deployment/worker -> shop/Deployment/db TCP/9187: " in out
    (ran,) = json.loads((cluster / "found.sarif").read_text())["runs"]
    assert "NPR957" in {item["ruleId"] for item in ran["results"]}
    policies(cluster, network_policy("db", "db", [("web", 5432), ("worker", 9187)]))
    assert "Denied in the flows already" not in verify(run)[1]
