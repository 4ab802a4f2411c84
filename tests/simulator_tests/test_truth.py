from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.simulator import describe_demo, random_cluster, simulate
from tests.simulator_tests.flow_reading import Reader, flows_of

NEW_NEED = ("shop/Deployment/web", "data/StatefulSet/kafka")
CASES = [("demo", 7), ("tiny", 1), ("tiny", 2), ("small", 3)]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def read(request):
    """(edges read from first packets, truth) of a capture."""
    name, seed = request.param
    cluster = describe_demo() if name == "demo" else random_cluster(seed, name)
    simulation = simulate(cluster, days=1.6 if name == "demo" else 1.0, seed=seed)
    lines = list(simulation.lines())
    reader = Reader(simulation.truth)
    edges = Counter(edge for flow in flows_of(lines) if (edge := reader.first_packet(flow)) is not None)
    return edges, simulation.truth, lines, cluster


def _key(row):
    return row["client"], row["server"], row["protocol"], row["port"]


def test_every_seen_need_left_a_first_packet_unless_it_is_older_than_the_window(read):
    edges, truth, _, cluster = read
    workloads = {workload.key: workload.end for workload in cluster.workloads}
    old = {
        (workloads[item.client], workloads[item.server], item.protocol, item.port)
        for item in cluster.conversations
        if item.established
    }
    missing = [_key(row) for row in truth["conversations"] if row["seen"] and _key(row) not in edges]
    assert [key for key in missing if key not in old] == []


def test_every_noise_edge_left_a_first_packet(read):
    edges, truth, _, _ = read
    dropped = {"explicit-deny"}
    assert [row for row in truth["noise"] if _key(row) not in edges and row["kind"] not in dropped] == []
    assert truth["noise"]


def test_every_first_packet_belongs_to_the_truth(read):
    edges, truth, _, _ = read
    known = {_key(row) for row in (*truth["conversations"], *truth["noise"])}
    unexplained = {
        edge
        for edge in edges
        if edge not in known
        # The DNS cache of the server's node knows no names, health checks and the underlay are no pod's traffic.
        and not edge[0].startswith("entity:")
        and edge[3] not in {4240, 8472}
    }
    assert unexplained == set()


def test_unseen_needs_left_nothing(read):
    edges, truth, _, _ = read
    assert [row for row in truth["conversations"] if not row["seen"] and _key(row) in edges] == []


def test_noise_and_needs_do_not_overlap(read):
    _, truth, _, _ = read
    assert not {_key(row) for row in truth["conversations"]} & {_key(row) for row in truth["noise"]}


def test_truth_is_plain_json_with_sorted_rows(read):
    _, truth, _, _ = read
    assert json.loads(json.dumps(truth)) == truth
    assert [_key(row) for row in truth["conversations"]] == sorted(_key(row) for row in truth["conversations"])


def test_every_line_lies_in_the_window_but_for_clock_skew(read):
    _, truth, lines, _ = read
    for flow in flows_of(lines):
        assert flow["time"] >= "2026-03-09T23:59:59"
        assert flow["time"] <= truth["end"][:20] + "9"


def test_first_and_last_bound_the_sightings(read):
    _, truth, _, _ = read
    for row in (*truth["conversations"], *truth["noise"]):
        if row["connections"]:
            assert truth["start"] <= row["first"] <= row["last"] < truth["end"]
            assert row["first"] < row["last"] or row["connections"] == 1
        else:
            assert row["first"] is None


def test_a_need_that_comes_with_a_release_is_not_seen_before():
    truth = simulate(describe_demo(), days=2, seed=7).truth
    row = next(row for row in truth["conversations"] if _key(row)[:2] == NEW_NEED)
    assert row["seen"]
    assert row["first"] > "2026-03-11T10"


def test_reading_the_truth_first_changes_nothing():
    simulation = simulate(random_cluster(1, "tiny"), days=0.3, seed=1)
    truth = simulation.truth
    list(simulation.lines())
    assert simulation.truth == truth
