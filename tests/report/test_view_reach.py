from dataclasses import replace

import pytest

from recommender.model.group import GroupOrigin
from recommender.model.manifest import Dialect
from recommender.model.starter_step import StarterStep
from recommender.report import build_view


def reach_of(recommendation):
    return build_view(recommendation)["answers"]["reach"]


def test_reach_is_told_for_every_group(recommendation):
    answer = reach_of(recommendation)
    found = {item["group"]: item for item in answer["groups"]}
    assert len(found) == 12
    assert found["shop/web"] == {
        "group": "shop/web",
        "governed": True,
        "groups": 4,
        "groups_before": 11,
        "groups_by_hops": 8,
        "workload_pairs": 4,
        "entities": 0,
        "external_peers": 0,
        "world": False,
    }
    assert found["payments/api"]["external_peers"] == 1
    assert found["monitoring/agents"]["world"]
    assert answer["pairs_before"] == 132
    assert answer["pairs_after"] == sum(item["groups"] for item in answer["groups"])
    assert answer["before"] == {"groups": 11, "entities": 3, "external_peers": 2, "world": True}
    assert "4 at most (shop/web)" in answer["sentence"]


def test_what_is_open_to_the_world_says_why(recommendation):
    first, *others = recommendation.policies
    opened = replace(first, policy=replace(first.policy, isolate_ingress=False))
    assert reach_of(replace(recommendation, policies=(opened, *others)))["open_to_world"] == [
        {"group": "monitoring/agents", "reason": "no policy governs it"},
        {"group": "shop/web", "reason": "its policy does not isolate ingress"},
    ]
    assert reach_of(recommendation)["open_to_world"][1] == {
        "group": "shop/web",
        "reason": "a rule allows ingress from any address on TCP 8443",
    }


def test_a_cluster_network_policy_leaves_every_group_open_to_the_world(recommendation):
    answer = reach_of(replace(recommendation, dialect=Dialect.CLUSTER_NETWORK_POLICY))
    assert len(answer["open_to_world"]) == len(recommendation.groups)
    assert answer["open_to_world"][-1]["reason"] == "a ClusterNetworkPolicy cannot deny ingress from what is no pod"
    assert f"From anywhere outside: {len(recommendation.groups)} groups" in answer["sentence"]


@pytest.mark.parametrize(
    ("workload_changes", "group_changes", "reason"),
    [
        ({"host_network": True}, {}, "it uses the host's network, which pod policies do not govern"),
        (
            {"observed_locally": False},
            {},
            "no node reported it as its own, so only the far side of its traffic is known",
        ),
        ({}, {"origin": GroupOrigin.UNSELECTABLE, "selector": None}, "no label selector can name it"),
        ({}, {}, "no policy was made for its group"),
    ],
)
def test_what_has_no_policy_says_why(recommendation, workload_changes, group_changes, reason):
    workloads = tuple(replace(item, **workload_changes) for item in recommendation.workloads)
    groups = tuple(replace(item, **group_changes) if item.name == "agents" else item for item in recommendation.groups)
    found = {
        item["workload"]: item["reason"]
        for item in reach_of(replace(recommendation, workloads=workloads, groups=groups))["ungoverned"]
    }
    assert set(found) == {
        "monitoring/DaemonSet/log-agent",
        "monitoring/DaemonSet/node-exporter",
        "shop/Pod/debug-7f9c",
    }
    assert found["monitoring/DaemonSet/log-agent"] == reason


def test_where_a_namespace_is_one_group_the_sentence_counts_workloads(recommendation):
    first, *others = recommendation.groups
    members = tuple(sorted({member for group in recommendation.groups[:3] for member in group.members}))
    whole = replace(first, name="all-pods", origin=GroupOrigin.NAMESPACE, members=members)
    answer = reach_of(replace(recommendation, groups=(whole, *others[2:]), policies=()))
    count = sum(len(group.members) for group in (whole, *others[2:]))
    assert f"reaches {count - 1}.0 of {count - 1} other workloads on average" in answer["sentence"]
    assert answer["workload_pairs_after"] == answer["workload_pairs_before"] == count * (count - 1)


def test_system_namespaces_that_the_starter_set_leaves_open_say_so(recommendation):
    starter = tuple(
        replace(item, policy=replace(item.policy, step=StarterStep.DENY_INGRESS))
        for item in recommendation.policies
        if item.policy.group.namespace != "kube-system"
    )
    found = {
        item["workload"]: item["reason"] for item in reach_of(replace(recommendation, policies=starter))["ungoverned"]
    }
    assert found["kube-system/Deployment/coredns"] == "the starter set leaves system namespaces open"
