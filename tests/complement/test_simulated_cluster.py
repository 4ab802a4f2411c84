"""Simulated clusters whose capture and inventory know existing policies: verdicts and texts agree by construction."""

import json
from dataclasses import replace
from random import Random

import pytest
import yaml

from recommender import Settings, recommend
from recommender.model.existing import ExistingUse, PolicyFate
from recommender.model.manifest import Dialect
from tests.pipeline.conftest import demo_recommendation  # noqa: F401 - a fixture
from tests.simulator import random_cluster, simulate
from tests.simulator.cluster import Policy, TrafficClass


def with_policies(cluster, seed):
    """The cluster with some of its conversations allowed by policies, at either side."""
    random = Random(f"policies/{seed}")
    policies = {policy.name: policy for policy in cluster.policies}
    keys = {workload.key: workload for workload in cluster.workloads}

    def name(side, key):
        found = Policy(namespace=keys[key].namespace, name=f"{side}-{key.partition('/')[2]}")
        policies[found.name] = found
        return found.name

    conversations = []
    for item in cluster.conversations:
        changes = {}
        plain = item.traffic is TrafficClass.WORKLOAD and not item.established
        if plain and {item.client, item.server} <= keys.keys():
            if random.random() < 0.4:
                changes["ingress_policy"] = name("in", item.server)
            if random.random() < 0.3:
                changes["egress_policy"] = name("out", item.client)
        conversations.append(replace(item, **changes))
    return replace(cluster, policies=tuple(policies.values()), conversations=tuple(conversations))


@pytest.fixture(scope="module", params=[3, 8])
def captured(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp("cluster")
    cluster = with_policies(random_cluster(request.param, "tiny"), request.param)
    simulation = simulate(cluster, days=1.5, seed=request.param)
    paths = simulation.write(directory, compression="gzip")
    simulation.write_inventory(directory / "inventory.json")
    return sorted(paths), directory / "inventory.json", simulation.truth


def needed_keys(truth):
    return {
        (row["client"], row["server"], row["protocol"], row["port"]) for row in truth["conversations"] if row["seen"]
    }


COMPLETING = (Dialect.CILIUM, Dialect.KUBERNETES)
"""In Calico the policies of these clusters are another CNI's; a ClusterNetworkPolicy is not asked beside them."""


@pytest.mark.parametrize("dialect", COMPLETING)
def test_needed_traffic_passes_and_what_is_there_is_not_repeated(captured, dialect):
    paths, inventory, truth = captured
    result = recommend(paths, Settings(dialect=dialect), inventory=inventory)
    assert result.proof.holds, result.proof.broken
    assert result.proof.existing == result.existing.count > 3
    assert not result.existing.of_fate(PolicyFate.UNJUDGED, PolicyFate.NAMED)
    left_out = [item for one in result.policies for item in one.policy.left_out]
    assert left_out
    kept = {(rule.direction, edge) for one in result.policies for rule in one.policy.rules for edge in rule.edges}
    vouched = 0
    for one in (*(assessed.policy for assessed in result.policies), *result.existing.covered):
        for item in one.left_out:
            assert not {(item.rule.direction, edge) for edge in item.rule.edges} & kept
            vouched += len(item.rule.edges)
    assert vouched
    denied = {denial.edge_id for denial in result.proof.excluded}
    by_key = {(str(i.edge.client), str(i.edge.server), str(i.edge.protocol), i.edge.port): i for i in result.edges}
    seen = needed_keys(truth) & by_key.keys()
    assert len(seen) > 10
    refused = {
        key for key in seen if by_key[key].edge.edge_id in denied and not by_key[key].decided.disposition.allowed
    }
    assert not {key for key in seen if by_key[key].edge.edge_id in denied} - refused


@pytest.mark.parametrize("dialect", [dialect for dialect in Dialect if dialect not in COMPLETING])
def test_where_existing_policies_cannot_be_completed_they_are_told_and_nothing_is_left_to_them(captured, dialect):
    paths, inventory, _ = captured
    result = recommend(paths, Settings(dialect=dialect), inventory=inventory)
    assert result.proof.holds, result.proof.broken
    assert result.proof.existing == 0
    assert not [item for one in result.policies for item in one.policy.left_out]
    unjudged = result.existing.of_fate(PolicyFate.UNJUDGED)
    reason = "another CNI" if dialect is Dialect.CALICO else "decides alone where it isolates a pod"
    assert len(unjudged) > 3
    assert all(reason in policy.reason for policy in unjudged)


def test_texts_and_flows_agree_on_what_is_allowed_already(captured):
    """An edge that verdicts say a policy always allowed is one that its text covers, in the same direction."""
    paths, inventory, _ = captured
    result = recommend(paths, inventory=inventory)
    named = {edge.edge.edge_id: edge.edge.evidence for edge in result.edges if edge.edge.evidence.ingress_allowed}
    left = {
        edge: item.policies
        for one in (*(assessed.policy for assessed in result.policies), *result.existing.covered)
        for item in one.left_out
        if item.rule.direction.value == "ingress"
        for edge in item.rule.edges
    }
    assert named
    for edge_id, evidence in named.items():
        if edge_id in left:
            assert set(left[edge_id]) >= set(evidence.ingress_policies)


@pytest.mark.parametrize("dialect", Dialect)
def test_applying_it_leaves_the_next_run_the_same(captured, dialect, tmp_path):
    paths, inventory, _ = captured
    first = recommend(paths, Settings(dialect=dialect), inventory=inventory)
    described = json.loads(inventory.read_text(encoding="utf-8"))
    described["items"] += [yaml.safe_load(one.text) for one in first.manifests]
    applied = tmp_path / "inventory.json"
    applied.write_text(json.dumps(described), encoding="utf-8")
    again = recommend(paths, Settings(dialect=dialect), inventory=applied)
    assert [one.text for one in again.manifests] == [one.text for one in first.manifests]
    assert again.existing.changes == ()
    assert again.existing.changes_known


def test_ignoring_them_repeats_everything(captured):
    paths, inventory, _ = captured
    result = recommend(paths, Settings(existing=ExistingUse.IGNORE), inventory=inventory)
    assert not any(one.policy.left_out for one in result.policies)
    assert result.proof.holds
    assert result.proof.existing == 0


def test_by_name_leaves_to_policies_what_flows_say_they_allow(captured):
    paths, _, _ = captured
    plain = recommend(paths)
    assert plain.existing.of_fate(PolicyFate.NAMED)
    assert not any(one.policy.left_out for one in plain.policies)
    trusting = recommend(paths, Settings(existing=ExistingUse.BY_NAME))
    assert any(item.by_name for one in trusting.policies for item in one.policy.left_out)
    assert trusting.proof.holds
    assert trusting.proof.attested
    assert {gap.code for gap in plain.gaps} >= {"NPR605"}
    assert "NPR410" in {gap.code for gap in trusting.gaps}


def test_the_demonstration_shows_what_existing_policies_do(demo_recommendation):  # noqa: F811 - the fixture
    existing = demo_recommendation.existing
    assert existing.count == len(existing.policies) == 6
    by_policy = {
        name: {str(edge.edge.client) for edge in demo_recommendation.edges if edge.edge.edge_id in item.rule.edges}
        for one in demo_recommendation.policies
        for item in one.policy.left_out
        for name in item.policies
    }
    assert by_policy["CiliumNetworkPolicy/shop/allow-web-to-cart"] == {"shop/Deployment/web"}
    assert "CiliumClusterwideNetworkPolicy/dns-visibility" in by_policy
    assert [(item.policy, item.severity.value) for item in existing.advice] == [
        ("CiliumNetworkPolicy/data/postgres-from-office", "high")
    ]
    assert {item.policies for item in existing.forbidden if item.whole} == {
        ("CiliumNetworkPolicy/shop-dev/deny-dev-to-prod",),
        ("CiliumNetworkPolicy/shop/deny-recommend-to-data",),
    }
