"""The pairs with HTTP requests where groups are of several levels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.policy.http_pairs import http_pairs

if TYPE_CHECKING:
    from recommender.model.edge import Edge
    from recommender.model.http_rule import HttpPair
    from recommender.policy.level import Demand, Level


def level_pairs(level: Level, precise: Level | None, demand: Demand, *, written: bool) -> tuple[HttpPair, ...]:
    """The pairs with HTTP requests; the server's ingress holds their rules, so the server's level says who is a pair.

    Rules of layer 4 and 7 add up (policy-semantics 1.2): beside a range, HTTP rules on one of its ports say nothing.
    """
    kept = [edge for edge in demand.allowed if edge.edge_id not in level.refused]
    tight = [edge for edge in kept if precise and _serves_sensitive(edge, level)]
    loose = [edge for edge in kept if not precise or not _serves_sensitive(edge, level)]
    found = [
        pair
        for edges, one in ((loose, level), (tight, precise))
        if one is not None
        for pair in http_pairs(
            [edge for edge in edges if not one.dynamic.port_of(edge).end_port],
            directory=one.directory,
            dns=one.dns,
            capture=demand.capture,
            written=written,
        )
    ]
    return tuple(sorted(found, key=lambda pair: pair.sort_key))


def _serves_sensitive(edge: Edge, level: Level) -> bool:
    group = level.directory.group_of(edge.server)
    return group is not None and group.sensitive
