"""A shop whose servers have HTTP visibility: REST, gRPC, scrapes, one pair seen in part, a denied call, a path scan."""

from __future__ import annotations

from tests.simulator.cluster import (
    Cluster,
    Conversation,
    Cron,
    Kind,
    NamedPort,
    Namespace,
    Noise,
    Policy,
    Service,
    TrafficClass,
    Workload,
)
from tests.simulator.http_calls import HttpCall

VISIBILITY = "http-visibility"
_GRPC = "HTTP/2"

ORDERS = (
    HttpCall(method="GET", path="/api/v1/orders/{id}", weight=6),
    HttpCall(method="GET", path="/api/v1/orders", weight=2, query="?state=open&page=2"),
    HttpCall(method="POST", path="/api/v1/orders", weight=2, status=201),
    HttpCall(method="PATCH", path="/api/v1/orders/{id}/items/{id}", weight=1),
    HttpCall(method="GET", path="/internal/debug", weight=0.4, denied=True, noise="denied"),
)
CATALOG = (
    HttpCall(method="GET", path="/products/{uuid}", weight=5),
    HttpCall(method="GET", path="/assets/main.{hash}.js", weight=2),
    HttpCall(method="GET", path="/offers/{date}.json", weight=1),
    HttpCall(method="HEAD", path="/products/{uuid}", weight=1),
)
PAYMENTS = (
    HttpCall(method="POST", path="/shop.payments.v1.Payments/Authorize", weight=3, protocol=_GRPC),
    HttpCall(method="POST", path="/shop.payments.v1.Payments/Capture", weight=1, protocol=_GRPC),
)
SCRAPE = (HttpCall(method="GET", path="/metrics"),)
SCANNED = tuple(
    HttpCall(method="GET", path=path, status=404, noise="path-scan")
    for path in [
        "/.env",
        "/.git/config",
        "/admin",
        "/wp-login.php",
        "/phpinfo.php",
        "/server-status",
        "/actuator/env",
        "/backup.zip",
        "/id_rsa",
        "/console",
        "/manager/html",
        "/xmlrpc.php",
        "/cgi-bin/test.sh",
        "/.aws/credentials",
        "/debug/pprof/",
        "/solr/admin",
        "/jenkins/script",
        "/old/index.php",
        "/config.json",
        "/login.action",
    ]
)


def describe_http_shop() -> Cluster:
    """Eight workloads on three nodes; a day or two shows every kind of request often."""
    return Cluster(
        name="http-shop",
        nodes=("control-plane", "worker1", "worker2"),
        namespaces=tuple(Namespace(name=name) for name in ("kube-system", "monitoring", "shop")),
        workloads=_workloads(),
        services=(
            Service(namespace="kube-system", name="kube-dns", target="kube-system/coredns", port=53, target_port=53),
            *(
                Service(namespace="shop", name=name, target=f"shop/{name}", port=80, target_port=8080)
                for name in ("orders", "catalog")
            ),
        ),
        policies=(Policy(namespace="shop", name=VISIBILITY),),
        conversations=_conversations(),
        noise=Noise(misread_replies_per_day=0.0),
        ethernet=False,
        node_labels=False,
    )


def _workload(name: str, replicas: int = 2, **rest: object) -> Workload:
    given: dict[str, object] = {"namespace": "shop", "labels": (("app", name),), "dns_per_hour": 0.5, **rest}
    return Workload(name=name, replicas=replicas, **given)  # type: ignore[arg-type]


def _workloads() -> tuple[Workload, ...]:
    dns = (NamedPort(name="dns", number=53, protocol="UDP"),)
    return (
        _workload("coredns", namespace="kube-system", labels=(("k8s-app", "kube-dns"),), ports=dns, dns_per_hour=0.0),
        _workload("prometheus", 1, namespace="monitoring", kind=Kind.STATEFUL_SET),
        _workload("web", 3, probe_port=8080),
        _workload("orders", probe_port=8080),
        _workload("catalog", probe_port=8080),
        _workload("payments"),
        _workload("report", 1),
        _workload("mailer", 1),
    )


def _call(client: str, server: str, port: int, http: tuple[HttpCall, ...], **rest: object) -> Conversation:
    given: dict[str, object] = {"per_hour": 6.0, "visibility": VISIBILITY, **rest}
    return Conversation(client=client, server=server, port=port, http=http, **given)  # type: ignore[arg-type]


def _conversations() -> tuple[Conversation, ...]:
    return (
        _call("shop/web", "shop/orders", 8080, ORDERS),
        _call("shop/web", "shop/catalog", 8080, CATALOG),
        _call("shop/orders", "shop/payments", 50051, PAYMENTS),
        # Half of its connections reach pods without the proxy.
        _call("shop/report", "shop/orders", 8080, ORDERS[1:2], per_hour=2.0, visible_share=0.5),
        _call("shop/mailer", "shop/catalog", 8080, CATALOG[:1], per_hour=2.0),
        _call("shop/mailer", "shop/catalog", 8080, SCANNED, per_hour=0.0, cron=Cron(minute=17, hour=3), burst=40),
        *(
            _call("monitoring/prometheus", f"shop/{name}", 9464, SCRAPE, per_hour=2.0, traffic=TrafficClass.SCRAPE)
            for name in ("web", "orders", "catalog", "payments")
        ),
        Conversation(client="world", server="shop/web", port=8443, per_hour=4.0, traffic=TrafficClass.WORLD_INGRESS),
    )
