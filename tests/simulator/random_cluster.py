"""Clusters drawn at random: other sizes and other label styles than the demonstration's."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, TypeVar

from tests.simulator.cluster import (
    Cluster,
    Conversation,
    Cron,
    ExternalName,
    Kind,
    NamedPort,
    Namespace,
    Policy,
    Rollout,
    Schedule,
    Service,
    TrafficClass,
    Workload,
)
from tests.simulator.unwanted import DeadCall, DebugPod, DeniedCall, Noise, Scan

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
SIZES = {"tiny": (2, 8, 3), "small": (4, 24, 4), "medium": (8, 80, 6), "large": (16, 300, 12)}
"""Name to (application namespaces, application workloads, nodes)."""

APP_PORTS = (8080, 8000, 3000, 5432, 6379, 9092, 50051, 9000, 443, 27017)
NAMES = ("api", "web", "auth", "search", "orders", "stock", "price", "mail", "queue", "store", "sync", "report")
DNS = "kube-system/coredns"


def random_cluster(seed: int, size: str = "small") -> Cluster:
    """A cluster of one of `SIZES`; the same seed and size give the same description."""
    namespace_count, workload_count, node_count = SIZES[size]
    random = Random(f"cluster/{seed}/{size}")
    namespaces = tuple(f"ns-{index}" for index in range(namespace_count))
    applications = tuple(_application(random, namespaces, index) for index in range(workload_count))
    ports = {workload.key: workload.ports[0].number for workload in applications if workload.ports}
    servers = sorted(ports)
    clients = tuple(workload.key for workload in applications)
    calls = _calls(random, clients, ports)
    externals = _externals(random)
    bystanders = [key for key in servers if key not in {call.server for call in calls if call.client == clients[0]}]
    return Cluster(
        name=f"random-{size}",
        version=("1.19.4+g0ddba11", "1.20.1+g5ca1ab1e")[int(random.random() * 2)],
        nodes=("control-plane", *(f"node-{index}" for index in range(1, node_count))),
        namespaces=(
            Namespace(name="kube-system"),
            Namespace(name="monitoring", labels=(("team", "platform"),)),
            *(Namespace(name=name, labels=(("tier", _pick(random, ("gold", "iron"))),)) for name in namespaces),
        ),
        workloads=(*_platform(), *applications),
        services=(*_dns_services(), *(_service(workload) for workload in applications if workload.ports)),
        externals=externals,
        policies=(
            Policy(namespace="kube-system", name="dns-visibility", kind="CiliumClusterwideNetworkPolicy"),
            Policy(namespace=namespaces[0], name="deny-forbidden"),
        ),
        conversations=(*calls, *_scrapes(random, servers), *_outward(random, clients, ports, externals)),
        noise=_noise(random, clients, servers, bystanders),
    )


def _pick(random: Random, items: Sequence[T]) -> T:
    return items[int(random.random() * len(items))]


def _platform() -> tuple[Workload, ...]:
    return (
        Workload(
            namespace="kube-system",
            name="coredns",
            labels=(("k8s-app", "kube-dns"),),
            replicas=2,
            service_account="coredns",
            ports=(NamedPort(name="dns", number=53, protocol="UDP"), NamedPort(name="dns-tcp", number=53)),
            probe_port=8181,
        ),
        Workload(
            namespace="monitoring",
            name="prometheus",
            kind=Kind.STATEFUL_SET,
            labels=(("app.kubernetes.io/instance", "k8s"), ("app.kubernetes.io/name", "prometheus")),
            service_account="prometheus-k8s",
            ports=(NamedPort(name="web", number=9090),),
            dns_per_hour=1.0,
        ),
    )


def _application(random: Random, namespaces: tuple[str, ...], index: int) -> Workload:
    namespace = namespaces[index % len(namespaces)]
    kind = _pick(
        random, (Kind.DEPLOYMENT,) * 12 + (Kind.STATEFUL_SET,) * 3 + (Kind.CRON_JOB, Kind.DAEMON_SET, Kind.POD)
    )
    name = f"{NAMES[index % len(NAMES)]}-{index // len(NAMES)}" if index >= len(NAMES) else NAMES[index]
    rolls = kind is Kind.DEPLOYMENT and random.random() < 0.15
    port = _pick(random, APP_PORTS)
    style = _label_style(random, name)
    return Workload(
        namespace=namespace,
        name=name,
        kind=kind,
        labels=style,
        replicas=1 + int(random.random() * 4) if kind in {Kind.DEPLOYMENT, Kind.STATEFUL_SET} else 1,
        service_account=name if not style or random.random() < 0.3 else "default",
        ports=() if kind is Kind.CRON_JOB else (NamedPort(name=f"p{port}", number=port),),
        probe_port=port if kind is Kind.DEPLOYMENT and random.random() < 0.5 else 0,
        audit=random.random() < 0.9,
        dns_per_hour=0.0 if kind in {Kind.CRON_JOB, Kind.POD} else 0.5 + random.random(),
        dns_over_tcp=random.random() < 0.1,
        dns_proxy=random.random() < 0.2,
        cron=_cron(random) if kind is Kind.CRON_JOB else None,
        job_name_label=random.random() < 0.5,
        rollout=Rollout(day=0.2 + 2 * random.random(), label="version", before="1.0", after="1.1") if rolls else None,
    )


def _label_style(random: Random, name: str) -> tuple[tuple[str, str], ...]:
    """One of the styles that clusters in the wild mix."""
    family, _, number = name.partition("-")
    styles = (
        (("app", name),),
        (("app", name),),
        (("app", family), ("component", f"{family}{number}")),
        (
            ("app.kubernetes.io/component", number or "main"),
            ("app.kubernetes.io/instance", f"release-{name}"),
            ("app.kubernetes.io/name", family),
        ),
        (("k8s-app", name),),
        (("name", name), ("role", family)),
        (),
    )
    return _pick(random, styles)


def _cron(random: Random) -> Cron:
    minute = int(random.random() * 60)
    hour = int(random.random() * 24)
    weekday = int(random.random() * 7)
    return _pick(
        random, (Cron(minute=minute), Cron(minute=minute, hour=hour), Cron(minute=minute, hour=hour, weekday=weekday))
    )


def _calls(random: Random, clients: tuple[str, ...], ports: dict[str, int]) -> tuple[Conversation, ...]:
    found: dict[tuple[str, str], Conversation] = {}
    servers = sorted(ports)
    for client in clients:
        for _ in range(1 + int(random.expovariate(0.6))):
            server = _pick(random, servers)
            if server == client and random.random() < 0.7:
                continue
            found[client, server] = _call(random, client, server, ports[server])
    return tuple(found.values())


def _call(random: Random, client: str, server: str, port: int) -> Conversation:
    """Rates are log-normal; a fifth follow a calendar or are rare (shape: steady, diurnal, cron, rare)."""
    shape = random.random()
    rate = min(30.0, max(0.1, random.lognormvariate(0.5, 1.2)))
    schedule, cron = (Schedule.STEADY if shape < 0.4 else Schedule.DIURNAL), None
    if shape > 0.93:
        rate = 1 / (24 * (1 + 8 * random.random()))
        schedule = Schedule.STEADY
    elif shape > 0.8:
        schedule, cron = Schedule.CRON, _cron(random)
    return Conversation(
        client=client,
        server=server,
        port=port,
        per_hour=rate,
        schedule=schedule,
        cron=cron,
        burst=1 + int(random.random() * 3),
        established=shape < 0.04,
        starts=5 * random.random() if 0.04 < shape < 0.07 else 0.0,
    )


def _scrapes(random: Random, servers: list[str]) -> tuple[Conversation, ...]:
    return tuple(
        Conversation(
            client="monitoring/prometheus", server=server, port=9464, per_hour=1.0, traffic=TrafficClass.SCRAPE
        )
        for server in servers
        if random.random() < 0.4
    )


def _externals(random: Random) -> tuple[ExternalName, ...]:
    return tuple(
        ExternalName(
            name=f"{word}.example.{_pick(random, ('com', 'org', 'net'))}",
            addresses=tuple(f"203.0.113.{10 * index + step}" for step in range(1 + int(random.random() * 4))),
            ttl=_pick(random, (60, 300, 3600)),
        )
        for index, word in enumerate(("pay", "maps", "mail", "files", "login"), start=1)
    )


def _outward(
    random: Random, clients: tuple[str, ...], ports: dict[str, int], externals: tuple[ExternalName, ...]
) -> tuple[Conversation, ...]:
    found = [
        Conversation(client=client, server="apiserver", port=6443, per_hour=0.6, traffic=TrafficClass.APISERVER)
        for client in (DNS, "monitoring/prometheus", *clients)
        if client in {DNS, "monitoring/prometheus"} or random.random() < 0.1
    ]
    found += [
        Conversation(
            client=client,
            server=f"ip:198.51.100.{10 + index % 200}",
            port=443,
            per_hour=0.7,
            traffic=TrafficClass.EXTERNAL_ADDRESS,
        )
        for index, client in enumerate(clients)
        if random.random() < 0.08
    ]
    found += [
        Conversation(
            client=client,
            server=f"fqdn:{_pick(random, externals).name}",
            port=443,
            per_hour=0.8,
            traffic=TrafficClass.EXTERNAL_NAME,
        )
        for client in clients
        if random.random() < 0.15
    ]
    front = min(ports)
    found.append(
        Conversation(
            client="world", server=front, port=ports[front], per_hour=3.0, traffic=TrafficClass.WORLD_INGRESS, burst=2
        )
    )
    return tuple(found)


def _dns_services() -> tuple[Service, ...]:
    return tuple(
        Service(namespace="kube-system", name="kube-dns", target=DNS, port=53, target_port=53, protocol=protocol)
        for protocol in ("UDP", "TCP")
    )


def _service(workload: Workload) -> Service:
    port = workload.ports[0].number
    return Service(
        namespace=workload.namespace,
        name=workload.name,
        target=workload.key,
        port=80 if port in {8080, 8000, 3000} else port,
        target_port=port,
        headless=workload.kind is Kind.STATEFUL_SET,
    )


def _noise(random: Random, clients: tuple[str, ...], servers: list[str], bystanders: list[str]) -> Noise:
    steady = [key for key in servers if key in clients]
    return Noise(
        scans=(
            Scan(client=_pick(random, steady), day=0.3 + random.random() * 0.3, targets=min(40, len(servers))),
            Scan(client=_pick(random, steady), day=0.1, targets=min(24, len(servers)), slow=True),
        ),
        debug_pods=(DebugPod(namespace="monitoring", day=0.4, calls=((_pick(random, servers), 5432), (DNS, 53))),),
        denied=(DeniedCall(client=clients[0], server=_pick(random, bystanders), port=4444, policy="deny-forbidden"),),
        dead=(DeadCall(client=_pick(random, steady), server=_pick(random, servers), port=11211),),
        agent_restart_day=0.7,
    )
