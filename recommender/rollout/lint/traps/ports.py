"""Ports on which nobody listens: a service's instead of the pod's, undeclared names, ports of replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.connection import PodEndpoint
from recommender.model.policy import Direction
from recommender.rollout.lint.codes import PORT_NOBODY_HAS, REPLY_PORTS
from recommender.rollout.lint.manifest_set import Hit
from recommender.semantics.peers import SelectedPeer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.inventory import ServicePort
    from recommender.rollout.lint.manifest_set import ManifestSet, SetRule
    from recommender.semantics.scene import Member

_EPHEMERAL: Final = (32_768, 60_999)
"""Where Linux takes ports of clients from (`ip_local_port_range`, kernel documentation, "IP Sysctl")."""
_LAST_PRIVILEGED: Final = 1_023


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Ports of allow rules, by the text and by who is known to serve."""
    for item in manifests.rules:
        if item.rule.deny or item.rule.passes or not item.rule.peers:
            continue
        yield from _replies(item)
        if manifests.judged is not None and item.rule.ports:
            servers = tuple(_servers(item, manifests))
            yield from _named(item, servers)
            yield from _of_services(item, servers, manifests)


def _replies(item: SetRule) -> Iterator[Hit]:
    low, high = _EPHEMERAL
    for match in item.rule.ports or ():
        if not match.name and _LAST_PRIVILEGED < match.low <= low and match.high >= high:
            yield Hit(finding=REPLY_PORTS, policy=item.section.policy, path=item.rule.path,
                      reason=f"ports {match.low} to {match.high}")  # fmt: skip
            return


def _servers(item: SetRule, manifests: ManifestSet) -> Iterator[Member]:
    """Pods that a rule lets others connect to."""
    judged = manifests.judged
    for member in manifests.scene.members:
        labels = judged.identity(member.endpoint).labels if judged else {}
        if item.section.direction is Direction.INGRESS:
            chosen = item.section.subject.selects(labels)
        else:
            chosen = any(isinstance(peer, SelectedPeer) and peer.selector.selects(labels) for peer in item.rule.peers)
        if chosen:
            yield member


def _named(item: SetRule, servers: tuple[Member, ...]) -> Iterator[Hit]:
    """Named ports that none of the servers declares."""
    names = {match.name for match in item.rule.ports or () if match.name}
    declared = {name for member in servers if isinstance(member.endpoint, PodEndpoint)
                for name, _, _ in member.endpoint.named_ports}  # fmt: skip
    for name in sorted(names - declared):
        yield Hit(finding=PORT_NOBODY_HAS, policy=item.section.policy, path=item.rule.path,
                  reason=f"no server declares a port named {name}")  # fmt: skip


def _of_services(item: SetRule, servers: tuple[Member, ...], manifests: ManifestSet) -> Iterator[Hit]:
    """Ports of services that lead to another port, where no server declares the port itself."""
    declared = {port for member in servers for port in member.declared_ports}
    leads = [lead for member in servers for lead in _leads(member, manifests)]
    for match in item.rule.ports or ():
        if match.name or match.low != match.high:
            continue
        for protocol in sorted(match.protocols):
            asked = (protocol.value, match.low)
            found = [(name, target) for name, port, target in leads if (port.protocol, port.port) == asked]
            if found and asked not in declared and all(target != match.low for _, target in found):
                name, target = min(found)
                yield Hit(finding=PORT_NOBODY_HAS, policy=item.section.policy, path=item.rule.path,
                          reason=f"{protocol.value}/{match.low} is the port of service {name}, "
                          f"whose pods serve it on {target}")  # fmt: skip


def _leads(member: Member, manifests: ManifestSet) -> Iterator[tuple[str, ServicePort, int]]:
    """(service, its port, the pod's port) for each service that selects these pods."""
    pod = member.endpoint
    if not isinstance(pod, PodEndpoint):
        return
    numbers = {(protocol, name): number for name, protocol, number in pod.named_ports}
    for service in manifests.inventory.services:
        if service.namespace == pod.namespace and service.selector and set(service.selector) <= set(pod.labels):
            for port in service.ports:
                target = port.target_port or port.port
                number = target if isinstance(target, int) else numbers.get((port.protocol, target))
                if number:
                    yield f"{service.namespace}/{service.name}", port, number
