"""Names stay exact unless siblings keep appearing; a pattern says what it is."""

from __future__ import annotations

import pytest

from recommender.model.disposition import Decided, Disposition
from recommender.model.policy import Direction, FqdnPeer
from recommender.model.widening import NamePatterns, WideningKind, WideningLimits
from tests.policy.scene import HOUR, MONDAY, SHOP_GROUPS, WEB, by_name, dns_edge, edge, fqdn, policies

DNS = dns_edge(WEB)


def called(name, *, hour, port=443, last=9):
    return edge(WEB, fqdn(name), port, first_seen=MONDAY + hour * HOUR, server_addresses=(f"203.0.113.{last}",))


TENANTS = [
    called(f"tenant{number}.example.com", hour=hour, last=number) for number, hour in enumerate((1, 50, 99, 140))
]
FIXED = [called(f"shard{number}.example.com", hour=1) for number in range(4)]


def names_of(made):
    return [
        rule.peer.name
        for rule in by_name(made)["shop/web"].rules_for(Direction.EGRESS)
        if isinstance(rule.peer, FqdnPeer)
    ]


def gaps(made, code="NPR322"):
    return [gap for gap in made.gaps if gap.code == code]


def test_siblings_that_keep_appearing_become_a_pattern_that_says_so():
    made = policies([*TENANTS, called("example.com", hour=1), DNS], SHOP_GROUPS)
    assert names_of(made) == ["example.com", "tenant*.example.com"]
    rule = by_name(made)["shop/web"].rules[-1]
    assert rule.peer.names == tuple(f"tenant{number}.example.com" for number in range(4))
    assert rule.peer.addresses == ("203.0.113.0", "203.0.113.1", "203.0.113.2", "203.0.113.3")
    assert rule.edges == tuple(sorted(one.edge_id for one in TENANTS))
    (widening,) = rule.widenings
    assert (widening.kind, widening.seen, widening.opened) == (WideningKind.NAME_PATTERN, 4, None)
    (gap,) = gaps(made)
    assert (gap.severity, gap.count, gap.examples) == ("medium", 4, rule.peer.names[:3])
    assert "tenant*.example.com" in gap.reason


def test_fixed_names_stay_exact_and_that_is_told():
    made = policies([*FIXED, DNS], SHOP_GROUPS)
    assert names_of(made) == [f"shard{number}.example.com" for number in range(4)]
    (gap,) = gaps(made)
    assert (gap.severity, gap.count) == ("info", 4)


@pytest.mark.parametrize(
    ("limit", "edges", "expected"),
    [
        (NamePatterns.NEVER, TENANTS, [f"tenant{number}.example.com" for number in range(4)]),
        (NamePatterns.SIBLINGS, FIXED, ["shard*.example.com"]),
        (NamePatterns.SIBLINGS, FIXED[:2], ["shard0.example.com", "shard1.example.com"]),
    ],
)
def test_the_setting_decides(limit, edges, expected):
    made = policies([*edges, DNS], SHOP_GROUPS, limits=WideningLimits(names=limit))
    assert names_of(made) == expected
    assert bool(gaps(made)) == ("*" in expected[0])


def test_names_on_other_ports_are_no_siblings():
    edges = [*TENANTS[:2], *(called(f"tenant{number}.example.com", hour=120, port=8443) for number in (7, 8))]
    assert not any("*" in name for name in names_of(policies([*edges, DNS], SHOP_GROUPS)))


def test_no_pattern_matches_a_name_that_was_kept_out():
    suspect = called("tenant-evil.example.com", hour=150)
    quarantined = {suspect.edge_id: Decided(disposition=Disposition.QUARANTINED, reason="seen once")}
    edges = [*(called(f"{name}.example.com", hour=hour) for name, hour in (("a", 1), ("b", 100), ("c", 120))), suspect]
    made = policies([*edges, DNS], SHOP_GROUPS, decided=quarantined)
    assert names_of(made) == ["a.example.com", "b.example.com", "c.example.com"]


def test_a_pattern_asks_for_the_dns_proxy_as_a_name_does():
    assert by_name(policies([*TENANTS, DNS], SHOP_GROUPS))["shop/web"].needs_dns_proxy


def test_without_a_dns_rule_there_is_neither_name_nor_pattern():
    assert names_of(policies(TENANTS, SHOP_GROUPS)) == []


def test_names_chosen_among_several_are_a_gap():
    shared = edge(WEB, fqdn("a.example.com"), 443, names=("a.example.com", "b.example.org"))
    (gap,) = gaps(policies([shared, DNS], SHOP_GROUPS), "NPR323")
    assert (gap.subject, gap.examples) == ("shop/web", ("a.example.com (also b.example.org)",))
    sure = edge(WEB, fqdn("a.example.com"), 443, names=("a.example.com",))
    assert not gaps(policies([sure, DNS], SHOP_GROUPS), "NPR323")
