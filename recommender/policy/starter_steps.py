"""To which step of the starter set does each claim of a namespace belong, and who is its subject there?"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from recommender.model.edge import Protocol, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.group import GroupOrigin
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer, PortRule
from recommender.model.special_addresses import is_private
from recommender.model.starter_step import StarterStep
from recommender.policy.group_directory import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.edge import Edge, End
    from recommender.model.group import Group
    from recommender.model.policy import Peer
    from recommender.policy.claims import Claim
    from recommender.policy.group_directory import GroupDirectory

HTTPS: Final = PortRule(protocol=Protocol.TCP, port=443)
_ALL_KEPT: Final = 256
"""Addresses of an end that evidence keeps; as many as that may be a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorter:
    """Sorts the claims of whole namespaces into steps.

    Clients are taken as namespaces, servers as the single workloads that serve: "explicit allows for specific
    services", as the article has it.
    """

    edges: Mapping[str, Edge]
    """By id."""
    governing: GroupDirectory
    finest: GroupDirectory

    def place(self, claim: Claim) -> tuple[StarterStep, Claim]:
        """The step, and the claim with the subject and peer that it has there."""
        if claim.baseline is Baseline.DNS:
            return StarterStep.DNS, claim
        if claim.direction is Direction.EGRESS:
            return self._place_egress(claim)
        if isinstance(claim.peer, GroupPeer) and key_of(claim.peer.group) == key_of(claim.subject):
            return StarterStep.SAME_NAMESPACE, claim
        served = replace(claim, subject=self._service(self.edges[claim.edge].server, claim.subject))
        return StarterStep.OTHER_NAMESPACES if isinstance(claim.peer, GroupPeer) else StarterStep.ALSO_NEEDED, served

    def _place_egress(self, claim: Claim) -> tuple[StarterStep, Claim]:
        peer = claim.peer
        if isinstance(peer, GroupPeer):
            if key_of(peer.group) == key_of(claim.subject):
                return StarterStep.SAME_NAMESPACE, claim
            service = self._service(self.edges[claim.edge].server, peer.group)
            return StarterStep.OTHER_NAMESPACES, replace(claim, peer=GroupPeer(group=service))
        if claim.port == HTTPS and _is_public(peer):
            return StarterStep.OUTSIDE_HTTPS, claim
        if isinstance(peer, CidrPeer) and not any(is_public(cidr) for cidr in peer.cidrs):
            return StarterStep.PRIVATE_RANGES, claim
        return StarterStep.ALSO_NEEDED, claim

    def _service(self, server: End, group: Group) -> Group:
        """The serving workload alone, where its whole namespace is one group and a label tells it apart.

        Not by its service account, which only Cilium's dialect can say: the namespace's own denial can be said in all.
        """
        if group.origin is not GroupOrigin.NAMESPACE or not isinstance(server, WorkloadEnd):
            return group
        alone = self.finest.group_of(server)
        nameable = alone is not None and alone.selector is not None and not alone.selector.service_account
        return alone if alone is not None and nameable else group


def _is_public(peer: Peer) -> bool:
    """Whether every address that the peer was seen at is known and public."""
    match peer:
        case CidrPeer(cidrs=addresses):
            pass
        case FqdnPeer(addresses=addresses):
            pass
        case EntityPeer(entity=Entity.WORLD, addresses=addresses):
            pass
        case _:
            return False
    return 0 < len(addresses) < _ALL_KEPT and all(is_public(address) for address in addresses)


def is_public(text: str) -> bool:
    """Whether it is an address, or a prefix, outside of private, shared and link-local ranges."""
    try:
        return not is_private(ipaddress.ip_network(text, strict=False).network_address)
    except ValueError:
        return False
