import pytest

from recommender.model.capture import FlowClass
from recommender.model.edge import OrientationReason
from tests.edges.captures import HandMadeCapture, keys

WEB, DB = ("10.244.0.1", 40000), ("10.244.1.2", 5432)
EDGE = "shop/Deployment/web -> shop/Deployment/db TCP/5432"


def addressed(source, destination):
    return {
        "source_ip": source[0],
        "source_port": source[1],
        "destination_ip": destination[0],
        "destination_port": destination[1],
    }


@pytest.fixture
def capture():
    return HandMadeCapture()


@pytest.fixture
def ends(capture):
    return capture.pod("web-1", local=True), capture.pod("db-1")


def request(capture, ends, **columns):
    capture.flow(ends[0], ends[1], **addressed(WEB, DB), **columns)


def reply(capture, ends, **columns):
    capture.flow(ends[1], ends[0], **addressed(DB, WEB), **columns)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"flags": ("SYN",)}, OrientationReason.TCP_FLAGS),
        ({"is_reply": False}, OrientationReason.IS_REPLY),
        ({"trace_reason": "NEW"}, OrientationReason.TRACE_REASON),
        ({"event_type": 5, "traffic_direction": "EGRESS"}, OrientationReason.LOCAL_END),
        ({"type": "L7", "event_type": 129, "l7_type": "REQUEST"}, OrientationReason.L7_TYPE),
        ({}, OrientationReason.PORT_NUMBER),
    ],
)
def test_each_rung_makes_the_source_of_a_request_the_client(capture, ends, columns, reason):
    request(capture, ends, **columns)
    observation = capture.observe()
    assert keys(observation) == [EDGE]
    assert observation.edges[0].evidence.reasons == ((reason, 1),)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"flags": ("SYN", "ACK"), "is_reply": False}, OrientationReason.TCP_FLAGS),
        ({"is_reply": True}, OrientationReason.IS_REPLY),
        ({"trace_reason": "REPLY"}, OrientationReason.TRACE_REASON),
        ({"type": "L7", "event_type": 129, "l7_type": "RESPONSE"}, OrientationReason.L7_TYPE),
        ({}, OrientationReason.PORT_NUMBER),
    ],
)
def test_each_rung_turns_a_reply_around(capture, ends, columns, reason):
    reply(capture, ends, **columns)
    observation = capture.observe()
    assert keys(observation) == [EDGE]
    assert observation.edges[0].evidence.reasons[0][0] is reason


def test_a_syn_ack_audited_as_new_ingress_is_a_reply(capture):
    """Cilium 1.16 audited replies as new connections (hubble-quirks 4); measured flags overrule is_reply."""
    web, db = capture.pod("web-1"), capture.pod("db-1", local=True)
    columns = {"event_type": 5, "verdict": "AUDIT", "is_reply": False, "traffic_direction": "INGRESS"}
    capture.flow(db, web, **addressed(DB, WEB), flags=("SYN", "ACK"), **columns)
    assert keys(capture.observe()) == [EDGE]


def test_a_flow_without_a_vote_follows_its_connection(capture, ends):
    high = ("10.244.1.2", 45001)
    capture.flow(ends[0], ends[1], **addressed(WEB, high), flags=("SYN",))
    capture.flow(ends[1], ends[0], **addressed(high, WEB), at=1000)
    observation = capture.observe()
    assert keys(observation) == ["shop/Deployment/web -> shop/Deployment/db TCP/45001"]
    assert observation.edges[0].evidence.connections == 1
    assert observation.edges[0].evidence.answered == 1


def test_a_known_server_port_orients_other_connections_to_it(capture, ends):
    high = ("10.244.1.2", 45001)
    capture.flow(ends[0], ends[1], **addressed(WEB, high), flags=("SYN",))
    capture.flow(ends[0], ends[1], **addressed((WEB[0], 50000), high))
    observation = capture.observe()
    assert keys(observation) == ["shop/Deployment/web -> shop/Deployment/db TCP/45001"]
    assert dict(observation.edges[0].evidence.reasons)[OrientationReason.KNOWN_SERVER_PORT] == 1


def test_two_ephemeral_ports_and_no_hint_stay_unoriented(capture, ends):
    capture.flow(ends[0], ends[1], **addressed(WEB, ("10.244.1.2", 45001)))
    observation = capture.observe()
    assert observation.edges == ()
    counts = {item.flow_class: item for item in observation.capture.classes}
    assert counts[FlowClass.UNORIENTED].flows == 1
    assert "10.244.1.2:45001" in counts[FlowClass.UNORIENTED].examples[0]
    assert counts[FlowClass.WORKLOAD].flows == 0


def test_trace_direction_is_not_believed(capture):
    """Since about 1.16 TO_ENDPOINT traces read EGRESS at the server (hubble-quirks 3)."""
    web, db = capture.pod("web-1"), capture.pod("db-1", local=True)
    columns = {"is_reply": False, "traffic_direction": "EGRESS", "trace_observation_point": "TO_ENDPOINT"}
    capture.flow(web, db, **addressed(WEB, DB), **columns)
    assert keys(capture.observe()) == [EDGE]


def test_symmetric_udp_ports_new_both_ways_become_two_edges(capture, ends):
    left, right = ("10.244.0.1", 7946), ("10.244.1.2", 7946)
    for source, destination, ips in ((ends[0], ends[1], (left, right)), (ends[1], ends[0], (right, left))):
        capture.flow(source, destination, protocol="UDP", is_reply=False, **addressed(*ips))
    assert keys(capture.observe()) == [
        "shop/Deployment/db -> shop/Deployment/web UDP/7946",
        "shop/Deployment/web -> shop/Deployment/db UDP/7946",
    ]


def test_an_echo_reply_alone_is_evidence_of_the_echo_request(capture, ends):
    capture.flow(ends[1], ends[0], protocol="ICMPv4", source_ip=DB[0], destination_ip=WEB[0], icmp_type=0, icmp_code=0)
    assert keys(capture.observe()) == ["shop/Deployment/web -> shop/Deployment/db ICMPv4/8"]


def test_host_policy_direction_does_not_make_the_pod_a_client(capture):
    """The host's own egress verdict has the pod as its local end (seen in a kind cluster with host firewall)."""
    host, web = capture.entity("host", identity=1), capture.pod("web-1", local=True)
    columns = {"event_type": 5, "verdict": "AUDIT", "traffic_direction": "EGRESS", "protocol": "UDP"}
    capture.flow(host, web, **addressed(("10.244.0.9", 46000), ("10.244.0.1", 8125)), **columns)
    observation = capture.observe()
    assert keys(observation) == ["entity:host -> shop/Deployment/web UDP/8125"]
    assert observation.edges[0].evidence.verdicts.audited == 0
