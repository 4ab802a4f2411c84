"""What the nodes report of a connection that the server's HTTP proxy looks into: two legs, and the access log.

Forms as in recorded flows: the first leg ends at TO_PROXY, the proxy opens a second one to the pod with the client's
identity and the host's address (no pod name, since no pod has that address), and the pod's answers to it go TO_STACK.
Access log records carry no ethernet and no TCP flags, a response has its ends swapped, and a denied request is a
DROPPED one without a drop reason, answered by 403 (cilium `pkg/hubble/parser/seven`, cilium/proxy `l7policy.cc`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.simulator.headers import both, network
from tests.simulator.http_calls import choose_call, path_of
from tests.simulator.placement import HOST_JSON
from tests.simulator.records import SYN, SYN_ACK, compact, trace_tail

if TYPE_CHECKING:
    from tests.simulator.http_calls import HttpCall
    from tests.simulator.ledger import Ledger
    from tests.simulator.placement import Peer
    from tests.simulator.plan import HttpProxy, Plan
    from tests.simulator.wire import Link, Wire

AGENT = "shop-client/1.4"
SERVER = "envoy"
_POD_NAME = re.compile(r'"namespace":"[^"]*",|,"pod_name":"[^"]*"')


def converse_http(wire: Wire, time: int, ends: tuple[Peer, Peer], plan: Plan, ledger: Ledger) -> None:
    """A connection through the server's proxy, with one to three requests."""
    proxy, port = plan.proxy, plan.conversation.port
    if proxy is None:
        return
    sport = wire.source_port()
    _first_leg(wire, time, wire.link(*ends), (sport, port), proxy)
    _second_leg(wire, time + 1_000_000, ends, port, proxy)
    for step in range(1 + int(wire.random.random() * 3)):
        call = choose_call(plan.conversation.http, wire.random)
        moment = time + 2_000_000 + step * 30_000_000
        _exchange(wire, moment, ends, (sport, port), call=call, path=path_of(call, wire.random))
        ledger.asked(ends, port, call)


def _first_leg(wire: Wire, time: int, link: Link, ports: tuple[int, int], proxy: HttpProxy) -> None:
    """From the client to the proxy on the server's node, which answers in the server's name."""
    client, server = link.client, link.server
    packet = wire.tcp_packet(*ports, SYN, "NEW")
    if client.audited:
        wire.verdict(time, client.node, link, packet, proxy.egress, side="EGRESS")
    wire.verdict(time + 250_000, server.node, link, packet, proxy.ingress)
    tail = trace_tail("TO_PROXY", "INGRESS", "NEW", "", packet.summary)
    wire.trace(time + 253_000, server.node, link, packet.ports, tail)
    answer = wire.tcp_packet(ports[1], ports[0], SYN_ACK, "REPLY")
    tail = trace_tail("TO_ENDPOINT", "EGRESS", "REPLY", client.interface, answer.summary)
    wire.reply_trace(time + 500_000, client.node, link, answer.ports, tail)


def _second_leg(wire: Wire, time: int, ends: tuple[Peer, Peer], port: int, proxy: HttpProxy) -> None:
    """From the proxy to the pod, once a connection."""
    client, server = ends
    node, sport = server.node, wire.source_port()
    nameless = tuple(_POD_NAME.sub("", view) for view in client.views)
    leg = replace(client, name="", address=proxy.addresses[node], node=node, views=nameless)
    packet = wire.tcp_packet(sport, port, SYN, "NEW")
    tail = trace_tail("TO_ENDPOINT", "INGRESS", "NEW", server.interface, packet.summary)
    headers = network(leg, server, ethernet=wire.ethernet) + packet.ports
    remote = leg.views[0 if client.node else 1]
    wire.flow(time, node, "FORWARDED", f'{headers}"source":{remote},"destination":{server.views[node]}', tail)
    packet = wire.tcp_packet(port, sport, SYN_ACK, "REPLY")
    tail = trace_tail("TO_STACK", "INGRESS", "REPLY", "", packet.summary)
    headers = network(server, leg, ethernet=wire.ethernet) + packet.ports
    body = f'{headers}"source":{server.views[node]},"destination":{HOST_JSON}'
    wire.flow(time + 40_000, node, "FORWARDED", body, tail)


def _exchange(
    wire: Wire, time: int, ends: tuple[Peer, Peer], ports: tuple[int, int], *, call: HttpCall, path: str
) -> None:
    """Request and response of one call."""
    client, server = ends
    url = f"http://{server.name.rsplit('-', 2)[0]}.{server.namespace}{path}{call.query}"
    latency = 1_000_000 + int(wire.random.random() * 20_000_000)
    bits = f"{wire.random.getrandbits(128):032x}"
    number = f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"
    status = 403 if call.denied else call.status
    asked = f'"method":{compact(call.method)},"url":{compact(url)},"protocol":"{call.protocol}"'
    request = _message(f'"REQUEST","http":{{{asked}', {":scheme": "http", "User-Agent": AGENT, "X-Request-Id": number})
    answer = _message(
        f'"RESPONSE","latency_ns":"{latency}","http":{{"code":{status},{asked}',
        {"Server": SERVER, "X-Request-Id": number},
    )
    took = f"{call.protocol} {status} {latency // 1_000_000}ms ({call.method} {url})"
    _record(
        wire, time, "DROPPED" if call.denied else "FORWARDED", (client, server, server.node), ports,
        f'{request}"event_type":{{"type":129}},"traffic_direction":"INGRESS","is_reply":false'
        + _summary(wire, f"{call.protocol} {call.method} {url}"),
    )  # fmt: skip
    _record(
        wire, time + latency, "FORWARDED", (server, client, server.node), ports[::-1],
        f'{answer}"reply":true,"event_type":{{"type":129}},"traffic_direction":"INGRESS","is_reply":true'
        + _summary(wire, took),
    )  # fmt: skip


def _record(  # noqa: PLR0917 - two calls, side by side above
    wire: Wire, time: int, verdict: str, way: tuple[Peer, Peer, int], ports: tuple[int, int], tail: str
) -> None:
    """One access log record from one end to the other, written by a node's agent."""
    source, destination, node = way
    body = (
        network(source, destination, ethernet=False)
        + f'"l4":{{"TCP":{{"source_port":{ports[0]},"destination_port":{ports[1]}}}}},'
        + both(source, destination, node)
    )
    wire.flow(time, node, verdict, body, tail, kind="L7")


def _summary(wire: Wire, text: str) -> str:
    said = wire.says(text)
    return f",{said}" if said else ""


def _message(start: str, headers: dict[str, str]) -> str:
    listed = [{"key": key, "value": value} for key, value in sorted(headers.items())]
    return f'"l7":{{"type":{start},"headers":{compact(listed)}}}}},'
