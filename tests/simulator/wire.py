"""What the agents of both nodes report about one connection: policy verdicts and traces.

Follows hubble-quirks 3 (TO_ENDPOINT traces say EGRESS since 1.16), 9 (one connection, many events), 11 (monitor
aggregation), 16-18 (audit verdicts) and 24 (only the local end has ID and workloads).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from tests.simulator.cluster import Level
from tests.simulator.headers import both, datagram_ports, network
from tests.simulator.placement import OUTSIDE, Peer
from tests.simulator.records import (
    ACK,
    FIN_ACK,
    PSH_ACK,
    RST_ACK,
    SYN,
    SYN_ACK,
    Lines,
    compact,
    flag_summary,
    summary_field,
    trace_tail,
    verdict_tail,
)

if TYPE_CHECKING:
    from tests.simulator.cluster import Cluster, Service

OVERLAY = '{"index":4,"name":"cilium_vxlan"}'
HOST_SIDE = '{"index":3,"name":"cilium_host"}'
UPLINK = '{"index":2,"name":"eth0"}'


class Answer(StrEnum):
    """What the server does."""

    ANSWERED = "answered"
    REFUSED = "refused"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What policy says at one side: verdict, match type, and the ready JSON of the policies."""

    verdict: str = "AUDIT"
    match: int = 0
    policies: str = ""
    drop: str = ""
    drop_number: int = 0


AUDITED = Ruling()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How a connection is to be shown."""

    egress: Ruling = AUDITED
    ingress: Ruling = AUDITED
    answer: Answer = Answer.ANSWERED
    names: tuple[str, ...] = ()
    service: Service | None = None
    service_address: str = ""

    @property
    def dropped(self) -> bool:
        """Whether a policy drops the first packet."""
        return bool(self.egress.drop or self.ingress.drop)


PLAIN = Handling()


class Link:
    """Two ends and the JSON of their packets' headers, there and back."""

    __slots__ = ("back", "client", "forth", "in_names", "out_names", "server")

    def __init__(self, client: Peer, server: Peer, names: tuple[str, ...], *, ethernet: bool, six: bool) -> None:
        self.client = client
        self.server = server
        self.forth = network(client, server, ethernet=ethernet, six=six)
        self.back = network(server, client, ethernet=ethernet, six=six)
        self.out_names = f'"destination_names":{compact(list(names))},' if names else ""
        self.in_names = f'"source_names":{compact(list(names))},' if names else ""


class Packet:
    """The transport part of a packet, ready as JSON."""

    __slots__ = ("ports", "reason", "summary")

    def __init__(self, ports: str, reason: str, summary: str) -> None:
        self.ports = ports
        self.reason = reason
        self.summary = summary


class Wire:
    """Writes connections into `Lines`; `random` is set by whoever writes next."""

    def __init__(self, cluster: Cluster, lines: Lines, level: Level) -> None:
        self.flow = lines.flow
        self.level = level
        self.ethernet = cluster.ethernet
        self._summary = cluster.summary
        self._extra_share = cluster.extra_share
        self._six_share = cluster.ipv6_share
        self.random = Random(0)

    def says(self, text: str) -> str:
        """The `Summary` field unless the export masks it."""
        return summary_field(text) if self._summary else ""

    def link(self, client: Peer, server: Peer, names: tuple[str, ...] = (), *, six: bool = False) -> Link:
        """The headers of a connection."""
        return Link(client, server, names, ethernet=self.ethernet, six=six)

    def source_port(self) -> int:
        """A client's port from Linux's default ephemeral range."""
        return 32768 + int(self.random.random() * 28231)

    # -- whole connections -------------------------------------------------------------------------------------------

    def connect(
        self, time: int, ends: tuple[Peer, Peer], protocol: str, port: int, handling: Handling, *, source_port: int = 0
    ) -> None:
        """A connection that begins now; pods with two addresses choose one, services have IPv4 only."""
        client, server = ends
        choice = self._six_share and client.pod and server.pod and handling.service is None
        link = self.link(client, server, handling.names, six=bool(choice and self.random.random() < self._six_share))
        sport = source_port or self.source_port()
        extra = self.level is Level.FULL or self.random.random() < self._extra_share
        if protocol == "TCP":
            self._tcp(time, link, (sport, port), handling, extra=extra)
        else:
            self._datagram(time, protocol, link, (sport, port), handling, extra=extra)

    def ping(self, time: int, ends: tuple[Peer, Peer], handling: Handling) -> None:
        """An echo request and its reply, whose all-zero ICMP header is written as `{}` (hubble-quirks 7)."""
        link = self.link(*ends)
        request = Packet('"l4":{"ICMPv4":{"type":8}},', "NEW", self.says("ICMPv4 EchoRequest"))
        self._rule(time, link, request, handling)
        time = self._forth(time + 6_000, link, request, extra=False)
        self._back(
            time + 20_000, link, Packet('"l4":{"ICMPv4":{}},', "REPLY", self.says("ICMPv4 EchoReply")), extra=False
        )

    def established(self, time: int, ends: tuple[Peer, Peer], sport: int, port: int) -> None:
        """A sign of life of a connection older than the window: no verdict, no SYN (hubble-quirks 19)."""
        link = self.link(*ends)
        time = self._forth(time, link, self.tcp_packet(sport, port, PSH_ACK, "ESTABLISHED"), extra=not link.server.pod)
        self._back(time + 40_000, link, self.tcp_packet(port, sport, ACK, "REPLY"), extra=False)

    def misread_reply(self, time: int, ends: tuple[Peer, Peer], port: int) -> int:
        """A server's SYN,ACK that the datapath took for a new connection (hubble-quirks 4); returns the false port."""
        client, server = ends
        false_port = self.source_port()
        link = self.link(server, client)
        packet = self.tcp_packet(port, false_port, SYN_ACK, "NEW")
        if client.audited:
            self.verdict(time, client.node, link, packet, AUDITED)
        tail = trace_tail("TO_ENDPOINT", "EGRESS", "NEW", client.interface, packet.summary)
        self.trace(time + 7_000, client.node, link, packet.ports, tail)
        return false_port

    def _tcp(self, time: int, link: Link, ports: tuple[int, int], handling: Handling, *, extra: bool) -> None:
        sport, port = ports
        packet = self.tcp_packet(sport, port, SYN, "NEW")
        shown = self._rule(time, link, packet, handling)
        if handling.dropped or (shown and self.level is Level.VERDICT_ONLY):
            return
        time = self._forth(time + 6_000, link, packet, extra=extra or not shown)
        if handling.answer is Answer.SILENT:
            return
        refused = handling.answer is Answer.REFUSED
        packet = self.tcp_packet(port, sport, RST_ACK if refused else SYN_ACK, "REPLY")
        time = self._back(time + 25_000, link, packet, extra=extra)
        if refused or self.level is not Level.FULL:
            return
        for flags, gap in ((ACK, 30_000), (PSH_ACK, 200_000), (FIN_ACK, 40_000_000)):
            time = self._forth(time + gap, link, self.tcp_packet(sport, port, flags, "ESTABLISHED"), extra=extra)
        self._back(time + 50_000, link, self.tcp_packet(port, sport, FIN_ACK, "REPLY"), extra=extra)

    def _datagram(
        self, time: int, protocol: str, link: Link, ports: tuple[int, int], handling: Handling, *, extra: bool
    ) -> None:
        sport, port = ports
        packet = Packet(datagram_ports(protocol, sport, port), "NEW", self.says(protocol))
        shown = self._rule(time, link, packet, handling)
        if handling.dropped or (shown and self.level is Level.VERDICT_ONLY):
            return
        time = self._forth(time + 6_000, link, packet, extra=extra or not shown)
        if handling.answer is not Answer.SILENT:
            answer = Packet(datagram_ports(protocol, port, sport), "REPLY", packet.summary)
            self._back(time + 300_000, link, answer, extra=extra)

    # -- packets -----------------------------------------------------------------------------------------------------

    def tcp_packet(self, source: int, destination: int, tcp_flags: str, reason: str) -> Packet:
        """A TCP packet."""
        ports = f'"l4":{{"TCP":{{"source_port":{source},"destination_port":{destination},"flags":{{{tcp_flags}}}}}}},'
        return Packet(ports, reason, self.says(flag_summary(tcp_flags)))

    def _rule(self, time: int, link: Link, packet: Packet, handling: Handling) -> bool:
        """The verdicts of both sides; says whether there was one."""
        client, server = link.client, link.server
        shown = False
        if client.pod and client.audited:
            self.verdict(time, client.node, link, packet, handling.egress, side="EGRESS")
            shown = True
        if server.pod and server.audited and not handling.egress.drop:
            late = time + (250_000 if client.node != server.node else 4_000)
            self.verdict(late, server.node, link, packet, handling.ingress)
            shown = True
        return shown

    def _forth(self, time: int, link: Link, packet: Packet, *, extra: bool) -> int:
        """Traces of a packet from client to server; returns when it arrived."""
        client, server = link.client, link.server
        node, far = client.node, server.node
        if client.pod and extra and (node != far or not server.pod):
            names = ""
            if far == OUTSIDE:
                point, interface, names = "TO_NETWORK", UPLINK, link.out_names
            elif far == node:
                point, interface = "TO_STACK", HOST_SIDE
            else:
                point, interface = "TO_OVERLAY", OVERLAY
            tail = trace_tail(point, "EGRESS", packet.reason, interface, packet.summary, names=names)
            self.trace(time, node, link, packet.ports, tail)
        if node != far:
            time += 240_000
        if server.pod:
            tail = trace_tail("TO_ENDPOINT", "EGRESS", packet.reason, server.interface, packet.summary)
            self.trace(time + 9_000, far, link, packet.ports, tail)
        elif far >= 0 and far != node and extra:
            tail = trace_tail("TO_STACK", "INGRESS", packet.reason, HOST_SIDE, packet.summary)
            self.trace(time + 9_000, far, link, packet.ports, tail)
        return time + 15_000

    def _back(self, time: int, link: Link, packet: Packet, *, extra: bool) -> int:
        """Traces of a packet from server to client; returns when it arrived."""
        client, server = link.client, link.server
        node, far = server.node, client.node
        if server.pod and (not client.pod or (extra and node != far)):
            if far == OUTSIDE:
                tail = trace_tail("TO_NETWORK", "INGRESS", "REPLY", UPLINK, packet.summary)
            elif far == node:
                tail = trace_tail("TO_STACK", "EGRESS", "REPLY", HOST_SIDE, packet.summary)
            else:
                tail = trace_tail("TO_OVERLAY", "INGRESS", "REPLY", OVERLAY, packet.summary)
            self.reply_trace(time, node, link, packet.ports, tail)
        if node != far:
            time += 230_000
        if client.pod:
            tail = trace_tail("TO_ENDPOINT", "EGRESS", "REPLY", client.interface, packet.summary, names=link.in_names)
            self.reply_trace(time + 8_000, far, link, packet.ports, tail)
        return time + 12_000

    # -- single events -----------------------------------------------------------------------------------------------

    def verdict(
        self, time: int, node: int, link: Link, packet: Packet, ruling: Ruling, *, side: str = "INGRESS"
    ) -> None:
        """A policy verdict (type 5) about a packet from client to server."""
        headers = f'"drop_reason":{ruling.drop_number},{link.forth}' if ruling.drop else link.forth
        names = link.out_names if side == "EGRESS" else ""
        tail = verdict_tail(
            side, packet.summary, match=ruling.match, names=names, policies=ruling.policies, drop=ruling.drop
        )
        self.flow(time, node, ruling.verdict, headers + packet.ports + both(link.client, link.server, node), tail)

    def trace(self, time: int, node: int, link: Link, ports: str, tail: str) -> None:
        """A trace (type 4) of a packet from client to server."""
        self.flow(time, node, "FORWARDED", link.forth + ports + both(link.client, link.server, node), tail)

    def reply_trace(self, time: int, node: int, link: Link, ports: str, tail: str) -> None:
        """A trace (type 4) of a packet from server to client: ends swapped."""
        self.flow(time, node, "FORWARDED", link.back + ports + both(link.server, link.client, node), tail)
