"""NPR312, NPR323: DNS names written as the addresses behind them, and names chosen among several."""

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
            facts=(reason,),
        )
        for (subject, reason), found in sorted(names.items())
    )


def several_names_gaps(edges: Iterable[Edge], *, directory: GroupDirectory) -> tuple[Gap, ...]:
    """NPR323: names that stand for addresses which had others, too, when they were called; one gap a group."""
    doubtful: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for edge in edges:
        client = directory.governed_group_of(edge.client)
        if client and isinstance(edge.server, FqdnEnd) and edge.evidence.is_name_in_doubt:
            doubtful[client.display][edge.server.name].update(edge.evidence.names)
    return tuple(
        Gap(
            code="NPR323",
            title="Several names for one address",
            severity=Severity.MEDIUM,
            subject=subject,
            reason=f"addresses of {len(names)} names went by other names of this client as well (a shared CDN, "
            "or two names of one service); the one asked for last before the connection was taken",
            impact="If another name was meant, the rule allows the wrong one, and breaks when the two part.",
            action="Check the names; add the other one by hand if the client needs it by itself.",
            count=len(names),
            examples=tuple(
                f"{name} (also {', '.join(sorted(others - {name})[:3])})" for name, others in sorted(names.items())[:3]
            ),
            facts=tuple(sorted(names)),
        )
        for subject, names in sorted(doubtful.items())
    )
