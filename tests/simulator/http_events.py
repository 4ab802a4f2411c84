"""What the server's node reports of a connection that its HTTP proxy looks into: REDIRECTED, TO_PROXY, access log.

Forms as in recorded flows of Cilium 1.20: access log records carry no ethernet and no TCP flags, a response has its
ends swapped, and a denied request is a DROPPED one without a drop reason, answered by 403 (cilium `pkg/hubble/parser/
seven`, cilium/proxy `cilium/l7policy.cc`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulator.http_calls import choose_call, path_of
from tests.simulator.records import SYN, compact, trace_tail
from tests.simulator.wire import PLAIN, both, network

if TYPE_CHECKING:
    from tests.simulator.http_calls import HttpCall
    from tests.simulator.ledger import Ledger
    from tests.simulator.placement import Peer
    from tests.simulator.plan import Plan
    from tests.simulator.wire import Wire

AGENT = "shop-client/1.4"
SERVER = "envoy"


def converse_http(wire: Wire, time: int, ends: tuple[Peer, Peer], plan: Plan, ledger: Ledger) -> None:
    """A connection through the server's proxy, with one to three requests."""
    client, server = ends
    port, sport = plan.conversation.port, wire.source_port()
    wire.connect(time, ends, "TCP", port, plan.proxied or PLAIN, source_port=sport)
    link = wire.link(client, server)
    packet = wire.tcp_packet(sport, port, SYN, "NEW")
    tail = trace_tail("TO_PROXY", "INGRESS", "NEW", "", packet.summary)
    wire.trace(time + 253_000, server.node, link, packet.ports, tail)
    for step in range(1 + int(wire.random.random() * 3)):
        call = choose_call(plan.conversation.http, wire.random)
        moment = time + 2_000_000 + step * 30_000_000
        _exchange(wire, moment, ends, (sport, port), call=call, path=path_of(call, wire.random))
        ledger.asked(ends, port, call)


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
