from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from tests.simulator import describe_demo, random_cluster, simulate
from tests.simulator_tests.flow_reading import flows_of

# One string: the order is what counts, and it reads better than fifty quoted words.
FLOW_ORDER = """
    time uuid emitter verdict drop_reason ethernet IP l4 source destination Type node_name node_labels source_names
    destination_names l7 reply event_type destination_service traffic_direction policy_match_type
    trace_observation_point trace_reason drop_reason_desc is_reply interface sock_xlate_point socket_cookie cgroup_id
    Summary egress_allowed_by ingress_allowed_by egress_denied_by
""".split()  # noqa: SIM905 - see above
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")


@pytest.fixture(scope="module")
def full():
    """Half a day of the tiny cluster with nothing masked."""
    simulation = simulate(random_cluster(4, "tiny"), days=0.6, seed=4, events="full")
    return list(simulation.lines()), simulation.truth


def test_every_line_parses_but_the_malformed_ones(full):
    lines, truth = full
    broken = 0
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            broken += 1
            continue
        assert list(record)[1:] == ["node_name", "time"]
        assert json.dumps(record, separators=(",", ":"), ensure_ascii=False) == line
    assert broken <= truth["records"].get("malformed", 0) + truth["records"]["repeated"]


def test_fields_stand_in_the_exporters_order(full):
    lines, _ = full
    for flow in flows_of(lines):
        positions = [FLOW_ORDER.index(key) for key in flow]
        assert positions == sorted(positions), list(flow)
        assert MOMENT.fullmatch(flow["time"])


def test_zero_values_are_omitted(full):
    lines, _ = full
    for flow in flows_of(lines):
        assert flow["event_type"].get("sub_type", 1) != 0
        assert flow.get("policy_match_type", 1) != 0
        assert "" not in flow.values()
        flags = flow.get("l4", {}).get("TCP", {}).get("flags", {"SYN": True})
        assert all(flags.values())


def test_only_the_local_end_has_an_endpoint_id(full):
    lines, _ = full
    for flow in flows_of(lines):
        for end in (flow["source"], flow["destination"]):
            assert ("ID" in end) or "workloads" not in end


def test_uuids_are_distinct_but_for_repeated_lines(full):
    lines, truth = full
    counted = Counter(flow["uuid"] for flow in flows_of(lines))
    repeats = sum(count - 1 for count in counted.values())
    assert 0 < repeats <= truth["records"]["repeated"]


def test_local_identities_lie_above_the_cluster_scope_and_differ_between_nodes():
    simulation = simulate(describe_demo(), days=1.5, seed=7)
    numbers: dict[str, set[tuple[str, int]]] = {}
    for flow in flows_of(simulation.lines()):
        labels = flow["destination"].get("labels", [])
        if labels and labels[0].startswith("cidr:"):
            assert flow["destination"]["identity"] > 1 << 24
            numbers.setdefault(labels[0], set()).add((flow["node_name"], flow["destination"]["identity"]))
    assert numbers
    assert any(len({number for _, number in found}) > 1 for found in numbers.values())


def test_levels_of_detail_differ_in_volume():
    counts = [
        sum(1 for _ in simulate(random_cluster(4, "tiny"), days=0.2, seed=4, events=level).lines())
        for level in ("verdict-only", "sparse", "full")
    ]
    assert counts == sorted(counts)
    assert counts[0] * 2 < counts[2]


def test_a_policy_verdict_never_claims_to_be_a_reply_and_a_drop_claims_nothing(full):
    lines, _ = full
    for flow in flows_of(lines):
        kind = flow["event_type"]["type"]
        if kind == 5 and flow["verdict"] != "DROPPED":
            assert flow["is_reply"] is False
        if flow["verdict"] == "DROPPED":
            assert "is_reply" not in flow
            assert flow["drop_reason"] > 130
