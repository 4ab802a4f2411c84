"""Networks that no joined prefix may touch: special ranges, and wherever the cluster itself lives."""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.special_addresses import UNJOINABLE_NETWORKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.inventory import Inventory

    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NEIGHBOURHOOD: Final = {4: 24, 6: 64}
"""Prefix length around an address of the cluster within which others of its pods and nodes are likely."""

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedNetworks:
    """Disjoint spans of addresses by IP version, sorted."""

    spans: dict[int, tuple[_Span, ...]]

    @classmethod
    def of(cls, own_addresses: Iterable[str], inventory: Inventory, *, single: Iterable[str] = ()) -> ReservedNetworks:
        """The special ranges, the neighbourhoods of every known pod, node and service, and some single addresses."""
        known = {
            *own_addresses,
            *inventory.node_addresses,
            *(address for pod in inventory.pods for address in pod.addresses),
            *(address for service in inventory.services for address in service.cluster_ips),
        }
        near = (_network(text, near=True) for text in known)
        alone = (_network(text, near=False) for text in single)
        return cls._of([*UNJOINABLE_NETWORKS, *(network for network in (*near, *alone) if network)])

    @classmethod
    def special(cls) -> ReservedNetworks:
        """The special ranges alone."""
        return cls._of(UNJOINABLE_NETWORKS)

    @classmethod
    def _of(cls, networks: Sequence[Network]) -> ReservedNetworks:
        return cls(spans={version: _spans(networks, version) for version in _NEIGHBOURHOOD})

    def touches(self, network: Network) -> bool:
        """Whether the network shares an address with one of them."""
        spans = self.spans[network.version]
        first, last = int(network.network_address), int(network.broadcast_address)
        place = bisect_right(spans, (last, 1 << 129))
        return place > 0 and spans[place - 1][1] >= first


def _network(text: str, *, near: bool) -> Network | None:
    """The address by itself or with its neighbourhood; nothing for a text that is no address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    length = _NEIGHBOURHOOD[address.version] if near else address.max_prefixlen
    return ipaddress.ip_network((address, length), strict=False)


def _spans(networks: Iterable[Network], version: int) -> tuple[_Span, ...]:
    found: list[_Span] = []
    for first, last in sorted(
        (int(one.network_address), int(one.broadcast_address)) for one in networks if one.version == version
    ):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)
