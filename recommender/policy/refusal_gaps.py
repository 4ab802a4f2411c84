"""NPR301, NPR306, NPR311: edges that no rule can say."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.model.gap import Gap, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.edge import Edge
    from recommender.policy.peer_naming import Refusal

_TITLES = {
    "NPR301": ("Peer that no rule can name", Severity.HIGH),
    "NPR306": ("Peer without an identity of its own", Severity.HIGH),
    "NPR311": ("ICMP echo reply seen as a request", Severity.LOW),
}


def refusal_gaps(refused: Iterable[tuple[Edge, Refusal]]) -> tuple[Gap, ...]:
    """One gap for every pair of ends and reason, counting its edges."""
    grouped: dict[tuple[str, str, str], list[tuple[Edge, Refusal]]] = defaultdict(list)
    for edge, refusal in refused:
        grouped[refusal.code, f"{edge.client} -> {edge.server}", refusal.reason].append((edge, refusal))
    return tuple(
        Gap(
            code=code,
            title=_TITLES[code][0],
            severity=_TITLES[code][1],
            subject=subject,
            reason=reason,
            impact="The edge is left out: once the policies are enforced, it is denied.",
            action=members[0][1].action,
            count=len(members),
            examples=tuple(edge.key for edge, _ in members[:3]),
            facts=(reason,),
        )
        for (code, subject, reason), members in sorted(grouped.items(), key=lambda item: item[0])
    )
