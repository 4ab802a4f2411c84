"""The demonstration cluster: who talks to whom, and what troubles it has."""

from __future__ import annotations

from tests.simulator.cluster import Conversation, Cron, ExternalName, Policy, Schedule, TrafficClass
from tests.simulator.unwanted import DeadCall, DebugPod, DeniedCall, Noise, Scan

EXTERNALS = (
    ExternalName(name="api.payments.example.com", addresses=("203.0.113.10", "203.0.113.11", "203.0.113.12"), ttl=300),
    ExternalName(name="rates.example.net", addresses=("198.51.100.40",), ttl=3600),
    ExternalName(name="cdn.example.org", addresses=("192.0.2.80", "192.0.2.81"), ttl=120),
    ExternalName(name="smtp.example.net", addresses=("198.51.100.25", "198.51.100.26"), ttl=900),
)

POLICIES = (
    Policy(namespace="shop", name="dns-visibility", kind="CiliumClusterwideNetworkPolicy"),
    Policy(namespace="shop", name="allow-web-to-cart"),
    Policy(namespace="payments", name="payments-egress-provider"),
    Policy(namespace="shop", name="deny-recommend-to-data"),
    Policy(namespace="shop-dev", name="deny-dev-to-prod"),
    Policy(
        namespace="data",
        name="postgres-from-office",
        unused=(
            (
                "data/postgres",
                "ingress",
                {"fromEntities": ["world"], "toPorts": [{"ports": [{"port": "5432", "protocol": "TCP"}]}]},
            ),
        ),
    ),
)


def _call(client: str, server: str, port: int, per_hour: float = 0.55, **rest: object) -> Conversation:
    schedule = rest.pop("schedule", Schedule.DIURNAL)
    return Conversation(client=client, server=server, port=port, per_hour=per_hour, burst=2, schedule=schedule, **rest)  # type: ignore[arg-type]


APPLICATION = (
    _call("ingress-nginx/ingress-nginx-controller", "shop/web", 8080, 1.1),
    _call("ingress-nginx/ingress-nginx-controller", "payments/payments-api", 8080),
    _call("shop/web", "shop/cart", 8080, 0.9, ingress_policy="allow-web-to-cart"),
    _call("shop/web", "shop/catalog", 8080, 0.9),
    _call("shop/web", "shop/checkout", 8080),
    _call("shop/web", "shop/recommend", 50051),
    _call("shop/web", "data/kafka", 9092, starts=1.45),
    _call("shop/cart", "shop/redis", 6379, 1.0),
    _call("shop/catalog", "data/postgres", 5432),
    _call("shop/catalog", "data/object-store", 9000, 0.6),
    _call("shop/checkout", "shop/cart", 8080, 0.6),
    _call("shop/checkout", "payments/payments-api", 8080),
    _call("shop/checkout", "data/kafka", 9092, 0.6),
    _call("shop/recommend", "data/kafka", 9092, 0.6, schedule=Schedule.STEADY),
    _call("shop/mailer", "data/kafka", 9092, 0.6, schedule=Schedule.STEADY),
    _call("payments/payments-api", "payments/fraud", 50051),
    _call("payments/payments-api", "payments/ledger", 8443),
    _call("payments/payments-api", "payments/card-vault", 8200, 0.5),
    _call("payments/ledger", "data/postgres", 5432, 0.6),
    _call("payments/ledger", "data/kafka", 9092, 0.5),
    Conversation(client="payments/fraud", server="data/postgres", port=5432, per_hour=0.6, established=True),
    Conversation(client="shop/cart", server="data/postgres", port=5432, per_hour=0.05),
    _call("shop-dev/web", "shop-dev/cart", 8080, 0.5),
    _call("shop-dev/cart", "shop-dev/postgres", 5432, 0.5),
    _call("data/postgres", "data/postgres", 5432, 0.4, schedule=Schedule.STEADY),
    _call("data/kafka", "data/kafka", 9093, 0.5, schedule=Schedule.STEADY),
    _call("iot/device-sync", "iot/mqtt", 1883, 0.5, schedule=Schedule.STEADY),
    _call("iot/device-sync", "data/kafka", 9092, 0.5, schedule=Schedule.STEADY),
    *(
        _call(f"team-{client}/relay", f"team-{server}/relay", 7000, 0.25, schedule=Schedule.STEADY)
        for client in "abc"
        for server in "abc"
        if client != server
    ),
)

SCHEDULED = (
    Conversation(client="batch/invoice", server="data/postgres", port=5432),
    Conversation(
        client="batch/invoice", server="kube-system/coredns", port=53, protocol="UDP", traffic=TrafficClass.DNS
    ),
    Conversation(client="batch/backup", server="data/postgres", port=5432, burst=3),
    Conversation(client="batch/backup", server="data/object-store", port=9000, burst=2),
    Conversation(client="batch/weekly-report", server="data/postgres", port=5432),
    Conversation(client="batch/month-end", server="payments/ledger", port=8443),
    Conversation(client="shop/catalog", server="data/kafka", port=9092, cron=Cron(minute=15, hour=4)),
)

OBSERVABILITY = (
    _call("monitoring/grafana", "monitoring/prometheus", 9090, 0.6),
    _call("monitoring/grafana", "monitoring/loki", 3100, 0.4),
    _call("monitoring/log-shipper", "monitoring/loki", 3100, 0.5, schedule=Schedule.STEADY),
    *(
        Conversation(
            client="monitoring/prometheus", server=server, port=port, per_hour=0.4, traffic=TrafficClass.SCRAPE
        )
        for server, port in (
            ("kube-system/coredns", 9153),
            ("ingress-nginx/ingress-nginx-controller", 10254),
            ("shop/web", 9464),
            ("shop/cart", 9464),
            ("shop/catalog", 9464),
            ("shop/checkout", 9464),
            ("payments/payments-api", 9464),
            ("payments/ledger", 9464),
            ("data/postgres", 9187),
            ("data/kafka", 9404),
            ("monitoring/loki", 3100),
        )
    ),
    Conversation(client="monitoring/prometheus", server="node", port=9100, per_hour=0.8, traffic=TrafficClass.NODE),
    Conversation(client="node", server="monitoring/loki", port=3100, per_hour=0.5, traffic=TrafficClass.NODE),
    *(
        Conversation(client=client, server="monitoring/statsd", port=8125, protocol="UDP", per_hour=0.5, one_way=True)
        for client in ("shop/web", "shop/cart", "payments/payments-api")
    ),
    Conversation(
        client="monitoring/prometheus",
        server="kube-system/metrics-server",
        port=10250,
        per_hour=0.3,
        traffic=TrafficClass.SCRAPE,
    ),
)

OUTWARD = (
    *(
        Conversation(client=client, server="apiserver", port=6443, per_hour=0.4, traffic=TrafficClass.APISERVER)
        for client in (
            "kube-system/coredns",
            "kube-system/metrics-server",
            "monitoring/prometheus",
            "ingress-nginx/ingress-nginx-controller",
            "cert-manager/cert-manager-webhook",
        )
    ),
    Conversation(
        client="apiserver",
        server="cert-manager/cert-manager-webhook",
        port=10250,
        per_hour=0.4,
        traffic=TrafficClass.APISERVER,
    ),
    _call(
        "payments/payments-api",
        "fqdn:api.payments.example.com",
        443,
        1.0,
        traffic=TrafficClass.EXTERNAL_NAME,
        egress_policy="payments-egress-provider",
    ),
    _call("shop/checkout", "fqdn:rates.example.net", 443, 0.5, traffic=TrafficClass.EXTERNAL_NAME),
    _call("shop/checkout", "fqdn:cdn.example.org", 443, 0.5, traffic=TrafficClass.EXTERNAL_NAME),
    _call("shop/mailer", "fqdn:smtp.example.net", 587, 0.6, traffic=TrafficClass.EXTERNAL_NAME),
    _call("payments/ledger", "ip:198.51.100.77", 8443, 0.5, traffic=TrafficClass.EXTERNAL_ADDRESS),
    Conversation(
        client="world",
        server="ingress-nginx/ingress-nginx-controller",
        port=443,
        per_hour=1.6,
        burst=2,
        schedule=Schedule.DIURNAL,
        traffic=TrafficClass.WORLD_INGRESS,
    ),
    Conversation(
        client="world", server="iot/mqtt", port=1883, per_hour=0.6, burst=2, traffic=TrafficClass.WORLD_INGRESS
    ),
    Conversation(
        client="iot/device-sync", server="shop/web", port=8, protocol="ICMPv4", per_hour=0.4, traffic=TrafficClass.ICMP
    ),
)

CONVERSATIONS = (*APPLICATION, *SCHEDULED, *OBSERVABILITY, *OUTWARD)

NOISE = Noise(
    scans=(
        Scan(client="shop/mailer", day=1.13, targets=14, ports=(22, 80, 3306, 5432, 8080)),
        Scan(client="iot/device-sync", day=0.6, targets=24, slow=True, ports=(22, 443, 6379, 8080)),
    ),
    debug_pods=(
        DebugPod(
            namespace="shop",
            day=0.45,
            calls=(("data/postgres", 5432), ("shop/redis", 6379), ("kube-system/coredns", 53)),
        ),
    ),
    denied=(
        DeniedCall(
            client="shop/recommend", server="data/postgres", port=5432, policy="deny-recommend-to-data", per_hour=0.4
        ),
        DeniedCall(
            client="shop-dev/web", server="shop/cart", port=8080, policy="deny-dev-to-prod", dropped=True, per_hour=0.3
        ),
    ),
    dead=(
        DeadCall(client="shop/cart", server="shop/legacy-cache", port=11211, per_hour=0.5),
        DeadCall(client="shop/catalog", server="shop/legacy-cache", port=9200, refused=True, per_hour=0.3),
    ),
    multicast_by=("iot/mqtt",),
    agent_restart_day=2.3,
)
