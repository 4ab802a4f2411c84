"""The demonstration cluster: its services."""

from __future__ import annotations

from tests.simulator.cluster import Service

SERVICES = (
    Service(
        namespace="kube-system", name="kube-dns", target="kube-system/coredns", port=53, target_port=53, protocol="UDP"
    ),
    Service(namespace="kube-system", name="kube-dns", target="kube-system/coredns", port=53, target_port=53),
    Service(namespace="monitoring", name="loki", target="monitoring/loki", port=3100, target_port=3100),
    Service(namespace="monitoring", name="prometheus", target="monitoring/prometheus", port=9090, target_port=9090),
    Service(
        namespace="monitoring", name="statsd", target="monitoring/statsd", port=8125, target_port=8125, protocol="UDP"
    ),
    Service(
        namespace="ingress-nginx",
        name="ingress-nginx-controller",
        target="ingress-nginx/ingress-nginx-controller",
        port=443,
        target_port=443,
        type="LoadBalancer",
    ),
    Service(
        namespace="cert-manager",
        name="cert-manager-webhook",
        target="cert-manager/cert-manager-webhook",
        port=443,
        target_port=10250,
    ),
    Service(namespace="shop", name="web", target="shop/web", port=80, target_port=8080),
    Service(namespace="shop", name="cart", target="shop/cart", port=80, target_port=8080),
    Service(namespace="shop", name="catalog", target="shop/catalog", port=80, target_port=8080),
    Service(namespace="shop", name="checkout", target="shop/checkout", port=80, target_port=8080),
    Service(namespace="shop", name="recommend", target="shop/recommend", port=50051, target_port=50051),
    Service(namespace="shop", name="redis", target="shop/redis", port=6379, target_port=6379),
    Service(namespace="shop", name="legacy-cache", target="shop/legacy-cache", port=11211, target_port=11211),
    Service(namespace="shop-dev", name="cart", target="shop-dev/cart", port=80, target_port=8080),
    Service(namespace="shop-dev", name="postgres", target="shop-dev/postgres", port=5432, target_port=5432),
    Service(namespace="payments", name="payments-api", target="payments/payments-api", port=80, target_port=8080),
    Service(namespace="payments", name="fraud", target="payments/fraud", port=50051, target_port=50051),
    Service(namespace="payments", name="ledger", target="payments/ledger", port=443, target_port=8443),
    Service(namespace="data", name="postgres", target="data/postgres", port=5432, target_port=5432, headless=True),
    Service(namespace="data", name="kafka", target="data/kafka", port=9092, target_port=9092, headless=True),
    Service(namespace="data", name="object-store", target="data/object-store", port=80, target_port=9000),
    Service(
        namespace="iot",
        name="mqtt",
        target="iot/mqtt",
        port=1883,
        target_port=1883,
        type="NodePort",
        local_traffic_policy=True,
    ),
    *(
        Service(namespace=f"team-{letter}", name="relay", target=f"team-{letter}/relay", port=7000, target_port=7000)
        for letter in "abc"
    ),
)
