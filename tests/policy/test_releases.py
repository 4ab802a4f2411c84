from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer
from recommender.policy.releases import NOT_GOVERNED
from tests.policy.scene import (
    COREDNS,
    DB,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    address,
    dns_edge,
    edge,
    end,
    entity,
    fqdn,
    group,
    policies,
    rule_for,
    workload,
)

HELD = Decided(disposition=Disposition.QUARANTINED, reason="part of a scan")
LOOKUPS = tuple(dns_edge(one) for one in (WEB, PROMETHEUS))


def release(held, *others, groups=SHOP_GROUPS, **context):
    made = policies([held, *LOOKUPS, *others], groups, decided={held.edge_id: HELD}, **context)
    (found,) = made.releases
    assert found.edge_id == held.edge_id
    return found


def test_a_release_is_one_addition_at_each_governed_end():
    held = edge(WEB, DB, 22)
    egress, ingress = release(held).policies
    assert (egress.name, ingress.name) == (f"release-{held.edge_id}-egress", f"release-{held.edge_id}-ingress")
    assert [policy.group.display for policy in (egress, ingress)] == ["shop/web", "shop/db"]
    assert not any((policy.isolate_ingress, policy.isolate_egress) != (False, False) for policy in (egress, ingress))
    assert rule_for(egress, Direction.EGRESS, GroupPeer).edges == (held.edge_id,)
    assert rule_for(ingress, Direction.INGRESS, GroupPeer).peer.group.display == "shop/web"
    assert len(egress.rules) == len(ingress.rules) == 1


def test_an_outside_peer_asks_for_the_pods_side_only():
    (egress,) = release(edge(WEB, address("203.0.113.9"), 4444)).policies
    assert rule_for(egress, Direction.EGRESS, CidrPeer).peer.cidrs == ("203.0.113.9/32",)
    (ingress,) = release(edge(entity(Entity.WORLD), DB, 5432)).policies
    assert rule_for(ingress, Direction.INGRESS, EntityPeer).peer.entity is Entity.WORLD


def test_a_name_brings_the_dns_rule_that_the_proxy_needs():
    (egress,) = release(edge(WEB, fqdn("drop.example.net"), 443, server_addresses=("203.0.113.9",))).policies
    assert egress.needs_dns_proxy
    assert {rule.baseline for rule in egress.rules} == {None, Baseline.DNS}
    assert rule_for(egress, Direction.EGRESS, FqdnPeer).peer.name == "drop.example.net"


def test_where_no_rule_can_say_it_the_obstacle_stands_there():
    stranger = end("shop", "stranger")
    groups = (*SHOP_GROUPS, group(stranger, named=False))
    found = release(edge(WEB, stranger, 80), groups=groups)
    assert found.policies == ()
    assert "no selector names shop/Deployment/stranger" in found.obstacle


def test_where_nothing_is_governed_nothing_has_to_be_released():
    seen = [workload(member, observed_locally=member not in {WEB, DB}) for member in (WEB, DB, PROMETHEUS, COREDNS)]
    found = release(edge(WEB, DB, 22), workloads=seen)
    assert (found.policies, found.obstacle) == ((), NOT_GOVERNED)


def test_only_quarantined_edges_get_a_release():
    assert policies([edge(WEB, DB, 5432), edge(WEB, DB, 53, Protocol.UDP)], SHOP_GROUPS).releases == ()


def test_a_port_scan_gets_releases_for_its_answered_hits_first(monkeypatch):
    monkeypatch.setattr("recommender.policy.releases.MOST_WRITTEN", 2)
    scan = [edge(WEB, DB, port, answered=int(port == 22)) for port in range(20, 24)]
    other = edge(PROMETHEUS, DB, 99)
    held = dict.fromkeys((one.edge_id for one in (*scan, other)), HELD)
    made = policies([*scan, other, *LOOKUPS], SHOP_GROUPS, decided=held).releases
    assert {found.edge_id for found in made} == set(held)
    written = {found.edge_id for found in made if found.policies}
    assert written == {scan[0].edge_id, scan[2].edge_id, other.edge_id}
    assert all("wait" in found.obstacle for found in made if not found.policies)
