"""Quirks 24 to 38: who stands behind an endpoint."""

import pytest

from recommender import Settings, recommend
from recommender.model.capture import FlowClass
from recommender.model.disposition import Disposition
from recommender.model.inventory import Inventory, InventoryPod
from recommender.model.own_node import OwnNode
from tests.edges.captures import MINUTE_NS, HandMadeCapture, keys
from tests.edges.test_orientation import DB, WEB, addressed
from tests.quirks.raw import (
    DB_IP,
    NODE_A,
    NODE_B,
    OUTSIDE,
    WEB_IP,
    classes,
    codes,
    entity,
    observed,
    pod,
    recommended,
    record,
    reply,
    seen,
    texts,
    write,
)

EDGE = "shop/Deployment/web -> shop/Deployment/db TCP/5432"
WORLD = entity("world", identity=2)


def call(*flags, source=None, destination=None, port=40000, **flow):
    ends = source or pod("web", local=True), f"{WEB_IP}:{port}", destination or pod("db", local=True), f"{DB_IP}:5432"
    return record(*ends, *flags, **({"is_reply": False} | flow))


def conversation(**fields):
    first = call("SYN", **fields)
    return [first, reply(first, "SYN", "ACK")]


def test_quirk_24_a_remote_end_gets_the_owner_that_its_own_node_names(tmp_path):
    at_client = call("SYN", destination=pod("db"))
    at_server = call("SYN", source=pod("web"), node="node-b", at=0.001)
    [edge] = observed(tmp_path, [at_client, at_server]).edges
    assert (edge.key, edge.evidence.connections) == (EDGE, 1)


def test_quirk_25_two_workloads_with_the_same_labels_are_one_group_or_a_gap(tmp_path):
    labels = ["k8s:tier=x", "k8s:io.kubernetes.pod.namespace=shop"]
    twins = [pod(name, local=True, identity=7000) | {"labels": labels} for name in ("a", "b")]
    db = pod("db", local=True), f"{DB_IP}:5432"
    calls = [record(twin, f"10.244.0.{number}:40000", *db, "SYN") for number, twin in enumerate(twins, 5)]
    result = recommended(tmp_path, [item for one in calls for item in (one, reply(one, "SYN", "ACK"))])
    groups = {item.client_group for item in result.edges}
    assert len(result.edges) == 2
    assert len(groups) == 1 or any(code.startswith("NPR2") for code in codes(result))


def test_quirk_26_volatile_labels_are_in_no_selector(tmp_path):
    def job(number):
        labels = [f"k8s:batch.kubernetes.io/job-name=report-{number}", f"k8s:controller-uid=0f8a{number}"]
        return pod("report", local=True, labels=labels, pod_name=f"report-{number}-abcde")

    calls = [record(job(n), f"10.244.0.{n}:40000", pod("db", local=True), f"{DB_IP}:5432", "SYN") for n in (7, 8, 9)]
    result = recommended(tmp_path, [item for one in calls for item in (one, reply(one, "SYN", "ACK"))])
    assert "job-name" not in texts(result)
    assert "controller-uid" not in texts(result)


@pytest.mark.parametrize("label", ["gen:io.cilium.k8s.named-ports=db.TCP.5432", "node:zone=a", "unspec:x=y"])
def test_quirk_27_generated_labels_are_in_no_selector(tmp_path, label):
    result = recommended(tmp_path, conversation(destination=pod("db", local=True, labels=[label])))
    assert label.partition(":")[2].partition("=")[0] not in texts(result)
    assert "app: db" in texts(result)


def test_quirk_28_a_peer_of_another_namespace_is_selected_with_its_namespace(tmp_path):
    result = recommended(tmp_path, conversation(destination=pod("db", namespace="data", local=True)))
    assert "io.kubernetes.pod.namespace: data" in texts(result)
    assert "io.kubernetes.pod.namespace: shop" in texts(result)


def test_quirk_29_a_new_identity_of_the_same_workload_is_the_same_edge(tmp_path):
    old, new = (
        pod("web", local=True, labels=[f"k8s:release={release}"], identity=number, pod_name=f"web-{number}")
        for release, number in (("a", 4001), ("b", 4002))
    )
    observation = observed(tmp_path, [call("SYN", source=old), call("SYN", source=new, port=41000, at=60)])
    assert keys(observation) == [EDGE]
    [web] = [workload for workload in observation.workloads if workload.end.name == "web"]
    assert len(web.label_sets) == 2


@pytest.mark.parametrize(
    "lost",
    [
        WORLD,
        {},
        None,
        entity("unknown"),
        entity("init", identity=5),
        {"identity": 16777300, "labels": ["cidr:10.0.0.0/8", "reserved:world"]},
    ],
)
def test_quirk_30_a_lost_identity_is_found_by_address(tmp_path, lost):
    """Also where a policy's prefix covers the pod network, whose CIDR identity the pod then gets (38)."""
    known = call("SYN", source=pod("web"), node="node-b")
    assert keys(observed(tmp_path, [known, call("SYN", destination=lost, port=41000, at=60)])) == [EDGE]


def test_quirk_30_of_two_pods_that_took_turns_with_an_address_the_one_of_the_time_is_meant():
    capture = HandMadeCapture()
    web, world = capture.pod("web-1", local=True), capture.entity("world", identity=2)
    for hour, name in enumerate(("db-1", "cache-1")):
        at = hour * 60 * MINUTE_NS
        known = addressed((WEB[0], 50000 + hour), (DB[0], 9000))
        capture.flow(web, capture.pod(name), **known, at=at, flags=("SYN",))
        capture.flow(web, world, **addressed((WEB[0], 40000 + hour), DB), at=at + MINUTE_NS, flags=("SYN",))
    assert [key for key in keys(seen(capture)) if key.endswith("5432")] == [
        "shop/Deployment/web -> shop/Deployment/cache TCP/5432",
        EDGE,
    ]


def test_quirk_30_a_pod_address_without_a_clear_owner_is_unresolved_and_no_cidr(tmp_path):
    known = [call("SYN", source=pod("web")), call("SYN", destination=pod("cache", local=True), port=41000, at=1)]
    lost = call("SYN", destination=WORLD, port=42000, at=2)
    answers = [reply(item, "SYN", "ACK", at=3) for item in known]
    result = recommended(tmp_path, [*known, *answers, lost])
    assert {item.flow_class: item.flows for item in result.capture.classes}[FlowClass.UNRESOLVED] == 1
    assert DB_IP not in texts(result)


def test_quirk_30_the_inventory_knows_addresses_of_pods_that_no_flow_names():
    capture = HandMadeCapture()
    web, world = capture.pod("web-1", local=True), capture.entity("world", identity=2)
    capture.flow(web, world, **addressed(WEB, ("10.244.3.3", 5432)), flags=("SYN",))
    capture.flow(web, world, **addressed(WEB, ("10.244.3.4", 5432)), flags=("SYN",))
    capture.flow(web, capture.pod("db-1"), **addressed(WEB, DB), flags=("SYN",))
    pods = tuple(
        InventoryPod(namespace="shop", name=name, labels=(), addresses=(address,))
        for name, address in (("db-1", "10.244.3.3"), ("never-seen-1", "10.244.3.4"))
    )
    observation = seen(capture, Inventory(pods=pods))
    assert keys(observation) == [EDGE]
    assert classes(observation) == {FlowClass.WORKLOAD: 2, FlowClass.UNRESOLVED: 1}


def test_quirk_31_a_node_local_number_means_another_address_on_another_node(tmp_path):
    def outside(label):
        return {"identity": 16777217, "labels": [label, "reserved:world"]}

    web = pod("web", local=True)
    first = record(web, f"{WEB_IP}:40000", outside("cidr:203.0.113.0/24"), f"{OUTSIDE}:443", "SYN")
    there = record(web, f"{WEB_IP}:40001", outside("cidr:198.51.100.0/24"), "198.51.100.9:443", "SYN", node="node-b")
    assert keys(observed(tmp_path, [first, there])) == [
        "shop/Deployment/web -> ip:198.51.100.9 TCP/443",
        f"shop/Deployment/web -> ip:{OUTSIDE} TCP/443",
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("host", "kube-apiserver"), "kube-apiserver"),
        (("remote-node", "kube-apiserver"), "kube-apiserver"),
        (("kube-apiserver", "world"), "kube-apiserver"),
        (("host", "remote-node"), "host"),
        (("remote-node",), "remote-node"),
    ],
)
def test_quirk_32_the_narrowest_label_names_the_peer(tmp_path, names, expected):
    peer = entity(*names) | {"identity": 0}
    first = record(pod("web", local=True), f"{WEB_IP}:40000", peer, f"{NODE_A}:6443", "SYN", is_reply=False)
    assert keys(observed(tmp_path, [first])) == [f"shop/Deployment/web -> entity:{expected} TCP/6443"]


def test_quirk_32_the_enforcing_node_names_the_peer(tmp_path):
    arrival = f"{NODE_A}:40000", pod("web", local=True), f"{WEB_IP}:8080", "SYN"
    departure = f"{NODE_A}:40000", pod("web"), f"{WEB_IP}:8080", "SYN"
    observation = observed(
        tmp_path,
        [
            record(entity("host", identity=1), *departure, is_reply=False, node="node-b"),
            record(entity("remote-node", identity=6), *arrival, is_reply=False),
        ],
    )
    assert keys(observation) == ["entity:remote-node -> shop/Deployment/web TCP/8080"]


def test_quirk_33_a_host_network_client_is_an_entity_that_cannot_be_narrowed(tmp_path):
    ends = entity("remote-node", identity=6), f"{NODE_B}:40000", pod("web", local=True), f"{WEB_IP}:9100"
    first = record(*ends, "SYN", is_reply=False)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK")])
    assert "- remote-node" in texts(result)
    assert "NPR304" in codes(result)


def test_quirk_34_probes_from_the_own_node_ask_for_no_rule(tmp_path):
    ends = entity("host", identity=1), f"{NODE_A}:40000", pod("web", local=True), f"{WEB_IP}:8080"
    probe = record(*ends, "SYN", is_reply=False)
    result = recommended(tmp_path, [probe, reply(probe, "SYN", "ACK"), *conversation()])
    decided = {item.edge.key: item.decided.disposition for item in result.edges}
    assert decided["entity:host -> shop/Deployment/web TCP/8080"] is Disposition.IMPLICIT
    assert "8080" not in texts(result)


def test_quirk_34_probes_of_a_control_planes_kubelet_are_probes(tmp_path):
    """Its host is named after the API server, but the same port is probed by the hosts of other nodes."""
    probes = [
        record(entity(*names, identity=1), f"{node}:40000", pod("web", local=True, pod_name=f"web-{number}"),
               f"10.244.{number}.7:8080", "SYN", is_reply=False, node=f"node-{number}")
        for number, (names, node) in enumerate(((("host",), NODE_A), (("host", "kube-apiserver"), NODE_B)))
    ]  # fmt: skip
    result = recommended(tmp_path, [*probes, *(reply(one, "SYN", "ACK") for one in probes), *conversation()])
    decided = {item.edge.key: item.decided.disposition for item in result.edges}
    assert decided["entity:kube-apiserver -> shop/Deployment/web TCP/8080"] is Disposition.IMPLICIT
    assert "8080" not in texts(result)
    assert result.proof.holds


def test_quirk_34_a_webhook_called_from_its_own_control_plane_keeps_its_rule(tmp_path):
    apiserver = entity("host", "kube-apiserver", identity=1)
    call = record(apiserver, f"{NODE_A}:40000", pod("web", local=True), f"{WEB_IP}:9443", "SYN", is_reply=False)
    result = recommended(tmp_path, [call, reply(call, "SYN", "ACK"), *conversation()])
    assert "- kube-apiserver" in texts(result)
    assert result.proof.holds


def test_quirk_34_probes_bless_no_other_node(tmp_path):
    probe = record(entity("host", identity=1), f"{NODE_A}:40000", pod("web", local=True), f"{WEB_IP}:8080", "SYN")
    answered = [probe, reply(probe, "SYN", "ACK"), *conversation()]
    assert "remote-node" not in texts(recommended(tmp_path, answered))


def test_quirk_34_where_the_agents_ask_policies_the_own_node_gets_its_rule(tmp_path):
    """`allow-localhost=policy`: without the rule every probe would fail; the proof judges by the same option."""
    ends = entity("host", identity=1), f"{NODE_A}:40000", pod("web", local=True), f"{WEB_IP}:8080"
    probes = [record(*ends, "SYN", is_reply=False, at=60 * number) for number in range(3)]
    answers = [reply(probe, "SYN", "ACK", at=60 * number + 1) for number, probe in enumerate(probes)]
    write(tmp_path, [*probes, *answers, *conversation()])
    result = recommend(tmp_path / "flows.jsonl", Settings(own_node=OwnNode.RULES))
    decided = {item.edge.key: item.decided.disposition for item in result.edges}
    assert decided["entity:host -> shop/Deployment/web TCP/8080"].allowed
    assert "- host" in texts(result)
    assert '"8080"' in texts(result)
    assert result.proof.holds


def test_quirk_35_health_and_unlabelled_pods_ask_for_nothing(tmp_path):
    health = record(entity("health", identity=4), "10.244.0.9:40000", pod("web", local=True), f"{WEB_IP}:4240")
    starting = record(entity("init", identity=5), "10.244.0.8:40000", WORLD, f"{OUTSIDE}:443")
    result = recommended(tmp_path, [*conversation(), health, starting])
    found = {item.flow_class: item.flows for item in result.capture.classes}
    assert found == {FlowClass.WORKLOAD: 2, FlowClass.HEALTH: 1, FlowClass.INIT: 1}
    assert "4240" not in texts(result)
    assert "NPR113" in codes(result)


def test_quirk_35_an_unmanaged_pod_is_a_gap_and_no_rule(tmp_path):
    ends = entity("unmanaged", identity=3), "10.244.0.9:40000", pod("web", local=True), f"{WEB_IP}:8080"
    calls = [record(*ends, "SYN", is_reply=False), *conversation()]
    result = recommended(tmp_path, [*calls, reply(calls[0], "SYN", "ACK")])
    assert "NPR306" in codes(result)
    assert "unmanaged" not in texts(result).split("spec:", 1)[1]


def test_quirk_36_the_apiserver_is_an_entity_on_its_backend_port(tmp_path):
    """It may run outside the cluster and carry a CIDR identity; replies may flip to the world."""
    apiserver = {"identity": 16777218, "labels": ["cidr:198.51.100.7/32", "reserved:kube-apiserver", "reserved:world"]}
    first = record(pod("web", local=True), f"{WEB_IP}:40000", apiserver, "198.51.100.7:6443", "SYN", is_reply=False)
    flipped = reply(first, "SYN", "ACK")
    flipped["flow"]["source"] = WORLD
    result = recommended(tmp_path, [first, flipped])
    assert [item.edge.key for item in result.edges] == ["shop/Deployment/web -> entity:kube-apiserver TCP/6443"]
    assert result.edges[0].edge.evidence.connections == 1
    assert "- kube-apiserver" in texts(result)
    assert "198.51.100.7" not in texts(result).split("spec:", 1)[1]


def test_quirk_36_an_apiserver_address_that_reads_as_the_world_is_the_apiserver(tmp_path):
    apiserver = entity("kube-apiserver", identity=7)
    first = record(pod("web", local=True), f"{WEB_IP}:40000", apiserver, f"{NODE_A}:6443", "SYN", is_reply=False)
    flipped = record(WORLD, f"{NODE_A}:6443", pod("web", local=True), f"{WEB_IP}:41000", "ACK", is_reply=True, at=60)
    assert keys(observed(tmp_path, [first, flipped])) == ["shop/Deployment/web -> entity:kube-apiserver TCP/6443"]


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (entity("world", identity=2), OUTSIDE),
        (entity("world-ipv4", identity=9), OUTSIDE),
        (entity("world-ipv6", identity=10), "2001:db8::9"),
        ({"identity": 9}, OUTSIDE),
        ({"identity": 16777217, "labels": ["fqdn:api.example.com", "reserved:world"]}, OUTSIDE),
        ({"identity": 16777217, "labels": ["cidr:2001-db8--/32", "reserved:world-ipv6"]}, "2001:db8::9"),
    ],
)
def test_quirk_37_all_worlds_are_outside(tmp_path, peer, address):
    first = record(pod("web", local=True), f"{WEB_IP}:40000", peer, f"{address}:443", "SYN", is_reply=False)
    assert keys(observed(tmp_path, [first])) == [f"shop/Deployment/web -> ip:{address} TCP/443"]


def test_quirk_38_an_outside_peer_that_changes_its_identity_is_one_edge(tmp_path):
    web = pod("web", local=True)
    before = record(web, f"{WEB_IP}:40000", WORLD, f"{OUTSIDE}:443", "SYN", is_reply=False)
    named = {"identity": 16777219, "labels": ["cidr:203.0.113.10/32", "reserved:world"]}
    after = record(web, f"{WEB_IP}:40001", named, f"{OUTSIDE}:443", "SYN", is_reply=False, at=60)
    [edge] = observed(tmp_path, [before, after]).edges
    assert (edge.key, edge.evidence.connections) == (f"shop/Deployment/web -> ip:{OUTSIDE} TCP/443", 2)
