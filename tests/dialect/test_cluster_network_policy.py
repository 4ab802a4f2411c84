from __future__ import annotations

from itertools import chain

import pytest

from recommender.dialect import excluded_by_losses
from recommender.model.connection import AddressEndpoint, Connection, EntityEndpoint, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.manifest import Dialect
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer, PortRule
from recommender.semantics import PolicySet, settings_for
from tests.dialect.scene import DB_PEER, parsed, policy_of, rule, shop_written, written
from tests.policy.scene import SHOP_GROUPS, WEB, edge, end, group
from tests.semantics.samples import np

DIALECT = Dialect.CLUSTER_NETWORK_POLICY
HTTPS = PortRule(protocol=Protocol.TCP, port=443)
PING = PortRule(protocol=Protocol.ICMP, port=8)
ONE = edge(WEB, end("shop", "db"), 443)
PODS, NETWORKS = {"namespaces": {}}, {"networks": ["0.0.0.0/0", "::/0"]}
POD = PodEndpoint(namespace="shop", name="web-0", labels=(("app", "web"),))
OTHER = PodEndpoint(namespace="data", name="x-0", labels=())
ON_443 = [{"tcp": {"destinationPort": {"number": 443}}}]
DB = {
    "pods": {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}},
        "podSelector": {"matchLabels": {"app": "db"}},
    }
}


def said(*rules, of=SHOP_GROUPS[0], **changes):
    result = written([policy_of(*rules, of=of, **changes)], DIALECT, edges=(ONE,))
    return [document["spec"] for document in documents(result)], result.losses


def documents(result):
    return [next(iter(parsed(one).values())) for one in split(result)]


def split(result):
    """One result a manifest: several documents may say one policy."""
    for manifest in result.manifests:
        yield type(result)(manifests=(manifest,), kustomization=result.kustomization, losses=())


def to(peer, *ports, **other):
    return rule(peer, *ports, direction=Direction.EGRESS, **other)


def judged(result, *others):
    return PolicySet.parse([*documents(result), *others], namespaces={"shop": {}}, settings=settings_for(DIALECT))


def passes(policies, source, destination, port=443):
    connection = Connection(source=source, destination=destination, protocol=Protocol.TCP, port=port)
    return policies.judge(connection).allowed


def test_without_rules_pods_are_denied_both_ways_and_networks_in_egress():
    (spec,), (loss,) = said()
    assert (spec["tier"], spec["priority"]) == ("Baseline", 500)
    assert spec["subject"]["pods"]["podSelector"] == {"matchLabels": {"app": "web"}}
    assert spec["ingress"] == [{"action": "Deny", "from": [PODS]}]
    assert spec["egress"] == [{"action": "Deny", "to": [PODS, NETWORKS]}]
    assert loss.wider
    assert "nodes and addresses outside may connect" in loss.written


def test_accepts_of_pods_come_before_the_deny_of_pods_and_those_of_networks_after_it():
    (spec,), _ = said(to(CidrPeer(cidrs=("203.0.113.0/24",)), HTTPS), to(DB_PEER, HTTPS), rule(DB_PEER, HTTPS))
    assert spec["ingress"] == [
        {"action": "Accept", "from": [DB], "protocols": ON_443},
        {"action": "Deny", "from": [PODS]},
    ]
    assert spec["egress"] == [
        {"action": "Accept", "to": [DB], "protocols": ON_443},
        {"action": "Deny", "to": [PODS]},
        {"action": "Accept", "to": [{"networks": ["203.0.113.0/24"]}], "protocols": ON_443},
        {"action": "Deny", "to": [NETWORKS]},
    ]


def test_the_world_is_open_without_opening_pods():
    result = written([policy_of(to(EntityPeer(entity=Entity.WORLD), HTTPS))], DIALECT)
    policies = judged(result)
    assert passes(policies, POD, AddressEndpoint(address="203.0.113.1"))
    assert not passes(policies, POD, AddressEndpoint(address="203.0.113.1"), port=80)
    assert not passes(policies, POD, OTHER)
    assert not passes(policies, OTHER, POD)
    assert passes(policies, POD, EntityEndpoint(entity=Entity.REMOTE_NODE))
    assert not passes(policies, POD, EntityEndpoint(entity=Entity.REMOTE_NODE), port=80)


@pytest.mark.parametrize("entity", [Entity.HOST, Entity.REMOTE_NODE, Entity.KUBE_APISERVER, Entity.WORLD])
def test_what_is_no_pod_becomes_all_networks(entity):
    (spec,), losses = said(to(EntityPeer(entity=entity, addresses=("192.0.2.1",)), HTTPS))
    assert spec["egress"][1] == {"action": "Accept", "to": [NETWORKS], "protocols": ON_443}
    (loss,) = (one for one in losses if "entity" in one.wanted)
    assert (loss.written, loss.wider, loss.edges) == ("everything that is no pod, on these ports", True, ())


@pytest.mark.parametrize(
    "peer", [EntityPeer(entity=Entity.WORLD), EntityPeer(entity=Entity.REMOTE_NODE), CidrPeer(cidrs=("192.0.2.1/32",))]
)
def test_ingress_from_what_is_no_pod_stays_open_and_cuts_no_edge(peer):
    result = written([policy_of(rule(peer, HTTPS, edges=(ONE.edge_id,)))], DIALECT, edges=(ONE,))
    assert all(loss.wider and not loss.edges for loss in result.losses)
    assert len(result.losses) == 2
    assert "# STAYS OPEN from" in result.manifests[0].text
    assert "# STAYS OPEN: ingress from what is no pod" in result.manifests[0].text
    for source in (AddressEndpoint(address="203.0.113.1"), EntityEndpoint(entity=Entity.REMOTE_NODE)):
        assert passes(judged(result), source, POD, port=9999)


@pytest.mark.parametrize(("direction", "peers"), [(Direction.INGRESS, [PODS]), (Direction.EGRESS, [PODS, NETWORKS])])
def test_entities_that_may_be_pods_elsewhere_become_any_peer(direction, peers):
    (spec,), losses = said(rule(EntityPeer(entity=Entity.INGRESS), HTTPS, direction=direction))
    field = "from" if direction is Direction.INGRESS else "to"
    assert spec[direction.value][0] == {"action": "Accept", field: peers, "protocols": ON_443}
    assert any(loss.written == "any peer on these ports" for loss in losses)


def test_a_name_becomes_the_addresses_that_were_seen():
    (spec,), losses = said(to(FqdnPeer(name="api.example.com", addresses=("203.0.113.9",)), HTTPS))
    assert spec["egress"][1]["to"] == [{"networks": ["203.0.113.9/32"]}]
    assert any("api.example.com" in loss.wanted and not loss.wider for loss in losses)


@pytest.mark.parametrize(
    ("peer", "port"),
    [
        (DB_PEER, PING),
        (FqdnPeer(name="api.example.com"), HTTPS),
        (GroupPeer(group=group(end("shop", "db", cluster="west"))), HTTPS),
    ],
)
def test_what_cannot_be_said_is_left_out_with_its_edges(peer, port):
    (spec,), losses = said(to(peer, port, edges=(ONE.edge_id,)))
    assert spec["egress"] == [{"action": "Deny", "to": [PODS, NETWORKS]}]
    assert set(excluded_by_losses(losses)) == {ONE.edge_id}


def test_a_group_known_by_service_account_gets_no_policy_and_stays_open():
    result = written([policy_of(of=group(WEB, labels={}, service_account="runner"))], DIALECT)
    assert result.manifests == ()
    (loss,) = result.losses
    assert loss.wider


def test_ports_and_networks_are_split_at_25():
    ports = [PortRule(protocol=Protocol.UDP, port=number) for number in range(1, 31)]
    networks = tuple(f"203.0.{number}.0/24" for number in range(0, 120, 2))
    (spec,), _ = said(rule(DB_PEER, *ports), to(CidrPeer(cidrs=networks), HTTPS))
    assert [len(one.get("protocols", ())) for one in spec["ingress"]] == [25, 5, 0]
    accept = spec["egress"][1]
    assert [len(peer["networks"]) for peer in accept["to"]] == [25, 25, 10]


def test_more_rules_than_one_object_may_hold_go_on_in_the_next_with_the_denials_in_place():
    pods = [GroupPeer(group=group(end("data", f"db{number}"))) for number in range(30)]
    outside = [CidrPeer(cidrs=(f"203.0.{number}.0/24",)) for number in range(0, 60, 2)]
    rules = [to(peer, HTTPS) for peer in (*pods, *outside)]
    result = written([policy_of(*rules, rule(DB_PEER, HTTPS))], DIALECT)
    assert [one.path for one in result.manifests] == [
        "policies/shop/web-aaaaaa.yaml",
        "policies/shop/web-aaaaaa_02.yaml",
        "policies/shop/web-aaaaaa_03.yaml",
    ]
    found = documents(result)
    assert [document["metadata"]["name"] for document in found] == ["web-aaaaaa", "web-aaaaaa-2", "web-aaaaaa-3"]
    assert [document["spec"]["priority"] for document in found] == [500, 501, 502]
    actions = [[one["action"] for one in document["spec"]["egress"]] for document in found]
    assert [len(one) for one in actions] == [25, 25, 12]
    assert [number for number, one in enumerate(chain(*actions)) if one == "Deny"] == [30, 61]
    assert "ingress" not in found[1]["spec"]
    assert all(one.policy == "web-aaaaaa" for one in result.manifests)
    policies = judged(result)
    assert passes(policies, POD, PodEndpoint(namespace="data", name="a", labels=(("app", "db29"),)))
    assert not passes(policies, POD, OTHER)
    assert passes(policies, POD, AddressEndpoint(address="203.0.58.1"))
    assert not passes(policies, POD, AddressEndpoint(address="203.0.59.1"))


def test_a_networkpolicy_of_the_same_pods_decides_instead():
    result = written([policy_of(to(DB_PEER, HTTPS))], DIALECT)
    assert not passes(judged(result), POD, OTHER)
    opened = np("open", podSelector={"matchLabels": {"app": "web"}}, egress=[{}], policyTypes=["Egress"])
    assert passes(judged(result, opened), POD, OTHER)
    closed = np("close", podSelector={"matchLabels": {"app": "web"}}, policyTypes=["Egress"])
    db = PodEndpoint(namespace="shop", name="db-0", labels=(("app", "db"),))
    assert passes(judged(result), POD, db)
    assert not passes(judged(result, closed), POD, db)


def test_only_fields_of_the_standard_channel_are_written():
    text = "".join(one.text for one in shop_written(DIALECT).manifests)
    assert "nodes:" not in text
    assert "domainNames:" not in text
    for document in parsed(shop_written(DIALECT)).values():
        assert "namespace" not in document["metadata"]


def test_a_range_of_ports_is_said_as_one():
    ports = (PortRule(protocol=Protocol.UDP, port=53), PortRule(protocol=Protocol.UDP, port=40000, end_port=40100))
    (spec,), _ = said(to(DB_PEER, *ports))
    assert spec["egress"][0]["protocols"] == [
        {"udp": {"destinationPort": {"number": 53}}},
        {"udp": {"destinationPort": {"range": {"start": 40000, "end": 40100}}}},
    ]
