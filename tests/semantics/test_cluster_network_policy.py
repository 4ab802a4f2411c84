"""From the text of policy.networking.k8s.io/v1alpha2 (network-policy-api v0.2.0)."""

import pytest

from recommender.errors import InvalidPolicyError
from recommender.model.connection import Outcome
from recommender.model.edge import Protocol
from recommender.model.explanation import Basis, RuleAction
from recommender.semantics.explain import explain
from tests.semantics.samples import address, app, cnp, connection, entity, np, pod, policies

ALL_PODS = {"namespaceSelector": {}, "podSelector": {}}
SHOP = {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}
WEB = {"pods": {"namespaceSelector": {}, "podSelector": app("web")}}
DEFAULT_DENY = np("deny", policyTypes=["Ingress", "Egress"])


def tiered(name="p", *, tier="Admin", priority=10, subject=None, **rules):
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": {"tier": tier, "priority": priority, "subject": subject or {"pods": ALL_PODS}, **rules},
    }


def rule(action, *peers, side="from", **other):
    return {"action": action, side: list(peers or (SHOP,)), **other}


def tcp(port):
    return {"tcp": {"destinationPort": {"number": port}}}


def ingress(*documents, source=None, port=80, **settings):
    judged = policies(*documents, **settings).judge(connection(source or pod("web"), pod("db"), port=port))
    return judged.ingress.outcome


def egress(*documents, destination, port=443, **settings):
    return policies(*documents, **settings).judge(connection(pod("web"), destination, port=port)).egress.outcome


def test_without_a_matching_rule_nothing_is_denied():
    assert ingress(tiered(ingress=[rule("Deny", WEB, protocols=[tcp(22)])])) is Outcome.ALLOWED


def test_admin_accept_beats_isolation_and_deny_beats_allow():
    assert ingress(DEFAULT_DENY) is Outcome.DENIED
    assert ingress(DEFAULT_DENY, tiered(ingress=[rule("Accept")])) is Outcome.ALLOWED
    opened = np("open", ingress=[{}])
    assert ingress(opened, tiered(ingress=[rule("Deny")])) is Outcome.DENIED


def test_admin_accept_beats_a_cilium_deny():
    denying = cnp("no", ingressDeny=[{"fromEndpoints": [{}]}])
    assert ingress(denying) is Outcome.DENIED
    assert ingress(denying, tiered(ingress=[rule("Accept")])) is Outcome.ALLOWED


def test_the_lower_priority_number_decides_then_the_order_of_rules():
    accept = tiered("a", priority=5, ingress=[rule("Accept")])
    deny = tiered("b", priority=6, ingress=[rule("Deny")])
    assert ingress(deny, accept) is Outcome.ALLOWED
    assert ingress(tiered(ingress=[rule("Deny", WEB), rule("Accept")])) is Outcome.DENIED
    assert ingress(tiered(ingress=[rule("Accept"), rule("Deny", WEB)])) is Outcome.ALLOWED


def test_pass_skips_the_rest_of_its_tier_only():
    passing = tiered("a", priority=1, ingress=[rule("Pass", WEB)])
    denying = tiered("b", priority=2, ingress=[rule("Deny")])
    assert ingress(passing, denying) is Outcome.ALLOWED
    assert ingress(passing, denying, source=pod("api")) is Outcome.DENIED
    assert ingress(passing, DEFAULT_DENY) is Outcome.DENIED
    assert ingress(passing, tiered("c", tier="Baseline", ingress=[rule("Deny")])) is Outcome.DENIED


def test_baseline_decides_only_where_nothing_isolates():
    baseline = tiered(tier="Baseline", ingress=[rule("Deny")])
    assert ingress(baseline) is Outcome.DENIED
    assert ingress(baseline, np("open", ingress=[{}])) is Outcome.ALLOWED
    accept = tiered(tier="Baseline", ingress=[rule("Accept")])
    assert ingress(accept, DEFAULT_DENY) is Outcome.DENIED
    assert ingress(accept, DEFAULT_DENY, baseline_opens_isolated=True) is Outcome.ALLOWED


def test_isolation_in_one_direction_leaves_the_baseline_of_the_other():
    baseline = tiered(tier="Baseline", ingress=[rule("Deny")])
    isolated = np("egress-only", policyTypes=["Egress"])
    assert ingress(baseline, isolated) is Outcome.DENIED


def test_a_policy_without_rules_in_a_direction_does_not_touch_it():
    only_egress = tiered(egress=[rule("Deny", side="to")])
    assert ingress(only_egress) is Outcome.ALLOWED
    assert egress(only_egress, destination=pod("db")) is Outcome.DENIED


@pytest.mark.parametrize(("action", "expected"), [("Accept", Outcome.DENIED), ("Deny", Outcome.DENIED)])
def test_an_unknown_peer_fails_closed(action, expected):
    unknown = tiered(ingress=[rule(action, {"somethingNew": {}})])
    assert ingress(unknown, *([DEFAULT_DENY] if action == "Accept" else [])) is expected


def test_an_unknown_peer_of_a_pass_rule_denies():
    assert ingress(tiered(ingress=[rule("Pass", {})])) is Outcome.DENIED


def test_networks_and_names_are_egress_peers():
    denied = tiered(egress=[rule("Deny", {"networks": ["192.0.2.0/24"]}, side="to")])
    assert egress(denied, destination=address("192.0.2.7")) is Outcome.DENIED
    assert egress(denied, destination=address("198.51.100.7")) is Outcome.ALLOWED
    named = tiered(
        egress=[
            rule("Accept", {"domainNames": ["*.example.com"]}, side="to"),
            rule("Deny", {"networks": ["0.0.0.0/0"]}, side="to"),
        ]
    )
    assert egress(named, destination=address("192.0.2.7", "a.b.example.com")) is Outcome.ALLOWED
    assert egress(named, destination=address("192.0.2.7", "example.com")) is Outcome.DENIED


def test_networks_match_pods_where_the_cni_lets_them():
    denied = tiered(egress=[rule("Deny", {"networks": ["10.244.0.0/16"]}, side="to")])
    inside = pod("db", addresses=("10.244.1.1",))
    assert egress(denied, destination=inside) is Outcome.ALLOWED
    assert egress(denied, destination=inside, cidr_matches_pods=True) is Outcome.DENIED


def test_all_nodes_and_nodes_by_label():
    every = tiered(egress=[rule("Deny", {"nodes": {}}, side="to")])
    assert egress(every, destination=entity("remote-node")) is Outcome.DENIED
    assert egress(every, destination=pod("db")) is Outcome.ALLOWED
    some = {"nodes": {"matchLabels": {"role": "edge"}}}
    assert egress(tiered(egress=[rule("Deny", some, side="to")]), destination=entity("host")) is Outcome.DENIED
    accept = tiered(egress=[rule("Accept", some, side="to")])
    assert egress(accept, DEFAULT_DENY, destination=entity("host")) is Outcome.DENIED


def test_protocols_and_named_ports():
    ranged = {"udp": {"destinationPort": {"range": {"start": 8000, "end": 8100}}}}
    some = policies(tiered(ingress=[rule("Deny", protocols=[ranged, {"destinationNamedPort": "http"}])]))
    server = pod("db", named_ports=(("http", "TCP", 8080),))
    outcomes = [
        some.judge(connection(pod("web"), server, port=port, protocol=protocol)).ingress.outcome
        for protocol, port in ((Protocol.UDP, 8100), (Protocol.TCP, 8080), (Protocol.TCP, 8081), (Protocol.UDP, 80))
    ]
    assert outcomes == [Outcome.DENIED, Outcome.DENIED, Outcome.ALLOWED, Outcome.ALLOWED]


def test_negated_namespaces_select_pods_only_unless_cilium_is_followed():
    others = {"namespaces": {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["red"]}]}}
    denied = tiered(ingress=[rule("Deny", others)])
    assert ingress(denied) is Outcome.DENIED
    assert ingress(denied, source=address("192.0.2.1")) is Outcome.ALLOWED
    outside = ingress(denied, source=address("192.0.2.1"), negated_namespaces_match_all_kinds=True)
    assert outside is Outcome.DENIED


def test_an_explanation_names_tier_action_and_who_handed_over():
    judged = policies(
        tiered("first", priority=1, ingress=[rule("Pass", WEB)]),
        tiered("last", tier="Baseline", ingress=[rule("Deny")]),
    )
    said = explain(judged, connection(pod("web"), pod("db"))).ingress
    assert [(item.policy, item.tier, item.action) for item in said.passed_by] == [
        ("ClusterNetworkPolicy/first", "Admin", RuleAction.PASS)
    ]
    assert [(item.policy, item.path, item.tier) for item in said.rules] == [
        ("ClusterNetworkPolicy/last", "spec.ingress[0]", "Baseline")
    ]
    assert said.basis is Basis.RULE


LONG = [rule("Deny") for _ in range(26)]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"tier": "Normal"}, "supported are Admin and Baseline"),
        ({"priority": 1001}, "between 0 and 1000"),
        ({"priority": "5"}, "must be an integer"),
        ({"subject": {}}, "exactly one of namespaces and pods"),
        ({"subject": {"namespaces": {}, "pods": ALL_PODS}}, "exactly one of namespaces and pods"),
        ({"subject": {"pods": {"podSelector": {}}}}, "namespaceSelector is missing"),
        ({"ingress": LONG}, "the maximum is 25"),
        ({"ingress": [{"action": "Deny", "from": []}]}, "1 to 25 peers"),
        ({"ingress": [rule("Deny", *[SHOP] * 26)]}, "1 to 25 peers"),
        ({"ingress": [rule("Allow")]}, "supported are Accept, Deny, Pass"),
        ({"ingress": [rule("Deny", name="n" * 101)]}, "longer than 100"),
        ({"ingress": [rule("Deny", {**SHOP, **WEB})]}, "exactly one of"),
        ({"ingress": [rule("Deny", protocols=[])]}, "1 to 25 items"),
        ({"ingress": [rule("Deny", protocols=[{"tcp": {}}])]}, "destinationPort is missing"),
        ({"ingress": [rule("Deny", protocols=[{**tcp(1), "destinationNamedPort": "http"}])]}, "exactly one of tcp"),
        ({"ingress": [rule("Deny", protocols=[tcp(0)])]}, "between 1 and 65535"),
        (
            {"ingress": [rule("Deny", protocols=[{"tcp": {"destinationPort": {"range": {"start": 5, "end": 5}}}}])]},
            "start must be less than end",
        ),
        ({"egress": [rule("Deny", {"domainNames": ["example.com"]}, side="to")]}, "only supported in rules"),
        ({"egress": [rule("Accept", {"domainNames": ["*.com"]}, side="to")]}, "not a domain name"),
        ({"egress": [rule("Deny", {"networks": ["192.0.2.0"]}, side="to")]}, "not a CIDR"),
        ({"egress": [rule("Deny", {"networks": ["::/0"] * 2}, side="to")]}, "given twice"),
        (
            {"egress": [rule("Deny", {"nodes": {}}, side="to", protocols=[{"destinationNamedPort": "http"}])]},
            "cannot be used with networks",
        ),
    ],
)
def test_what_the_schema_refuses(spec, words):
    document = tiered()
    document["spec"].update(spec)
    with pytest.raises(InvalidPolicyError, match=words):
        policies(document)
