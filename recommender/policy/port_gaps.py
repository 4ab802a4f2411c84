"""NPR310: pairs that talk on many high ports, which no list of exact ports can foresee."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.model.gap import Gap, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.edge import Edge, Protocol
    from recommender.policy.group_directory import GroupDirectory

MANY_PORTS = 20
"""Distinct high server ports of one pair from which on the ports are taken for dynamic."""
_FIRST_HIGH_PORT = 1024


def dynamic_port_gaps(edges: Iterable[Edge], directory: GroupDirectory) -> tuple[Gap, ...]:
    """One gap for every pair and protocol with many distinct high server ports (hubble-quirks 53)."""
    ports: dict[tuple[str, str, Protocol], set[int]] = defaultdict(set)
    for edge in edges:
        if not edge.protocol.has_ports or edge.port < _FIRST_HIGH_PORT:
            continue
        if directory.governed_group_of(edge.client) or directory.governed_group_of(edge.server):
            ports[_display(edge, directory, client=True), _display(edge, directory, client=False), edge.protocol].add(
                edge.port
            )
    return tuple(
        _gap(client, server, protocol, sorted(found))
        for (client, server, protocol), found in sorted(ports.items(), key=lambda item: item[0])
        if len(found) >= MANY_PORTS
    )


def _display(edge: Edge, directory: GroupDirectory, *, client: bool) -> str:
    end = edge.client if client else edge.server
    group = directory.group_of(end)
    return group.display if group else str(end)


def _gap(client: str, server: str, protocol: Protocol, ports: list[int]) -> Gap:
    return Gap(
        code="NPR310",
        title="Dynamic ports",
        severity=Severity.MEDIUM,
        subject=f"{client} -> {server}",
        reason=f"{len(ports)} distinct high {protocol} ports from {ports[0]} to {ports[-1]}",
        impact="Only the ports that were seen are allowed: the next one that the server picks is denied.",
        action="Pin the server's ports in its configuration, or write a range (endPort) by hand after review.",
        count=len(ports),
        examples=tuple(f"{protocol}/{port}" for port in ports[:3]),
    )
