"""The shipped capture comes with the truth of the cluster that made it; the recommendation is held against it."""

import json

import pytest

from recommender.model.disposition import Disposition
from tests.pipeline.conftest import DEMO

PASSING = {Disposition.NEEDED, Disposition.REVIEW, Disposition.IMPLICIT}


@pytest.fixture(scope="module")
def truth():
    return json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dispositions(demo_recommendation):
    return {
        (str(item.edge.client), str(item.edge.server), str(item.edge.protocol), item.edge.port): item
        for item in demo_recommendation.edges
    }


def key(row):
    return (row["client"], row["server"], row["protocol"], row["port"])


def test_every_needed_conversation_that_was_seen_passes(truth, dispositions):
    needed = {key(row) for row in truth["conversations"] if row["seen"]}
    assert len(needed) > 80
    assert needed - set(dispositions) == set()
    refused = {
        edge: dispositions[edge].decided for edge in needed if dispositions[edge].decided.disposition not in PASSING
    }
    assert refused == {}


def test_noise_is_not_let_in(truth, dispositions):
    needed = {key(row) for row in truth["conversations"]}
    noise = {key(row): row["kind"] for row in truth["noise"] if key(row) not in needed}
    seen = set(noise) & set(dispositions)
    assert len(seen) > 60
    admitted = {edge: noise[edge] for edge in seen if dispositions[edge].decided.disposition in PASSING}
    # One answered contact of a slow scan is all that a single sighting shows: it is allowed only as a review item.
    assert {edge: kind for edge, kind in admitted.items() if kind != "slow-scan"} == {}
    assert all(dispositions[edge].decided.disposition is Disposition.REVIEW for edge in admitted)


def test_every_edge_is_either_needed_or_noise(truth, dispositions):
    known = {key(row) for row in (*truth["conversations"], *truth["noise"])}
    assert set(dispositions) - known == set()


def test_the_replay_proof_holds_and_every_workload_is_governed(demo_recommendation):
    assert demo_recommendation.proof.holds
    assert demo_recommendation.proof.edges == len(demo_recommendation.edges)
    governed = {member for item in demo_recommendation.policies for member in item.policy.group.members}
    assert {workload.end for workload in demo_recommendation.workloads} - governed == set()


def test_no_reply_port_is_in_any_rule(demo_recommendation):
    ports = {port.port for item in demo_recommendation.policies for rule in item.policy.rules for port in rule.ports}
    assert {port for port in ports if 32768 <= port <= 60999} <= {50051}
