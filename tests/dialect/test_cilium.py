"""The traps of CiliumNetworkPolicy, one test each."""

from __future__ import annotations

import pytest

from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.group import Group, GroupOrigin, Requirement, Selector
from recommender.model.manifest import Dialect
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer, PortRule
from tests.dialect.scene import DB_PEER, parsed, policy_of, rule, shop_written, written
from tests.policy.scene import SHOP_GROUPS, WEB, end, group

L3_KEYS = {
    "fromEndpoints", "fromEntities", "fromCIDR", "toEndpoints", "toEntities", "toCIDR", "toFQDNs",
}  # fmt: skip
HTTPS = PortRule(protocol=Protocol.TCP, port=443)


def spec(*rules, of=SHOP_GROUPS[0], **changes):
    (document,) = parsed(written([policy_of(*rules, of=of, **changes)], Dialect.CILIUM)).values()
    return document["spec"]


def all_items():
    for document in parsed(shop_written(Dialect.CILIUM)).values():
        for direction in ("ingress", "egress"):
            yield from ((direction, item) for item in document["spec"][direction] if item)


def test_no_rules_means_default_deny_by_one_empty_item():
    found = spec()
    assert found["ingress"] == found["egress"] == [{}]
    assert found["enableDefaultDeny"] == {"ingress": True, "egress": True}


def test_a_direction_that_is_not_isolated_is_left_out():
    found = spec(isolate_egress=False)
    assert "egress" not in found
    assert found["enableDefaultDeny"] == {"ingress": True, "egress": False}


def test_every_item_has_exactly_one_kind_of_peer_and_never_both_ports_and_icmp():
    items = list(all_items())
    assert len(items) > 10
    for direction, item in items:
        assert len(L3_KEYS & item.keys()) == 1, item
        assert ("toPorts" in item) != ("icmps" in item)
        (peer,) = L3_KEYS & item.keys()
        assert peer.startswith("from" if direction == "ingress" else "to")


def test_ports_are_text_with_a_protocol():
    for _, item in all_items():
        for part in item.get("toPorts", []):
            for port in part["ports"]:
                assert isinstance(port["port"], str)
                assert port["protocol"] in {"TCP", "UDP", "SCTP"}


def test_icmp_types_are_numbers_in_an_item_of_their_own():
    ping = PortRule(protocol=Protocol.ICMPV6, port=128)
    assert spec(rule(DB_PEER, ping))["ingress"][0]["icmps"] == [{"fields": [{"family": "IPv6", "type": 128}]}]


def test_selectors_carry_the_source_prefix_and_peers_their_namespace():
    found = spec(rule(DB_PEER, HTTPS))
    assert found["endpointSelector"] == {"matchLabels": {"k8s:app": "web"}}
    assert found["ingress"][0]["fromEndpoints"] == [
        {"matchLabels": {"k8s:app": "db", "k8s:io.kubernetes.pod.namespace": "shop"}}
    ]


def test_several_values_and_mere_presence_become_expressions():
    chosen = Group(
        name="many",
        namespace="shop",
        members=(WEB,),
        origin=GroupOrigin.SHARED_LABELS,
        selector=Selector(requirements=(Requirement(key="app", values=("a", "b")), Requirement(key="x", values=()))),
    )
    assert spec(of=chosen)["endpointSelector"] == {
        "matchExpressions": [
            {"key": "k8s:app", "operator": "In", "values": ["a", "b"]},
            {"key": "k8s:x", "operator": "Exists"},
        ]
    }


def test_service_accounts_are_a_label():
    found = spec(of=group(WEB, labels={}, service_account="runner"))
    assert found["endpointSelector"] == {"matchLabels": {"k8s:io.cilium.k8s.policy.serviceaccount": "runner"}}


def test_peers_of_another_cluster_name_it():
    far = group(end("shop", "db", cluster="west"))
    labels = spec(rule(GroupPeer(group=far), HTTPS))["ingress"][0]["fromEndpoints"][0]["matchLabels"]
    assert labels["k8s:io.cilium.k8s.policy.cluster"] == "west"


def test_with_several_clusters_every_selector_names_its_own():
    east, west = (group(end("shop", "web", cluster=name)) for name in ("east", "west"))
    chosen = [policy_of(rule(GroupPeer(group=one), HTTPS), of=one) for one in (east, west)]
    for name, document in parsed(written(chosen, Dialect.CILIUM)).items():
        cluster = name.partition("/")[0]
        assert document["metadata"]["annotations"]["netpol-recommend/cluster"] == cluster
        own = document["spec"]["endpointSelector"]["matchLabels"]
        peer = document["spec"]["ingress"][0]["fromEndpoints"][0]["matchLabels"]
        assert own["k8s:io.cilium.k8s.policy.cluster"] == peer["k8s:io.cilium.k8s.policy.cluster"] == cluster


def test_more_than_forty_ports_are_split_into_lists():
    many = [PortRule(protocol=Protocol.TCP, port=port) for port in range(1000, 1085)]
    (item,) = spec(rule(DB_PEER, *many))["ingress"]
    assert [len(part["ports"]) for part in item["toPorts"]] == [40, 40, 5]


DNS_PORTS = [PortRule(protocol=protocol, port=53) for protocol in (Protocol.TCP, Protocol.UDP)]
DNS_RULES = [
    rule(DB_PEER, *DNS_PORTS, direction=direction, baseline=Baseline.DNS)
    for direction in (Direction.EGRESS, Direction.INGRESS)
]


def test_dns_egress_goes_through_the_proxy_where_a_name_needs_it_and_dns_ingress_never_does():
    name = rule(FqdnPeer(name="api.example.com"), PortRule(protocol=Protocol.TCP, port=443), direction=Direction.EGRESS)
    found = spec(*DNS_RULES, name)
    egress = [part for item in found["egress"] for part in item["toPorts"]]
    assert [part.get("rules") for part in egress] == [{"dns": [{"matchPattern": "*"}]}, None]
    assert all("rules" not in part for item in found["ingress"] for part in item["toPorts"])


def test_without_names_dns_needs_no_proxy():
    found = spec(*DNS_RULES)
    assert all("rules" not in part for item in found["egress"] for part in item["toPorts"])


def test_names_never_stand_without_a_dns_rule():
    for document in parsed(shop_written(Dialect.CILIUM)).values():
        egress = document["spec"]["egress"]
        if any("toFQDNs" in item for item in egress):
            assert any("rules" in part for item in egress for part in item.get("toPorts", []))


@pytest.mark.parametrize(
    ("peer", "direction", "expected"),
    [
        (EntityPeer(entity=Entity.REMOTE_NODE), Direction.INGRESS, {"fromEntities": ["remote-node"]}),
        (EntityPeer(entity=Entity.HOST), Direction.EGRESS, {"toEntities": ["host"]}),
        (CidrPeer(cidrs=("203.0.113.0/31",)), Direction.EGRESS, {"toCIDR": ["203.0.113.0/31"]}),
        (CidrPeer(cidrs=("203.0.113.0/31",)), Direction.INGRESS, {"fromCIDR": ["203.0.113.0/31"]}),
        (FqdnPeer(name="a.example.com"), Direction.EGRESS, {"toFQDNs": [{"matchName": "a.example.com"}]}),
    ],
)
def test_each_peer_has_its_key(peer, direction, expected):
    (item,) = spec(rule(peer, HTTPS, direction=direction))[direction.value]
    assert expected.items() <= item.items()


def test_cilium_loses_nothing():
    assert shop_written(Dialect.CILIUM).losses == ()


def rest_of_shop(*values):
    """All pods of the shop but those with one of these app labels."""
    requirements = (Requirement(key="app", values=values, absent=True),) if values else ()
    return Group(
        name="all-pods",
        namespace="shop",
        members=(WEB,),
        origin=GroupOrigin.NAMESPACE,
        selector=Selector(requirements=requirements),
    )


def test_a_whole_namespace_is_an_empty_selector_as_subject_and_its_name_as_peer():
    found = spec(rule(GroupPeer(group=rest_of_shop()), HTTPS), of=rest_of_shop())
    assert found["endpointSelector"] == {}
    assert found["ingress"][0]["fromEndpoints"] == [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "shop"}}]


def test_pods_held_apart_are_left_out_as_subject_and_as_peer():
    found = spec(rule(GroupPeer(group=rest_of_shop("api", "vault")), HTTPS), of=rest_of_shop("api", "vault"))
    left_out = [{"key": "k8s:app", "operator": "NotIn", "values": ["api", "vault"]}]
    assert found["endpointSelector"] == {"matchExpressions": left_out}
    assert found["ingress"][0]["fromEndpoints"] == [
        {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "shop"}, "matchExpressions": left_out}
    ]


def test_a_rule_for_every_port_names_none():
    (item,) = spec(rule(DB_PEER))["ingress"]
    assert item.keys() == {"fromEndpoints"}


def test_exceptions_stand_beside_the_prefix_that_holds_them():
    peer = CidrPeer(cidrs=("0.0.0.0/0", "::/0"), excepted=("10.0.0.0/8", "fc00::/7"))
    (item,) = spec(rule(peer, HTTPS, direction=Direction.EGRESS))["egress"]
    assert item["toCIDRSet"] == [
        {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]},
        {"cidr": "::/0", "except": ["fc00::/7"]},
    ]


def test_a_policy_that_isolates_nothing_only_adds():
    found = spec(rule(DB_PEER, HTTPS), isolate_ingress=False, isolate_egress=False)
    assert found["enableDefaultDeny"] == {"ingress": False, "egress": False}
    assert "egress" not in found
