"""What the inventory promises and the flows do not show."""

import pytest

from recommender.assess import find_gaps
from recommender.model.declared_use import DeclaredUse, UseKind
from recommender.model.disposition import Decided
from recommender.model.gap import Severity
from recommender.model.group import Requirement, Selector
from recommender.model.inventory import (
    Inventory,
    InventoryPod,
    InventoryScaler,
    InventoryService,
    InventoryWorkload,
    ServicePort,
)
from tests.assess.builders import API, HOST, IMPLICIT, WEB, capture, edge, end, needed, workload

PROMETHEUS = end("prometheus", "StatefulSet", "monitoring")
POD = InventoryPod(
    namespace="shop",
    name="web-1",
    labels=(("app", "web"), ("version", "7")),
    addresses=("10.0.0.1",),
    container_ports=(("TCP", 8080), ("TCP", 9090)),
)
SERVICE = InventoryService(
    namespace="shop",
    name="web",
    labels=(("monitored", "yes"),),
    selector=(("app", "web"),),
    ports=(
        ServicePort(protocol="TCP", port=80, target_port="http", name="http"),
        ServicePort(protocol="TCP", port=9100, target_port=9090, name="metrics"),
    ),
)
SEEN = workload(WEB, "k8s:app=web", pods=("web-1",), named_ports=(("http", "TCP", 8080),))


def gaps(code, *edges, workloads=(SEEN,), own_node_needs_rules=False, decided=None, **inventory):
    described = {"pods": (POD,), "services": (SERVICE,)} | inventory
    found = find_gaps(
        capture=capture(),
        edges=edges,
        decided=needed(*edges) | (decided or {}),
        workloads=workloads,
        groups=(),
        inventory=Inventory(**described, digest="d"),
        own_node_needs_rules=own_node_needs_rules,
    )
    return [gap for gap in found if gap.code == code]


def use(kind, port, **parts):
    return DeclaredUse(kind=kind, source="Kind/shop/x", port=port, **({"namespaces": ("shop",)} | parts))


def selector(**labels):
    return Selector(requirements=tuple(Requirement(key=key, values=(value,)) for key, value in labels.items()))


class TestScrapes:
    @pytest.mark.parametrize(
        "declared",
        [
            use(UseKind.SCRAPE, "metrics", by_service=True, selector=selector(monitored="yes")),
            use(UseKind.SCRAPE, 9090, by_service=True, selector=selector(monitored="yes"), is_target=True),
            use(UseKind.SCRAPE, 9090, selector=selector(version="7"), namespaces=()),
            use(UseKind.SCRAPE, 9090, pod="web-1"),
            use(UseKind.SCRAPE, 9090, service="web", is_target=True),
        ],
    )
    def test_never_asked_on_the_port_of_the_metrics(self, declared):
        (gap,) = gaps("NPR607", edge(API, WEB, 8080), uses=(declared,))
        assert gap.facts == (f"Kind/shop/x port {declared.port}",)
        assert gaps("NPR607", edge(PROMETHEUS, WEB, 9090), uses=(declared,)) == []

    @pytest.mark.parametrize(
        "declared",
        [
            use(UseKind.SCRAPE, "metrics", by_service=True, selector=selector(monitored="no")),
            use(UseKind.SCRAPE, "other", by_service=True, selector=selector(monitored="yes")),
            use(UseKind.SCRAPE, 9090, selector=selector(version="7"), namespaces=("elsewhere",)),
        ],
    )
    def test_what_selects_nothing_lacks_nothing(self, declared):
        assert gaps("NPR607", uses=(declared,)) == []

    def test_a_probe_by_the_node_is_no_scrape(self):
        probe = edge(HOST, WEB, 9090)
        implicit = {probe.edge_id: Decided(disposition=IMPLICIT, reason="r")}
        assert len(gaps("NPR607", probe, decided=implicit, uses=(use(UseKind.SCRAPE, 9090, pod="web-1"),))) == 1


class TestWebhooks:
    hook = use(UseKind.WEBHOOK, 80, service="web", required=True)

    def test_severity_says_what_a_cut_costs(self):
        optional = use(UseKind.WEBHOOK, 9100, service="web")
        found = gaps("NPR610", uses=(self.hook, optional))
        assert [(gap.subject, gap.severity) for gap in found] == [
            ("required", Severity.HIGH),
            ("optional", Severity.LOW),
        ]

    def test_called_at_the_pods_port(self):
        assert gaps("NPR610", edge(API, WEB, 8080), uses=(self.hook,)) == []


def test_routes_that_nothing_called():
    route = use(UseKind.ROUTE, "http", service="web")
    (gap,) = gaps("NPR611", uses=(route,))
    assert gap.examples == ("Kind/shop/x to shop/web:http",)
    assert gaps("NPR611", edge(API, WEB, 8080), uses=(route,)) == []


class TestProbes:
    probe = use(UseKind.PROBE, "http", pod="web-1")

    @pytest.mark.parametrize(("rules", "severity"), [(True, Severity.HIGH), (False, Severity.INFO)])
    def test_never_asked_by_a_node(self, rules, severity):
        (gap,) = gaps("NPR614", edge(API, WEB, 8080), uses=(self.probe,), own_node_needs_rules=rules)
        assert gap.severity is severity

    def test_asked_by_the_node(self):
        assert gaps("NPR614", edge(HOST, WEB, 8080), uses=(self.probe,)) == []


class TestPorts:
    def test_declared_and_not_used(self):
        (gap,) = gaps("NPR608", edge(API, WEB, 8080))
        assert gap.examples == (f"{WEB} TCP/9090",)

    def test_used_and_not_declared(self):
        (gap,) = gaps("NPR609", edge(API, WEB, 8080), edge(API, WEB, 6379))
        assert gap.facts == (f"{WEB} TCP/6379",)

    def test_workloads_that_declare_nothing_are_not_asked(self):
        bare = InventoryPod(namespace="shop", name="web-1", labels=())
        assert gaps("NPR609", edge(API, WEB, 6379), pods=(bare,), workloads=[workload(WEB, pods=("web-1",))]) == []


class TestReplicas:
    def test_fewer_than_set(self):
        known = InventoryWorkload(namespace="shop", kind="Deployment", name="web", replicas=3)
        assert gaps("NPR612") == []
        (gap,) = find_replicas(known)
        assert (gap.subject, gap.examples) == ("replicas", ("shop/Deployment/web: 1 of 3",))

    def test_an_autoscaler_may_make_more(self):
        scaler = InventoryScaler(namespace="shop", name="web", target_kind="Deployment", target_name="web", most=10)
        (gap,) = gaps("NPR612", scalers=(scaler,))
        assert (gap.subject, gap.examples) == ("autoscalers", ("shop/Deployment/web: 1 of 10",))


def find_replicas(*known):
    found = find_gaps(
        capture=capture(),
        edges=(),
        decided={},
        workloads=[SEEN],
        groups=(),
        inventory=Inventory(workloads=known, digest="d"),
    )
    return [gap for gap in found if gap.code == "NPR612"]


class TestUnmanaged:
    pods = (
        POD,
        InventoryPod(namespace="shop", name="old-1", labels=(), addresses=("10.0.0.2",)),
        InventoryPod(namespace="shop", name="agent-1", labels=(), addresses=("192.0.2.1",), host_network=True),
        InventoryPod(namespace="shop", name="done-1", labels=()),
    )

    def test_pods_without_an_endpoint(self):
        (gap,) = gaps("NPR613", pods=self.pods, cilium_endpoints=(("shop", "web-1"),))
        assert (gap.facts, gap.severity) == (("shop/old-1",), Severity.HIGH)
        assert gap.action.endswith("kubectl -n shop delete pod old-1")

    def test_without_endpoints_in_the_inventory_nothing_is_known(self):
        assert gaps("NPR613", pods=self.pods) == []
