"""Prefixes inside each other, and an address that tells one of them from the rest."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from recommender.semantics.peers import Network

EVERYWHERE: Final[tuple[Network, ...]] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


def inside(inner: Network, outer: Network) -> bool:
    """Whether a prefix lies in another one and is smaller."""
    return inner.version == outer.version and inner.prefixlen > outer.prefixlen and inner.network_address in outer


def address_only_in(network: Network, networks: AbstractSet[Network]) -> str:
    """An address of the network that is in none of the narrower ones; the empty text if they cover it."""
    narrower = sorted(
        (item for item in networks if item != network and inside(item, network)),
        key=lambda item: int(item.network_address),
    )
    candidate = int(network.network_address)
    for item in narrower:
        if int(item.network_address) > candidate:
            break
        candidate = max(candidate, int(item.broadcast_address) + 1)
    if candidate > int(network.broadcast_address):
        return ""
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address  # noqa: PLR2004 - IP versions
    return str(kind(candidate))


@lru_cache(maxsize=4096)
def samples(network: Network, networks: frozenset[Network]) -> tuple[str, ...]:
    """One address of each part of a network that some of the narrower ones tell apart, the widest part first."""
    narrower = {item for item in networks if inside(item, network)}
    ordered = sorted(narrower, key=lambda item: (int(item.network_address), item.prefixlen))
    found = (address_only_in(item, narrower) for item in (network, *ordered))
    return tuple(address for address in found if address)
