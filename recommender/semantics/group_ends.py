"""Groups and peers of rules as endpoints: what was seen, and what a next rollout may bring."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from recommender.model.connection import AddressEndpoint, EntityEndpoint
from recommender.model.entity import Entity
from recommender.model.labels import LabelSet
from recommender.model.policy import CidrPeer, EntityPeer, FqdnPeer, GroupPeer
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.networks import EVERYWHERE, samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.connection import JudgedEndpoint
    from recommender.model.edge import Workload, WorkloadEnd
    from recommender.model.group import Group
    from recommender.model.policy import Peer
    from recommender.semantics.peers import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEnds:
    """Looks groups and peers up as endpoints."""

    workloads: Mapping[WorkloadEnd, Workload]
    networks: frozenset[Network]
    """Prefixes that policies tell apart: an answer for one address holds for all that lie in the same of them."""

    def members(self, group: Group) -> tuple[JudgedEndpoint, ...]:
        """The pods of a group: one for each label set that was seen, and one without its changing labels.

        The latter stands for the pod that the next rollout brings: labels such as a version are not on it, so a
        selector that needs one of them does not hold for the group.
        """
        found: dict[JudgedEndpoint, None] = {}
        unstable = {key for key, _ in group.proof.dropped_keys} if group.proof else set()
        for member in group.members:
            workload = self.workloads.get(member)
            if workload is None:
                continue
            found.update(dict.fromkeys(pods_of(workload)))
            stable = _stable_labels(workload, unstable)
            if stable:
                found.update(dict.fromkeys(pods_of(replace(workload, label_sets=(stable,)))))
        return tuple(found)

    def parts(self, peer: Peer) -> Mapping[str, tuple[JudgedEndpoint, ...]]:
        """The endpoints that a peer stands for; a peer of addresses prefix by prefix, any other as one part."""
        match peer:
            case GroupPeer(group=group):
                return {"": self.members(group)}
            case EntityPeer(entity=Entity.WORLD, addresses=addresses):
                anywhere = [address for network in EVERYWHERE for address in samples(network, self.networks)]
                return {"": _addresses((*anywhere, *addresses))}
            case EntityPeer(entity=entity):
                return {"": (EntityEndpoint(entity=entity),)}
            case FqdnPeer(name=name, addresses=addresses):
                # Its next address is not known: one that no prefix names must pass too.
                return {"": _addresses((*samples(EVERYWHERE[0], self.networks)[:1], *addresses), name)}
            case CidrPeer(cidrs=cidrs):
                return {cidr: _addresses(samples(ipaddress.ip_network(cidr), self.networks)) for cidr in cidrs}
            case _:
                assert_never(peer)


def _stable_labels(workload: Workload, unstable: set[str]) -> LabelSet | None:
    """What all label sets of a workload have in common, without the labels that a selector may not use."""
    sets = [frozenset(labels.labels) for labels in workload.label_sets if labels.namespace]
    if not sets:
        return None
    common = frozenset.intersection(*sets)
    return LabelSet(labels=tuple(sorted(label for label in common if label.key not in unstable)))


def _addresses(texts: tuple[str, ...], name: str = "") -> tuple[JudgedEndpoint, ...]:
    names = (name,) if name else ()
    return tuple(
        AddressEndpoint(address=address, names=names) for address in dict.fromkeys(texts) if _is_address(address)
    )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
