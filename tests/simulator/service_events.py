"""Records above the packets: socket translation of services, and the DNS proxy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulator.headers import both, network, udp_ports
from tests.simulator.placement import WORLD_JSON, Peer
from tests.simulator.records import compact, trace_tail
from tests.simulator.wire import AUDITED, Packet

if TYPE_CHECKING:
    from tests.simulator.wire import Handling, Ruling, Wire

NO_SUCH_NAME_TTL = 4294967295


def translate_socket(wire: Wire, time: int, ends: tuple[Peer, Peer], protocol: str, handling: Handling) -> None:
    """The two SOCK events of a connect through a service: cluster address before, backend after (hubble-quirks 44)."""
    service = handling.service
    if service is None:
        return
    client, server = ends
    cookie = f'"socket_cookie":"{10_000 + int(wire.random.random() * 90_000)}","cgroup_id":"{client.cookie}"'
    summary = wire.says(protocol)
    ending = f"{cookie},{summary}" if summary else cookie
    frontend = f'"destination_service":{{"name":"{service.name}","namespace":"{service.namespace}"}},'
    node = client.node
    for offset, verdict, address, number, seen, point, name, extra in (
        (0, "TRACED", handling.service_address, service.port, WORLD_JSON, 1, "PRE", frontend),
        (9_000, "TRANSLATED", server.address, service.target_port, server.views[node], 2, "POST", ""),
    ):
        wire.flow(
            time + offset,
            node,
            verdict,
            f'"IP":{{"source":"{client.address}","destination":"{address}","ipVersion":"IPv4"}},'
            f'"l4":{{"{protocol}":{{"destination_port":{number}}}}},'
            f'"source":{client.views[node]},"destination":{seen}',
            f'"event_type":{{"type":7,"sub_type":{point}}},{extra}'
            f'"sock_xlate_point":"SOCK_XLATE_POINT_{name}_DIRECTION_FWD",{ending}',
            kind="SOCK",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A name with its final dot and what the answer is; no address means that it does not exist."""

    name: str
    addresses: tuple[str, ...] = ()
    ttl: int = 30


def ask_through_proxy(
    wire: Wire, time: int, ends: tuple[Peer, Peer], questions: tuple[Question, ...], ruling: Ruling
) -> None:
    """Lookups through the DNS proxy on one socket: verdict REDIRECTED, traces, then each REQUEST and RESPONSE."""
    client, server = ends
    sport = wire.source_port()
    link = wire.link(client, server)
    packet = Packet(udp_ports(sport, 53), "NEW", wire.says("UDP"))
    if client.audited:
        wire.verdict(time, client.node, link, packet, ruling, side="EGRESS")
    wire.trace(
        time + 4_000, client.node, link, packet.ports, trace_tail("TO_PROXY", "EGRESS", "NEW", "", packet.summary)
    )
    if server.audited:
        wire.verdict(time + 290_000, server.node, link, packet, AUDITED)
    tail = trace_tail("TO_ENDPOINT", "EGRESS", "NEW", server.interface, packet.summary)
    wire.trace(time + 300_000, server.node, link, packet.ports, tail)
    for step, question in enumerate(questions):
        _ask(wire, time + 40_000 + step * 3_000_000, ends, sport, question)


def _ask(wire: Wire, time: int, ends: tuple[Peer, Peer], sport: int, question: Question) -> None:
    client, server = ends
    name = question.name
    latency = 500_000 + int(wire.random.random() * 2_000_000)
    ttl = question.ttl if question.addresses else NO_SUCH_NAME_TTL
    if question.addresses:
        answer = f'"query":"{name}","ips":{compact(list(question.addresses))},"ttl":{ttl},"observation_source":"proxy",'
        answer += '"qtypes":["A"],"rrtypes":["A"]'
        said = ",".join(f'"{address}"' for address in question.addresses)
    else:
        answer = f'"query":"{name}","ttl":{ttl},"observation_source":"proxy","rcode":3,"qtypes":["A"]'
        said = "RCode: Non-Existent Domain"
    request = f'"REQUEST","dns":{{"query":"{name}","observation_source":"proxy","qtypes":["A"]}}}},'
    response = f'"RESPONSE","latency_ns":"{latency}","dns":{{{answer}}}}},"reply":true,'
    for offset, source, destination, ports, message, reply, summary in (
        (0, client, server, udp_ports(sport, 53), request, "false", f"DNS Query {name} A"),
        (
            latency,
            server,
            client,
            udp_ports(53, sport),
            response,
            "true",
            f"DNS Answer {said} TTL: {ttl} (Proxy {name} A)",
        ),
    ):
        last = wire.says(summary)
        wire.flow(
            time + offset,
            client.node,
            "FORWARDED",
            network(source, destination, ethernet=False) + ports + both(source, destination, client.node),
            f'"l7":{{"type":{message}"event_type":{{"type":129}},"traffic_direction":"EGRESS","is_reply":{reply}'
            + (f",{last}" if last else ""),
            kind="L7",
        )
