"""What the datapath says besides connections: neighbour discovery, health checks, underlay, drops, lost events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulator.cluster import Kind
from tests.simulator.headers import both, network, udp_ports
from tests.simulator.placement import HEALTH_JSON, OUTSIDE, WORLD_JSON, Peer, Placement
from tests.simulator.records import HOUR, SYN, trace_tail, verdict_tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from tests.simulator.ledger import Ledger
    from tests.simulator.records import Lines
    from tests.simulator.wire import Wire

DROP_REASONS = (
    ("STALE_OR_UNROUTABLE_IP", 151),
    ("CT_MAP_INSERTION_FAILED", 155),
    ("FIB_LOOKUP_FAILED", 169),
    ("INVALID_SOURCE_IP", 132),
)
NEIGHBOUR_DISCOVERY = (
    (133, "RouterSolicitation"),
    (134, "RouterAdvertisement"),
    (135, "NeighborSolicitation"),
    (136, "NeighborAdvertisement"),
)
LOSS_SOURCES = ("PERF_EVENT_RING_BUFFER", "OBSERVER_EVENTS_QUEUE", "HUBBLE_RING_BUFFER")


def moments(random: Random, per_hour: float, start: int, stop: int) -> Iterator[int]:
    """Poisson arrivals in [start, stop)."""
    if per_hour <= 0:
        return
    time = start + random.expovariate(per_hour / HOUR)
    while time < stop:
        yield int(time)
        time += random.expovariate(per_hour / HOUR)


def drop_event(wire: Wire, time: int, ends: tuple[Peer, Peer], ports: tuple[int, int], reason: tuple[str, int]) -> None:
    """A drop (type 1) of a SYN at its source's node; `is_reply` is absent from such events."""
    source, destination = ends
    name, number = reason
    packet = wire.tcp_packet(*ports, SYN, "NEW")
    ending = f",{packet.summary}" if packet.summary else ""
    wire.flow(
        time,
        source.node,
        "DROPPED",
        f'"drop_reason":{number},{network(source, destination, ethernet=wire.ethernet)}{packet.ports}'
        + both(source, destination, source.node),
        f'"event_type":{{"type":1,"sub_type":{number}}},"traffic_direction":"EGRESS","drop_reason_desc":"{name}"'
        f"{ending}",
    )


class Chatter:
    """Writes the background of one slice of time after another."""

    def __init__(self, placement: Placement, lines: Lines, wire: Wire, ledger: Ledger, random: Random) -> None:
        self._placement = placement
        self._cluster = placement.cluster
        self._lines = lines
        self._wire = wire
        self._ledger = ledger
        self._random = random
        self._keys = sorted(
            key
            for key, workload in placement.workloads.items()
            if workload.kind is not Kind.CRON_JOB and not workload.host_network and not workload.cluster
        )

    def slice(self, start: int, stop: int) -> None:
        """Write what begins in [start, stop)."""
        noise = self._cluster.noise
        sources: tuple[tuple[float, Callable[[int], None]], ...] = (
            (noise.neighbour_discovery_per_hour, self._neighbour_discovery),
            (noise.health_per_hour, self._health),
            (noise.underlay_per_hour, self._underlay),
            (noise.datapath_drops_per_hour, self._datapath_drop),
            (0.2 * len(noise.multicast_by), self._multicast),
            (0.1, self._non_ip),
            (noise.lost_per_day / 24, self._lost),
            (noise.malformed_per_day / 24, self._malformed),
        )
        for per_hour, write in sources:
            for time in moments(self._random, per_hour, start, stop):
                write(time)

    def _node(self) -> int:
        return int(self._random.random() * len(self._cluster.nodes))

    def _any_pod(self, time: int) -> Peer:
        pods = self._placement.alive(self._keys[int(self._random.random() * len(self._keys))], time)
        return pods[int(self._random.random() * len(pods))]

    def _neighbour_discovery(self, time: int) -> None:
        pod = self._any_pod(time)
        kind = 133 + int(self._random.random() * 4)
        names = {
            133: "RouterSolicitation",
            134: "RouterAdvertisement",
            135: "NeighborSolicitation",
            136: "NeighborAdvertisement",
        }
        summary = self._wire.says(f"ICMPv6 {names[kind]}")
        link_local = "fe80::" + ":".join(f"{self._random.getrandbits(16):x}" for _ in range(4))
        self._wire.flow(
            time,
            pod.node,
            "DROPPED",
            f'"drop_reason":132,"IP":{{"source":"{link_local}","destination":"ff02::2","ipVersion":"IPv6"}},'
            f'"l4":{{"ICMPv6":{{"type":{kind}}}}},'
            f'"source":{pod.views[pod.node]},"destination":{{"identity":2,"labels":["reserved:world"]}}',
            '"event_type":{"type":1,"sub_type":132},"traffic_direction":"EGRESS",'
            '"drop_reason_desc":"INVALID_SOURCE_IP"' + (f",{summary}" if summary else ""),
        )
        self._ledger.records["neighbour-discovery"] += 1

    def _health(self, time: int) -> None:
        node, other = self._node(), self._node()
        packet = self._wire.tcp_packet(self._wire.source_port(), 4240, SYN, "NEW")
        address = self._placement.node_addresses[other]
        self._wire.flow(
            time,
            node,
            "FORWARDED",
            f'"IP":{{"source":"{address}","destination":"10.244.{node}.251","ipVersion":"IPv4"}},{packet.ports}'
            f'"source":{self._placement.hosts[other].views[node]},"destination":{HEALTH_JSON}',
            trace_tail("TO_ENDPOINT", "EGRESS", "NEW", '{"index":9,"name":"lxc_health"}', packet.summary),
        )
        self._ledger.records["health"] += 1

    def _underlay(self, time: int) -> None:
        node = self._node()
        hosts = self._placement.hosts
        here, there = hosts[node], hosts[(node + 1) % len(hosts)]
        self._wire.flow(
            time,
            node,
            "FORWARDED",
            network(there, here, ethernet=False) + udp_ports(self._wire.source_port(), 8472) + both(there, here, node),
            trace_tail("TO_STACK", "INGRESS", "NEW", '{"index":2,"name":"eth0"}', self._wire.says("UDP")),
        )
        self._ledger.records["underlay"] += 1

    def _datapath_drop(self, time: int) -> None:
        gone = Peer(
            name="",
            address=f"10.244.{self._node()}.{252 + int(self._random.random() * 3)}",
            mac="02:00:00:00:00:01",
            node=OUTSIDE,
            views=(WORLD_JSON,) * len(self._cluster.nodes),
            end="",
        )
        reason = DROP_REASONS[int(self._random.random() * len(DROP_REASONS))]
        drop_event(self._wire, time, (self._any_pod(time), gone), (self._wire.source_port(), 8080), reason)
        self._ledger.records["datapath-drop"] += 1

    def _multicast(self, time: int) -> None:
        keys = self._cluster.noise.multicast_by
        pods = self._placement.alive(keys[int(self._random.random() * len(keys))], time)
        if not pods:
            return
        pod = pods[int(self._random.random() * len(pods))]
        group = self._placement.outside("224.0.0.251", "ip:224.0.0.251")
        before = len(self._lines)
        self._wire.flow(
            time,
            pod.node,
            "AUDIT",
            network(pod, group, ethernet=self._wire.ethernet) + udp_ports(5353, 5353) + both(pod, group, pod.node),
            verdict_tail("EGRESS", self._wire.says("UDP")),
        )
        if len(self._lines) > before:
            self._ledger.saw_noise(time, (pod, group), "UDP", 5353, "multicast")

    def _non_ip(self, time: int) -> None:
        pod = self._any_pod(time)
        self._wire.flow(
            time,
            pod.node,
            "DROPPED",
            f'"drop_reason":166,"ethernet":{{"source":"{pod.mac}","destination":"ff:ff:ff:ff:ff:ff"}},'
            f'"source":{pod.views[pod.node]},"destination":{{}}',
            '"event_type":{"type":1,"sub_type":166},"traffic_direction":"EGRESS",'
            '"drop_reason_desc":"UNSUPPORTED_L2_PROTOCOL"',
        )
        self._ledger.records["non-ip"] += 1

    # -- records that are no flows -------------------------------------------------------------------------------------

    def _lost(self, time: int) -> None:
        source = LOSS_SOURCES[int(self._random.random() * len(LOSS_SOURCES))]
        count, cpu = 1 + int(self._random.random() * 40), int(self._random.random() * 4)
        record = f'"lost_events":{{"source":"{source}","num_events_lost":"{count}","cpu":{cpu}}}'
        self._lines.other(time, self._node(), record)
        self._ledger.records["lost-events"] += 1

    def _malformed(self, time: int) -> None:
        line = self._lines.last()[2] if len(self._lines) else ""
        if self._random.random() < 0.5 or len(line) < 100:
            line = 'time="2026-03-10T08:00:00Z" level=info msg="Regenerated endpoint" subsys=endpoint'
        else:
            # A rotation in the middle of a write leaves half a line.
            line = line[: 40 + int(self._random.random() * (len(line) - 80))]
        self._lines.raw(time, self._node(), line)
        self._ledger.records["malformed"] += 1
