"""How unlike the rest of its group each member behaves, and what only the outliers do, as the report shows it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from recommender.report.figures import figure
from recommender.report.view_edges import end_view

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from recommender.model.edge import End
    from recommender.model.group import Group
    from recommender.model.recommendation import AssessedEdge

MOST_TOLD: Final = 8
"""Things that only an outlier does; the rest is counted."""
_COMPARABLE: Final = 2

Doings = dict["End", set[str]]
"""What each end does, in words: direction, the other end's group (or itself), protocol and port."""


def doings(groups: Iterable[Group], edges: Iterable[AssessedEdge]) -> Doings:
    """What each end does by every edge that was observed, whatever became of it."""
    names: dict[End, str] = {member: group.display for group in groups for member in group.members}
    found: defaultdict[End, set[str]] = defaultdict(set)
    for edge in (item.edge for item in edges):
        port = f"{edge.protocol.value}/{edge.port}"
        found[edge.client].add(f"to {_name(edge.server, names)} {port}")
        found[edge.server].add(f"from {_name(edge.client, names)} {port}")
    return found


def _name(end: End, names: Mapping[End, str]) -> str:
    return names.get(end) or str(end_view(end)["text"])


def members_view(group: Group, done: Mapping[End, Collection[str]]) -> list[dict[str, Any]]:
    """Every member of a group of several, most unlike first, then by name; nothing for a single one.

    `unlike` is one minus the mean Jaccard similarity with each other member (`Group.likeness`), 0 to 1, None where that
    says nothing. `only` is what an outlier does and no other member, sorted and cut at `MOST_TOLD`; `only_count` is
    all of it.
    """
    if len(group.members) < _COMPARABLE or not group.likeness:
        return []
    outliers = set(group.outliers)
    rows = []
    for member, likeness in zip(group.members, group.likeness, strict=True):
        only = _only(member, group, done) if member in outliers else []
        rows.append(
            {
                "member": str(member),
                "unlike": None if likeness is None else figure(1 - likeness),
                "outlier": member in outliers,
                "only": only[:MOST_TOLD],
                "only_count": len(only),
            }
        )
    return sorted(rows, key=lambda row: (row["unlike"] is None, -(row["unlike"] or 0.0), row["member"]))


def _only(member: End, group: Group, done: Mapping[End, Collection[str]]) -> list[str]:
    others = [done.get(other, ()) for other in group.members if other != member]
    return sorted(set(done.get(member, ())).difference(*others))
