from recommender.model.edge import Workload
from tests.semantics.replay_samples import edge, end, label_set, proof
from tests.semantics.samples import app, cnp

WEST, EAST = (end("web", cluster=name) for name in ("west", "east"))
MESH = tuple(Workload(end=item, label_sets=(label_set("web", cluster=item.cluster),)) for item in (WEST, EAST))


def for_cluster(document, cluster):
    document["metadata"]["annotations"] = {"netpol-recommend/cluster": cluster}
    return document


def test_policies_of_one_cluster_leave_pods_of_another_alone():
    across = edge(WEST, EAST)
    shut = cnp("web", ingress=[{}])
    assert proof([across], for_cluster(shut, "west"), workloads=MESH).holds
    assert proof([across], for_cluster(shut, "east"), workloads=MESH).broken


def test_the_same_name_in_two_clusters_is_two_policies():
    pair = [for_cluster(cnp("web", ingress=[{}]), name) for name in ("west", "east")]
    assert len(proof([edge(WEST, EAST), edge(EAST, WEST)], *pair, workloads=MESH).broken) == 2


def test_a_peer_in_another_cluster_must_be_named_with_its_cluster():
    across = edge(WEST, EAST)
    local = cnp("web", ingress=[{"fromEndpoints": [app("web")]}])
    west = {"matchLabels": {"app": "web", "k8s:io.cilium.k8s.policy.cluster": "west"}}
    assert proof([across], for_cluster(local, "east"), workloads=MESH).broken
    named = cnp("web", ingress=[{"fromEndpoints": [west]}])
    assert proof([across], for_cluster(named, "east"), workloads=MESH).holds


def test_a_manifest_without_a_cluster_is_for_every_cluster():
    assert proof([edge(WEST, EAST)], cnp("web", ingress=[{}]), workloads=MESH).broken
