"""A cluster of any size drawn at random: workloads, outside parties, and who calls whom.

A fifth of the workloads take requests from ingress controllers, all are scraped and ask the cluster's DNS, most send
telemetry to one collector and are probed by their node; they call neighbours in their namespace, services that
everybody shares, names outside, and now and then anything at all. A few scan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Final

EDGES_A_WORKLOAD: Final = 20
WORKLOADS_A_NAMESPACE: Final = 25
SCANNERS: Final = 4
SCANNED: Final = 100
_KINDS: Final = ("Deployment",) * 16 + ("StatefulSet",) * 2 + ("DaemonSet", "CronJob")
_ROLES: Final = ("api", "web", "auth", "search", "orders", "stock", "price", "mail", "queue", "store", "sync", "report")
_PORTS: Final = (8080, 8000, 3000, 5432, 6379, 9092, 50051, 9000, 8443, 27017)
_METRICS: Final = 9100


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One owner of pods."""

    namespace: str
    name: str
    kind: str = "Deployment"
    labels: tuple[tuple[str, str], ...]
    replicas: int = 2
    port: int = 0
    """0 where it serves nothing."""

    @property
    def account(self) -> str:
        """Its service account."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A party that is no pod: what Cilium calls it, its address, and its DNS name where it has one."""

    labels: tuple[str, ...]
    identity: int
    address: str
    name: str = ""


Party = Workload | Outside
APISERVER: Final = Outside(labels=("reserved:kube-apiserver", "reserved:remote-node"), identity=7, address="192.0.2.1")
NODE: Final = Outside(labels=("reserved:host",), identity=1, address="192.0.2.2")
"""Stands for the node that the other end's pod runs on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One edge: places of the parties, and on how many occasions it was seen."""

    client: int
    server: int
    port: int
    protocol: str = "TCP"
    occasions: int
    answered: bool = True


@dataclass(slots=True, kw_only=True)
class Topology:
    """The parties and the calls between them, each edge once."""

    parties: list[Party] = field(default_factory=list)
    calls: dict[tuple[int, int, int, str], Call] = field(default_factory=dict)

    @property
    def workloads(self) -> list[Workload]:
        """Those parties that are workloads; they come first."""
        return [party for party in self.parties if isinstance(party, Workload)]

    def add(self, party: Party) -> int:
        """Take in a party; its place."""
        self.parties.append(party)
        return len(self.parties) - 1

    def call(self, call: Call) -> None:
        """Take in an edge, unless it is there or leads from a workload to itself."""
        if call.client != call.server:
            self.calls.setdefault((call.client, call.server, call.port, call.protocol), call)


def draw_topology(workloads: int, *, seed: int) -> Topology:
    """A cluster of about so many workloads and twenty times as many edges; the same arguments give the same."""
    random = Random(f"large/{seed}/{workloads}")
    topology = Topology()
    platform = {name: topology.add(workload) for name, workload in _platform()}
    first = len(topology.parties)
    applications = [topology.add(_application(random, index, workloads)) for index in range(workloads - first)]
    shared = random.sample(applications, max(4, workloads // 100))
    apiserver, node = topology.add(APISERVER), topology.add(NODE)
    outside = [topology.add(_outside(index)) for index in range(max(8, workloads // 10))]
    callers = [topology.add(_visitor(index)) for index in range(24)]
    for client in applications:
        _needs_of_the_platform(random, topology, client, platform, apiserver=apiserver, node=node)
        if random.random() < 0.3:
            for server in random.sample(outside, 2):
                topology.call(_seen(random, client, server, 443))
    for controller in (place for name, place in platform.items() if name.startswith("ingress")):
        for caller in callers:
            topology.call(_seen(random, caller, controller, 8443))
    _calls_between(random, topology, applications, shared, wanted=workloads * EDGES_A_WORKLOAD)
    for scanner in random.sample(applications, SCANNERS):
        for server in random.sample(applications, min(SCANNED, len(applications))):
            topology.call(Call(client=scanner, server=server, port=22, occasions=1, answered=False))
    return topology


def _platform() -> list[tuple[str, Workload]]:
    def workload(namespace: str, name: str, port: int, *, kind: str = "Deployment") -> tuple[str, Workload]:
        labels = (("app.kubernetes.io/name", name),)
        return name, Workload(namespace=namespace, name=name, kind=kind, labels=labels, port=port)

    coredns = Workload(namespace="kube-system", name="coredns", labels=(("k8s-app", "kube-dns"),), port=53)
    return [
        ("coredns", coredns),
        workload("monitoring", "prometheus", 9090, kind="StatefulSet"),
        workload("monitoring", "collector", 4317),
        *(workload("ingress", f"ingress-{name}", 8443) for name in ("public", "partner", "internal")),
    ]


def _application(random: Random, index: int, workloads: int) -> Workload:
    namespaces = max(2, workloads // WORKLOADS_A_NAMESPACE)
    namespace, number = f"team-{index % namespaces:03}", index // namespaces
    role = _ROLES[number % len(_ROLES)]
    name = f"{role}-{number // len(_ROLES)}" if number >= len(_ROLES) else role
    kind = random.choice(_KINDS)
    labels = (
        (("app", name),)
        if random.random() < 0.5
        else (("app.kubernetes.io/component", role), ("app.kubernetes.io/name", name))
    )
    return Workload(
        namespace=namespace,
        name=name,
        kind=kind,
        labels=labels,
        replicas=1 if kind == "CronJob" else random.randint(1, 4),
        port=0 if kind == "CronJob" else random.choice(_PORTS),
    )


def _outside(index: int) -> Outside:
    """A party of the internet; names share addresses, as those of large hosters do."""
    address = f"203.0.113.{index % 254 + 1}"
    return Outside(labels=("reserved:world",), identity=2, address=address, name=f"api-{index}.example.org")


def _visitor(index: int) -> Outside:
    return Outside(labels=("reserved:world",), identity=2, address=f"198.51.100.{index + 1}")


def _seen(random: Random, client: int, server: int, port: int, protocol: str = "TCP") -> Call:
    occasions = random.choice((1, 1, 2, 3, 5))
    return Call(client=client, server=server, port=port, protocol=protocol, occasions=occasions)


def _needs_of_the_platform(
    random: Random, topology: Topology, client: int, platform: dict[str, int], *, apiserver: int, node: int
) -> None:
    """DNS, telemetry, scraping, probes, the API server, requests from outside."""
    workload = topology.parties[client]
    assert isinstance(workload, Workload)  # noqa: S101 - applications are
    topology.call(_seen(random, client, platform["coredns"], 53, "UDP"))
    if random.random() < 0.6:
        topology.call(_seen(random, client, platform["collector"], 4317))
    if random.random() < 0.15:
        topology.call(_seen(random, client, apiserver, 6443))
    if not workload.port:
        return
    topology.call(_seen(random, platform["prometheus"], client, _METRICS))
    if random.random() < 0.7:
        topology.call(_seen(random, node, client, workload.port))
    if random.random() < 0.2:
        controller = random.choice(("ingress-public", "ingress-partner", "ingress-internal"))
        topology.call(_seen(random, platform[controller], client, workload.port))


def _calls_between(
    random: Random, topology: Topology, applications: list[int], shared: list[int], *, wanted: int
) -> None:
    """Half to neighbours in the namespace, most others to services that everybody shares, until there are enough."""
    neighbours: dict[str, list[int]] = {}
    for place in applications:
        neighbours.setdefault(_namespace(topology, place), []).append(place)
    while len(topology.calls) < wanted:
        client = random.choice(applications)
        draw = random.random()
        known = neighbours[_namespace(topology, client)] if draw < 0.55 else shared if draw < 0.9 else applications
        server = random.choice(known)
        party = topology.parties[server]
        if isinstance(party, Workload) and party.port:
            topology.call(_seen(random, client, server, party.port))


def _namespace(topology: Topology, place: int) -> str:
    party = topology.parties[place]
    return party.namespace if isinstance(party, Workload) else ""
