from recommender.model.capture import Silence
from tests.edges.captures import MINUTE_NS, START_NS, HandMadeCapture
from tests.edges.test_orientation import DB, WEB, addressed

HOUR = 60 * MINUTE_NS


def hourly(capture, node, hours, *, flows=1, **columns):
    ends = capture.pod("web-1", local=True), capture.pod("db-1", local=True)
    for hour in hours:
        for number in range(flows):
            tuple_ = addressed((WEB[0], 40_000 + hour), DB)
            capture.flow(*ends, **tuple_, at=hour * HOUR + number, node=node, flags=("SYN",), **columns)


def nodes_of(capture):
    return {node.node: node for node in capture.observe().capture.nodes}


def test_silences_are_runs_of_clock_hours_at_either_end_too():
    capture = HandMadeCapture()
    hourly(capture, "node-a", range(6))
    hourly(capture, "node-b", (1, 4))
    nodes = nodes_of(capture)
    assert nodes["node-a"].silences == ()
    assert nodes["node-b"].silences == tuple(
        Silence(start=START_NS + first * HOUR, end=START_NS + after * HOUR) for first, after in ((0, 1), (2, 4), (5, 6))
    )
    assert [silence.hours for silence in nodes["node-b"].silences] == [1, 2, 1]


def test_a_quiet_hour_is_the_tenth_percentile_of_the_hours_with_records():
    capture = HandMadeCapture()
    hourly(capture, "node-a", range(18), flows=7)
    hourly(capture, "node-a", (18, 19), flows=2)
    assert nodes_of(capture)["node-a"].quiet_hour_flows == 2


def lost(capture, events, *, hour, node="node-a"):
    capture.events.append(
        {"event_id": len(capture.events), "kind": "lost_events", "time": START_NS + hour * HOUR, "node": node}
        | {"cluster": None, "detail": "PERF_EVENT_RING_BUFFER", "count": events, "nodes": None, "message": None}
    )


def test_losses_are_told_by_hour():
    capture = HandMadeCapture()
    hourly(capture, "node-a", range(4))
    for events, hour in ((5, 1), (4, 3), (4, 3), (1, 0)):
        lost(capture, events, hour=hour)
    node = nodes_of(capture)["node-a"]
    assert (node.lost_events, node.lost_hours, node.worst_loss_at) == (14, 3, START_NS + 3 * HOUR)


def presence(capture):
    return {field.name: field for field in capture.observe().capture.fields}


def test_fields_are_counted_where_hubble_would_set_them():
    capture = HandMadeCapture()
    hourly(capture, "node-a", range(3), is_reply=False)
    hourly(capture, "node-b", range(2), event_type=5, traffic_direction="EGRESS", is_reply=False)
    hourly(capture, "node-c", range(1), event_type=1, verdict="DROPPED", drop_reason="POLICY_DENIED")
    found = presence(capture)
    assert (found["is_reply"].expected, found["is_reply"].present) == (5, 5)
    assert (found["drop_reason_desc"].expected, found["drop_reason_desc"].present) == (1, 1)
    assert (found["traffic_direction"].expected, found["traffic_direction"].present) == (2, 2)
    assert (found["source.ID"].expected, found["source.ID"].present) == (2, 2)
    assert all(not field.absent_on for field in found.values() if field.name != "egress_allowed_by")


def test_a_node_whose_exporter_masks_a_field_is_named():
    capture = HandMadeCapture()
    hourly(capture, "node-a", range(3), is_reply=False)
    hourly(capture, "node-b", range(3))
    field = presence(capture)["is_reply"]
    assert (field.expected, field.present, field.absent_on) == (6, 3, ("node-b",))


def test_openings_late_in_the_window_are_expected_to_be_recorded():
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1", local=True)
    for number, flags in enumerate((("SYN",), ("SYN",), ("ACK",), ("PSH", "ACK"))):
        at = 0 if number == 2 else (2 + number) * HOUR
        capture.flow(*ends, **addressed((WEB[0], 40_000 + number), DB), at=at, flags=flags, is_reply=False)
    seen = capture.observe()
    assert (seen.capture.late_openings, seen.capture.late_unopened) == (3, 1)
    assert seen.edges[0].evidence.unopened == 2


def test_a_connection_that_rests_and_goes_on_was_opened_all_the_same():
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1", local=True)
    for at, flags in ((2 * HOUR, ("SYN",)), (5 * HOUR, ("ACK",))):
        capture.flow(*ends, **addressed(WEB, DB), at=at, flags=flags, is_reply=False)
    capture.flow(*ends, **addressed((WEB[0], 50_000), DB), flags=("SYN",), is_reply=False)
    assert capture.observe().capture.late_unopened == 0


def test_records_of_an_aggregated_export_are_counted():
    capture = HandMadeCapture()
    hourly(capture, "node-a", range(3), events=12)
    hourly(capture, "node-a", range(2))
    assert capture.observe().capture.aggregated_flows == 3
