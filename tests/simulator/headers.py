"""The headers of a packet as an agent writes them: ethernet, IP, transport, ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulator.placement import Peer


def network(source: Peer, destination: Peer, *, ethernet: bool, six: bool = False) -> str:
    """Ethernet (unless masked) and IP of a packet; over IPv6 if asked for or if one end has no other address."""
    frame = f'"ethernet":{{"source":"{source.mac}","destination":"{destination.mac}"}},' if ethernet else ""
    six = six or ":" in source.address or ":" in destination.address
    here, there = (source.over_six, destination.over_six) if six else (source.address, destination.address)
    return f'{frame}"IP":{{"source":"{here}","destination":"{there}","ipVersion":"{"IPv6" if six else "IPv4"}"}},'


def both(source: Peer, destination: Peer, node: int) -> str:
    """Source and destination as a node's agent writes them."""
    return f'"source":{source.views[node]},"destination":{destination.views[node]}'


def udp_ports(source: int, destination: int) -> str:
    """The `l4` of a UDP packet."""
    return datagram_ports("UDP", source, destination)


def datagram_ports(protocol: str, source: int, destination: int) -> str:
    """The `l4` of a packet without TCP's flags: UDP or SCTP."""
    return f'"l4":{{"{protocol}":{{"source_port":{source},"destination_port":{destination}}}}},'
