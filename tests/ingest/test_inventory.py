from __future__ import annotations

import json

import pytest
import yaml

from recommender.errors import InventoryError
from recommender.ingest import load_inventory
from recommender.model.inventory import Inventory, ServicePort


def meta(name, namespace="shop", **more):
    return {"name": name, "namespace": namespace, **more}


def owner(kind, name):
    return [{"kind": kind, "name": name, "controller": True}]


POD_SPEC = {
    "serviceAccountName": "web",
    "nodeName": "node-a",
    "containers": [
        {"ports": [{"name": "http", "containerPort": 8080}, {"containerPort": 9000, "protocol": "UDP"}]},
        {"name": "sidecar"},
    ],
}
OBJECTS = [
    {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "a"}}},
    {
        "kind": "Pod",
        "metadata": meta("web-1", labels={"app": "web"}, ownerReferences=owner("ReplicaSet", "web-59bbf86d94")),
        "spec": POD_SPEC,
        "status": {
            "startTime": "2025-10-20T00:00:00Z",
            "podIP": "10.244.1.5",
            "podIPs": [{"ip": "10.244.1.5"}, {"ip": "2001:db8::5"}],
        },
    },
    {
        "kind": "Pod",
        "metadata": meta("api-1", labels={"pod-template-hash": "77f"}, ownerReferences=owner("ReplicaSet", "api-77f")),
        "spec": {"hostNetwork": True},
    },
    {
        "kind": "Pod",
        "metadata": meta("report-1-x", ownerReferences=owner("Job", "report-1")),
        "status": {"phase": "Succeeded", "podIP": "10.244.1.9"},
    },
    {"kind": "Pod", "metadata": meta("etcd-node-a", ownerReferences=owner("Node", "node-a"))},
    {"kind": "ReplicaSet", "metadata": meta("web-59bbf86d94", ownerReferences=owner("Deployment", "web"))},
    {"kind": "Job", "metadata": meta("report-1", ownerReferences=owner("CronJob", "report")), "spec": {}},
    {"kind": "Job", "metadata": meta("migrate"), "spec": {}},
    {
        "kind": "CronJob",
        "metadata": meta("report"),
        "spec": {
            "schedule": "0 3 * * 0",
            "timeZone": "Europe/Berlin",
            "suspend": True,
            "jobTemplate": {"spec": {"template": {"metadata": {"labels": {"app": "report"}}, "spec": {}}}},
        },
    },
    {
        "kind": "Deployment",
        "metadata": meta("web"),
        "spec": {"replicas": 3, "template": {"metadata": {"labels": {"app": "web"}}, "spec": POD_SPEC}},
    },
    {"kind": "StatefulSet", "metadata": meta("db"), "spec": {"replicas": 1, "template": {}}},
    {"kind": "DaemonSet", "metadata": meta("log"), "spec": {}, "status": {"desiredNumberScheduled": 4}},
    {
        "kind": "Service",
        "metadata": meta("web"),
        "spec": {
            "selector": {"app": "web"},
            "clusterIPs": ["10.96.0.7"],
            "ports": [{"port": 80, "targetPort": "http"}, {"port": 53, "protocol": "UDP"}],
        },
    },
    {"kind": "Service", "metadata": meta("db"), "spec": {"clusterIP": "None"}},
    {"kind": "NetworkPolicy", "metadata": meta("old")},
    {"kind": "CiliumNetworkPolicy", "metadata": meta("older")},
    {"kind": "CiliumClusterwideNetworkPolicy", "metadata": {"name": "oldest"}},
    {
        "kind": "Node",
        "metadata": {"name": "node-a", "annotations": {"network.cilium.io/ipv4-cilium-host": "10.244.0.1"}},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "192.0.2.10"}, {"type": "Hostname", "address": "node-a"}]
        },
    },
    {"kind": "Secret", "metadata": meta("token"), "data": {"password": "aHVudGVyMg=="}},
    {"kind": "ConfigMap", "metadata": meta("settings")},
]


def write(path, content):
    path.write_text(content)
    return path


@pytest.fixture
def inventory(tmp_path):
    return load_inventory([write(tmp_path / "all.json", json.dumps({"kind": "List", "items": OBJECTS}))])


def test_pods_know_their_top_owner(inventory):
    pods = {pod.name: pod for pod in inventory.pods}
    assert {name: (pod.owner_kind, pod.owner_name) for name, pod in pods.items()} == {
        "web-1": ("Deployment", "web"),
        "api-1": ("Deployment", "api"),
        "report-1-x": ("CronJob", "report"),
        "etcd-node-a": ("", ""),
    }
    web = pods["web-1"]
    assert web.addresses == ("10.244.1.5", "2001:db8::5")
    assert web.named_ports == (("http", "TCP", 8080),)
    assert web.container_ports == (("TCP", 8080), ("UDP", 9000))
    assert (web.service_account, web.node, web.labels) == ("web", "node-a", (("app", "web"),))
    assert (web.started, pods["api-1"].started) == (1_760_918_400_000_000_000, 0)
    assert pods["api-1"].host_network
    assert pods["report-1-x"].addresses == ()


def test_the_other_kinds(inventory):
    assert inventory.namespaces == (("shop", (("team", "a"),)),)
    assert [(load.kind, load.name, load.replicas) for load in inventory.workloads] == [
        ("CronJob", "report", None),
        ("DaemonSet", "log", 4),
        ("Deployment", "web", 3),
        ("Job", "migrate", None),
        ("StatefulSet", "db", 1),
    ]
    report = inventory.workloads[0]
    assert (report.schedule, report.template_labels) == ("0 3 * * 0", (("app", "report"),))
    assert (report.time_zone, report.suspended) == ("Europe/Berlin", True)
    db, web = inventory.services
    assert (db.cluster_ips, web.cluster_ips, web.selector) == ((), ("10.96.0.7",), (("app", "web"),))
    assert web.ports == (
        ServicePort(protocol="TCP", port=80, target_port="http"),
        ServicePort(protocol="UDP", port=53, target_port=53),
    )
    assert [policy.full_name for policy in inventory.policies] == [
        "CiliumClusterwideNetworkPolicy/oldest",
        "CiliumNetworkPolicy/shop/older",
        "NetworkPolicy/shop/old",
    ]
    assert inventory.nodes == ("node-a",)
    assert inventory.node_addresses == ("10.244.0.1", "192.0.2.10")
    assert inventory.given


def test_secrets_are_not_kept(inventory):
    assert "aHVudGVyMg" not in repr(inventory)
    assert "token" not in repr(inventory)


def test_form_order_and_files_do_not_matter(inventory, tmp_path):
    folder = tmp_path / "dump"
    folder.mkdir()
    write(folder / "b.yaml", yaml.safe_dump_all(OBJECTS[::-1][:8]))
    write(folder / "a.json", "\n".join(json.dumps(item, indent=1) for item in OBJECTS[::-1][8:]))
    write(folder / "notes.txt", "not read")
    again = write(tmp_path / "again.json", json.dumps(OBJECTS))
    typed = [{key: value for key, value in item.items() if key != "kind"} for item in OBJECTS if item["kind"] == "Pod"]
    pods = write(tmp_path / "pods.json", json.dumps({"kind": "PodList", "items": typed}))
    assert load_inventory([folder]) == inventory
    assert load_inventory([pods, again, folder]) == inventory
    fewer = write(tmp_path / "fewer.json", json.dumps(OBJECTS[1:]))
    assert load_inventory([fewer]).digest != inventory.digest


def test_no_paths_give_no_inventory():
    assert load_inventory([]) == Inventory()
    assert not load_inventory([]).given


@pytest.mark.parametrize(
    "content",
    [
        "{",
        '{"a": 1}',
        "[1]",
        "5",
        "{} trailing",
        '{"kind": 5}',
        '{"kind": "Pod", "metadata": 5}',
        '{"kind": "Pod", "metadata": {"name": "a", "labels": {"a": 1}}}',
        '{"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": 5}}',
        '{"kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": "x"}]}}',
        '{"kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 1, "targetPort": []}]}}',
        "a: b: c",
        "!!python/object/apply:os.system [echo]",
        "NAME   READY   STATUS\nweb-1  1/1  Running",
        '{"kind": "List", "items": ' + "[" * 100_000,
        "&a [*a, *a]\n",
    ],
)
def test_what_kubectl_does_not_print_is_an_error_with_file_and_advice(content, tmp_path):
    path = write(tmp_path / "bad.json", content)
    with pytest.raises(InventoryError) as caught:
        load_inventory([path])
    assert str(path) in caught.value.where
    assert "kubectl get" in caught.value.hint


def test_missing_and_binary_files(tmp_path):
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "nowhere.json", tmp_path / "binary.json", tmp_path / "empty"):
        with pytest.raises(InventoryError) as caught:
            load_inventory([path])
        assert str(path) in caught.value.where


def test_a_policy_is_kept_as_its_author_wrote_it(tmp_path):
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": "db",
            "namespace": "shop",
            "labels": {"team": "data"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "why": "audit"},
            "uid": "1",
            "managedFields": [],
            "resourceVersion": "7",
        },
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        "status": {},
    }
    [kept] = load_inventory([write(tmp_path / "all.json", json.dumps(policy))]).policies
    assert json.loads(kept.document) == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": "db",
            "namespace": "shop",
            "labels": {"team": "data"},
            "annotations": {"why": "audit"},
        },
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
    }


def test_policies_of_every_api_are_kept_side_by_side(tmp_path):
    kinds = [
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
    ]
    items = [{"apiVersion": version, "kind": kind, "metadata": meta("same"), "spec": 5} for version, kind in kinds]
    found = load_inventory([write(tmp_path / "all.json", json.dumps({"kind": "List", "items": items}))]).policies
    assert sorted((json.loads(policy.document)["apiVersion"], policy.kind) for policy in found) == sorted(kinds)


def test_a_typed_list_implies_kind_and_version_of_its_items(tmp_path):
    listed = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": [{"metadata": meta("a")}]}
    [kept] = load_inventory([write(tmp_path / "all.json", json.dumps(listed))]).policies
    assert json.loads(kept.document)["apiVersion"] == "networking.k8s.io/v1"


@pytest.mark.parametrize("told", ["2025-10-20T00:00:00Z", "'2025-10-20T02:00:00+02:00'", "tomorrow", "[1]"])
def test_the_start_of_a_pod_in_yaml(tmp_path, told):
    content = f"kind: Pod\nmetadata: {{name: p, namespace: shop}}\nstatus: {{startTime: {told}}}\n"
    (pod,) = load_inventory([write(tmp_path / "pod.yaml", content)]).pods
    assert pod.started == (1_760_918_400_000_000_000 if "2025" in told else 0)
