"""How far does a rule open, whoever uses it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.existing import Opening
from recommender.model.labels import CLUSTER_KEY, NAMESPACE_KEY, NAMESPACE_LABEL_PREFIX
from recommender.semantics.peers import Anyone, CidrPeer, CombinedPeer, NamedPeer, SelectedPeer
from recommender.semantics.ports import MAX_PORT
from recommender.semantics.selectors import Operator, Selector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.semantics.peers import Peer
    from recommender.semantics.ports import PortMatches
    from recommender.semantics.selectors import LabelSelector

_WIDE_PREFIX: Final = {4: 8, 6: 16}
"""Prefixes up to this length are the outside as such, whatever their owner."""
_OUTSIDE: Final = frozenset({"world", "world-ipv4", "world-ipv6"})
_NODES: Final = frozenset({"host", "remote-node"})
_PLACE_KEYS: Final = (NAMESPACE_KEY, NAMESPACE_LABEL_PREFIX, CLUSTER_KEY)


def opening_of(peers: Iterable[Peer]) -> Opening:
    """The widest thing that one of the peers stands for."""
    return min((_opening(peer) for peer in peers), key=lambda opening: opening.rank, default=Opening.CHOSEN)


def _opening(peer: Peer) -> Opening:
    match peer:
        case Anyone():
            return Opening.ANYWHERE
        case CidrPeer(network=network):
            return Opening.ANYWHERE if network.prefixlen <= _WIDE_PREFIX[network.version] else Opening.CHOSEN
        case NamedPeer(pattern=pattern):
            return Opening.ANYWHERE if set(pattern.text) == {"*"} else Opening.CHOSEN
        case SelectedPeer(selector=selector):
            return _selected(selector)
        case CombinedPeer(all_of=all_of):
            # Every condition narrows: what is left is no wider than the narrowest of them.
            each = (opening_of(several) for several in all_of)
            return max(each, key=lambda opening: opening.rank, default=Opening.ANYWHERE)
        case _:
            assert_never(peer)


def _selected(selector: LabelSelector) -> Opening:
    if not isinstance(selector, Selector):
        return _selected_by_calico(selector)
    reserved = {item.key.partition(":")[2] for item in selector.requirements if item.key.startswith("reserved:")}
    if reserved:
        return Opening.ANYWHERE if reserved & _OUTSIDE else Opening.CLUSTER if reserved & _NODES else Opening.CHOSEN
    own = [item for item in selector.requirements if not item.key.partition(":")[2].startswith(_PLACE_KEYS)]
    if any(item.operator in {Operator.IN, Operator.EXISTS} for item in own):
        return Opening.CHOSEN
    named = (
        item
        for item in selector.requirements
        if item.operator is Operator.IN and not item.key.partition(":")[2].startswith(CLUSTER_KEY)
    )
    return Opening.NAMESPACE if any(named) else Opening.CLUSTER


def _selected_by_calico(selector: LabelSelector) -> Opening:
    """By the labels that it demands; an expression that demands none may be as wide as it can be."""
    keys = {key.partition(":")[2] for key, _ in selector.demanded()}
    if any(not key.startswith(_PLACE_KEYS) for key in keys):
        return Opening.CHOSEN
    return Opening.NAMESPACE if keys else Opening.CLUSTER


def port_count(ports: PortMatches | None) -> int:
    """Ports that a rule covers, a named one counted as one; 0 for every port of some protocol."""
    if ports is None or any(match.high - match.low >= MAX_PORT and not match.name for match in ports):
        return 0
    return sum(1 if match.name else (match.high - match.low + 1) * len(match.protocols) for match in ports)
