from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.group import Group, GroupOrigin, Requirement, Selector
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer, PortRule
from recommender.policy.make_policies import policy_name
from tests.policy.scene import (
    COREDNS,
    DB,
    NEEDED,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    address,
    by_name,
    dns_edge,
    edge,
    end,
    entity,
    fqdn,
    group,
    policies,
    rule_for,
    shop_edges,
    workload,
)


def ports(rule):
    return [f"{port.protocol}/{port.port}" for port in rule.ports]


def codes(policy_set):
    return {gap.code for gap in policy_set.gaps}


def test_each_selectable_group_gets_one_policy_that_isolates_both_directions():
    made = policies(shop_edges(), SHOP_GROUPS)
    assert sorted(by_name(made)) == ["kube-system/coredns", "monitoring/prometheus", "shop/db", "shop/web"]
    assert all(policy.isolate_ingress and policy.isolate_egress for policy in made.policies)


def test_an_edge_becomes_egress_at_its_client_and_ingress_at_its_server():
    one = edge(WEB, DB, 5432)
    made = by_name(policies([one], SHOP_GROUPS))
    (egress,) = [r for r in made["shop/web"].rules_for(Direction.EGRESS) if r.baseline is None]
    (ingress,) = made["shop/db"].rules_for(Direction.INGRESS)
    assert egress.peer == GroupPeer(group=SHOP_GROUPS[1])
    assert ingress.peer == GroupPeer(group=SHOP_GROUPS[0])
    assert egress.ports == ingress.ports == (PortRule(protocol=Protocol.TCP, port=5432),)
    assert egress.edges == ingress.edges == (one.edge_id,)
    assert made["shop/db"].rules_for(Direction.EGRESS) == ()


@pytest.mark.parametrize("disposition", [Disposition.QUARANTINED, Disposition.IMPLICIT, Disposition.EXCLUDED])
def test_only_allowed_edges_become_rules(disposition):
    one = edge(WEB, DB, 5432)
    decided = {one.edge_id: Decided(disposition=disposition)}
    made = policies([one], SHOP_GROUPS, decided=decided)
    assert all(policy.rules == () for policy in made.policies)
    assert made.decided[one.edge_id].disposition is disposition


def test_reviewed_edges_are_allowed():
    one = edge(WEB, DB, 5432)
    made = policies([one], SHOP_GROUPS, decided={one.edge_id: Decided(disposition=Disposition.REVIEW)})
    assert by_name(made)["shop/db"].rules_for(Direction.INGRESS)


def test_ports_of_one_peer_share_a_rule_and_icmp_stays_apart():
    edges = [edge(WEB, DB, 5432), edge(WEB, DB, 5433), edge(WEB, DB, 53, Protocol.UDP), edge(WEB, DB, 8, Protocol.ICMP)]
    rules = by_name(policies(edges, SHOP_GROUPS))["shop/db"].rules_for(Direction.INGRESS)
    assert sorted(ports(rule) for rule in rules) == [["ICMPv4/8"], ["TCP/5432", "TCP/5433", "UDP/53"]]


def test_a_group_that_talks_to_itself_gets_both_rules():
    made = by_name(policies([edge(DB, DB, 7000)], SHOP_GROUPS))["shop/db"]
    assert {rule.direction for rule in made.rules if rule.baseline is None} == {Direction.INGRESS, Direction.EGRESS}


def test_entities_keep_the_addresses_seen():
    edges = [
        edge(WEB, entity(Entity.KUBE_APISERVER), 6443, server_addresses=("192.0.2.10",)),
        edge(WEB, entity(Entity.KUBE_APISERVER), 443, server_addresses=("192.0.2.9",)),
    ]
    rule = rule_for(by_name(policies(edges, SHOP_GROUPS))["shop/web"], Direction.EGRESS, EntityPeer)
    assert rule.peer == EntityPeer(entity=Entity.KUBE_APISERVER, addresses=("192.0.2.10", "192.0.2.9"))
    assert ports(rule) == ["TCP/443", "TCP/6443"]


def test_addresses_on_equal_ports_join_only_without_opening_more():
    edges = [edge(WEB, address(f"203.0.113.{last}"), 443) for last in (20, 21, 23)] + [
        edge(WEB, address("203.0.113.22"), 8443),
        edge(WEB, address("2001:db8::1"), 443),
    ]
    rules = [
        rule for rule in by_name(policies(edges, SHOP_GROUPS))["shop/web"].rules if isinstance(rule.peer, CidrPeer)
    ]
    assert {rule.peer.cidrs: ports(rule)[0] for rule in rules} == {
        ("203.0.113.20/31", "203.0.113.23/32", "2001:db8::1/128"): "TCP/443",
        ("203.0.113.22/32",): "TCP/8443",
    }


def test_a_name_needs_a_dns_rule_beside_it():
    named = edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9",))
    with_dns = by_name(policies([named, dns_edge(WEB)], SHOP_GROUPS))["shop/web"]
    assert rule_for(with_dns, Direction.EGRESS, FqdnPeer).peer.name == "api.example.com"
    without = by_name(policies([named], SHOP_GROUPS))["shop/web"]
    assert rule_for(without, Direction.EGRESS, CidrPeer).peer.cidrs == ("203.0.113.9/32",)


@pytest.mark.parametrize("name", ["*.example.com", "a b.example.com", "db.shop.svc.cluster.local", "x" * 300, ""])
def test_names_that_cilium_refuses_or_never_matches_become_addresses(name):
    named = edge(WEB, fqdn(name), 443, server_addresses=("203.0.113.9",))
    web = by_name(policies([named, dns_edge(WEB)], SHOP_GROUPS))["shop/web"]
    assert not any(isinstance(rule.peer, FqdnPeer) for rule in web.rules)
    assert rule_for(web, Direction.EGRESS, CidrPeer).peer.cidrs == ("203.0.113.9/32",)


def test_a_named_client_becomes_its_addresses():
    one = edge(fqdn("hooks.example.com"), WEB, 8080, client_addresses=("203.0.113.4",))
    web = by_name(policies([one, dns_edge(WEB)], SHOP_GROUPS))["shop/web"]
    assert rule_for(web, Direction.INGRESS, CidrPeer).peer.cidrs == ("203.0.113.4/32",)


@pytest.mark.parametrize("text", ["not-an-address", "fe80::1%eth0", ""])
def test_an_end_without_a_usable_address_is_excluded(text):
    one = edge(WEB, address(text), 443)
    made = policies([one], SHOP_GROUPS)
    assert made.decided[one.edge_id].disposition is Disposition.EXCLUDED
    assert "NPR301" in codes(made)


def test_an_unselectable_peer_excludes_the_edge_on_both_sides_and_names_both_ends():
    odd = end("shop", "odd")
    one = edge(odd, DB, 5432)
    made = policies([one], [*SHOP_GROUPS, group(odd, named=False)])
    assert "shop/odd" not in by_name(made)
    assert by_name(made)["shop/db"].rules_for(Direction.INGRESS) == ()
    assert made.decided[one.edge_id].disposition is Disposition.EXCLUDED
    (gap,) = [gap for gap in made.gaps if gap.code == "NPR301"]
    assert gap.severity == "high"
    assert str(odd) in gap.subject
    assert str(DB) in gap.subject
    assert gap.action


def test_an_edge_between_ends_without_policies_needs_no_rule_and_stays_as_decided():
    odd, strange = end("shop", "odd"), end("shop", "strange")
    one = edge(odd, strange, 80)
    made = policies([one], [*SHOP_GROUPS, group(odd, named=False), group(strange, named=False)])
    assert made.decided[one.edge_id] == NEEDED


def test_a_workload_of_no_group_is_excluded():
    one = edge(end("kube-system", "kube-proxy"), DB, 5432)
    made = policies([one], SHOP_GROUPS)
    assert made.decided[one.edge_id].disposition is Disposition.EXCLUDED


def test_a_group_of_host_network_pods_is_neither_governed_nor_named():
    agent = end("kube-system", "agent")
    one = edge(agent, DB, 5432)
    groups = [*SHOP_GROUPS, group(agent)]
    workloads = [workload(WEB), workload(DB), workload(agent, host_network=True)]
    made = policies([one], groups, workloads=workloads)
    assert "kube-system/agent" not in by_name(made)
    assert made.decided[one.edge_id].disposition is Disposition.EXCLUDED


def test_a_workload_seen_from_the_far_side_gets_no_policy_but_stays_a_peer():
    one = edge(WEB, DB, 5432)
    workloads = [workload(WEB), workload(DB, observed_locally=False)]
    made = policies([one], SHOP_GROUPS[:2], workloads=workloads)
    assert sorted(by_name(made)) == ["shop/web"]
    assert rule_for(by_name(made)["shop/web"], Direction.EGRESS, GroupPeer).peer.group.name == "db"
    (gap,) = [gap for gap in made.gaps if gap.code == "NPR302"]
    assert (gap.subject, gap.severity) == ("shop/db", "high")


def test_captures_without_endpoint_ids_observe_nobody_locally_and_govern_all():
    workloads = [workload(WEB, observed_locally=False), workload(DB, observed_locally=False)]
    made = policies([edge(WEB, DB, 5432)], SHOP_GROUPS[:2], workloads=workloads)
    assert len(made.policies) == 2
    assert "NPR302" not in codes(made)


def test_a_group_with_both_kinds_of_members_is_isolated():
    blue, green = end("shop", "blue"), end("shop", "green")
    mixed = Group(
        name="colours",
        namespace="shop",
        members=(blue, green),
        origin=GroupOrigin.SHARED_LABELS,
        selector=Selector(requirements=(Requirement(key="app", values=("blue", "green")),)),
    )
    made = policies([], [mixed], workloads=[workload(blue), workload(green, observed_locally=False)])
    assert [policy.group.name for policy in made.policies] == ["colours"]


@pytest.mark.parametrize("which", [Entity.INIT, Entity.UNMANAGED])
def test_peers_without_identity_are_excluded(which):
    one = edge(WEB, entity(which), 80)
    made = policies([one], SHOP_GROUPS)
    assert made.decided[one.edge_id].disposition is Disposition.EXCLUDED
    assert "NPR306" in codes(made)


def test_echo_replies_never_become_a_rule():
    one = edge(WEB, DB, 0, Protocol.ICMP)
    made = policies([one], SHOP_GROUPS)
    assert made.decided[one.edge_id].disposition is Disposition.EXCLUDED
    assert "NPR311" in codes(made)


@settings(max_examples=20, deadline=None)
@given(st.permutations(shop_edges()), st.permutations(SHOP_GROUPS))
def test_order_of_inputs_does_not_matter(edges, groups):
    assert policies(edges, groups) == policies(shop_edges(), SHOP_GROUPS)


def test_rules_are_sorted():
    for policy in policies(shop_edges(), SHOP_GROUPS).policies:
        assert list(policy.rules) == sorted(policy.rules, key=lambda rule: rule.sort_key)


def test_every_allowed_edge_stands_in_a_rule_of_each_governed_end():
    edges = shop_edges()
    made = policies(edges, SHOP_GROUPS)
    governed = {policy.group.members[0]: policy for policy in made.policies}
    for one in edges:
        for side, direction in ((one.client, Direction.EGRESS), (one.server, Direction.INGRESS)):
            if side in governed:
                named = [rule for rule in governed[side].rules_for(direction) if one.edge_id in rule.edges]
                assert named, one.key
                wanted = PortRule(protocol=one.protocol, port=one.port)
                assert all(wanted in rule.ports for rule in named)


_ENDS = st.sampled_from(
    [
        WEB,
        DB,
        PROMETHEUS,
        COREDNS,
        end("shop", "odd"),
        entity(Entity.WORLD),
        entity(Entity.HOST),
        entity(Entity.INIT),
        address("203.0.113.1"),
        address("203.0.113.0"),
        address("bad"),
        fqdn("api.example.com"),
    ]
)


@settings(deadline=None)
@given(st.lists(st.tuples(_ENDS, _ENDS, st.sampled_from([53, 80, 8]), st.sampled_from(list(Protocol))), max_size=30))
def test_every_allowed_edge_is_said_at_both_ends_or_excluded(tuples):
    edges = {one.edge_id: one for one in (edge(a, b, port, protocol) for a, b, port, protocol in tuples)}
    made = policies(list(edges.values()), SHOP_GROUPS)
    governed = {policy.group.members[0]: policy for policy in made.policies}
    for edge_id, one in edges.items():
        said = [
            any(edge_id in rule.edges for rule in governed[side].rules_for(direction))
            for side, direction in ((one.client, Direction.EGRESS), (one.server, Direction.INGRESS))
            if side in governed
        ]
        excluded = made.decided[edge_id].disposition is Disposition.EXCLUDED
        assert not any(said) if excluded else all(said)
    without_evidence = [rule for policy in made.policies for rule in policy.rules if not rule.edges]
    assert {rule.baseline for rule in without_evidence} <= {Baseline.DNS}


@settings(deadline=None)
@given(st.text(max_size=90))
def test_policy_names_are_dns_labels(name):
    named = Group(
        name=name,
        namespace="shop",
        members=(WEB,),
        origin=GroupOrigin.WORKLOAD,
        selector=Selector(requirements=(Requirement(key="app", values=("web",)),)),
    )
    made = policy_name(named)
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", made)
    assert len(made) <= 63
