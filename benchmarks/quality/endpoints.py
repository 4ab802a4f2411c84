"""The cluster as the evaluator needs it: endpoints of every end that the truth names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.quality.clusters import Scenario, label_sets, label_sets_after
from recommender.model.connection import AddressEndpoint, EntityEndpoint, JudgedEndpoint, PodEndpoint
from recommender.model.entity import Entity
from tests.simulator.cluster import Kind, Workload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulator import Cluster

DEBUG_POD = Workload(namespace="monitoring", name="debug-shell", kind=Kind.POD, labels=(("run", "debug-shell"),))
ANYONE = ("192.0.2.201", "198.51.100.251", "203.0.113.252")
"""Clients outside: a service that the world may call is called by addresses that no window shows."""
Ends = dict[str, tuple[JudgedEndpoint, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known of a cluster, in the simulator's words for ends."""

    name: str
    """The cluster's own name."""
    namespaces: Mapping[str, Mapping[str, str]]
    workloads: tuple[str, ...]
    """Ends of all workloads of the captured cluster, sorted; the debug pod is none."""
    unseen: frozenset[str]
    """Those that took part in no connection of the window: no capture tells that they exist."""
    now: Ends
    """Workload end to its pods' label sets during the window."""
    later: Ends
    """The same after one more rollout."""
    needed: tuple[tuple[str, str, str, int], ...]
    """(client, server, protocol, port)"""
    seen: frozenset[tuple[str, str, str, int]]
    noise: tuple[tuple[str, tuple[str, str, str, int]], ...]
    """Kind and edge of what nobody needs."""
    addresses: Mapping[str, tuple[str, ...]]
    """Addresses of DNS names outside."""
    tunnels: tuple[tuple[str, str], ...] = ()
    """Client and domain of lookups that carry data out."""


def describe(scenario: Scenario, cluster: Cluster, told: Mapping[str, Any]) -> Truth:
    """The truth about a scenario, from its description and from what the simulation tells."""
    pods = [item for item in cluster.workloads if not item.host_network]
    elsewhere = {item.end: _pods(item, item.cluster, (item.labels,)) for item in cluster.remote}
    debug = elsewhere | {DEBUG_POD.end: _pods(DEBUG_POD, cluster.name, (DEBUG_POD.labels,))}
    return Truth(
        name=cluster.name,
        namespaces={item.namespace: {} for item in cluster.remote}
        | {item.name: dict(item.labels) for item in cluster.namespaces},
        workloads=tuple(sorted(item.end for item in pods)),
        unseen=frozenset(item.end for item in pods) - _witnessed(told),
        now={item.end: _pods(item, cluster.name, label_sets(item)) for item in pods} | debug,
        later={item.end: _pods(item, cluster.name, label_sets_after(item, scenario.style)) for item in pods} | debug,
        needed=tuple(_edge(row) for row in told["conversations"]),
        seen=frozenset(_edge(row) for row in told["conversations"] if row["seen"]),
        noise=tuple((row["kind"], _edge(row)) for row in told["noise"]),
        addresses={item.name: item.addresses for item in cluster.externals},
        tunnels=tuple((row["client"], row["domain"]) for row in told.get("tunnels", ())),
    )


def _witnessed(told: Mapping[str, Any]) -> frozenset[str]:
    """Ends of the connections that left a line in the capture."""
    rows = (row for rows in (told["conversations"], told["noise"]) for row in rows if row["connections"])
    return frozenset(end for row in rows for end in (row["client"], row["server"]))


def _edge(row: Mapping[str, Any]) -> tuple[str, str, str, int]:
    return (row["client"], row["server"], row["protocol"], row["port"])


def _pods(
    workload: Workload, cluster: str, sets: tuple[tuple[tuple[str, str], ...], ...]
) -> tuple[JudgedEndpoint, ...]:
    return tuple(
        PodEndpoint(
            namespace=workload.namespace,
            name=workload.name,
            labels=labels,
            service_account=workload.service_account,
            cluster=cluster,
            named_ports=tuple((port.name, port.protocol, port.number) for port in workload.ports),
        )
        for labels in sets
    )


def outside(end: str, truth: Truth) -> tuple[JudgedEndpoint, ...]:
    """The endpoints of an end that is no workload; every one of them must pass where the end is needed."""
    kind, _, name = end.partition(":")
    match kind, name:
        case "entity", "world":
            return tuple(AddressEndpoint(address=address) for address in ANYONE)
        case "entity", entity:
            return (EntityEndpoint(entity=Entity(entity)),)
        case "fqdn", _:
            return tuple(AddressEndpoint(address=address, names=(name,)) for address in truth.addresses[name])
        case "ip", _:
            return (AddressEndpoint(address=name),)
        case _:
            message = f"not an end of a truth row: {end}"
            raise ValueError(message)
