"""The fewest prefixes for many addresses that open no more than a budget allows.

The budget holds for every prefix by itself: it may open at most so many unseen addresses for each one that was seen in
it. So no sparse stretch is opened with what a dense one elsewhere leaves over, and the sum keeps the same bound. Under
this rule the largest prefixes that keep it are the fewest there can be: they do not overlap, and any other cover needs
at least one prefix inside each. They are also stable: a further address never narrows a prefix, it can only join some.

IPv6 is counted in networks of /64, the size of one link (RFC 4291, section 2.5.1): a /64 of which several addresses
were seen is written as a whole and counts as one.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recommender.policy.reserved_networks import ReservedNetworks

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_UNITS: Final = {4: 32, 6: 64}
"""Prefix length of what is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Prefixes for some addresses, and what else they hold."""

    prefixes: tuple[str, ...]
    """IPv4 first, in order; disjoint."""
    opened: int
    """IPv4 addresses that were not seen in them."""
    opened_networks: int
    """/64 networks of IPv6 in which nothing was seen."""

    @property
    def is_wider(self) -> bool:
        """Whether an address that was not seen is allowed."""
        return bool(self.opened or self.opened_networks)


def cover(addresses: Iterable[Address], *, budget: float, reserved: ReservedNetworks) -> Cover:
    """Join addresses into the fewest prefixes, each with at most `budget` unseen ones for every seen one.

    No prefix that touches a reserved network opens anything; a budget of 0 allows exact joins only. The result does not
    depend on the order of the addresses.
    """
    ordered = sorted(set(addresses), key=lambda address: (address.version, int(address)))
    single = [one for one in ordered if reserved.touches(ipaddress.ip_network(one))]
    free = [one for one in ordered if not reserved.touches(ipaddress.ip_network(one))]
    opened = {4: 0, 6: 0}
    networks = _exact(single if budget > 0 else ordered)
    if budget > 0:
        for network, extra in _joined(free, budget, reserved):
            networks.append(network)
            opened[network.version] += extra
    texts = [str(one) for one in sorted(networks, key=lambda one: (one.version, int(one.network_address)))]
    return Cover(prefixes=tuple(texts), opened=opened[4], opened_networks=opened[6])


def _exact(addresses: Iterable[Address]) -> list[Network]:
    """The prefixes that hold these addresses and nothing else."""
    networks = [ipaddress.ip_network(one) for one in addresses]
    return [
        *ipaddress.collapse_addresses(one for one in networks if isinstance(one, ipaddress.IPv4Network)),
        *ipaddress.collapse_addresses(one for one in networks if isinstance(one, ipaddress.IPv6Network)),
    ]


def _joined(addresses: Sequence[Address], budget: float, reserved: ReservedNetworks) -> Iterator[tuple[Network, int]]:
    """Each prefix and how many unseen units it opens."""
    for version, length in _UNITS.items():
        units: defaultdict[int, list[Address]] = defaultdict(list)
        for one in addresses:
            if one.version == version:
                units[int(one) >> (one.max_prefixlen - length)].append(one)
        ordered = sorted(units)
        pending = [(0, len(ordered))] if ordered else []
        while pending:
            start, end = pending.pop()
            first, last = ordered[start], ordered[end - 1]
            free_bits = (first ^ last).bit_length()
            unseen = (1 << free_bits) - (end - start)
            if end - start == 1:
                whole = _network(version, first, length, 0)
                several = len(units[first]) > 1 and not reserved.touches(whole)
                yield from ((one, 0) for one in ([whole] if several else map(ipaddress.ip_network, units[first])))
            elif unseen <= budget * (end - start) and not reserved.touches(
                network := _network(version, first, length, free_bits)
            ):
                yield network, unseen
            else:
                middle = start + _first_with_bit(ordered[start:end], free_bits - 1)
                pending += [(start, middle), (middle, end)]


def _network(version: int, number: int, length: int, free_bits: int) -> Network:
    kind = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network  # noqa: PLR2004 - IP version
    width = 32 if version == 4 else 128  # noqa: PLR2004
    return kind(((number >> free_bits << free_bits) << (width - length), length - free_bits))


def _first_with_bit(ordered: Sequence[int], bit: int) -> int:
    """Place of the first number with this bit set, where all higher bits are alike."""
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] >> bit & 1:
            high = middle
        else:
            low = middle + 1
    return low
