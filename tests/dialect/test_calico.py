from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dialect import excluded_by_losses
from recommender.model.connection import AddressEndpoint, Connection, EntityEndpoint, PodEndpoint
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.group import Requirement, Selector
from recommender.model.manifest import Dialect
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer, PortRule
from recommender.semantics import PolicySet
from recommender.semantics.calico_expression import Compared, Comparison
from recommender.semantics.calico_parser import parse_expression
from tests.dialect.scene import DB_PEER, parsed, policy_of, rule, shop_written, written
from tests.dialect.test_write import HOSTILE, hostile_group
from tests.policy.scene import SHOP_GROUPS, WEB, edge, end, group

HTTPS = PortRule(protocol=Protocol.TCP, port=443)
PING = PortRule(protocol=Protocol.ICMP, port=8)
ONE = edge(WEB, end("shop", "db"), 443)
OUTSIDE = [Entity.HOST, Entity.REMOTE_NODE, Entity.KUBE_APISERVER, Entity.WORLD]
DB = {"selector": "app == 'db'", "namespaceSelector": "kubernetes.io/metadata.name == 'shop'"}
NO_POD = {"notSelector": "projectcalico.org/orchestrator == 'k8s'"}


def said(*rules, of=SHOP_GROUPS[0], **changes):
    result = written([policy_of(*rules, of=of, **changes)], Dialect.CALICO, edges=(ONE,))
    return next(iter(parsed(result).values())), result.losses


def to(peer, *ports, **other):
    return rule(peer, *ports, direction=Direction.EGRESS, **other)


def test_types_and_order_are_always_written_and_empty_lists_deny():
    document, losses = said()
    assert document["apiVersion"] == "projectcalico.org/v3"
    assert document["kind"] == "NetworkPolicy"
    assert document["metadata"]["namespace"] == "shop"
    assert document["spec"] == {
        "order": 1000,
        "selector": "app == 'web'",
        "types": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [],
    }
    assert losses == ()


def test_a_direction_that_is_not_isolated_is_left_alone():
    document, _ = said(isolate_ingress=False)
    assert document["spec"]["types"] == ["Egress"]
    assert "ingress" not in document["spec"]
    assert written([policy_of(isolate_ingress=False, isolate_egress=False)], Dialect.CALICO).manifests == ()


def test_every_rule_allows_and_has_a_protocol_of_its_own():
    for document in parsed(shop_written(Dialect.CALICO)).values():
        for one in (*document["spec"]["ingress"], *document["spec"]["egress"]):
            assert one["action"] == "Allow"
            assert one["protocol"] in {"TCP", "UDP", "SCTP", "ICMP", "ICMPv6"}


def test_ports_stand_with_the_destination_whatever_the_direction():
    mixed = (PortRule(protocol=Protocol.TCP, port=53), PortRule(protocol=Protocol.UDP, port=53))
    document, losses = said(rule(DB_PEER, HTTPS), to(DB_PEER, *mixed))
    assert document["spec"]["ingress"] == [
        {"action": "Allow", "protocol": "TCP", "source": DB, "destination": {"ports": [443]}}
    ]
    assert document["spec"]["egress"] == [
        {"action": "Allow", "protocol": protocol, "destination": {**DB, "ports": [53]}} for protocol in ("TCP", "UDP")
    ]
    assert losses == ()


def test_icmp_is_said_by_type():
    six = PortRule(protocol=Protocol.ICMPV6, port=128)
    document, losses = said(to(DB_PEER, PING, six))
    assert document["spec"]["egress"] == [
        {"action": "Allow", "protocol": "ICMP", "icmp": {"type": 8}, "destination": DB},
        {"action": "Allow", "protocol": "ICMPv6", "icmp": {"type": 128}, "destination": DB},
    ]
    assert losses == ()


@pytest.mark.parametrize("entity", OUTSIDE)
@pytest.mark.parametrize("direction", list(Direction))
def test_what_is_no_pod_is_named_by_not_being_one_in_a_global_policy(entity, direction):
    peer = EntityPeer(entity=entity, addresses=("192.0.2.10",))
    document, (loss,) = said(rule(peer, HTTPS, direction=direction))
    assert document["kind"] == "GlobalNetworkPolicy"
    assert "namespace" not in document["metadata"]
    assert document["spec"]["namespaceSelector"] == "kubernetes.io/metadata.name == 'shop'"
    (one,) = document["spec"][direction.value]
    assert one.get("source", one["destination"]).items() >= NO_POD.items()
    assert loss.wider
    assert (loss.written, loss.edges) == ("everything that is no pod, on these ports", ())
    assert "192.0.2.10" in loss.wanted


def test_such_a_rule_lets_no_pod_through():
    document, _ = said(to(EntityPeer(entity=Entity.WORLD), HTTPS))
    judged = PolicySet.parse([document], namespaces={"shop": {}})
    web = PodEndpoint(namespace="shop", name="web-0", labels=(("app", "web"),))

    def sends(destination):
        return judged.judge(
            Connection(source=web, destination=destination, protocol=Protocol.TCP, port=443)
        ).egress.outcome

    assert sends(AddressEndpoint(address="203.0.113.1")) == "allowed"
    assert sends(EntityEndpoint(entity=Entity.REMOTE_NODE)) == "allowed"
    assert sends(PodEndpoint(namespace="data", name="db-0", labels=())) == "denied"


@pytest.mark.parametrize("entity", [Entity.INGRESS, Entity.HEALTH])
def test_entities_that_may_be_pods_elsewhere_become_any_peer(entity):
    document, (loss,) = said(rule(EntityPeer(entity=entity), HTTPS))
    assert document["kind"] == "NetworkPolicy"
    assert document["spec"]["ingress"] == [{"action": "Allow", "protocol": "TCP", "destination": {"ports": [443]}}]
    assert (loss.written, loss.wider) == ("any peer on these ports", True)


def test_clients_of_the_api_server_name_its_service():
    peer, port = EntityPeer(entity=Entity.KUBE_APISERVER), PortRule(protocol=Protocol.TCP, port=6443)
    document, (loss,) = said(to(peer, port, baseline=Baseline.API_SERVER))
    assert document["kind"] == "NetworkPolicy"
    assert document["spec"]["egress"] == [
        {
            "action": "Allow",
            "protocol": "TCP",
            "destination": {"services": {"name": "kubernetes", "namespace": "default"}},
        }
    ]
    assert not loss.wider
    assert loss.edges == ()
    kubelet, _ = said(to(peer, PortRule(protocol=Protocol.TCP, port=10250)))
    assert kubelet["spec"]["egress"][0]["destination"] == {**NO_POD, "ports": [10250]}


def test_addresses_of_both_families_stand_in_rules_of_their_own():
    document, losses = said(to(CidrPeer(cidrs=("203.0.113.0/31", "2001:db8::/128")), HTTPS))
    assert [one["destination"]["nets"] for one in document["spec"]["egress"]] == [
        ["203.0.113.0/31"],
        ["2001:db8::/128"],
    ]
    assert losses == ()


def test_a_name_becomes_the_addresses_that_were_seen():
    document, (loss,) = said(to(FqdnPeer(name="api.example.com", addresses=("203.0.113.9", "x")), HTTPS))
    assert document["spec"]["egress"][0]["destination"] == {"nets": ["203.0.113.9/32"], "ports": [443]}
    assert not loss.wider
    assert "api.example.com" in loss.wanted


def test_service_accounts_are_said_on_both_sides():
    of = group(WEB, labels={}, service_account="runner")
    peer = GroupPeer(group=group(end("data", "db"), labels={"app": "db"}, service_account="robot"))
    document, losses = said(rule(peer, HTTPS), of=of)
    assert document["spec"]["selector"] == "all()"
    assert document["spec"]["serviceAccountSelector"] == "projectcalico.org/name == 'runner'"
    assert document["spec"]["ingress"][0]["source"] == {
        "selector": "app == 'db'",
        "namespaceSelector": "kubernetes.io/metadata.name == 'data'",
        "serviceAccounts": {"names": ["robot"]},
    }
    assert losses == ()


def test_label_requirements_of_every_kind():
    chosen = Selector(
        requirements=(
            Requirement(key="a", values=("x",)),
            Requirement(key="b", values=("x", "y")),
            Requirement(key="c", values=()),
            Requirement(key="d", values=(), absent=True),
        )
    )
    document, _ = said(of=replace(SHOP_GROUPS[0], selector=chosen))
    assert document["spec"]["selector"] == "a == 'x' && b in {'x', 'y'} && has(c) && !has(d)"
    assert parse_expression(document["spec"]["selector"]).holds({"a": "x", "b": "y", "c": ""}.get)


@pytest.mark.parametrize(
    "peer",
    [
        FqdnPeer(name="api.example.com"),
        GroupPeer(group=group(end("shop", "db", cluster="west"))),
        GroupPeer(group=replace(group(end("shop", "db")), selector=None)),
        GroupPeer(group=hostile_group("a' || all() || b == 'c")),
    ],
)
def test_what_cannot_be_said_is_left_out_with_its_edges(peer):
    document, (loss,) = said(to(peer, HTTPS, edges=(ONE.edge_id,)))
    assert document["spec"]["egress"] == []
    assert (loss.written, loss.edges, loss.wider) == ("nothing", (ONE.edge_id,), False)
    assert set(excluded_by_losses([loss])) == {ONE.edge_id}


@pytest.mark.parametrize("text", [*HOSTILE, "x' || all()", 'y" == "y', "a) || (b", "{'a'}"])
def test_hostile_labels_never_become_part_of_an_expression(text):
    hostile = hostile_group(text, namespace="shop")
    for of, peer in ((hostile, SHOP_GROUPS[1]), (SHOP_GROUPS[0], hostile)):
        result = written([policy_of(rule(GroupPeer(group=peer), HTTPS), of=of)], Dialect.CALICO)
        for manifest in result.manifests:
            spec = yaml.safe_load(manifest.text)["spec"]
            for expression in (spec["selector"], *(one["source"]["selector"] for one in spec["ingress"])):
                if text and text in expression:
                    assert expression == f"{text} == '{text}' && has({text}2)"
                parse_expression(expression)
        safe = text in {"..", "-", "x" * 253, "CON"}
        assert bool(result.losses) is not safe, result.losses


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_said_exactly_or_not_at_all(key, value, namespace):
    chosen = replace(
        hostile_group("x", namespace=namespace),
        selector=Selector(requirements=(Requirement(key=key, values=(value,)),)),
    )
    result = written([policy_of(of=chosen)], Dialect.CALICO)
    if result.manifests:
        spec = yaml.safe_load(result.manifests[0].text)["spec"]
        expected = Compared(key=key, comparison=Comparison.EQUAL, text=value)
        assert parse_expression(spec["selector"]) == expected
    else:
        assert "so these pods stay open" in result.losses[0].written


def test_losses_are_sorted_and_only_unknown_names_cut_an_edge():
    losses = shop_written(Dialect.CALICO).losses
    assert list(losses) == sorted(losses, key=lambda loss: (loss.policy, loss.subject, loss.wanted, loss.written))
    assert excluded_by_losses(losses) == {}


def test_the_reader_is_told_why_a_policy_is_global():
    text = next(one.text for one in shop_written(Dialect.CALICO).manifests if "/shop/web" in one.path)
    assert "# GlobalNetworkPolicy, since no other can name what is no pod" in text
    assert "# WIDER THAN SEEN: everything that is no pod, on these ports" in text


def test_a_range_of_ports_is_said_as_one():
    ports = (PortRule(protocol=Protocol.UDP, port=53), PortRule(protocol=Protocol.UDP, port=40000, end_port=40100))
    document, _ = said(to(DB_PEER, *ports))
    (one,) = document["spec"]["egress"]
    assert one["destination"]["ports"] == [53, "40000:40100"]
