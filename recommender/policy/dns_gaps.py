"""NPR303, NPR313, NPR315: name resolution that nobody saw, and who is to live without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.gap import Gap, Severity
from recommender.model.policy import Direction
from recommender.policy.dns_baseline import DNS_PORTS
from recommender.policy.group_directory import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge
    from recommender.policy.claims import Claim
    from recommender.policy.dns_baseline import DnsPlan
    from recommender.policy.group_directory import GroupDirectory


def no_dns_gaps(
    dns: DnsPlan, directory: GroupDirectory, allowed: Iterable[Edge], quarantined: Iterable[Edge], capture: Capture
) -> tuple[Gap, ...]:
    """NPR303: nothing was recognised as the cluster's DNS, so no policy allows names beyond what was seen."""
    if dns.servers or not directory.governed:
        return ()
    elsewhere, waiting = (
        [edge for edge in edges if edge.port in DNS_PORTS and edge.protocol.has_ports]
        for edges in (allowed, quarantined)
    )
    asking = [*elsewhere, *waiting]
    seen = "no edge to port 53 or 5353 was seen"
    if asking:
        parts = f"{len(elsewhere)} lead elsewhere, {len(waiting)} are quarantined"
        seen = f"of {len(asking)} edges to port 53 or 5353, {parts}"
    return (
        Gap(
            code="NPR303",
            title="No DNS seen",
            severity=Severity.HIGH,
            subject="the capture",
            reason=f"no DNS server of the cluster was recognised: {seen}; {capture.dns_answers} DNS answers recorded",
            impact="Enforcing these policies cuts name resolution for every pod whose lookups were not seen.",
            action="Capture DNS too (hubble observe --port 53), or add a DNS rule by hand, before enforcing anything.",
            count=max(1, len(asking)),
            examples=tuple(edge.key for edge in asking[:3]),
        ),
    )


def silent_dns_gaps(dns: DnsPlan, directory: GroupDirectory, claims: Iterable[Claim]) -> tuple[Gap, ...]:
    """NPR313: a DNS server that is about to lose all its egress, since its upstream connections were not seen."""
    talking = {key_of(claim.subject) for claim in claims if claim.direction is Direction.EGRESS}
    groups = [server.group for server in dns.servers if server.group]
    return tuple(
        Gap(
            code="NPR313",
            title="DNS server without upstream",
            severity=Severity.HIGH,
            subject=group.display,
            reason="it answers DNS, but no egress of its own was seen: neither an upstream resolver nor the API server",
            impact="Enforcing its policy may stop name resolution for the whole cluster.",
            action="Capture longer, restart its pods within the window, or leave its policy out until egress is seen.",
        )
        for group in groups
        if key_of(group) in directory.governed and key_of(group) not in talking
    )


def nameless_gaps(dns: DnsPlan, directory: GroupDirectory) -> tuple[Gap, ...]:
    """NPR315: the groups that may not ask for names, since nothing shows that they do."""
    groups = [directory.groups[key].display for key in sorted(dns.without_need)]
    if not groups or not dns.servers:
        return ()
    return (
        Gap(
            code="NPR315",
            title="Isolated without DNS",
            severity=Severity.LOW,
            subject="policies",
            reason=f"groups that were not seen to resolve any name and have no other reason to: {len(groups)}",
            impact="If one of them looks up a name after all, it cannot: cluster DNS is left out of its policy.",
            action="Check them; --dns all gives DNS to every group, --dns observed only to those seen asking.",
            count=len(groups),
            examples=tuple(groups[:3]),
            facts=tuple(groups),
        ),
    )
