import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.policy.address_cover import cover
from recommender.policy.reserved_networks import ReservedNetworks

SPECIAL = ReservedNetworks.special()
BASE = int(ipaddress.ip_address("203.0.113.0"))


def covered(texts, budget=1.0, reserved=SPECIAL):
    return cover([ipaddress.ip_address(text) for text in texts], budget=budget, reserved=reserved)


@pytest.mark.parametrize(
    ("last", "budget", "prefixes", "opened"),
    [
        ((0, 1), 0, ("203.0.113.0/31",), 0),
        ((0, 1, 3), 0, ("203.0.113.0/31", "203.0.113.3/32"), 0),
        ((0, 1, 3), 1, ("203.0.113.0/30",), 1),
        ((0, 3), 1, ("203.0.113.0/30",), 2),
        ((0, 3), 0.9, ("203.0.113.0/32", "203.0.113.3/32"), 0),
        ((0, 1, 200), 1, ("203.0.113.0/31", "203.0.113.200/32"), 0),
        (range(0, 256, 2), 1, ("203.0.113.0/24",), 128),
    ],
)
def test_prefixes_keep_the_budget_each_by_itself(last, budget, prefixes, opened):
    found = covered([f"203.0.113.{number}" for number in last], budget)
    assert (found.prefixes, found.opened, found.opened_networks) == (prefixes, opened, 0)


def test_a_dense_stretch_does_not_pay_for_a_sparse_one():
    found = covered([*(f"203.0.113.{number}" for number in range(64)), "203.0.113.128", "203.0.113.132"], 1)
    assert found.prefixes == ("203.0.113.0/26", "203.0.113.128/32", "203.0.113.132/32")


@pytest.mark.parametrize(
    ("texts", "prefixes"),
    [
        (("10.0.0.0", "10.0.0.2", "10.0.0.3"), ("10.0.0.0/32", "10.0.0.2/31")),
        (("169.254.169.253", "169.254.169.254"), ("169.254.169.253/32", "169.254.169.254/32")),
        (("168.63.129.15", "168.63.129.17"), ("168.63.129.15/32", "168.63.129.17/32")),
        (("9.255.255.255", "11.0.0.0"), ("9.255.255.255/32", "11.0.0.0/32")),
        (("64:ff9b::a00:1", "64:ff9b::a00:3"), ("64:ff9b::a00:1/128", "64:ff9b::a00:3/128")),
        (("fd00::1", "fd00::2"), ("fd00::1/128", "fd00::2/128")),
    ],
)
def test_reserved_ranges_are_never_opened(texts, prefixes):
    found = covered(texts, 4)
    assert (found.prefixes, found.is_wider) == (prefixes, False)


def test_ipv6_is_counted_in_networks_of_64():
    moving = ["2001:db8:0:8::1", "2001:db8:0:8::2"]
    assert covered(moving).prefixes == ("2001:db8:0:8::/64",)
    assert covered(["2001:db8:0:8::1"]).prefixes == ("2001:db8:0:8::1/128",)
    found = covered([*moving, "2001:db8:0:9::7", "2001:db8:0:b::7"])
    assert (found.prefixes, found.opened, found.opened_networks) == (("2001:db8:0:8::/62",), 0, 1)
    assert covered(moving, 0).prefixes == ("2001:db8:0:8::1/128", "2001:db8:0:8::2/128")


def test_families_stand_side_by_side():
    assert covered(["2001:db8::1", "203.0.113.1"]).prefixes == ("203.0.113.1/32", "2001:db8::1/128")


def least(numbers, budget, low, size):
    """The fewest aligned blocks by trying every division: None where there is nothing to cover."""
    inside = [number for number in numbers if low <= number < low + size]
    if not inside:
        return 0
    halves = size // 2
    apart = least(numbers, budget, low, halves) + least(numbers, budget, low + halves, halves) if halves else 1
    return min(1, apart) if size - len(inside) <= budget * len(inside) else apart


_NUMBERS = st.sets(st.integers(0, 63), min_size=1)
_BUDGETS = st.sampled_from([0.0, 0.5, 1.0, 3.0])


@settings(deadline=None)
@given(_NUMBERS, _BUDGETS)
def test_all_that_was_seen_is_covered_with_the_fewest_prefixes_within_the_budget(numbers, budget):
    seen = {ipaddress.ip_address(BASE + number) for number in numbers}
    found = cover(seen, budget=budget, reserved=SPECIAL)
    networks = [ipaddress.ip_network(text) for text in found.prefixes]
    allowed = [address for network in networks for address in network]
    assert len(allowed) == len(set(allowed))
    assert seen <= set(allowed)
    assert len(set(allowed) - seen) == found.opened
    for network in networks:
        own = seen & set(network)
        assert network.num_addresses - len(own) <= budget * len(own)
    assert len(networks) == least(numbers, budget, 0, 64)


@settings(deadline=None)
@given(_NUMBERS, _NUMBERS, _BUDGETS)
def test_more_addresses_never_close_what_was_open(numbers, more, budget):
    before = cover([ipaddress.ip_address(BASE + one) for one in numbers], budget=budget, reserved=SPECIAL)
    after = cover([ipaddress.ip_address(BASE + one) for one in numbers | more], budget=budget, reserved=SPECIAL)
    wider = [ipaddress.ip_network(text) for text in after.prefixes]
    for text in before.prefixes:
        assert any(ipaddress.ip_network(text).subnet_of(one) for one in wider)


_V6 = st.tuples(st.integers(0, 15), st.integers(1, 5))


@settings(deadline=None)
@given(st.sets(_V6, min_size=1), _BUDGETS)
def test_ipv6_keeps_the_budget_in_networks(drawn, budget):
    base = int(ipaddress.ip_address("2001:db8::"))
    seen = {ipaddress.ip_address(base + (number << 64) + host) for number, host in drawn}
    found = cover(seen, budget=budget, reserved=SPECIAL)
    networks = [ipaddress.ip_network(text) for text in found.prefixes]
    assert all(sum(address in one for one in networks) == 1 for address in seen)
    links = {number for number, _ in drawn}
    opened = 0
    for one in networks:
        if one.prefixlen < 64:
            first = (int(one.network_address) - base) >> 64
            held = range(first, first + (1 << (64 - one.prefixlen)))
            own = links & set(held)
            assert len(held) - len(own) <= budget * len(own)
            opened += len(held) - len(own)
    assert opened == found.opened_networks
