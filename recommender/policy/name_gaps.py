"""NPR312: DNS names that had to be written as the addresses behind them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.model.edge import FqdnEnd
from recommender.model.gap import Gap, Severity
from recommender.policy.peer_naming import can_match_by_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.edge import Edge
    from recommender.policy.dns_baseline import DnsPlan
    from recommender.policy.group_directory import GroupDirectory

_NO_DNS_RULE = "its policy holds no DNS rule, without which a rule by name never matches"
_NO_MATCH = "the name is one that Cilium refuses, or one of the cluster itself, which rules by name never match"


def name_gaps(edges: Iterable[Edge], *, directory: GroupDirectory, dns: DnsPlan) -> tuple[Gap, ...]:
    """One gap for every group and reason, counting its names."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for edge in edges:
        client = directory.governed_group_of(edge.client)
        if client is None or not isinstance(edge.server, FqdnEnd):
            continue
        if not dns.servers_for(client):
            names[client.display, _NO_DNS_RULE].add(edge.server.name)
        elif not can_match_by_name(edge.server.name):
            names[client.display, _NO_MATCH].add(edge.server.name)
    return tuple(
        Gap(
            code="NPR312",
            title="DNS name written as addresses",
            severity=Severity.MEDIUM,
            subject=subject,
            reason=reason,
            impact="Only the addresses that were seen are allowed: the rule breaks when the name moves.",
            action="Capture the pod's lookups too (hubble observe --port 53), or write the rule by hand.",
            count=len(found),
            examples=tuple(sorted(found)[:3]),
        )
        for (subject, reason), found in sorted(names.items())
    )
