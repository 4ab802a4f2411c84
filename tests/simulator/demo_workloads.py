"""The demonstration cluster: its namespaces and workloads."""

from __future__ import annotations

from tests.simulator.cluster import Cron, Kind, NamedPort, Namespace, Rollout, Workload

HTTP = (NamedPort(name="http", number=8080),)


def _helm(name: str, instance: str, component: str = "") -> tuple[tuple[str, str], ...]:
    labels = [("app.kubernetes.io/instance", instance), ("app.kubernetes.io/name", name)]
    if component:
        labels.append(("app.kubernetes.io/component", component))
    return tuple(sorted(labels))


NAMESPACES = (
    Namespace(name="batch"),
    Namespace(name="cert-manager"),
    Namespace(name="data", labels=(("tier", "data"),)),
    Namespace(name="ingress-nginx"),
    Namespace(name="iot"),
    Namespace(name="kube-system"),
    Namespace(name="monitoring", labels=(("team", "platform"),)),
    Namespace(name="payments", labels=(("env", "prod"), ("pci", "true"))),
    Namespace(name="shop", labels=(("env", "prod"),)),
    Namespace(name="shop-dev", labels=(("env", "dev"),)),
    Namespace(name="team-a"),
    Namespace(name="team-b"),
    Namespace(name="team-c"),
)

PLATFORM = (
    Workload(
        namespace="kube-system",
        name="coredns",
        labels=(("k8s-app", "kube-dns"),),
        replicas=2,
        service_account="coredns",
        ports=(
            NamedPort(name="dns", number=53, protocol="UDP"),
            NamedPort(name="dns-tcp", number=53),
            NamedPort(name="metrics", number=9153),
        ),
        probe_port=8181,
    ),
    Workload(
        namespace="kube-system",
        name="metrics-server",
        labels=(("k8s-app", "metrics-server"),),
        service_account="metrics-server",
        audit=False,
        probe_port=10250,
    ),
    Workload(
        namespace="monitoring",
        name="prometheus",
        kind=Kind.STATEFUL_SET,
        labels=_helm("prometheus", "k8s"),
        service_account="prometheus-k8s",
        ports=(NamedPort(name="web", number=9090),),
        probe_port=9090,
        dns_per_hour=0.5,
    ),
    Workload(
        namespace="monitoring",
        name="grafana",
        labels=_helm("grafana", "grafana"),
        service_account="grafana",
        probe_port=3000,
        dns_per_hour=0.5,
    ),
    Workload(
        namespace="monitoring",
        name="node-exporter",
        kind=Kind.DAEMON_SET,
        labels=(("app", "node-exporter"),),
        service_account="node-exporter",
        host_network=True,
    ),
    Workload(
        namespace="monitoring",
        name="loki",
        kind=Kind.STATEFUL_SET,
        labels=_helm("loki", "loki", "single-binary"),
        ports=(NamedPort(name="http-metrics", number=3100),),
        probe_port=3100,
        dns_per_hour=0.4,
    ),
    Workload(
        namespace="monitoring",
        name="log-shipper",
        kind=Kind.DAEMON_SET,
        labels=(("name", "log-shipper"), ("role", "agent")),
        service_account="log-shipper",
        dns_per_hour=0.5,
    ),
    Workload(namespace="monitoring", name="statsd", labels=(("name", "statsd"), ("role", "collector"))),
    Workload(
        namespace="ingress-nginx",
        name="ingress-nginx-controller",
        labels=_helm("ingress-nginx", "ingress-nginx", "controller"),
        replicas=2,
        service_account="ingress-nginx",
        ports=(NamedPort(name="http", number=80), NamedPort(name="https", number=443)),
        probe_port=10254,
        dns_per_hour=0.5,
    ),
    Workload(
        namespace="cert-manager",
        name="cert-manager-webhook",
        labels=_helm("webhook", "cert-manager", "webhook"),
        service_account="cert-manager-webhook",
        ports=(NamedPort(name="https", number=10250),),
        probe_port=6080,
    ),
)

SHOP = (
    Workload(
        namespace="shop",
        name="web",
        labels=(("app", "web"),),
        replicas=3,
        ports=HTTP,
        probe_port=8080,
        dns_per_hour=0.8,
        rollout=Rollout(day=1.42, label="version", before="v41", after="v42"),
    ),
    Workload(
        namespace="shop",
        name="cart",
        labels=(("app", "shop"), ("component", "cart")),
        replicas=2,
        ports=HTTP,
        probe_port=8080,
        dns_per_hour=0.6,
    ),
    Workload(
        namespace="shop",
        name="catalog",
        labels=(("app", "shop"), ("component", "catalog")),
        replicas=2,
        ports=HTTP,
        probe_port=8080,
        dns_per_hour=0.6,
    ),
    Workload(
        namespace="shop",
        name="checkout",
        labels=(("app", "shop"), ("component", "checkout")),
        replicas=2,
        ports=HTTP,
        probe_port=8080,
        dns_per_hour=0.5,
        dns_proxy=True,
        service_account="checkout",
    ),
    Workload(
        namespace="shop",
        name="recommend",
        labels=(("app", "recommend"),),
        replicas=2,
        ports=(NamedPort(name="grpc", number=50051),),
        dns_per_hour=0.4,
    ),
    Workload(
        namespace="shop",
        name="redis",
        kind=Kind.STATEFUL_SET,
        labels=_helm("redis", "shop", "master"),
        ports=(NamedPort(name="redis", number=6379),),
    ),
    Workload(namespace="shop", name="mailer", labels=(("app", "mailer"),), audit=False, dns_per_hour=0.4),
    Workload(namespace="shop", name="legacy-cache", labels=(("app", "legacy-cache"),)),
    Workload(
        namespace="shop-dev", name="web", labels=(("app", "web"), ("version", "v43")), ports=HTTP, dns_per_hour=0.4
    ),
    Workload(
        namespace="shop-dev", name="cart", labels=(("app", "shop"), ("component", "cart")), ports=HTTP, dns_per_hour=0.4
    ),
    Workload(
        namespace="shop-dev", name="postgres", kind=Kind.STATEFUL_SET, labels=_helm("postgresql", "dev", "primary")
    ),
)

PAYMENTS = (
    Workload(
        namespace="payments",
        name="payments-api",
        labels=(("app", "payments-api"),),
        replicas=2,
        ports=HTTP,
        service_account="payments-api",
        probe_port=8080,
        dns_per_hour=0.6,
        dns_proxy=True,
    ),
    Workload(
        namespace="payments",
        name="fraud",
        labels=(("app", "fraud"), ("component", "scorer")),
        ports=(NamedPort(name="grpc", number=50051),),
        dns_per_hour=0.4,
    ),
    Workload(namespace="payments", name="ledger", service_account="ledger", probe_port=8443, dns_per_hour=0.4),
    Workload(namespace="payments", name="card-vault", kind=Kind.POD, labels=(("run", "card-vault"),)),
)

DATA = (
    Workload(
        namespace="data",
        name="postgres",
        kind=Kind.STATEFUL_SET,
        labels=_helm("postgresql", "prod", "primary"),
        replicas=3,
        service_account="postgres",
        ports=(NamedPort(name="postgres", number=5432),),
    ),
    Workload(
        namespace="data",
        name="kafka",
        kind=Kind.STATEFUL_SET,
        labels=(("app", "kafka"),),
        replicas=3,
        ports=(NamedPort(name="broker", number=9092),),
        dns_per_hour=0.4,
    ),
    Workload(
        namespace="data",
        name="object-store",
        labels=(("k8s-app", "object-store"),),
        ports=(NamedPort(name="s3", number=9000),),
    ),
)

JOBS = (
    Workload(
        namespace="batch",
        name="invoice",
        kind=Kind.CRON_JOB,
        labels=(("app", "invoice"),),
        cron=Cron(minute=5),
        service_account="invoice",
    ),
    Workload(
        namespace="batch",
        name="backup",
        kind=Kind.CRON_JOB,
        labels=(("app", "backup"),),
        job_name_label=True,
        cron=Cron(minute=30, hour=2),
        service_account="backup",
    ),
    Workload(
        namespace="batch",
        name="weekly-report",
        kind=Kind.CRON_JOB,
        labels=(("app", "weekly-report"),),
        cron=Cron(minute=0, hour=3, weekday=0),
    ),
    Workload(
        namespace="batch",
        name="month-end",
        kind=Kind.CRON_JOB,
        labels=(("app", "month-end"),),
        cron=Cron(minute=0, hour=1, day=1),
    ),
)

TEAMS = (
    Workload(
        namespace="iot",
        name="mqtt",
        labels=(("app", "mqtt"),),
        replicas=2,
        ports=(NamedPort(name="mqtt", number=1883),),
    ),
    Workload(namespace="iot", name="device-sync", labels=(("app", "device-sync"),), dns_per_hour=0.4),
    *(
        Workload(
            namespace=f"team-{letter}",
            name="relay",
            labels=(("app", "relay"),),
            ports=(NamedPort(name="relay", number=7000),),
        )
        for letter in "abc"
    ),
)

WORKLOADS = (*PLATFORM, *SHOP, *PAYMENTS, *DATA, *JOBS, *TEAMS)
