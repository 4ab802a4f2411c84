"""Recorded edges by the ends that a map of connections has."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.semantics.connectivity import WORLD
from recommender.semantics.names import NamePattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.semantics.recorded_report import RecordedEdge

_OUTSIDE = ("ip:", "fqdn:", "entity:world")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPairs:
    """Looks edges up by source and destination."""

    _by_ends: Mapping[tuple[str, str], tuple[RecordedEdge, ...]]
    """Ends outside the cluster stand as `world`."""

    @classmethod
    def of(cls, edges: Iterable[RecordedEdge]) -> RecordedPairs:
        """The edges of some reports; of edges that several have, the last one counts."""
        found: defaultdict[tuple[str, str], dict[str, RecordedEdge]] = defaultdict(dict)
        for edge in edges:
            found[_end(edge.client), _end(edge.server)][edge.key] = edge
        return cls(_by_ends={ends: tuple(by_key.values()) for ends, by_key in found.items()})

    def between(self, source: str, destination: str) -> tuple[RecordedEdge, ...]:
        """The edges from one end of a map to another; of a prefix or a name, those that lie in it."""
        wide = (WORLD if name.startswith(("cidr:", "fqdn:")) else name for name in (source, destination))
        edges = self._by_ends.get((next(wide), next(wide)), ())
        return tuple(
            edge for edge in edges if _lies_in(edge, "client", source) and _lies_in(edge, "server", destination)
        )


def _end(text: str) -> str:
    if text.startswith(_OUTSIDE):
        return WORLD
    return text.removeprefix("entity:")


def _lies_in(edge: RecordedEdge, role: str, end: str) -> bool:
    if end.startswith("cidr:"):
        network = ipaddress.ip_network(end.removeprefix("cidr:"))
        texts = {edge.client} if role == "client" else {edge.server, *edge.server_addresses}
        return any(_address_in(text.removeprefix("ip:"), network) for text in texts)
    if end.startswith("fqdn:"):
        pattern = NamePattern.of(end.removeprefix("fqdn:"), exact="*" not in end)
        return any(pattern.covers(name) for name in {edge.server.removeprefix("fqdn:"), *edge.names})
    return True


def _address_in(text: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(text) in network
    except ValueError:
        return False
