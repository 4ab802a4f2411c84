import json

import pytest

from tests.cli.judging_samples import REPORT, cluster, run

__all__ = ["cluster", "run"]


def explain(run, *arguments, inventory=True):
    described = ("--inventory", "inventory.json") if inventory else ()
    return run("explain", "--policies", "policies", *described, *arguments)


def test_an_allowed_connection_shows_rules_lines_and_comments(run):
    code, out, _ = explain(run, "shop/web", "shop/db", "5432")
    assert code == 0
    assert out.startswith("allowed: shop/web -> shop/db TCP/5432\n")
    assert "allowed by spec.egress[1] of CiliumNetworkPolicy/shop/web\n    policies/web.yaml:15\n" in out
    assert "    # to shop/db on TCP/5432\n    # connections 7, days 2\n    | toEndpoints:\n" in out
    assert "allowed by spec.ingress[0] of NetworkPolicy/shop/db\n    policies/db.yml:10\n" in out
    assert "not policies, skipped: 1 ConfigMap" in out


def test_a_denied_connection_says_who_isolates_and_what_came_close(run):
    code, out, _ = explain(run, "shop/web-1", "shop/StatefulSet/db", "5433/TCP")
    assert code == 1
    assert "egress of shop/web-1: denied; isolated by CiliumNetworkPolicy/shop/web" in out
    assert "close: it names the other end, but not this port: spec.egress[1] of CiliumNetworkPolicy/shop/web" in out
    assert "ingress of shop/StatefulSet/db: denied; isolated by NetworkPolicy/shop/db" in out


def test_a_workload_that_nothing_selects_is_open(run):
    code, out, _ = explain(run, "shop/lone", "192.0.2.1", "443")
    assert code == 0
    assert "allowed by default; no policy selects it in this direction" in out
    assert "ingress of 192.0.2.1: not judged" in out


@pytest.mark.parametrize(
    ("source", "destination", "port", "expected"),
    [
        ("world", "shop/web", "8443", 0),
        ("198.51.100.9", "shop/web", "8443", 0),
        ("remote-node", "shop/web", "8443", 1),
        ("host", "shop/web", "8443", 0),
        ("shop/web", "api.example.com", "443", 0),
        ("shop/web", "www.example.com", "443", 1),
        ("shop/web", "198.51.100.9", "443", 1),
        ("shop/web", "10.244.0.3", "5432", 0),
        ("shop/web", "shop/db", "sql", 0),
        ("shop/web", "shop/db", "tcp/5432", 0),
        ("shop/web", "shop/db", "5432/UDP", 1),
        ("shop/lone", "shop/lone", "1", 0),
        ("shop/lone", "kube-apiserver", "ICMP", 0),
        ("shop/db-0", "shop/db-0", "1", 0),
        ("shop/db", "shop/db", "1", 1),
    ],
)
def test_ends_and_ports_of_every_kind(run, source, destination, port, expected):
    assert explain(run, source, destination, port)[0] == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("shop/wep", "shop/db", "1"), "shop/StatefulSet/web"),
        (("shop/web", "shop/db", "http"), "no port named 'http'"),
        (("shop/web", "shop/db", "70000"), "no such port"),
        (("shop/web", "shop/db", "1/GRE"), "no such protocol"),
    ],
)
def test_what_cannot_be_understood_is_an_error(run, arguments, words):
    code, out, err = explain(run, *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_a_policy_that_would_be_refused_is_an_error(cluster, run):
    path = cluster / "policies" / "bad.yaml"
    path.write_text("kind: AdminNetworkPolicy\napiVersion: policy.networking.k8s.io/v1alpha1\nmetadata: {name: a}\n")
    code, _, err = explain(run, "shop/web", "shop/db", "5432")
    assert code == 2
    assert "policies/bad.yaml" in err
    assert "AdminNetworkPolicy" in err


def test_the_report_beside_the_policies_gives_pods_and_evidence(cluster, run):
    (cluster / "recommendation.json").write_text(json.dumps(REPORT), encoding="utf-8")
    code, out, _ = explain(run, "shop/web", "shop/db", "5432", inventory=False)
    assert code == 0
    assert "seen: shop/StatefulSet/web -> shop/StatefulSet/db TCP/5432\n" in out
    assert "7 connections on 2 days" in out
    assert "confidence medium (0.81)" in out
    assert "review: seen on one day \\u202eonly" in out
    _, out, _ = explain(run, "shop/web", "shop/db", "5433", inventory=False)
    assert "never seen in the capture on this port\n1 edge(s) between these two" in out


def test_without_inventory_or_report_nobody_is_known(run):
    code, _, err = explain(run, "shop/web", "shop/db", "5432", inventory=False)
    assert code == 2
    assert "give --inventory" in err


def test_json_says_the_same(cluster, run):
    (cluster / "recommendation.json").write_text(json.dumps(REPORT), encoding="utf-8")
    code, out, _ = explain(run, "shop/web", "shop/db", "5432", "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert found["allowed"] is True
    case = found["cases"][0]
    assert case["alike"] == 1
    assert case["egress"]["basis"] == "rule"
    rule = case["egress"]["rules"][0]
    assert (rule["path"], rule["file"], rule["line"]) == ("spec.egress[1]", "policies/web.yaml", 15)
    assert rule["comments"] == ["to shop/db on TCP/5432", "connections 7, days 2"]
    assert found["edges"][0]["disposition"] == "review"


def test_a_report_that_is_none_is_an_error(cluster, run):
    (cluster / "other.json").write_text("[]", encoding="utf-8")
    code, _, err = explain(run, "shop/web", "shop/db", "5432", "--report", "other.json")
    assert code == 2
    assert "is no recommendation.json" in err


CALICO = """\
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  selector: app == 'db'
  ingress:
    - {action: Log}
    # the web reads
    - action: Allow
      protocol: TCP
      source: {selector: "app == 'web'", nets: ["10.244.0.0/16"]}
      destination: {ports: [5432]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: partners, labels: {role: partner}}
spec: {nets: [203.0.113.0/24]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: out}
spec:
  selector: app == 'web'
  egress:
    - {action: Allow, destination: {selector: role == 'partner'}}
    - {action: Deny}
"""


def test_calicos_policies_are_explained_with_their_sets_and_the_pods_addresses(run, tmp_path):
    policies = tmp_path / "calico"
    policies.mkdir()
    (policies / "all.yaml").write_text(CALICO)
    given = ("explain", "--policies", str(policies), "--inventory", "inventory.json")
    code, out, _ = run(*given, "shop/web", "shop/db", "5432")
    assert code == 1
    assert "allowed by spec.ingress[1] of NetworkPolicy.projectcalico.org/shop/db (tier default)" in out
    assert "    # the web reads\n" in out
    assert "denied by spec.egress[1] of GlobalNetworkPolicy/out (tier default)" in out
    assert run(*given, "shop/web", "203.0.113.9", "443")[0] == 0
    assert run(*given, "shop/web", "198.51.100.9", "443")[0] == 1


WIDER = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumNetworkPolicy",
    "metadata": {"name": "wider", "namespace": "shop"},
    "spec": {
        "endpointSelector": {"matchLabels": {"app": "web"}},
        "egress": [{"toFQDNs": [{"matchName": "www.example.com"}]}],
    },
}


def in_force(cluster, *policies):
    """Put policies into the inventory."""
    path = cluster / "inventory.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    held["items"] += policies
    path.write_text(json.dumps(held), encoding="utf-8")


def test_policies_in_force_count_beside_the_files_unless_told_otherwise(cluster, run):
    in_force(cluster, WIDER)
    code, out, _ = explain(run, "shop/web", "www.example.com", "443")
    assert code == 0
    assert "allowed by spec.egress[0] of CiliumNetworkPolicy/shop/wider\n    (in force already; not among these" in out
    assert "and 1 in force beside them" in out
    code, out, _ = explain(run, "shop/web", "www.example.com", "443", "--existing", "ignore")
    assert code == 1
    assert "in force beside" not in out


def test_what_the_files_hold_replaces_what_is_in_force(cluster, run):
    in_force(cluster, {**WIDER, "metadata": {"name": "web", "namespace": "shop"}})
    code, out, _ = explain(run, "shop/web", "www.example.com", "443")
    assert code == 1
    assert "in force beside" not in out


def test_a_policy_in_force_that_cannot_be_judged_is_told(cluster, run):
    in_force(cluster, {**WIDER, "spec": {"endpointSelector": {}, "egres": []}})
    _, out, _ = explain(run, "shop/web", "shop/db", "5432")
    assert "in force, but not judged: CiliumNetworkPolicy/shop/wider: " in out


def test_policies_that_a_report_judged_beside_its_own_count_without_an_inventory(cluster, run):
    existing = {
        "policies": [{"name": "CiliumNetworkPolicy/shop/wider", "fate": "judged", "document": json.dumps(WIDER)}]
    }
    (cluster / "recommendation.json").write_text(json.dumps({**REPORT, "existing": existing}), encoding="utf-8")
    code, out, _ = explain(run, "shop/web", "www.example.com", "443", inventory=False)
    assert (code, "and 1 in force beside them" in out) == (0, True)


def test_the_map_counts_them_too(cluster, run):
    in_force(cluster, WIDER)
    _, out, _ = run("connectivity", "policies", "--inventory", "inventory.json")
    assert "policies in force beside them: 1" in out
    assert "-> fqdn:www.example.com" in out
    _, out, _ = run("connectivity", "policies", "--inventory", "inventory.json", "--existing", "ignore")
    assert "policies in force beside them: 0" in out
    assert "-> fqdn:www.example.com" not in out
