"""NPR307, NPR308, NPR309: addresses in rules that a person should look at."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.model.gap import Gap, Severity
from recommender.model.policy import CidrPeer, Direction
from recommender.model.special_addresses import is_metadata, is_private
from recommender.policy.address_rules import MANY_ADDRESSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.inventory import Inventory
    from recommender.model.policy import PortRule
    from recommender.policy.claims import Claim


def address_gaps(claims: Iterable[Claim], inventory: Inventory) -> tuple[Gap, ...]:
    """Gaps about single addresses in rules; baselines are known by name and raise none."""
    owners = _owners(inventory)
    internal: dict[str, set[str]] = defaultdict(set)
    metadata: dict[str, set[PortRule]] = defaultdict(set)
    external: dict[tuple[str, PortRule], set[str]] = defaultdict(set)
    for claim in claims:
        if not isinstance(claim.peer, CidrPeer) or claim.baseline:
            continue
        for cidr in claim.peer.cidrs:
            if is_metadata(cidr.partition("/")[0], claim.port.port):
                metadata[claim.subject.display].add(claim.port)
            elif cidr in owners or _is_internal(cidr):
                internal[claim.subject.display].add(cidr)
            elif claim.direction is Direction.EGRESS:
                external[claim.subject.display, claim.port].add(cidr)
    return (
        *(_internal_gap(subject, sorted(internal[subject]), owners) for subject in sorted(internal)),
        *(_metadata_gap(subject, sorted(metadata[subject])) for subject in sorted(metadata)),
        *(
            _many_gap(subject, port, sorted(cidrs))
            for (subject, port), cidrs in sorted(external.items(), key=lambda item: item[0])
            if len(cidrs) > MANY_ADDRESSES
        ),
    )


def _is_internal(cidr: str) -> bool:
    return is_private(ipaddress.ip_network(cidr).network_address)


def _owners(inventory: Inventory) -> dict[str, str]:
    """Prefix to what the inventory knows it as: a pod, a node or a service."""
    named = [
        *((address, f"node {address}") for address in inventory.node_addresses),
        *((ip, f"pod {pod.namespace}/{pod.name}") for pod in inventory.pods for ip in pod.addresses),
        *((ip, f"service {svc.namespace}/{svc.name}") for svc in inventory.services for ip in svc.cluster_ips),
    ]
    return {prefix: text for address, text in sorted(named) if (prefix := _prefix(address))}


def _prefix(address: str) -> str:
    try:
        return str(ipaddress.ip_network(address))
    except ValueError:
        return ""


def _internal_gap(subject: str, cidrs: list[str], owners: dict[str, str]) -> Gap:
    known = [f"{cidr} is {owners[cidr]}" for cidr in cidrs if cidr in owners]
    return Gap(
        code="NPR307",
        title="Internal address without a name",
        severity=Severity.HIGH if known else Severity.MEDIUM,
        subject=subject,
        reason=known[0] if known else "the peer is in a private range, but no pod, node or service is known for it",
        impact="Cilium matches no pod, node or service by address: if it is one of them, the rule allows nothing.",
        action="Find the owner (kubectl get pods,svc,nodes -A -o wide), then run again with --inventory.",
        count=len(cidrs),
        examples=tuple([*known, *(cidr for cidr in cidrs if cidr not in owners)][:3]),
        facts=tuple(cidrs),
    )


def _metadata_gap(subject: str, ports: list[PortRule]) -> Gap:
    return Gap(
        code="NPR308",
        title="Cloud metadata service used",
        severity=Severity.HIGH,
        subject=subject,
        reason="it reached the cloud's metadata address, which hands out the node's credentials",
        impact="An intruder in this pod could take the node's role.",
        action="Use workload identity instead if you can, and reject this rule in review.",
        count=len(ports),
        examples=tuple(str(port) for port in ports[:3]),
        facts=tuple(map(str, ports)),
    )


def _many_gap(subject: str, port: PortRule, cidrs: list[str]) -> Gap:
    return Gap(
        code="NPR309",
        title="Many external addresses without a name",
        severity=Severity.MEDIUM,
        subject=subject,
        reason=f"{len(cidrs)} external addresses on {port}, none with a DNS name as evidence",
        impact="The addresses of such services move: a list of those seen will cut new ones.",
        action="Turn on DNS visibility (an L7 DNS rule) and capture again, or allow the provider's published ranges.",
        count=len(cidrs),
        examples=tuple(cidrs[:3]),
        facts=(str(port),),
    )
