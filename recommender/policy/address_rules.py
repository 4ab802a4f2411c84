"""Rules for addresses: exact while there are few, else the fewest prefixes within the budget."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.model.policy import CidrPeer, Direction, Rule
from recommender.model.special_addresses import METADATA_ADDRESSES, is_private
from recommender.model.widening import Widening, WideningKind
from recommender.policy.address_cover import cover
from recommender.policy.buckets import edges_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recommender.policy.address_cover import Cover
    from recommender.policy.buckets import Bucket, SameKind
    from recommender.policy.joining import Joining

MANY_ADDRESSES: Final = 25
"""Distinct external addresses of one group on the same ports beyond which a list of addresses says little."""


def address_rules(buckets: Iterable[Bucket], joining: Joining) -> Iterator[Rule]:
    """Join the addresses that were seen on exactly the same ports.

    Addresses inside the organisation stand apart from those outside, and a metadata address has a rule to itself, so
    that a reviewer can refuse it.
    """
    alike: defaultdict[tuple[SameKind, str], list[Bucket]] = defaultdict(list)
    for bucket in buckets:
        if isinstance(bucket.peer, CidrPeer):
            alike[bucket.kind, _apart(bucket.peer)].append(bucket)
    for (kind, _), members in alike.items():
        direction, baseline, ports = kind
        found = _cover(members, direction, joining)
        yield Rule(
            direction=direction,
            peer=CidrPeer(cidrs=found.prefixes),
            ports=ports,
            edges=edges_of(members),
            baseline=baseline,
            widenings=_widenings(found, len(members), joining),
        )


def _cover(members: Sequence[Bucket], direction: Direction, joining: Joining) -> Cover:
    """Only what a group calls outside is joined beyond what was seen: who calls it is a matter of trust."""
    addresses = [
        network.network_address
        for bucket in members
        if isinstance(bucket.peer, CidrPeer)
        for network in map(ipaddress.ip_network, bucket.peer.cidrs)
    ]
    many = direction is Direction.EGRESS and len(addresses) > MANY_ADDRESSES
    return cover(addresses, budget=joining.limits.cidr_budget if many else 0.0, reserved=joining.reserved)


def _widenings(found: Cover, seen: int, joining: Joining) -> tuple[Widening, ...]:
    if not found.is_wider:
        return ()
    parts = [
        f"{count} {one if count == 1 else many}"
        for count, one, many in (
            (found.opened, "address", "addresses"),
            (found.opened_networks, "IPv6 network of /64", "IPv6 networks of /64"),
        )
        if count
    ]
    written = "1 prefix, which opens" if len(found.prefixes) == 1 else f"{len(found.prefixes)} prefixes, which open"
    sentence = (
        f"{seen} addresses seen are written as {written} {' and '.join(parts)} more; "
        f"budget: {joining.limits.cidr_budget:g} for each one seen, in every prefix"
    )
    opened = found.opened + found.opened_networks
    return (Widening(kind=WideningKind.ADDRESS_PREFIXES, seen=seen, opened=opened, sentence=sentence),)


def _apart(peer: CidrPeer) -> str:
    """What sets a peer's addresses apart from others on the same ports; empty for those outside."""
    addresses = [ipaddress.ip_network(cidr).network_address for cidr in peer.cidrs]
    if any(str(address) in METADATA_ADDRESSES for address in addresses):
        return " ".join(peer.cidrs)
    return "inside" if any(is_private(address) for address in addresses) else ""
