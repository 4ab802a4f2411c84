"""Many dynamic ports become a range for review; services stay exact, and what was kept out stays shut."""

from __future__ import annotations

import pytest

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import OrientationReason, Protocol
from recommender.model.entity import Entity
from recommender.model.inventory import Inventory, InventoryPod
from recommender.model.policy import Direction, GroupPeer, PortRule
from recommender.model.widening import DynamicPorts, WideningKind, WideningLimits
from tests.policy.scene import (
    DB,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    by_name,
    edge,
    entity,
    fqdn,
    policies,
    workload,
)

ONCE = {"connections": 1, "active_hours": 1, "active_days": 1}
PASSIVE = [edge(WEB, DB, 50000 + number * 4, **ONCE) for number in range(25)]
FTP = edge(WEB, DB, 21, active_hours=100)


def ports_of(made, group="shop/db", direction=Direction.INGRESS):
    return [str(port) for rule in by_name(made)[group].rules_for(direction) for port in rule.ports]


def gap_of(made, code="NPR310"):
    return [gap for gap in made.gaps if gap.code == code]


def test_both_ends_get_the_same_range_and_the_control_port_stays_exact():
    made = policies([*PASSIVE, FTP], SHOP_GROUPS)
    expected = ["TCP/21", "TCP/50000-50100"]
    assert ports_of(made) == ports_of(made, "shop/web", Direction.EGRESS) == expected


def test_the_range_says_what_it_opens_and_waits_for_a_person():
    made = policies([*PASSIVE, FTP], SHOP_GROUPS)
    exact, rule = by_name(made)["shop/db"].rules_for(Direction.INGRESS)
    assert exact.widenings == ()
    (widening,) = rule.widenings
    assert (widening.kind, widening.seen, widening.opened) == (WideningKind.PORT_RANGE, 25, 76)
    (gap,) = gap_of(made)
    assert (gap.subject, gap.count) == ("shop/web -> shop/db", 25)
    assert "written as TCP/50000-50100, which opens 76 ports" in gap.reason
    for one in PASSIVE:
        assert made.decided[one.edge_id].disposition is Disposition.REVIEW
    assert made.decided[FTP.edge_id].disposition is Disposition.NEEDED


def test_a_reason_that_was_there_before_stays():
    seen_once = Decided(disposition=Disposition.REVIEW, reason="seen once")
    made = policies(PASSIVE, SHOP_GROUPS, decided={PASSIVE[0].edge_id: seen_once})
    assert made.decided[PASSIVE[0].edge_id] == seen_once


def test_ranges_can_be_turned_off():
    made = policies(PASSIVE, SHOP_GROUPS, limits=WideningLimits(ports=DynamicPorts.EXACT))
    assert len(ports_of(made)) == 25
    (gap,) = gap_of(made)
    assert "no range" in gap.reason
    assert made.decided[PASSIVE[0].edge_id].disposition is Disposition.NEEDED


def test_nineteen_ports_are_no_dynamic_ports():
    made = policies(PASSIVE[:19], SHOP_GROUPS)
    assert len(ports_of(made)) == 19
    assert not gap_of(made)


def test_a_port_in_steady_use_is_a_service_and_no_part_of_the_range():
    steady = [edge(WEB, DB, port, active_hours=100) for port in (50050, 50200)]
    made = policies([*PASSIVE, *steady], SHOP_GROUPS)
    assert ports_of(made) == ["TCP/50000-50049", "TCP/50051-50100", "TCP/50050", "TCP/50200"]


def test_a_service_that_others_use_is_not_opened_to_the_pair():
    admin = edge(PROMETHEUS, DB, 50051, active_hours=100)
    made = policies([*PASSIVE, admin], SHOP_GROUPS)
    (from_web,) = [
        rule
        for rule in by_name(made)["shop/db"].rules_for(Direction.INGRESS)
        if isinstance(rule.peer, GroupPeer) and rule.peer.group.name == "web"
    ]
    assert [str(port) for port in from_web.ports] == ["TCP/50000-50050", "TCP/50052-50100"]


def test_declared_ports_are_services_too():
    named = workload(DB, named_ports=(("admin", "TCP", 50051),))
    pod = InventoryPod(
        namespace="shop",
        name="db-0",
        labels=(),
        owner_kind="StatefulSet",
        owner_name="db",
        container_ports=(("TCP", 50061), ("UDP", 50071)),
    )
    made = policies(
        PASSIVE, SHOP_GROUPS, workloads=[workload(WEB), named], inventory=Inventory(digest="x", pods=(pod,))
    )
    assert ports_of(made) == ["TCP/50000-50050", "TCP/50052-50060", "TCP/50062-50100"]


def test_a_port_that_was_kept_out_stays_shut():
    scanned = edge(WEB, DB, 50050)
    quarantined = Decided(disposition=Disposition.QUARANTINED, reason="part of a scan")
    made = policies([*PASSIVE, scanned], SHOP_GROUPS, decided={scanned.edge_id: quarantined})
    assert ports_of(made) == ["TCP/50000-50049", "TCP/50051-50100"]


def test_ports_whose_direction_is_a_guess_make_no_range():
    """They may be replies that were taken for connections (hubble-quirks 4)."""
    guessed = [
        edge(WEB, DB, 50000 + number, reasons=((OrientationReason.PORT_NUMBER, 1),), **ONCE) for number in range(25)
    ]
    made = policies(guessed, SHOP_GROUPS)
    assert len(ports_of(made)) == 25
    (gap,) = gap_of(made)
    assert "the direction of 25 is a guess" in gap.reason


@pytest.mark.parametrize("peer", [fqdn("ftp.example.com"), entity(Entity.WORLD), entity(Entity.REMOTE_NODE)])
def test_peers_of_every_kind_may_draw_ports(peer):
    edges = [edge(WEB, peer, 50000 + n * 4, server_addresses=("203.0.113.9",), **ONCE) for n in range(25)]
    assert ports_of(policies(edges, SHOP_GROUPS), "shop/web", Direction.EGRESS).count("TCP/50000-50100") == 1


def test_protocols_are_told_apart():
    media = [edge(WEB, DB, 20000 + n * 2, Protocol.UDP, **ONCE) for n in range(25)]
    assert ports_of(policies([*PASSIVE, *media], SHOP_GROUPS)) == ["TCP/50000-50100", "UDP/20000-20050"]


def test_dynamic_ports_of_a_collector_stand_in_its_own_policy():
    """A range is reviewed with its policy, never in a baseline that many share."""
    members = [DB, WEB, *(one.members[0] for one in SHOP_GROUPS if one.name == "coredns")]
    edges = [edge(PROMETHEUS, one, 9090) for one in members]
    edges += [edge(PROMETHEUS, DB, 50000 + n * 4, **ONCE) for n in range(25)]
    rules = by_name(policies(edges, SHOP_GROUPS))["shop/db"].rules_for(Direction.INGRESS)
    assert {rule.baseline is not None: [str(port) for port in rule.ports] for rule in rules} == {
        True: ["TCP/9090"],
        False: ["TCP/50000-50100"],
    }


def test_a_few_more_ports_leave_the_rules_as_they_were():
    before = policies(PASSIVE, SHOP_GROUPS)
    more = [edge(WEB, DB, port, **ONCE) for port in (50001, 50037, 50099)]
    after = policies([*PASSIVE, *more], SHOP_GROUPS)
    assert ports_of(before) == ports_of(after)


def test_replies_that_were_turned_around_are_told():
    made = policies([edge(WEB, DB, 5432, turned_around=24), edge(PROMETHEUS, WEB, 9090, turned_around=2)], SHOP_GROUPS)
    (gap,) = gap_of(made, "NPR324")
    assert (gap.count, gap.subject) == (24, "shop/Deployment/web -> shop/StatefulSet/db TCP/5432")


def test_a_range_covers_its_ends_and_says_so():
    one = PortRule(protocol=Protocol.TCP, port=5, end_port=9)
    assert [port for port in range(12) if one.covers(port)] == [5, 6, 7, 8, 9]
    assert (str(one), one.last) == ("TCP/5-9", 9)
    assert str(PortRule(protocol=Protocol.ICMP, port=8)) == "ICMPv4/8"
