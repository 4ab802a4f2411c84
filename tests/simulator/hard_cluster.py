"""What makes clusters hard: a random cluster with everything that the easy ones leave out.

Replicas with identities of their own, pods without labels, two address families, SCTP, servers that hand out ports, a
second cluster in the mesh, names whose addresses never rest; and an intruder who does more than scan.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from tests.simulator.cluster import (
    Conversation,
    ExternalName,
    Kind,
    NamedPort,
    Service,
    TrafficClass,
    Workload,
)
from tests.simulator.unwanted import Beacon, Intrusion, Scan, Tunnel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulator.cluster import Cluster
    from tests.simulator.unwanted import Noise

FAR = "far"
"""The other cluster of the mesh."""
SIGNALLING = 3868
"""Diameter over SCTP (IANA)."""
FIRST_DYNAMIC = 30000
DYNAMIC_PORTS = 12
DATA_PORTS = frozenset({5432, 6379, 9200, 27017, 3306})
MOVING = ExternalName(name="cdn.example.com", addresses=tuple(f"198.51.100.{210 + n}" for n in range(30)), ttl=60)
FIXED_SIX = "ip:2001:db8:77::10"
BEACON_ADDRESS = "203.0.113.222"


def harden(cluster: Cluster, seed: int) -> Cluster:
    """The cluster with all of it; the same cluster and seed give the same description."""
    random = Random(f"hard/{cluster.name}/{seed}")
    workloads = tuple(_harder(random, item) for item in cluster.workloads)
    namespace = next(item.namespace for item in workloads if item.namespace.startswith("ns-"))
    clients = [item for item in workloads if item.kind is Kind.DEPLOYMENT and item.namespace.startswith("ns-")]
    signal, transfer = _servers(namespace)
    remote = _remote(namespace)
    added = _conversations(random, clients, (signal, transfer), remote)
    return replace(
        cluster,
        workloads=(*(_proxied(item, {added[-2].client}) for item in workloads), signal, transfer),
        remote=remote,
        services=(
            *cluster.services,
            Service(
                namespace=namespace,
                name="signal",
                target=signal.key,
                port=SIGNALLING,
                target_port=SIGNALLING,
                protocol="SCTP",
            ),
        ),
        externals=(*cluster.externals, MOVING),
        conversations=(*cluster.conversations, *added),
        ipv6_share=0.3,
        noise=_noise(random, cluster, workloads),
    )


def _pick(random: Random, items: Sequence[Workload]) -> Workload:
    return items[int(random.random() * len(items))]


def _harder(random: Random, workload: Workload) -> Workload:
    """Replicas of a StatefulSet get identities of their own; some Deployments lose their labels."""
    if workload.kind is Kind.STATEFUL_SET:
        return replace(workload, ordinal_labels=True, replicas=max(2, workload.replicas))
    if workload.kind is Kind.DEPLOYMENT and workload.namespace.startswith("ns-") and random.random() < 0.12:
        return replace(workload, labels=(), service_account=workload.name, rollout=None)
    return workload


def _proxied(workload: Workload, keys: set[str]) -> Workload:
    return replace(workload, dns_proxy=True) if workload.key in keys else workload


def _servers(namespace: str) -> tuple[Workload, Workload]:
    return (
        Workload(
            namespace=namespace,
            name="signal",
            labels=(("app", "signal"),),
            replicas=2,
            ports=(NamedPort(name="diameter", number=SIGNALLING, protocol="SCTP"),),
            dns_per_hour=0.5,
        ),
        Workload(namespace=namespace, name="transfer", labels=(("app", "transfer"),), dns_per_hour=0.5),
    )


def _remote(namespace: str) -> tuple[Workload, ...]:
    """One like-named workload in a like-named namespace, and one that only the other cluster has."""
    return (
        Workload(cluster=FAR, namespace=namespace, name="api", labels=(("app", "api"),), replicas=2),
        Workload(cluster=FAR, namespace="ledger", name="book", labels=(("app", "book"),)),
    )


def _conversations(
    random: Random, clients: Sequence[Workload], servers: tuple[Workload, Workload], remote: tuple[Workload, ...]
) -> tuple[Conversation, ...]:
    signal, transfer = servers
    outside = {"port": 443, "traffic": TrafficClass.EXTERNAL_NAME, "server": f"fqdn:{MOVING.name}"}
    callers = [_pick(random, clients).key for _ in range(8)]
    plain = [item.key for item in clients if not item.dns_proxy]
    proxied = [item.key for item in clients if item.dns_proxy] or plain[:1]
    called = next(item for item in clients if item.ports)
    return (
        Conversation(client=callers[0], server=signal.key, port=SIGNALLING, protocol="SCTP", per_hour=2.0),
        Conversation(client=callers[1], server=signal.key, port=SIGNALLING, protocol="SCTP", per_hour=0.5),
        Conversation(client=callers[2], server=transfer.key, port=21, per_hour=2.0),
        Conversation(
            client=callers[2], server=transfer.key, port=FIRST_DYNAMIC, ports=DYNAMIC_PORTS, per_hour=2.0, burst=2
        ),
        Conversation(client=callers[3], server=remote[0].key, port=8080, per_hour=2.0),
        Conversation(client=callers[4], server=remote[1].key, port=5432, per_hour=1.0),
        Conversation(client=remote[1].key, server=called.key, port=called.ports[0].number, per_hour=1.0),
        Conversation(
            client=callers[5], server=FIXED_SIX, port=443, per_hour=1.0, traffic=TrafficClass.EXTERNAL_ADDRESS
        ),
        Conversation(client=proxied[0], per_hour=4.0, **outside),
        Conversation(client=plain[0], per_hour=4.0, **outside),
    )


def _noise(random: Random, cluster: Cluster, workloads: Sequence[Workload]) -> Noise:
    """The intruder holds pods of other workloads than the scans' clients: each must be found by what it does itself."""
    noise = cluster.noise
    busy = {scan.client for scan in noise.scans}
    calls = {(item.client, item.server) for item in cluster.conversations}
    steady = sorted({item.client for item in cluster.conversations if item.per_hour >= 1.0} - busy)
    held = [item for item in workloads if item.key in steady and item.kind is Kind.DEPLOYMENT]
    random.shuffle(held)
    first, second, third, fourth = (held[place % len(held)] for place in range(4))
    tunnel = next((item for item in held if item.dns_proxy), None)
    stores = [item for item in workloads if item.ports and item.ports[0].number in DATA_PORTS]
    return replace(
        noise,
        scans=(*noise.scans, Scan(client=first.key, day=0.25, targets=30, slow=True, open_only=True)),
        intrusions=tuple(
            Intrusion(
                client=client.key, server=store.key, port=store.ports[0].number, day=1.7 + 0.1 * times, times=times
            )
            for times, client in ((1, second), (4, third))
            for store in [one for one in stores if (client.key, one.key) not in calls and one.key != client.key][:1]
        ),
        beacons=(Beacon(client=fourth.key, address=BEACON_ADDRESS, day=1.3),),
        tunnels=(Tunnel(client=tunnel.key, domain="cdn-telemetry.example.net", day=1.1),) if tunnel else (),
    )
