import json

import pytest

from recommender.errors import UsageError
from recommender.model.connection import AddressEndpoint, EntityEndpoint, PodEndpoint
from recommender.model.edge import Workload, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.inventory import Inventory, InventoryPod
from recommender.model.labels import LabelSet
from recommender.semantics.named_ends import as_peer_of, find_end
from recommender.semantics.recorded_report import RecordedEdge, RecordedReport, read_report
from recommender.semantics.scene import scene_of_inventory, scene_of_report


def workload(name, *, kind="Deployment", cluster="", pods=(), labels=("k8s:app=x",)):
    return Workload(
        end=WorkloadEnd(cluster=cluster, namespace="shop", kind=kind, name=name),
        label_sets=tuple(LabelSet.parse([label, "k8s:io.kubernetes.pod.namespace=shop"]) for label in labels),
        pods=pods,
    )


def find(text, *workloads, edges=()):
    return find_end(text, scene_of_report(workloads), RecordedReport(edges=tuple(edges)))


def seen(name, *addresses):
    return RecordedEdge(
        key="k",
        client="c",
        server=f"fqdn:{name}",
        protocol="TCP",
        port=443,
        disposition="needed",
        reason="",
        confidence=0.9,
        band="high",
        connections=1,
        active_days=1,
        first_seen="",
        last_seen="",
        names=(),
        server_addresses=addresses,
    )


def test_a_full_name_means_one_workload_and_a_short_one_all_of_that_name():
    both = (workload("web"), workload("web", kind="Job"))
    assert find("shop/Job/web", *both).recorded == {"shop/Job/web"}
    assert find("shop/web", *both).recorded == {"shop/Deployment/web", "shop/Job/web"}
    assert "shop/Deployment/web, shop/Job/web" in find("shop/web", *both).note


def test_a_workload_called_like_a_pod_wins_and_a_pod_is_known_as_one():
    both = (workload("web"), workload("other", pods=("web", "other-1")))
    assert find("shop/web", *both).recorded == {"shop/Deployment/web"}
    assert not find("shop/web", *both).is_pod
    assert find("shop/other-1", *both).is_pod


def test_every_label_set_is_an_endpoint_of_its_own():
    found = find("shop/web", workload("web", labels=("k8s:app=a", "k8s:app=b")))
    assert sorted(text for text, _ in found.endpoints) == [
        "shop/Deployment/web with labels app=a",
        "shop/Deployment/web with labels app=b",
    ]


def test_the_cluster_tells_equal_names_apart():
    both = (workload("web", cluster="east"), workload("web", cluster="west"))
    assert find("west/shop/Deployment/web", *both).recorded == {"west/shop/Deployment/web"}
    assert find("west/shop/web", *both).endpoints[0][1].cluster == "west"
    assert len(find("shop/web", *both).endpoints) == 2


def test_a_dns_name_stands_for_the_addresses_seen_for_it():
    found = find("API.Example.com.", edges=[seen("api.example.com", "192.0.2.2", "192.0.2.1")])
    assert [endpoint for _, endpoint in found.endpoints] == [
        AddressEndpoint(address="192.0.2.1", names=("api.example.com",)),
        AddressEndpoint(address="192.0.2.2", names=("api.example.com",)),
    ]
    assert find("api.example.com").endpoints[0][1].names == ("api.example.com",)


def test_addresses_of_pods_and_nodes_are_what_they_are():
    pod = InventoryPod(namespace="a", name="p", labels=(), addresses=("10.244.0.9",))
    scene = scene_of_inventory(Inventory(pods=(pod,), node_addresses=("192.0.2.50",), digest="x"))
    pod_end, node, other = (
        find_end(text, scene, RecordedReport()) for text in ("10.244.0.9", "192.0.2.50", "2001:db8::0:1")
    )
    assert isinstance(pod_end.endpoints[0][1], PodEndpoint)
    assert node.endpoints[0][1] == EntityEndpoint(entity=Entity.REMOTE_NODE)
    assert other.endpoints[0][1] == AddressEndpoint(address="2001:db8::1")
    assert other.recorded == {"ip:2001:db8::1"}


@pytest.mark.parametrize("text", ["", "web", "all", "shop/", "shop/nope", "-x.example..com"])
def test_what_nothing_is_called_is_an_error(text):
    with pytest.raises(UsageError, match="nothing is called so"):
        find(text, workload("web"))


def test_a_replica_is_not_the_pod_itself():
    web = find("shop/web", workload("web")).endpoints[0][1]
    assert as_peer_of(web, web) != web
    assert as_peer_of(web, EntityEndpoint(entity=Entity.HOST)) == EntityEndpoint(entity=Entity.HOST)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"workloads": [{}], "edges": []}', '{"workloads": 1, "edges": 2}'])
def test_what_is_no_report_is_an_error(text, tmp_path):
    path = tmp_path / "recommendation.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"is no recommendation\.json"):
        read_report(path)


def test_an_empty_report_is_one(tmp_path):
    path = tmp_path / "recommendation.json"
    path.write_text(json.dumps({"schema_version": 1, "workloads": [], "edges": []}), encoding="utf-8")
    assert read_report(path) == RecordedReport()
