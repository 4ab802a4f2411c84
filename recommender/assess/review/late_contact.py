"""Contacts that a workload did without for long: with a store or a remote control, or with the outside."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.assess.corroboration import index_corroboration
from recommender.assess.late_contact import is_late, listener_text
from recommender.assess.ports import is_sensitive
from recommender.model.edge import AddressEnd, FqdnEnd, WorkloadEnd

if TYPE_CHECKING:
    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End

_LATE: Final = "first seen long after the client's first traffic"
_NETWORK_BITS: Final = {4: 24, 6: 48}
"""The smallest prefixes that the internet routes (RIPE-399, RIPE-532): neighbours within one belong together."""


def claim(context: EdgeContext) -> dict[str, str]:
    """Which regular contacts began late, on a port of a store or a remote control, or with somebody new outside?

    A new release looks like that, and so does whoever took a pod over: a beacon recurs, and is answered. In the window
    of a day nothing is late. An address near one that the client knew before, and a name under a domain that it knew,
    are not new.
    """
    if context.short_window:
        return {}
    corroboration = context.once(index_corroboration)
    late = {edge_id for edge_id, edge in context.edges.items() if is_late(edge, context)}
    known: defaultdict[End, set[str]] = defaultdict(set)
    for edge_id, edge in context.edges.items():
        if edge_id not in late and (place := _place(edge.server)):
            known[edge.client].add(place)
    return {
        edge_id: reason
        for edge_id in context.edges
        if edge_id in late
        and (reason := _reason(context.edges[edge_id], known))
        and not corroboration.speaks_for(context.edges[edge_id])
    }


def _reason(edge: Edge, known: defaultdict[End, set[str]]) -> str:
    if not isinstance(edge.client, WorkloadEnd):
        return ""
    if is_sensitive(edge.protocol, edge.port):
        return f"{_LATE}, on {listener_text(edge.port)}"
    place = _place(edge.server)
    if not place or place in known[edge.client]:
        return ""
    return f"{_LATE}, with {'a name' if isinstance(edge.server, FqdnEnd) else 'an address without a name'} outside"


def _place(end: End) -> str:
    """The network of an address or the domain of a name outside; empty for what lies inside."""
    match end:
        case AddressEnd(address=address):
            try:
                parsed = ipaddress.ip_address(address.partition("%")[0])
            except ValueError:
                return address
            return str(ipaddress.ip_network((parsed, _NETWORK_BITS[parsed.version]), strict=False))
        case FqdnEnd(name=name):
            return ".".join(name.split(".")[-2:])
        case _:
            return ""
