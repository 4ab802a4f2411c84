"""NPR318: what policies for whole namespaces open beyond what was seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.edge import WorkloadEnd
from recommender.model.gap import Gap, Severity
from recommender.model.group import GroupOrigin
from recommender.model.policy import Baseline, Direction, GroupPeer, PortRule
from recommender.policy.width import count_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge
    from recommender.model.group import Group
    from recommender.model.policy import Policy, Rule


def width_gaps(
    policies: Sequence[Policy],
    full: Sequence[Policy],
    *,
    groups: Sequence[Group],
    edges: Sequence[Edge],
    decided: Mapping[str, Decided],
) -> tuple[Gap, ...]:
    """One gap for each namespace that is governed as a whole and opens what was not seen.

    `full` are the policies of the same capture at the level of groups, to compare with; `decided` tells which edges
    the policies must let through.
    """
    homes = {
        member: group.display if group.origin is GroupOrigin.NAMESPACE else ""
        for group in groups
        for member in group.members
    }
    between = [edge for edge in edges if edge.client in homes and edge.server in homes]
    allowed = {edge.edge_id: edge for edge in edges if decided[edge.edge_id].disposition.allowed}
    ports = {PortRule(protocol=edge.protocol, port=edge.port) for edge in between if edge.edge_id in allowed}
    opened, at_group_level = count_open(policies, homes, ports), count_open(full, homes, ports)
    seen = Counter(_home(edge, homes) for edge in between if edge.edge_id in allowed)
    widths = _outside(policies, homes, allowed)
    for home, width in widths.items():
        width.opened, width.seen, width.at_group_level = opened[home], seen[home], at_group_level[home]
    return tuple(_gap(home, width) for home, width in sorted(widths.items()) if width.wider)


@dataclass(slots=True, kw_only=True)
class _Width:
    """What the policies of one namespace open."""

    opened: int = 0
    """(client, server, port) between workloads."""
    seen: int = 0
    at_group_level: int = 0
    opened_outside: int = 0
    """(workload, outside peer, port)."""
    seen_outside: int = 0
    anywhere: bool = False
    """Whether HTTPS to every public address is open."""

    @property
    def wider(self) -> bool:
        return self.opened > self.seen or self.opened_outside > self.seen_outside or self.anywhere


def _home(edge: Edge, homes: Mapping[WorkloadEnd, str]) -> str:
    ends = (end for end in (edge.server, edge.client) if isinstance(end, WorkloadEnd))
    return next((homes[end] for end in ends if homes[end]), "")


def _outside(
    policies: Iterable[Policy], homes: Mapping[WorkloadEnd, str], edges: Mapping[str, Edge]
) -> dict[str, _Width]:
    """The widths by namespace, filled in as far as outside peers go."""
    widths = {home: _Width() for home in set(homes.values()) if home}
    for policy in policies:
        width = widths.get(homes.get(policy.group.members[0], ""))
        if width is None:
            continue
        for rule in policy.rules:
            if rule.baseline is Baseline.OUTSIDE_HTTPS:
                width.anywhere = True
            elif not isinstance(rule.peer, GroupPeer):
                width.opened_outside += len(policy.group.members) * len(_far_ends(rule, edges))
                width.seen_outside += len(rule.edges)
    return widths


def _far_ends(rule: Rule, edges: Mapping[str, Edge]) -> set[tuple[str, str, int]]:
    found = [edges[edge_id] for edge_id in rule.edges if edge_id in edges]
    inward = rule.direction is Direction.INGRESS
    return {(str(edge.client if inward else edge.server), edge.protocol.value, edge.port) for edge in found}


def _gap(subject: str, width: _Width) -> Gap:
    between = f"{width.opened:,} (client, server, port) between workloads, of which {width.seen:,} were seen"
    parts = [f"it opens {between}; policies at group level would open {width.at_group_level:,}"]
    if width.opened_outside > width.seen_outside:
        peers = f"{width.opened_outside:,} (workload, peer, port) with outside peers"
        parts.append(f"{peers}, of which {width.seen_outside:,} were seen")
    if width.anywhere:
        parts.append("TCP/443 to every public address for all its pods")
    return Gap(
        code="NPR318",
        title="Wider than seen",
        severity=Severity.MEDIUM,
        subject=subject,
        reason="; ".join(parts),
        impact="An intruder in one pod of the namespace may use whatever any other of its pods needs.",
        action="Mark what matters most as sensitive (--sensitive), then go on to --granularity group.",
        count=max(1, width.opened - width.seen + width.opened_outside - width.seen_outside),
    )
