"""Claims gathered by what may share a rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from recommender.model.policy import CidrPeer, EntityPeer, FqdnPeer, GroupPeer
from recommender.policy.group_directory import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.http_rule import HttpRule
    from recommender.model.policy import Baseline, Direction, Peer, PortRule
    from recommender.policy.claims import Claim

    PeerKey = tuple[str, ...]
    SameKind = tuple[Direction, Baseline | None, tuple[PortRule, ...]]


@dataclass(slots=True, kw_only=True)
class Bucket:
    """Claims for one peer in one direction that may share a rule."""

    direction: Direction
    baseline: Baseline | None
    peer: Peer
    http: tuple[HttpRule, ...] = ()
    ports: set[PortRule] = field(default_factory=set)
    edges: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    @property
    def kind(self) -> SameKind:
        """What buckets must have in common for their peers to share a rule."""
        return (self.direction, self.baseline, tuple(sorted(self.ports)))


def gather(claims: Iterable[Claim]) -> list[Bucket]:
    """One bucket a direction, baseline and peer.

    ICMP stays apart from ports because Cilium's `icmps` cannot share an item with `toPorts` (policy-semantics 1.2);
    ranges stay apart from single ports, so that a reviewer can refuse the one without the other; ports with different
    HTTP rules stay apart because the rules of an item hold for all its ports.
    """
    buckets: dict[tuple[Direction, Baseline | None, bool, bool, PeerKey, tuple[HttpRule, ...]], Bucket] = {}
    for claim in claims:
        has_ports, is_range = claim.port.protocol.has_ports, bool(claim.port.end_port)
        key = (claim.direction, claim.baseline, has_ports, is_range, _peer_key(claim.peer), claim.http)
        new = Bucket(direction=claim.direction, baseline=claim.baseline, peer=claim.peer, http=claim.http)
        bucket = buckets.setdefault(key, new)
        bucket.ports.add(claim.port)
        if claim.edge:
            bucket.edges.add(claim.edge)
        if isinstance(claim.peer, EntityPeer | FqdnPeer):
            bucket.addresses.update(claim.peer.addresses)
    return list(buckets.values())


def edges_of(buckets: Sequence[Bucket]) -> tuple[str, ...]:
    """The edges behind several buckets, sorted."""
    return tuple(sorted({edge for bucket in buckets for edge in bucket.edges}))


def _peer_key(peer: Peer) -> PeerKey:
    match peer:
        case GroupPeer(group=group):
            return ("group", *key_of(group))
        case EntityPeer(entity=entity):
            return ("entity", entity.value)
        case FqdnPeer(name=name):
            return ("fqdn", name)
        case CidrPeer(cidrs=cidrs):
            return ("cidr", *cidrs)
        case _:
            assert_never(peer)
