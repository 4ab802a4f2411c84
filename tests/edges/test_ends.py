import pytest

from recommender.edges.ends import owner_from_labels
from recommender.edges.workloads import named_ports
from recommender.model.entity import Entity, entity_of
from recommender.model.inventory import Inventory, InventoryPod
from recommender.model.labels import LabelSet
from tests.edges.captures import HandMadeCapture, keys
from tests.edges.test_orientation import DB, WEB, addressed


def connect(capture, web, db):
    capture.flow(web, db, **addressed(WEB, DB), flags=("SYN",))
    return keys(capture.observe())


def test_a_remote_pod_has_the_owner_that_its_own_node_reports():
    capture = HandMadeCapture()
    local, remote = capture.pod("db-1", local=True), capture.pod("db-1", workload=())
    capture.flow(capture.pod("web-1"), local, **addressed(("10.244.0.8", 40000), DB), flags=("SYN",), node="node-b")
    assert connect(capture, capture.pod("web-1", local=True), remote) == [
        "shop/Deployment/web -> shop/Deployment/db TCP/5432"
    ]


def test_equal_labels_name_the_owner_of_a_pod_never_seen_locally():
    capture = HandMadeCapture()
    capture.flow(capture.pod("db-1", local=True), None, **addressed(DB, WEB), flags=("SYN",), node="node-b")
    found = connect(capture, capture.pod("web-1", local=True), capture.pod("db-2", workload=()))
    assert found == ["shop/Deployment/web -> shop/Deployment/db TCP/5432"]


def test_the_inventory_names_owners_that_flows_do_not():
    capture = HandMadeCapture()
    db = capture.pod("db-1", workload=())
    inventory = Inventory(
        pods=(InventoryPod(namespace="shop", name="db-1", labels=(), owner_kind="StatefulSet", owner_name="db"),)
    )
    capture.flow(capture.pod("web-1", local=True), db, **addressed(WEB, DB), flags=("SYN",))
    assert keys(capture.observe(inventory)) == ["shop/Deployment/web -> shop/StatefulSet/db TCP/5432"]


def test_a_local_pod_without_owner_is_a_bare_pod():
    capture = HandMadeCapture()
    shell = capture.pod("debug-1", local=True, workload=())
    assert connect(capture, shell, capture.pod("db-1")) == ["shop/Pod/debug-1 -> shop/Deployment/db TCP/5432"]


def test_a_bare_pod_whose_name_is_gone_is_known_by_its_labels():
    capture = HandMadeCapture()
    vault, nameless = capture.pod("vault-1", local=True, workload=()), capture.pod("vault-1", workload=())
    capture.endpoints[nameless]["pod"] = None
    capture.flow(vault, capture.pod("db-1"), **addressed(("10.244.0.8", 40000), DB), flags=("SYN",), node="node-b")
    found = connect(capture, capture.pod("web-1", local=True), nameless)
    assert "shop/Deployment/web -> shop/Pod/vault-1 TCP/5432" in found


def test_old_captures_without_owners_are_grouped_by_stable_labels():
    first = LabelSet.parse(["k8s:app=cart", "k8s:pod-template-hash=abc", "k8s:io.kubernetes.pod.namespace=shop"])
    second = LabelSet.parse(["k8s:app=cart", "k8s:pod-template-hash=def", "k8s:io.kubernetes.pod.namespace=shop"])
    assert owner_from_labels(first, "cart-abc-1") == owner_from_labels(second, "cart-def-2")
    assert owner_from_labels(first, "cart-abc-1")[0] == "LabelSet"


def test_clusters_are_told_apart_only_where_there_are_several():
    capture = HandMadeCapture()
    one = capture.pod("web-1", local=True, cluster="blue"), capture.pod("db-1", cluster="blue")
    assert connect(capture, *one) == ["shop/Deployment/web -> shop/Deployment/db TCP/5432"]
    two = capture.pod("web-2", local=True, cluster="green"), capture.pod("db-1", cluster="blue")
    capture.flow(*two, **addressed(("10.244.5.5", 40000), DB), flags=("SYN",))
    assert keys(capture.observe()) == [
        "blue/shop/Deployment/web -> blue/shop/Deployment/db TCP/5432",
        "green/shop/Deployment/web -> blue/shop/Deployment/db TCP/5432",
    ]


@pytest.mark.parametrize(
    ("reserved", "identity", "expected"),
    [
        ({"host", "kube-apiserver"}, 1, Entity.KUBE_APISERVER),
        ({"remote-node", "host"}, 1, Entity.HOST),
        ({"world", "kube-apiserver"}, 16777217, Entity.KUBE_APISERVER),
        ({"world-ipv6"}, 10, Entity.WORLD),
        (set(), 4, Entity.HEALTH),
        (set(), 5490, None),
    ],
)
def test_the_narrowest_reserved_label_wins(reserved, identity, expected):
    assert entity_of(reserved, identity) is expected


def test_named_ports_come_from_the_generated_label():
    labels = LabelSet.parse(["gen:io.cilium.k8s.named-ports=dns.UDP.53_dns-tcp.TCP.53_broken"])
    assert named_ports(labels) == {("dns", "UDP", 53), ("dns-tcp", "TCP", 53)}
