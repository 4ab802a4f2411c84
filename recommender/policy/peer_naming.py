"""How does a rule name this end of an edge, and why can it not?"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.policy import CidrPeer, EntityPeer, FqdnPeer, GroupPeer
from recommender.policy.group_directory import key_of

if TYPE_CHECKING:
    from recommender.model.edge import End
    from recommender.model.policy import Peer
    from recommender.policy.group_directory import GroupDirectory

_MATCH_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_MAX_NAME = 253
_CLUSTER_SUFFIXES = (".cluster.local", ".svc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an edge cannot be said by any rule."""

    code: str
    reason: str
    action: str


def peers_of(
    end: End, addresses: tuple[str, ...], *, directory: GroupDirectory, names_work: bool
) -> tuple[Peer, ...] | Refusal:
    """The peers that stand for an end: one, or one a single address.

    `addresses` are those that the evidence holds for the end. `names_work` says whether a DNS name may be used: only
    in egress, and only beside a DNS rule (Cilium docs, "DNS based": toFQDNs without the proxy rule never matches).
    """
    match end:
        case WorkloadEnd():
            return _workload_peer(end, directory)
        case EntityEnd(entity=entity):
            return _entity_peer(entity, addresses)
        case FqdnEnd(name=name):
            if names_work and can_match_by_name(name):
                return (FqdnPeer(name=name, addresses=tuple(sorted(addresses))),)
            return _address_peers(addresses, str(end))
        case AddressEnd(address=address):
            return _address_peers((address,), str(end))
        case _:
            assert_never(end)


def _workload_peer(end: WorkloadEnd, directory: GroupDirectory) -> tuple[Peer, ...] | Refusal:
    group = directory.group_of(end)
    if group is None:
        return Refusal(
            code="NPR301",
            reason=f"{end} belongs to no group (a host network pod, or a pod without labels)",
            action="Give its pods a label of their own, or allow its node by hand, then run again.",
        )
    if key_of(group) not in directory.named:
        return Refusal(
            code="NPR301",
            reason=f"no selector names {end}: its labels do not tell it apart, or it runs in the host network",
            action=f"Label its pods, such as app.kubernetes.io/name={end.name}, restart them and capture again.",
        )
    return (GroupPeer(group=group),)


def _entity_peer(entity: Entity, addresses: tuple[str, ...]) -> tuple[Peer, ...] | Refusal:
    if entity is Entity.INIT:
        return Refusal(
            code="NPR306",
            reason="the peer had no labels yet (reserved:init)",
            action="Capture again once the pod has its labels; do not allow the entity init.",
        )
    if entity is Entity.UNMANAGED:
        return Refusal(
            code="NPR306",
            reason="the peer is a pod that Cilium does not manage (started before Cilium)",
            action="Restart the unmanaged pod (cilium status names them), then capture again.",
        )
    return (EntityPeer(entity=entity, addresses=tuple(sorted(addresses))),)


def _address_peers(addresses: tuple[str, ...], subject: str) -> tuple[Peer, ...] | Refusal:
    prefixes = tuple(sorted({prefix for address in addresses if (prefix := single_prefix(address))}))
    if not prefixes:
        return Refusal(
            code="NPR301",
            reason=f"no usable address is known for {subject}",
            action="Capture with IP addresses (no field mask on IP), then run again.",
        )
    return tuple(CidrPeer(cidrs=(prefix,)) for prefix in prefixes)


def single_prefix(address: str) -> str:
    """The address as /32 or /128; the empty text if it is none (a zone index, a redacted field)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.scope_id:
            return ""
        parsed = parsed.ipv4_mapped or parsed
    return f"{parsed}/{parsed.max_prefixlen}"


def can_match_by_name(name: str) -> bool:
    """Whether Cilium's matchName accepts the name and can ever match: not for names of the cluster itself."""
    fits = len(name) <= _MAX_NAME and _MATCH_NAME.fullmatch(name) is not None
    return fits and not name.endswith(_CLUSTER_SUFFIXES)
