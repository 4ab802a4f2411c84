from __future__ import annotations

from dataclasses import replace

import kubernetes_validate
import pytest
import yaml

from recommender.dialect import excluded_by_losses
from recommender.model.disposition import Disposition
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.group import Requirement, Selector
from recommender.model.manifest import Dialect
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer, PortRule
from tests.dialect.scene import DB_PEER, parsed, policy_of, rule, shop_written, written
from tests.policy.scene import SHOP_GROUPS, WEB, edge, end, group

HTTPS = PortRule(protocol=Protocol.TCP, port=443)
PING = PortRule(protocol=Protocol.ICMP, port=8)
ONE = edge(WEB, end("shop", "db"), 443)


def said(*rules, of=SHOP_GROUPS[0]):
    result = written([policy_of(*rules, of=of)], Dialect.KUBERNETES, edges=(ONE,))
    return next(iter(parsed(result).values()))["spec"], result.losses


@pytest.mark.parametrize("version", ["1.30", "1.34"])
def test_the_api_server_accepts_every_manifest(version):
    manifests = shop_written(Dialect.KUBERNETES).manifests
    assert len(manifests) == 4
    for manifest in manifests:
        kubernetes_validate.validate(yaml.safe_load(manifest.text), version, strict=True)


def test_both_policy_types_are_always_written_and_empty_lists_deny():
    spec, losses = said()
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec["ingress"] == spec["egress"] == []
    assert losses == ()


def test_no_item_is_empty_since_that_would_allow_everything():
    for document in parsed(shop_written(Dialect.KUBERNETES)).values():
        for direction in ("ingress", "egress"):
            for item in document["spec"][direction]:
                assert item["ports"]
                assert item.get("from", item.get("to", [{}]))


def test_namespace_and_pod_selector_stand_in_one_item():
    spec, losses = said(rule(DB_PEER, HTTPS))
    assert spec["ingress"] == [
        {
            "from": [
                {
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}},
                    "podSelector": {"matchLabels": {"app": "db"}},
                }
            ],
            "ports": [{"protocol": "TCP", "port": 443}],
        }
    ]
    assert losses == ()


@pytest.mark.parametrize(
    "which", [Entity.KUBE_APISERVER, Entity.REMOTE_NODE, Entity.HOST, Entity.INGRESS, Entity.HEALTH]
)
def test_entities_become_any_peer_with_a_loss_that_names_their_addresses(which):
    spec, (loss,) = said(rule(EntityPeer(entity=which, addresses=("192.0.2.10",)), HTTPS, direction=Direction.EGRESS))
    assert spec["egress"] == [{"ports": [{"protocol": "TCP", "port": 443}]}]
    assert loss.wider
    assert "192.0.2.10" in loss.wanted
    assert loss.edges == ()


def test_the_world_becomes_both_families():
    spec, (loss,) = said(rule(EntityPeer(entity=Entity.WORLD), HTTPS))
    assert spec["ingress"][0]["from"] == [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0"}}]
    assert loss.wider


def test_names_become_the_addresses_seen():
    peer = FqdnPeer(name="api.example.com", addresses=("2001:db8::1", "203.0.113.10", "203.0.113.9", "bad"))
    spec, (loss,) = said(rule(peer, HTTPS, direction=Direction.EGRESS))
    assert [one["ipBlock"]["cidr"] for one in spec["egress"][0]["to"]] == [
        "203.0.113.9/32",
        "203.0.113.10/32",
        "2001:db8::1/128",
    ]
    assert not loss.wider


def test_addresses_become_blocks():
    spec, losses = said(rule(CidrPeer(cidrs=("203.0.113.0/31", "2001:db8::/128")), HTTPS, direction=Direction.EGRESS))
    assert [one["ipBlock"]["cidr"] for one in spec["egress"][0]["to"]] == ["203.0.113.0/31", "2001:db8::/128"]
    assert losses == ()


@pytest.mark.parametrize(
    ("peer", "port"),
    [
        (DB_PEER, PING),
        (FqdnPeer(name="api.example.com"), HTTPS),
        (GroupPeer(group=group(end("shop", "db", cluster="west"))), HTTPS),
    ],
)
def test_what_cannot_be_said_is_left_out_with_its_edges(peer, port):
    spec, (loss,) = said(rule(peer, port, edges=(ONE.edge_id,)))
    assert spec["ingress"] == []
    assert (loss.written, loss.edges, loss.wider) == ("nothing", (ONE.edge_id,), False)
    excluded = excluded_by_losses([loss])
    assert excluded[ONE.edge_id].disposition is Disposition.EXCLUDED
    assert excluded[ONE.edge_id].reason


@pytest.mark.parametrize(("labels", "pods"), [({}, None), ({"app": "db"}, {"matchLabels": {"app": "db"}})])
def test_a_peer_known_by_service_account_becomes_its_namespace(labels, pods):
    peer = GroupPeer(group=group(end("data", "db"), labels=labels, service_account="runner"))
    spec, (loss,) = said(rule(peer, HTTPS, edges=(ONE.edge_id,)))
    expected = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "data"}}}
    (item,) = spec["ingress"]
    assert item["from"] == [expected | ({"podSelector": pods} if pods else {})]
    assert loss.wider
    assert loss.edges == ()
    assert "namespace data" in loss.written


def test_what_is_left_out_is_said_in_the_manifest():
    chosen = [policy_of(rule(DB_PEER, PING, edges=(ONE.edge_id,)))]
    (manifest,) = written(chosen, Dialect.KUBERNETES, edges=(ONE,)).manifests
    assert "  # LEFT OUT from shop/db on ICMPv4/8" in manifest.text
    assert "no ingress was seen" not in manifest.text
    assert "  # no egress was seen: all of it is denied\n  egress: []" in manifest.text


def test_a_group_known_by_service_account_gets_no_policy_and_stays_open():
    of = group(WEB, labels={}, service_account="runner")
    result = written([policy_of(rule(DB_PEER, HTTPS, edges=(ONE.edge_id,)), of=of)], Dialect.KUBERNETES, edges=(ONE,))
    assert result.manifests == ()
    (loss,) = result.losses
    assert loss.wider
    assert loss.edges == ()
    assert yaml.safe_load(result.kustomization.text)["resources"] == []


def test_losses_are_sorted_and_the_first_reason_stands():
    losses = shop_written(Dialect.KUBERNETES).losses
    assert list(losses) == sorted(losses, key=lambda loss: (loss.policy, loss.subject, loss.wanted, loss.written))
    assert excluded_by_losses(losses) == excluded_by_losses(tuple(reversed(losses)))
    assert set(excluded_by_losses(losses)) == {
        edge(WEB, end("shop", "db", kind="StatefulSet"), 8, Protocol.ICMP).edge_id
    }


def test_a_whole_namespace_but_some_and_every_port_and_exceptions_can_be_said():
    requirement = Requirement(key="app", values=("vault",), absent=True)
    rest = replace(SHOP_GROUPS[0], name="all-pods", selector=Selector(requirements=(requirement,)))
    outside = CidrPeer(cidrs=("0.0.0.0/0", "::/0"), excepted=("10.0.0.0/8", "fc00::/7"))
    spec, losses = said(rule(GroupPeer(group=rest)), rule(outside, HTTPS, direction=Direction.EGRESS), of=rest)
    left_out = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["vault"]}]}
    assert losses == ()
    assert spec["podSelector"] == left_out
    shop = {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}
    assert spec["ingress"] == [{"from": [{"namespaceSelector": shop, "podSelector": left_out}]}]
    assert [peer["ipBlock"] for peer in spec["egress"][0]["to"]] == [
        {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]},
        {"cidr": "::/0", "except": ["fc00::/7"]},
    ]


def test_a_policy_that_only_adds_names_just_the_direction_that_it_adds_to():
    adding = policy_of(rule(DB_PEER, HTTPS), isolate_ingress=False, isolate_egress=False)
    (document,) = parsed(written([adding], Dialect.KUBERNETES, edges=(ONE,))).values()
    assert document["spec"]["policyTypes"] == ["Ingress"]
    assert "egress" not in document["spec"]
