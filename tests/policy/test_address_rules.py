"""Few addresses stay exact; many become prefixes within the budget; special ones stay alone."""

from __future__ import annotations

import pytest

from recommender.model.disposition import Decided, Disposition
from recommender.model.inventory import Inventory
from recommender.model.policy import CidrPeer, Direction
from recommender.model.widening import WideningKind, WideningLimits
from tests.policy.scene import SHOP_GROUPS, WEB, address, by_name, dns_edge, edge, fqdn, policies


def calls(numbers, *, port=443, prefix="203.0.113."):
    return [edge(WEB, address(f"{prefix}{number}"), port) for number in numbers]


EVEN = range(0, 64, 2)


def rules_of(made, direction=Direction.EGRESS):
    return [rule for rule in by_name(made)["shop/web"].rules_for(direction) if isinstance(rule.peer, CidrPeer)]


def cidrs_of(made, direction=Direction.EGRESS):
    return [cidr for rule in rules_of(made, direction) for cidr in rule.peer.cidrs]


def gaps(made, code="NPR321"):
    return [gap for gap in made.gaps if gap.code == code]


def test_few_addresses_stay_exact():
    made = policies(calls(range(0, 50, 2)), SHOP_GROUPS)
    assert len(cidrs_of(made)) == 25
    assert not gaps(made)


def test_many_addresses_are_joined_within_the_budget_and_say_so():
    made = policies(calls(EVEN), SHOP_GROUPS)
    assert cidrs_of(made) == ["203.0.113.0/26"]
    (widening,) = rules_of(made)[0].widenings
    assert (widening.kind, widening.seen, widening.opened) == (WideningKind.ADDRESS_PREFIXES, 32, 32)
    assert widening.sentence.startswith("32 addresses seen are written as 1 prefix, which opens 32 addresses more")
    (gap,) = gaps(made)
    assert (gap.severity, gap.count, gap.examples) == ("medium", 32, ("203.0.113.0/26",))
    assert "on TCP/443" in gap.reason


@pytest.mark.parametrize(("budget", "count"), [(0, 32), (0.5, 32), (1, 1), (7, 1)])
def test_the_budget_is_a_setting(budget, count):
    made = policies(calls(EVEN), SHOP_GROUPS, limits=WideningLimits(cidr_budget=budget))
    assert len(cidrs_of(made)) == count


def test_addresses_on_other_ports_are_joined_apart():
    made = policies([*calls(EVEN), *calls(range(100, 105), port=8443)], SHOP_GROUPS)
    assert "203.0.113.100/30" in cidrs_of(made)
    assert len(rules_of(made)) == 2


def test_who_calls_is_never_joined_beyond_what_was_seen():
    edges = [edge(address(f"203.0.113.{number}"), WEB, 443) for number in EVEN]
    assert len(cidrs_of(policies(edges, SHOP_GROUPS), Direction.INGRESS)) == 32


@pytest.mark.parametrize("prefix", ["10.0.0.", "100.64.0.", "169.254.0."])
def test_private_addresses_are_never_joined_beyond_what_was_seen(prefix):
    assert len(cidrs_of(policies(calls(EVEN, prefix=prefix), SHOP_GROUPS))) == 32


@pytest.mark.parametrize(
    "options",
    [
        {"own_addresses": ("203.0.113.201",)},
        {"inventory": Inventory(digest="x", node_addresses=("203.0.113.201",))},
    ],
)
def test_prefixes_keep_away_from_the_cluster(options):
    assert len(cidrs_of(policies(calls(EVEN), SHOP_GROUPS, **options))) == 32


def test_an_address_that_was_kept_out_stays_shut():
    suspect = edge(WEB, address("203.0.113.33"), 443)
    quarantined = {suspect.edge_id: Decided(disposition=Disposition.QUARANTINED, reason="seen once")}
    made = policies([*calls(EVEN), suspect], SHOP_GROUPS, decided=quarantined)
    assert cidrs_of(made) == ["203.0.113.0/27", "203.0.113.32/32", "203.0.113.34/32", "203.0.113.36/30",
                              "203.0.113.40/29", "203.0.113.48/28"]  # fmt: skip


def test_metadata_addresses_have_rules_to_themselves():
    edges = [*calls(range(252, 256), prefix="169.254.169."), edge(WEB, address("169.254.169.254"), 80)]
    rules = rules_of(policies(edges, SHOP_GROUPS))
    assert [rule.peer.cidrs for rule in rules] == [
        ("169.254.169.252/31", "169.254.169.255/32"),
        ("169.254.169.254/32",),
    ]
    assert [str(port) for port in rules[1].ports] == ["TCP/80", "TCP/443"]


def test_both_families_stand_in_one_rule():
    edges = [edge(WEB, address(text), 443) for text in ("2001:db8::5", "203.0.113.5")]
    assert cidrs_of(policies(edges, SHOP_GROUPS)) == ["203.0.113.5/32", "2001:db8::5/128"]


def test_a_name_that_stands_as_addresses_is_joined_as_they_are():
    """Without a DNS rule a name becomes its addresses."""
    named = edge(WEB, fqdn("api.example.com"), 443, server_addresses=tuple(f"203.0.113.{n}" for n in EVEN))
    assert cidrs_of(policies([named], SHOP_GROUPS)) == ["203.0.113.0/26"]
    assert cidrs_of(policies([named, dns_edge(WEB)], SHOP_GROUPS)) == []
