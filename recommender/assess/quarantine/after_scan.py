"""What a client that scanned does afterwards: one contact may be the use of what the scan found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.corroboration import index_corroboration
from recommender.assess.late_contact import is_late
from recommender.assess.quarantine import scan, slow_scan
from recommender.assess.sightings import is_single_sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End


def claim(context: EdgeContext) -> dict[str, str]:
    """Which edges of a scanning client were seen once, late and after its scan began, with nothing to speak for them?

    What it did before, what it does again, and what a like workload does regularly are not the scan's: these are
    allowed, and marked if they began after it (`review`).
    """
    return {
        edge_id: "seen once, after its client began to scan"
        for edge_id, edge in begun_after_a_scan(context)
        if is_single_sighting(edge.evidence)
    }


def begun_after_a_scan(context: EdgeContext) -> tuple[tuple[str, Edge], ...]:
    """Edges outside the scans whose client had scanned before they began, late in its life, uncorroborated.

    Late, because at the beginning of a window every need is seen for the first time.
    """
    return context.once(_begun_after_a_scan)


def _begun_after_a_scan(context: EdgeContext) -> tuple[tuple[str, Edge], ...]:
    return tuple(_find(context))


def _find(context: EdgeContext) -> Iterator[tuple[str, Edge]]:
    scans = context.once(scan.claim) | context.once(slow_scan.claim)
    began: dict[End, int] = {}
    for edge_id in scans:
        edge = context.edges[edge_id]
        began[edge.client] = min(began.get(edge.client, edge.evidence.first_seen), edge.evidence.first_seen)
    if not began or context.short_window:
        return
    corroboration = context.once(index_corroboration)
    for edge_id, edge in context.edges.items():
        start = began.get(edge.client)
        if start is None or edge_id in scans or edge.evidence.first_seen < start:
            continue
        if is_late(edge, context) and not corroboration.speaks_for(edge):
            yield edge_id, edge
