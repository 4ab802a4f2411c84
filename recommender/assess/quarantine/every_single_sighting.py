"""Single sightings that nothing speaks for, for those who would rather release each than allow one too many."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from recommender.assess.corroboration import REGULAR_HOURS, index_corroboration
from recommender.assess.sightings import is_single_sighting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End

_DNS_PORTS: Final = frozenset({53, 5353})
_MANY: Final = 5
"""Regular clients from which on a server of DNS is what everybody asks."""


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges were seen once, and neither a like workload nor a neighbour of the server does the same regularly?

    A lookup with the resolver that many ask regularly is spared: a client that looked up one name cannot do without.
    """
    corroboration = context.once(index_corroboration)
    resolvers = _regular_dns_clients(context)
    return {
        edge_id: "seen once, with nothing like it seen regularly"
        for edge_id, edge in context.edges.items()
        if is_single_sighting(edge.evidence)
        and not corroboration.speaks_for(edge)
        and not _asks_resolver(edge, resolvers)
    }


def _regular_dns_clients(context: EdgeContext) -> Mapping[End, int]:
    return Counter(
        edge.server
        for edge in context.edges.values()
        if edge.port in _DNS_PORTS and edge.evidence.active_hours >= REGULAR_HOURS
    )


def _asks_resolver(edge: Edge, resolvers: Mapping[End, int]) -> bool:
    return edge.port in _DNS_PORTS and resolvers.get(edge.server, 0) >= _MANY
