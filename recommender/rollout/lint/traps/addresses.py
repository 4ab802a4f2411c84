"""Prefixes that are not what they seem."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from recommender.model.gap import Severity
from recommender.rollout.lint.codes import POD_ADDRESSES, WORLD_WITH_PRIVATE
from recommender.rollout.lint.manifest_set import Hit
from recommender.semantics.peers import CidrPeer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.lint.manifest_set import ManifestSet, SetRule
    from recommender.semantics.peers import Network

_PRIVATE: Final = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918."""
_SHOWN: Final = 3


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Prefixes that hold the cluster's own addresses, or the private ranges beside the internet."""
    own = _own(manifests)
    cilium = {policy.name for policy in manifests.policies if policy.is_cilium}
    for item in manifests.rules:
        for peer in item.rule.peers:
            if isinstance(peer, CidrPeer) and not item.rule.deny:
                yield from _own_addresses(item, peer, own, by_cilium=item.section.policy in cilium)
                if _is_internet(peer):
                    yield Hit(finding=WORLD_WITH_PRIVATE, policy=item.section.policy, path=item.rule.path,
                              reason=f"{peer.network} without the private ranges among its exceptions")  # fmt: skip


def _own(manifests: ManifestSet) -> tuple[tuple[str, str], ...]:
    """(address, whose it is) of what the inventory describes."""
    inventory = manifests.inventory
    found = [(a, f"pod {pod.namespace}/{pod.name}") for pod in inventory.pods if not pod.host_network
             for a in pod.addresses]  # fmt: skip
    found += [(a, f"service {one.namespace}/{one.name}") for one in inventory.services for a in one.cluster_ips]
    found += [(address, "a node") for address in inventory.node_addresses]
    return tuple(sorted(found))


def _own_addresses(
    item: SetRule, peer: CidrPeer, own: tuple[tuple[str, str], ...], *, by_cilium: bool
) -> Iterator[Hit]:
    """Service addresses by any plugin; pods and nodes by Cilium. Whole address families are told otherwise."""
    if not peer.network.prefixlen:
        return
    inside = [whose for address, whose in own if _holds(peer, address) and (by_cilium or whose.startswith("service"))]
    if inside:
        more = f" and {len(inside) - _SHOWN} more" if len(inside) > _SHOWN else ""
        yield Hit(finding=POD_ADDRESSES, policy=item.section.policy, path=item.rule.path, severity=Severity.HIGH,
                  reason=f"{peer.network} holds {', '.join(inside[:_SHOWN])}{more}")  # fmt: skip
    elif by_cilium and not own and any(_inside(peer.network, private) for private in _PRIVATE):
        yield Hit(finding=POD_ADDRESSES, policy=item.section.policy, path=item.rule.path, severity=Severity.LOW,
                  reason=f"{peer.network} is a private range; --inventory would tell whose")  # fmt: skip


def _holds(peer: CidrPeer, text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address in peer.network and not any(address in exception for exception in peer.exceptions)


def _inside(network: Network, other: Network) -> bool:
    return (
        isinstance(network, ipaddress.IPv4Network)
        and isinstance(other, ipaddress.IPv4Network)
        and network.subnet_of(other)
    )


def _is_internet(peer: CidrPeer) -> bool:
    if peer.network != ipaddress.ip_network("0.0.0.0/0"):
        return False
    return not all(any(_inside(private, exception) for exception in peer.exceptions) for private in _PRIVATE)
