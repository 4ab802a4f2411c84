"""Claims to rules: one rule a peer, its ports merged, single addresses joined without opening anything unseen."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from recommender.model.policy import CidrPeer, EntityPeer, FqdnPeer, GroupPeer, Rule
from recommender.policy.group_directory import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.http_rule import HttpRule
    from recommender.model.policy import Baseline, Direction, Peer, PortRule
    from recommender.policy.claims import Claim

_PeerKey = tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Bucket:
    """Claims for one peer in one direction that may share a rule."""

    direction: Direction
    baseline: Baseline | None
    peer: Peer
    http: tuple[HttpRule, ...]
    ports: set[PortRule] = field(default_factory=set)
    edges: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)


def rules_of(claims: Iterable[Claim]) -> tuple[Rule, ...]:
    """The rules of one policy, sorted by `Rule.sort_key`, whatever the order of the claims.

    ICMP stays apart from ports because Cilium's `icmps` cannot share an item with `toPorts` (policy-semantics 1.2);
    ports with different HTTP rules stay apart because the rules of an item hold for all its ports.
    """
    buckets: dict[tuple[Direction, Baseline | None, bool, _PeerKey, tuple[HttpRule, ...]], _Bucket] = {}
    for claim in claims:
        key = (claim.direction, claim.baseline, claim.port.protocol.has_ports, _peer_key(claim.peer), claim.http)
        new = _Bucket(direction=claim.direction, baseline=claim.baseline, peer=claim.peer, http=claim.http)
        bucket = buckets.setdefault(key, new)
        bucket.ports.add(claim.port)
        if claim.edge:
            bucket.edges.add(claim.edge)
        if isinstance(claim.peer, EntityPeer | FqdnPeer):
            bucket.addresses.update(claim.peer.addresses)
    addressed = [bucket for bucket in buckets.values() if isinstance(bucket.peer, CidrPeer)]
    others = [_rule(bucket) for bucket in buckets.values() if not isinstance(bucket.peer, CidrPeer)]
    return tuple(sorted([*others, *_address_rules(addressed)], key=lambda rule: rule.sort_key))


def _peer_key(peer: Peer) -> _PeerKey:
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


def _rule(bucket: _Bucket) -> Rule:
    peer = bucket.peer
    match peer:
        case EntityPeer(entity=entity):
            peer = EntityPeer(entity=entity, addresses=tuple(sorted(bucket.addresses)))
        case FqdnPeer(name=name):
            peer = FqdnPeer(name=name, addresses=tuple(sorted(bucket.addresses)))
        case GroupPeer() | CidrPeer():
            pass
        case _:
            assert_never(peer)
    return Rule(
        direction=bucket.direction,
        peer=peer,
        ports=tuple(sorted(bucket.ports)),
        edges=tuple(sorted(bucket.edges)),
        baseline=bucket.baseline,
        http=bucket.http,
    )


def _address_rules(buckets: Iterable[_Bucket]) -> list[Rule]:
    """Join the addresses that were seen on exactly the same ports."""
    joined: dict[tuple[Direction, Baseline | None, tuple[PortRule, ...]], list[_Bucket]] = defaultdict(list)
    for bucket in buckets:
        joined[bucket.direction, bucket.baseline, tuple(sorted(bucket.ports))].append(bucket)
    return [
        Rule(
            direction=direction,
            peer=CidrPeer(cidrs=_exact_prefixes(alike)),
            ports=ports,
            edges=tuple(sorted({edge for bucket in alike for edge in bucket.edges})),
            baseline=baseline,
        )
        for (direction, baseline, ports), alike in joined.items()
    ]


def _exact_prefixes(buckets: Iterable[_Bucket]) -> tuple[str, ...]:
    """The prefixes that cover these addresses and nothing else, IPv4 first."""
    networks = {
        ipaddress.ip_network(cidr)
        for bucket in buckets
        if isinstance(bucket.peer, CidrPeer)
        for cidr in bucket.peer.cidrs
    }
    v4 = ipaddress.collapse_addresses(n for n in networks if isinstance(n, ipaddress.IPv4Network))
    v6 = ipaddress.collapse_addresses(n for n in networks if isinstance(n, ipaddress.IPv6Network))
    return (*(str(network) for network in v4), *(str(network) for network in v6))
