"""Peers of a rule, each a question that an identity answers."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.semantics.document import Node
    from recommender.semantics.identity import Identity
    from recommender.semantics.names import NamePattern
    from recommender.semantics.selectors import LabelSelector

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Anyone:
    """Every peer of every kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedPeer:
    """Peers whose labels a selector selects: pods, and reserved entities through their `reserved:` label."""

    selector: LabelSelector


@dataclass(frozen=True, slots=True, kw_only=True)
class CidrPeer:
    """Addresses in a prefix but in none of the exceptions."""

    network: Network
    exceptions: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPeer:
    """Addresses outside the cluster that were looked up by a matching DNS name."""

    pattern: NamePattern


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedPeer:
    """Several conditions on one end, as Calico's rules have them."""

    all_of: tuple[tuple[Peer, ...], ...]
    """One of each of these must match."""
    none_of: tuple[Peer, ...] = ()


Peer = Anyone | SelectedPeer | CidrPeer | NamedPeer | CombinedPeer


def matches(peer: Peer, identity: Identity, *, cidr_matches_pods: bool) -> bool:
    """Is this identity one of the rule's peers?

    Args:
        peer: What the rule names.
        identity: The other end.
        cidr_matches_pods: Whether CIDRs also match pods by address.
    """
    match peer:
        case Anyone():
            return True
        case SelectedPeer(selector=selector):
            return selector.selects(identity.labels)
        case CidrPeer():
            return (identity.outside or cidr_matches_pods) and _contains(peer, identity)
        case NamedPeer(pattern=pattern):
            return any(pattern.covers(name) for name in identity.names)
        case CombinedPeer(all_of=all_of, none_of=none_of):
            return all(
                any(matches(one, identity, cidr_matches_pods=cidr_matches_pods) for one in several)
                for several in all_of
            ) and not any(matches(one, identity, cidr_matches_pods=cidr_matches_pods) for one in none_of)
        case _:
            assert_never(peer)


def networks_in(peer: Peer) -> Iterator[Network]:
    """Every prefix that a peer mentions."""
    if isinstance(peer, CidrPeer):
        yield peer.network
        yield from peer.exceptions
    elif isinstance(peer, CombinedPeer):
        for one in (*(one for several in peer.all_of for one in several), *peer.none_of):
            yield from networks_in(one)


def _contains(peer: CidrPeer, identity: Identity) -> bool:
    """An end whose address nobody knows lies in 0.0.0.0/0 and ::/0, and in no narrower prefix."""
    if not identity.addresses:
        return not peer.network.prefixlen and all(exception.prefixlen for exception in peer.exceptions)
    return any(
        address in peer.network and not any(address in exception for exception in peer.exceptions)
        for address in identity.addresses
    )


def read_network(node: Node) -> Network:
    """Which prefix does a text mean? Host bits are tolerated, a missing mask is not.

    Raises:
        InvalidPolicyError: It is no prefix.
    """
    text = node.text()
    if "/" not in text:
        raise node.refusal(f'"{text}" is not a CIDR: the mask is missing')
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise node.refusal(f'"{text}" is not a CIDR: {error}') from None


def read_cidr_peer(node: Node, *, network: Node, may_equal: bool) -> CidrPeer:
    """A prefix with its `except` list, every item of which must lie inside the prefix.

    Args:
        node: The mapping around both.
        network: The prefix.
        may_equal: Whether an exception may be the whole prefix, which Cilium takes and the API server does not.

    Raises:
        InvalidPolicyError: A text is no prefix, or an exception lies outside.
    """
    outer = read_network(network)
    exceptions = []
    for item in node.list_of("except"):
        inner = read_network(item)
        if inner.version != outer.version or inner.prefixlen < outer.prefixlen or inner.network_address not in outer:
            raise item.refusal(f"{outer} does not contain the exception {inner}")
        if inner == outer and not may_equal:
            raise item.refusal(f"the exception must be smaller than {outer}")
        exceptions.append(inner)
    return CidrPeer(network=outer, exceptions=tuple(exceptions))
