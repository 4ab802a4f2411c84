"""NPR310, NPR324: pairs that talk on many high ports, and replies that were recorded as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.gap import Gap, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.edge import Edge
    from recommender.policy.dynamic_ports import DynamicPair, DynamicPortPlan, Pair
    from recommender.policy.group_directory import GroupDirectory

FEWEST_TURNED: Final = 3
"""Connections of one edge from which on their having been turned around is told."""


def dynamic_port_gaps(plan: DynamicPortPlan) -> tuple[Gap, ...]:
    """One gap for every pair and protocol with many distinct high server ports (hubble-quirks 53)."""
    return tuple(_dynamic_gap(pair, found) for pair, found in sorted(plan.pairs.items(), key=lambda item: item[0]))


def _dynamic_gap(pair: Pair, found: DynamicPair) -> Gap:
    client, server, protocol = pair
    ports = found.ports
    reason = f"{len(ports)} distinct high {protocol} ports from {ports[0]} to {ports[-1]}"
    if found.weak:
        reason += f"; the direction of {found.weak} is a guess, so no range rests on them"
    if found.ranges:
        written = ", ".join(str(rule) for rule in found.ranges)
        return Gap(
            code="NPR310",
            title="Dynamic ports",
            severity=Severity.MEDIUM,
            subject=f"{client} -> {server}",
            reason=f"{reason}; written as {written}, which opens {found.opened} ports that nobody used",
            impact="Whatever else the server opens in these ranges, the client may reach.",
            action="Pin the server's ports in its configuration and capture again, or accept the range in review; "
            "`--dynamic-ports exact` writes none. Ranges need Cilium 1.16 or a CNI that knows endPort.",
            count=len(ports),
            examples=tuple(f"{protocol}/{port}" for port in ports[:3]),
            facts=(protocol, *map(str, found.ranges)),
        )
    return Gap(
        code="NPR310",
        title="Dynamic ports",
        severity=Severity.MEDIUM,
        subject=f"{client} -> {server}",
        reason=f"{reason}; no range that they fill well enough stands for them",
        impact="Only the ports that were seen are allowed: the next one that the server picks is denied.",
        action="Pin the server's ports in its configuration, or write a range (endPort) by hand after review.",
        count=len(ports),
        examples=tuple(f"{protocol}/{port}" for port in ports[:3]),
        facts=(protocol,),
    )


def turned_gaps(edges: Iterable[Edge], directory: GroupDirectory) -> tuple[Gap, ...]:
    """NPR324: replies that connection tracking took for new connections; they ask for no rule (hubble-quirks 4)."""
    return tuple(
        Gap(
            code="NPR324",
            title="Replies recorded as new connections",
            severity=Severity.LOW,
            subject=edge.key,
            reason=f"{edge.evidence.turned_around} connections were recorded as coming from the server's port",
            impact="They count as evidence of this edge, and no rule opens the client's own ports to the server.",
            action="Nothing, if the server does not call back; if it does, a capture with TCP flags shows its SYN.",
            count=edge.evidence.turned_around,
            examples=edge.evidence.sample_uuids[:3],
        )
        for edge in edges
        if edge.evidence.turned_around >= FEWEST_TURNED
        and (directory.governed_group_of(edge.client) or directory.governed_group_of(edge.server))
    )
