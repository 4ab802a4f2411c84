"""NPR319: what is needed and in none of the starter set's six steps."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.model.gap import Gap, Severity
from recommender.model.starter_step import StarterStep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.edge import Edge
    from recommender.policy.claims import Claim


def also_needed_gaps(placed: Iterable[tuple[StarterStep, Claim]], edges: Iterable[Edge]) -> tuple[Gap, ...]:
    """One gap for every namespace with such edges, counting them."""
    asking: defaultdict[str, set[str]] = defaultdict(set)
    for step, claim in placed:
        if step is StarterStep.ALSO_NEEDED:
            subject = claim.subject
            asking[f"{subject.cluster}/{subject.namespace}" if subject.cluster else subject.namespace].add(claim.edge)
    keys = {edge.edge_id: edge.key for edge in edges}
    return tuple(_gap(namespace, sorted(keys[one] for one in found)) for namespace, found in sorted(asking.items()))


def _gap(namespace: str, edges: list[str]) -> Gap:
    return Gap(
        code="NPR319",
        title="Needed beyond the six steps",
        severity=Severity.INFO,
        subject=namespace,
        reason=f"needed edges with nodes, the API server, other outside ports or clients: {len(edges)}",
        impact="They are allowed by files of their own (7-also-needed); the six steps alone would cut them.",
        action="Review these files first: they are what the article's steps forget.",
        count=len(edges),
        examples=tuple(edges[:3]),
    )
