"""Quirks 9 to 15: one connection in many records, and records that are missing."""

import json

import pytest

from recommender.model.capture import FlowClass
from tests.edges.captures import HandMadeCapture, keys
from tests.edges.test_orientation import DB, WEB, addressed
from tests.quirks.raw import (
    DB_IP,
    NODE_A,
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
)

EDGE = "shop/Deployment/web -> shop/Deployment/db TCP/5432"
CALL = (f"{WEB_IP}:40000", f"{DB_IP}:5432")
VERDICT = {"event_type": {"type": 5}, "verdict": "AUDIT", "is_reply": False}


def call(*flags, source=None, destination=None, **flow):
    ends = source or pod("web", local=True), CALL[0], destination or pod("db", local=True), CALL[1]
    return record(*ends, *flags, **flow)


def test_quirk_09_eight_records_on_two_nodes_are_one_connection(tmp_path):
    at_client = {"source": pod("web", local=True), "destination": pod("db")}
    at_server = {"source": pod("web"), "destination": pod("db", local=True), "node": "node-b"}
    first = call("SYN", **at_client, **VERDICT, traffic_direction="EGRESS")
    arrived = call("SYN", at=0.002, **at_server, **VERDICT, traffic_direction="INGRESS")
    records = [
        first,
        call("SYN", at=0.001, **at_client, is_reply=False, trace_observation_point="TO_OVERLAY"),
        arrived,
        call("SYN", at=0.003, **at_server, is_reply=False, trace_observation_point="TO_ENDPOINT"),
        reply(arrived, "SYN", "ACK", at=0.004),
        reply(first, "SYN", "ACK", at=0.005),
        {"flow": first["flow"] | {"Type": "SOCK", "event_type": {"type": 7}, "verdict": "TRACED"}},
    ]
    observation = observed(tmp_path, records)
    [edge] = observation.edges
    evidence = edge.evidence
    assert (edge.key, evidence.connections, evidence.both_sides, evidence.flows) == (EDGE, 1, 1, 6)
    assert (evidence.egress_verdicts, evidence.ingress_verdicts, evidence.verdicts.audited) == (1, 1, 1)
    assert classes(observation) == {FlowClass.WORKLOAD: 6, FlowClass.SOCKET: 1}


@pytest.mark.parametrize("uuid", [{"uuid": "dbd0263c-fcea-4a28-a641-e9fb6474d9a3"}, {}])
def test_quirk_10_repeats_of_a_polled_ring_count_once(tmp_path, uuid):
    one = call("SYN", is_reply=False, **uuid)
    result = recommended(tmp_path, [one, one, one, reply(one, "SYN", "ACK")])
    assert result.capture.flows == 2
    assert result.capture.repeats == 2
    assert "NPR108" in codes(result)


def test_quirk_10_without_uuid_and_addresses_different_ends_are_no_repeats(tmp_path):
    """An aggregated or masked export may tell records apart by their ends alone."""
    bare = {"IP": None, "l4": None}
    records = [
        call("SYN", is_reply=False),
        call(**bare),
        call(source=pod("other", local=True), **bare),
        call(destination=pod("cache"), **bare),
    ]
    observation = observed(tmp_path, records)
    assert classes(observation) == {FlowClass.WORKLOAD: 1, FlowClass.NON_IP: 3}


def test_quirk_11_more_records_of_one_connection_are_no_more_connections(tmp_path):
    records = [call("ACK", is_reply=False, at=5 * number) for number in range(60)]
    [edge] = observed(tmp_path, records).edges
    assert (edge.evidence.connections, edge.evidence.flows) == (1, 60)


def lost(count, source, node="node-a"):
    body = {"source": source, "num_events_lost": count, "cpu": 0}
    return {"lost_events": body, "node_name": node, "time": "2026-01-01T00:00:01Z"}


def test_quirk_12_losses_are_summed_by_node_and_source_though_they_are_text(tmp_path):
    ring = [lost("7", "PERF_EVENT_RING_BUFFER"), lost("1", "HUBBLE_RING_BUFFER", node="node-b")]
    first = call("SYN", is_reply=False)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK"), *ring])
    assert result.capture.lost_events == 8
    assert dict(result.capture.lost_by_source) == {"PERF_EVENT_RING_BUFFER": 7, "HUBBLE_RING_BUFFER": 1}
    assert {node.node: node.lost_events for node in result.capture.nodes} == {"node-a": 7, "node-b": 1}
    assert "NPR101" in codes(result)


def test_quirk_12_absurd_loss_counts_are_held_and_do_not_end_the_run(tmp_path):
    most = str(2**63 - 1)
    absurd = [lost(most, "PERF_EVENT_RING_BUFFER"), lost(most, "HUBBLE_RING_BUFFER"), lost(most, "UNKNOWN")]
    capture = observed(tmp_path, [call("SYN", is_reply=False), *absurd]).capture
    assert [node.lost_events for node in capture.nodes] == [2**63 - 1]
    assert dict(capture.lost_by_source)["PERF_EVENT_RING_BUFFER"] == 2**63 - 1


def test_quirk_13_a_node_that_fell_silent_is_told(tmp_path):
    status = {"state_change": "NODE_UNAVAILABLE", "node_names": ["node-c"], "message": "gone"}
    first = call("SYN", is_reply=False)
    records = [first, reply(first, "SYN", "ACK"), {"node_status": status, "time": "2026-01-01T00:00:02Z"}]
    result = recommended(tmp_path, records)
    assert result.capture.unavailable_nodes == ("node-c",)
    assert "NPR103" in codes(result)


def test_quirk_13_a_silent_hour_of_one_node_is_told(tmp_path):
    busy = [call("SYN", is_reply=False, at=3600 * number, node="node-b") for number in range(30)]
    quiet = [call("SYN", is_reply=False, at=3600 * number + 1) for number in (0, 1, 29)]
    answers = [reply(item, "SYN", "ACK", at=3600 * number + 2) for number, item in enumerate(busy)]
    assert "NPR102" in codes(recommended(tmp_path, [*busy, *answers, *quiet]))


def test_quirk_14_unsorted_lines_of_skewed_clocks_are_one_connection(tmp_path):
    first = call("SYN", is_reply=False, at=4)
    server = {"source": pod("web"), "destination": pod("db", local=True), "node": "node-b"}
    early = call("SYN", is_reply=False, at=1, **server)
    records = [reply(first, "SYN", "ACK", at=4.1), early, first]
    [edge] = observed(tmp_path, records).edges
    assert (edge.evidence.connections, edge.evidence.both_sides) == (1, 1)
    [again] = observed(tmp_path, reversed(records)).edges
    assert again.evidence == edge.evidence


def test_quirk_15_a_sample_is_neither_a_request_nor_an_answer():
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1")
    capture.flow(*ends, **addressed(WEB, DB), type="L7", event_type=129, l7_type="SAMPLE", is_reply=False)
    [edge] = seen(capture).edges
    assert (edge.evidence.answered, edge.evidence.connections) == (0, 1)


def test_quirk_15_another_emitter_is_told(tmp_path):
    first = call("SYN", is_reply=False, emitter={"name": "retina", "version": "v1.0"})
    assert "NPR110" in codes(recommended(tmp_path, [first, reply(first, "SYN", "ACK")]))


def test_every_record_is_a_flow_an_event_or_a_reject(tmp_path):
    world = entity("world", identity=2)
    records = [
        call("SYN", is_reply=False),
        record(pod("web", local=True), f"{WEB_IP}:40001", world, f"{OUTSIDE}:443", "SYN"),
        record(entity("host", identity=1), f"{NODE_A}:40001", entity("remote-node", identity=6), "172.18.0.4:10250"),
        lost("1", "OBSERVER_EVENTS_QUEUE"),
        '{"flow": {"time": 7}}',
        "not json at all",
        json.dumps({"agent_event": {"type": "AGENT_STARTED"}, "time": "2026-01-01T00:00:00Z"}),
    ]
    observation = observed(tmp_path, records)
    capture = observation.capture
    events = capture.lost_events + sum(count for _, count in capture.other_records)
    assert (capture.flows, events, sum(item.lines for item in capture.rejects)) == (3, 2, 2)
    assert classes(observation) == {FlowClass.WORKLOAD: 2, FlowClass.HOST: 1}
    assert EDGE in keys(observation)
