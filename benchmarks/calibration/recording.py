"""A simulated cluster as a capture would show it: evidence for each edge of a window, in the tool's own values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.calibration.world import DAY, LONGEST, Traffic, World
from recommender.model.activity import HOUR_NS
from recommender.model.capture import Capture, NodeCoverage
from recommender.model.edge import (
    Edge,
    Evidence,
    OrientationReason,
    VerdictMix,
    Workload,
    WorkloadEnd,
)
from recommender.model.inventory import Inventory, InventoryService, InventoryWorkload, ServicePort
from recommender.model.labels import LabelSet
from recommender.model.observation import Observation

if TYPE_CHECKING:
    from benchmarks.calibration.world import Key, SimulatedWorkload

_MOST_REPLICAS: Final = 8
_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The whole trace as recorded; windows are cut from it."""

    world: World
    keys: tuple[Key, ...]
    traffic: tuple[Traffic, ...]
    connections: np.ndarray
    """(edges, hours); 0 where nothing was recorded."""
    answered: np.ndarray
    pods: np.ndarray
    """(edges, hours): which of the client's replicas were active, as bits."""

    def window(self, days: int) -> Observation:
        """The last `days` days before hour `LONGEST`, as the reduction of flows would give them."""
        span = slice(LONGEST - DAY * days, LONGEST)
        seen = np.flatnonzero(self.connections[:, span].any(axis=1))
        workloads = {one.end: one for one in self.world.workloads}
        edges = [self._edge(int(place), span, workloads) for place in seen]
        talking = {end for edge in edges for end in (edge.client, edge.server) if isinstance(end, WorkloadEnd)}
        pods = {end: _pods(workloads.get(end), end, span) for end in talking}
        return Observation(
            edges=tuple(sorted(edges, key=lambda edge: edge.sort_key)),
            workloads=tuple(_workload(end, pods[end], workloads.get(end)) for end in sorted(talking)),
            capture=_capture(self.world, span, int(self.connections[:, span].sum())),
        )

    def _edge(self, place: int, span: slice, workloads: dict[WorkloadEnd, SimulatedWorkload]) -> Edge:
        client, server, protocol, port = self.keys[place]
        connections = self.connections[place, span].astype(int)
        hours = np.flatnonzero(connections)
        return Edge(
            client=client,
            server=server,
            protocol=protocol,
            port=port,
            evidence=_evidence(
                self.world,
                self.traffic[place],
                connections,
                hours,
                int(self.answered[place, span].sum()),
                span,
                client_pods=_distinct(self.pods[place], span, workloads.get(client)),
            ),
        )


def record(world: World) -> Recording:
    """What was recorded of the world's traffic: some events lost, some hours silent."""
    random = np.random.default_rng([7, world.seed])
    keys = tuple(sorted(world.traffic, key=lambda key: (str(key[0]), str(key[1]), key[2].value, key[3])))
    traffic = tuple(world.traffic[key] for key in keys)
    active = np.array([one.hours for one in traffic])
    mean = np.array([max(one.per_hour - 1, 0.0) for one in traffic])[:, None]
    happened = np.where(active, 1 + random.poisson(np.broadcast_to(mean, active.shape)), 0)
    connections = random.binomial(happened, 1 - world.lost)
    connections[:, world.outages] = 0
    share = np.array([one.answered for one in traffic])[:, None]
    replicas = {one.end: one.replicas for one in world.workloads}
    many = np.array([1 if one.one_pod else replicas.get(key[0], 1) for key, one in zip(keys, traffic, strict=True)])
    reached = 1 - (1 - 1 / many[:, None]) ** connections
    pods = np.zeros(active.shape, np.uint8)
    for bit in range(_MOST_REPLICAS):
        chosen = (random.random(active.shape) < reached) & (bit < many)[:, None] & (connections > 0)
        pods |= (chosen << bit).astype(np.uint8)
    pods |= ((pods == 0) & (connections > 0)).astype(np.uint8)
    return Recording(
        world=world,
        keys=keys,
        traffic=traffic,
        connections=connections.astype(np.uint16),
        answered=random.binomial(connections, np.broadcast_to(share, active.shape)).astype(np.uint16),
        pods=pods,
    )


def inventory_of(world: World) -> Inventory:
    """What `kubectl get` would say: services with the ports they declare, workloads with schedules."""
    return Inventory(
        namespaces=tuple((name, ()) for name in sorted({one.end.namespace for one in world.workloads})),
        services=tuple(
            InventoryService(
                namespace=one.end.namespace,
                name=one.end.name,
                selector=(("app", one.role),),
                ports=tuple(ServicePort(protocol="TCP", port=port, target_port=port) for port in one.ports),
            )
            for one in sorted(world.workloads, key=lambda one: one.end)
            if one.ports
        ),
        workloads=tuple(
            InventoryWorkload(
                namespace=one.end.namespace,
                kind=one.end.kind,
                name=one.end.name,
                schedule=one.schedule,
                replicas=one.replicas,
                template_labels=(("app", one.role),),
            )
            for one in sorted(world.workloads, key=lambda one: one.end)
        ),
        digest="simulated",
    )


def _generations(workload: SimulatedWorkload | None, span: slice) -> list[tuple[int, int]]:
    """The spans of hours between releases, within the window."""
    cuts = [hour for hour in (workload.rollouts if workload else ()) if span.start < hour < span.stop]
    return list(zip([span.start, *cuts], [*cuts, span.stop], strict=True))


def _distinct(pods: np.ndarray, span: slice, workload: SimulatedWorkload | None) -> int:
    """Pods that showed an edge: replicas by generation."""
    return sum(
        int(np.bitwise_or.reduce(pods[start:stop], initial=0)).bit_count()
        for start, stop in _generations(workload, span)
    )


def _pods(workload: SimulatedWorkload | None, end: WorkloadEnd, span: slice) -> tuple[str, ...]:
    if workload is None:
        return (end.name,)
    if end.kind == "StatefulSet":
        return tuple(f"{end.name}-{replica}" for replica in range(workload.replicas))
    return tuple(
        f"{end.name}-{_letters(start, 9)}-{_letters(start * 31 + replica, 5)}"
        for start, _ in _generations(workload, span)
        for replica in range(workload.replicas)
    )


def _letters(number: int, length: int) -> str:
    random = np.random.default_rng(number)
    return "".join(_ALPHABET[place] for place in random.integers(len(_ALPHABET), size=length))


def _workload(end: WorkloadEnd, pods: tuple[str, ...], simulated: SimulatedWorkload | None) -> Workload:
    labels = [f"k8s:io.kubernetes.pod.namespace={end.namespace}"]
    labels.append(f"k8s:app={simulated.role}" if simulated else f"k8s:run={end.name}")
    return Workload(end=end, label_sets=(LabelSet.parse(labels),), pods=tuple(sorted(pods)), nodes=("node-a",))


def _capture(world: World, span: slice, connections: int) -> Capture:
    flows = connections * (5 if world.replies_recorded else 2)
    lost = round(flows * world.lost)
    first, last = world.start_ns + span.start * HOUR_NS, world.start_ns + span.stop * HOUR_NS - 1
    node = NodeCoverage(
        node="node-a",
        flows=flows,
        first_seen=first,
        last_seen=last,
        active_hours=span.stop - span.start,
        lost_events=lost,
    )
    return Capture(
        first_seen=first,
        last_seen=last,
        flows=flows,
        nodes=(node,),
        lost_events=lost,
        verdict_flows=2 * connections,
        audit_flows=2 * connections,
        reply_flows=connections if world.replies_recorded else 0,
    )


def _evidence(
    world: World,
    traffic: Traffic,
    connections: np.ndarray,
    hours: np.ndarray,
    answered: int,
    span: slice,
    *,
    client_pods: int,
) -> Evidence:
    total = int(connections.sum())
    shown = world.replies_recorded
    start = world.start_ns + span.start * HOUR_NS
    first, last = int(hours[0]), int(hours[-1])
    # Where in its hour a contact falls depends on the edge alone.
    minute = (first * 7 + last * 13 + total) % 60
    return Evidence(
        connections=total,
        flows=total * (5 if shown else 2),
        answered=answered if shown else 0,
        refused=total - answered if shown and traffic.refuses else 0,
        client_pods=client_pods,
        server_pods=1,
        client_nodes=1,
        server_nodes=1,
        both_sides=total,
        first_seen=start + first * HOUR_NS + minute * HOUR_NS // 60,
        last_seen=start + last * HOUR_NS + (minute * HOUR_NS // 60 if first == last else HOUR_NS - 1),
        active_hours=len(hours),
        active_six_hours=len(np.unique(hours // 6)),
        active_days=len(np.unique(hours // DAY)),
        activity=np.packbits(connections > 0).tobytes().rstrip(b"\0"),
        verdicts=VerdictMix(audited=total),
        egress_verdicts=total,
        ingress_verdicts=total,
        reasons=((OrientationReason.TCP_FLAGS if shown else OrientationReason.LOCAL_END, total),),
    )
