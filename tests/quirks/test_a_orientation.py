"""Quirks 1 to 8: who is client, who is server."""

import pytest

from recommender.model.capture import FlowClass
from recommender.model.edge import OrientationReason
from recommender.model.manifest import Dialect
from tests.edges.captures import HandMadeCapture, keys
from tests.edges.test_orientation import DB, WEB, addressed
from tests.quirks.raw import (
    DB_IP,
    DNS_IP,
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
    texts,
)

EDGE = "shop/Deployment/web -> shop/Deployment/db TCP/5432"
CALL = (f"{WEB_IP}:40000", f"{DB_IP}:5432")


@pytest.fixture
def both():
    """Each workload as its own node names it."""
    return pod("web", local=True), pod("db", local=True)


def request(source, destination, *flags, **flow):
    return record(source, CALL[0], destination, CALL[1], *flags, **flow)


def reasons(observation):
    [edge] = observation.edges
    return {reason for reason, _ in edge.evidence.reasons}


def test_quirk_01_replies_are_evidence_of_the_same_edge_and_ask_for_no_rule(tmp_path, both):
    first = request(*both, "SYN", is_reply=False)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK"), reply(first, "ACK", at=0.1)])
    assert [item.edge.key for item in result.edges] == [EDGE]
    assert result.edges[0].edge.evidence.connections == 1
    assert "40000" not in texts(result)


def test_quirk_01_an_l7_answer_swaps_its_ends_too(tmp_path, both):
    l7 = {"Type": "L7", "event_type": {"type": 129}, "traffic_direction": "EGRESS"}
    first = request(*both, l7={"type": "REQUEST", "http": {"method": "GET", "url": "/"}}, is_reply=False, **l7)
    answer = reply(first, l7={"type": "RESPONSE", "http": {"code": 200}}, **l7)
    assert keys(observed(tmp_path, [first, answer])) == [EDGE]


def test_quirk_02_an_absent_is_reply_is_not_false(tmp_path, both):
    """Old TO_OVERLAY records of a reply carry no is_reply: flags, then the ports, tell the client."""
    first = request(*both)
    answer = reply(first, is_reply=None, trace_observation_point="TO_OVERLAY")
    observation = observed(tmp_path, [answer])
    assert keys(observation) == [EDGE]
    assert reasons(observation) == {OrientationReason.PORT_NUMBER}


@pytest.mark.parametrize("event_type", [1, 5])
def test_quirk_02_a_drop_without_is_reply_is_oriented_by_its_local_end(tmp_path, event_type):
    flow = {"event_type": {"type": event_type}, "verdict": "DROPPED", "drop_reason_desc": "POLICY_DENIED"}
    ends = pod("web", local=True), f"{WEB_IP}:40000", pod("db"), f"{DB_IP}:45001"
    observation = observed(tmp_path, [record(*ends, protocol="UDP", traffic_direction="EGRESS", **flow)])
    assert keys(observation)[0].startswith("shop/Deployment/web -> ")
    assert reasons(observation) == {OrientationReason.LOCAL_END}


def test_quirk_02_syn_ack_beats_an_assumed_is_reply(tmp_path, both):
    answer = reply(request(*both), "SYN", "ACK", is_reply=False)
    observation = observed(tmp_path, [answer])
    assert keys(observation) == [EDGE]
    assert reasons(observation) == {OrientationReason.TCP_FLAGS}


def test_quirk_03_trace_direction_is_not_believed(tmp_path):
    """TO_ENDPOINT traces read EGRESS at the server since about 1.16."""
    flow = {"traffic_direction": "EGRESS", "trace_observation_point": "TO_ENDPOINT", "is_reply": False}
    observation = observed(tmp_path, [request(pod("web"), pod("db", local=True), **flow)])
    assert [key.split(" -> ")[1] for key in keys(observation)] == ["shop/Deployment/db TCP/5432"]


def test_quirk_03_one_edge_asks_for_both_rules(tmp_path, both):
    first = request(*both, "SYN")
    manifests = recommended(tmp_path, [first, reply(first, "SYN", "ACK")]).manifests
    by_name = {manifest.path.split("/")[-1].split("-")[0]: manifest.text for manifest in manifests}
    assert "toPorts" in by_name["web"].split("\n  egress:")[1]
    assert '"5432"' in by_name["db"].split("\n  ingress:")[1]


def test_quirk_03_the_hosts_own_verdict_does_not_turn_the_edge_even_where_the_apiserver_runs(tmp_path):
    """On a control-plane node the host is named kube-apiserver; its egress verdict has the pod as its local end."""
    near = entity("host", "kube-apiserver", identity=1)
    verdict = {"event_type": {"type": 5}, "verdict": "AUDIT", "is_reply": False, "traffic_direction": "EGRESS"}
    ends = near, "172.18.0.3:46000", pod("web", local=True), f"{WEB_IP}:8125"
    observation = observed(tmp_path, [record(*ends, protocol="UDP", **verdict)])
    assert keys(observation) == ["entity:kube-apiserver -> shop/Deployment/web UDP/8125"]
    assert observation.edges[0].evidence.verdicts.audited == 0


def test_quirk_04_replies_audited_as_new_ingress_are_no_edge_of_their_own(tmp_path, both):
    audit = {"event_type": {"type": 5}, "verdict": "AUDIT", "is_reply": False, "traffic_direction": "INGRESS"}
    first = request(*both, "SYN", is_reply=False)
    observation = observed(tmp_path, [first, reply(first, "SYN", "ACK", **audit)])
    assert keys(observation) == [EDGE]
    evidence = observation.edges[0].evidence
    assert (evidence.ingress_verdicts, evidence.verdicts.audited, evidence.answered) == (0, 0, 1)


@pytest.mark.parametrize("flags", [(), ("ACK",), ("ACK", "PSH")])
def test_quirk_04_a_server_port_that_calls_ephemeral_ports_is_collapsed(tmp_path, both, flags):
    """Cilium 1.19.1 and 1.20 took replies for new connections: "a lot of ports"."""
    records = [request(*both, "SYN", is_reply=False)]
    for number in range(5):
        ends = both[1], f"{DB_IP}:5432", both[0], f"{WEB_IP}:{50000 + number}"
        records.append(record(*ends, *flags, at=number + 1, is_reply=False, trace_reason="NEW"))
    observation = observed(tmp_path, records)
    assert keys(observation) == [EDGE]
    assert dict(observation.edges[0].evidence.reasons)[OrientationReason.KNOWN_SERVER_PORT] == 5


def test_quirk_04_several_ephemeral_ports_from_one_fixed_port_suffice(tmp_path, both):
    records = [
        record(both[1], f"{DB_IP}:5432", both[0], f"{WEB_IP}:{50000 + number}", "ACK", at=number, is_reply=False)
        for number in range(3)
    ]
    observation = observed(tmp_path, records)
    assert keys(observation) == [EDGE]
    assert reasons(observation) == {OrientationReason.PORT_NUMBER}


def test_quirk_04_a_service_on_a_high_port_keeps_its_direction(tmp_path, both):
    """A client whose source port happens to be low, seen without a SYN, is still believed once."""
    ends = both[0], f"{WEB_IP}:20000", both[1], f"{DB_IP}:45001"
    records = [record(*ends, "ACK", is_reply=False)]
    assert keys(observed(tmp_path, records)) == ["shop/Deployment/web -> shop/Deployment/db TCP/45001"]


@pytest.mark.parametrize(("served", "first_port"), [(50051, 40000), (8080, 10000), (50051, 20000)])
def test_quirk_04_many_ports_called_from_one_known_server_port_are_its_clients(tmp_path, both, served, first_port):
    """Whatever the numbers: gRPC's 50051 lies among the ephemeral ports, and clients may draw theirs from below."""
    records = [record(both[0], f"{WEB_IP}:{first_port}", both[1], f"{DB_IP}:{served}", "SYN", is_reply=False)]
    for number in range(1, 25):
        ends = both[1], f"{DB_IP}:{served}", both[0], f"{WEB_IP}:{first_port + number}"
        records.append(record(*ends, "ACK", at=number, is_reply=False, trace_reason="NEW"))
    observation = observed(tmp_path, records)
    assert keys(observation) == [f"shop/Deployment/web -> shop/Deployment/db TCP/{served}"]
    assert observation.edges[0].evidence.turned_around == 24


def test_quirk_04_a_true_call_from_a_fixed_port_keeps_its_direction(tmp_path, both):
    """Active FTP: the server opens the data connection from port 20 and says so with a SYN."""
    records = [
        record(both[1], f"{DB_IP}:20", both[0], f"{WEB_IP}:{40000 + number}", "SYN", at=number, is_reply=False)
        for number in range(25)
    ]
    observation = observed(tmp_path, records)
    assert len(keys(observation)) == 25
    assert sum(edge.evidence.turned_around for edge in observation.edges) == 0


def test_quirk_04_a_dropped_reply_does_not_deny_the_connection(tmp_path, both):
    first = request(*both, "SYN", is_reply=False)
    dropped = {"event_type": {"type": 1, "sub_type": 133}, "verdict": "DROPPED", "drop_reason_desc": "POLICY_DENIED"}
    late = reply(first, "ACK", is_reply=None, traffic_direction="EGRESS", at=2, **dropped)
    [edge] = observed(tmp_path, [first, reply(first, "SYN", "ACK"), late]).edges
    assert (edge.key, edge.evidence.verdicts.denied) == (EDGE, 0)


def test_quirk_05_an_ack_picked_up_in_the_middle_follows_the_known_server(tmp_path, both):
    picked = {"is_reply": False, "trace_reason": "NEW"}
    records = [
        record(both[0], f"{WEB_IP}:41000", both[1], f"{DB_IP}:5432", "SYN", is_reply=False),
        record(both[1], f"{DB_IP}:5432", both[0], f"{WEB_IP}:40000", "ACK", "PSH", at=1, **picked),
        record(both[0], f"{WEB_IP}:40000", both[1], f"{DB_IP}:5432", "ACK", at=2, is_reply=True),
    ]
    observation = observed(tmp_path, records)
    assert keys(observation) == [EDGE]
    assert observation.edges[0].evidence.connections == 2


def test_quirk_05_a_syn_seen_once_decides_for_the_whole_connection(tmp_path, both):
    first = request(*both, "SYN", is_reply=False)
    picked = reply(first, "ACK", "PSH", at=300, is_reply=False, trace_reason="NEW")
    [edge] = observed(tmp_path, [first, picked]).edges
    assert (edge.key, edge.evidence.connections) == (EDGE, 1)


def test_quirk_06_a_late_udp_reply_is_no_new_connection(tmp_path, both):
    dns = pod("coredns", namespace="kube-system", local=True)
    asked = record(both[0], f"{WEB_IP}:40000", dns, f"{DNS_IP}:53", protocol="UDP", is_reply=False)
    late = reply(asked, at=70, is_reply=False, trace_reason="NEW")
    observation = observed(tmp_path, [asked, late])
    assert keys(observation) == ["shop/Deployment/web -> kube-system/Deployment/coredns UDP/53"]


def test_quirk_06_a_late_udp_reply_alone_is_oriented_by_its_ports(tmp_path, both):
    dns = pod("coredns", namespace="kube-system", local=True)
    late = record(dns, f"{DNS_IP}:53", both[0], f"{WEB_IP}:40000", protocol="UDP", is_reply=False, trace_reason="NEW")
    observation = observed(tmp_path, [late])
    assert keys(observation) == ["shop/Deployment/web -> kube-system/Deployment/coredns UDP/53"]
    assert reasons(observation) == {OrientationReason.PORT_NUMBER}


def test_quirk_06_a_late_udp_reply_that_a_policy_drops_denies_nothing(tmp_path, both):
    statsd = record(both[0], f"{WEB_IP}:40000", both[1], f"{DB_IP}:8125", protocol="UDP", is_reply=False)
    drop = {"event_type": {"type": 5}, "verdict": "DROPPED", "drop_reason_desc": "POLICY_DENIED", "is_reply": None}
    observation = observed(tmp_path, [statsd, reply(statsd, at=70, traffic_direction="INGRESS", **drop)])
    assert keys(observation) == ["shop/Deployment/web -> shop/Deployment/db UDP/8125"]
    assert observation.edges[0].evidence.verdicts.denied == 0


def test_quirk_06_symmetric_ports_new_both_ways_are_two_weak_edges(tmp_path, both):
    one = record(both[0], f"{WEB_IP}:123", both[1], f"{DB_IP}:123", protocol="UDP", is_reply=False)
    observation = observed(tmp_path, [one, reply(one, is_reply=False, at=70)])
    assert keys(observation) == [
        "shop/Deployment/db -> shop/Deployment/web UDP/123",
        "shop/Deployment/web -> shop/Deployment/db UDP/123",
    ]
    for edge in observation.edges:
        assert [reason for reason, _ in edge.evidence.reasons] == [OrientationReason.PORT_NUMBER]


def test_quirk_06_symmetric_ports_with_a_true_reply_are_one_edge(tmp_path, both):
    one = record(both[0], f"{WEB_IP}:123", both[1], f"{DB_IP}:123", protocol="UDP", is_reply=False)
    assert keys(observed(tmp_path, [one, reply(one)])) == ["shop/Deployment/web -> shop/Deployment/db UDP/123"]


def icmp(source, destination, body, **flow):
    flow = {"protocol": None, "l4": {"ICMPv4": body}} | flow
    return record(source, WEB_IP, destination, DB_IP, **{"protocol": "ICMPv4"} | {k: v for k, v in flow.items() if v})


def test_quirk_07_an_empty_icmp_object_is_an_echo_reply(tmp_path, both):
    assert keys(observed(tmp_path, [icmp(*both, {})])) == ["shop/Deployment/db -> shop/Deployment/web ICMPv4/8"]


def test_quirk_07_pings_both_ways_are_two_edges_even_if_one_was_never_answered():
    capture = HandMadeCapture()
    web, db = capture.pod("web-1", local=True), capture.pod("db-1", local=True)
    ping = {"protocol": "ICMPv4", "icmp_code": 0}
    there, back = ({"source_ip": a, "destination_ip": b} for a, b in ((WEB_IP, DB_IP), (DB_IP, WEB_IP)))
    capture.flow(web, db, **there, **ping, icmp_type=8)
    capture.flow(db, web, **back, **ping, icmp_type=0, at=1)
    capture.flow(db, web, **back, **ping, icmp_type=8, at=2)
    observation = seen(capture)
    assert keys(observation) == [
        "shop/Deployment/db -> shop/Deployment/web ICMPv4/8",
        "shop/Deployment/web -> shop/Deployment/db ICMPv4/8",
    ]
    assert [edge.evidence.answered for edge in observation.edges] == [0, 1]


@pytest.mark.parametrize(
    ("protocol", "kind", "expected"),
    [
        ("ICMPv4", 0, FlowClass.WORKLOAD),
        ("ICMPv4", 3, FlowClass.ICMP_ERROR),
        ("ICMPv4", 4, FlowClass.ICMP_ERROR),
        ("ICMPv4", 8, FlowClass.WORKLOAD),
        ("ICMPv4", 11, FlowClass.ICMP_ERROR),
        ("ICMPv4", 12, FlowClass.ICMP_ERROR),
        ("ICMPv4", 13, FlowClass.NOT_DEMAND),
        ("ICMPv6", 1, FlowClass.ICMP_ERROR),
        ("ICMPv6", 4, FlowClass.ICMP_ERROR),
        ("ICMPv6", 128, FlowClass.WORKLOAD),
        ("ICMPv6", 129, FlowClass.WORKLOAD),
        ("ICMPv6", 133, FlowClass.NEIGHBOUR_DISCOVERY),
        ("ICMPv6", 136, FlowClass.NEIGHBOUR_DISCOVERY),
    ],
)
def test_quirk_07_only_echo_is_demand(protocol, kind, expected):
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1")
    capture.flow(*ends, protocol=protocol, icmp_type=kind, source_ip="2001:db8::1", destination_ip="2001:db8::2")
    assert classes(seen(capture)) == {expected: 1}


def test_quirk_07_a_kubernetes_policy_cannot_say_icmp_and_the_loss_is_told(tmp_path, both):
    echo = [icmp(*both, {"type": 8}, at=number) for number in range(3)]
    answers = [icmp(both[1], both[0], {}, at=number + 0.1, is_reply=True) for number in range(3)]
    result = recommended(tmp_path, echo + answers, dialect=Dialect.KUBERNETES)
    assert [loss for loss in result.losses if "ICMP" in loss.wanted]
    assert "icmps" not in texts(result)


def test_quirk_08_high_ports_on_both_ends_follow_is_reply(tmp_path):
    """An API server on 60002 answers a pod's port 57706 (seen on TKE)."""
    apiserver = entity("remote-node", "kube-apiserver", identity=6)
    answer = record(apiserver, "172.18.0.3:60002", pod("web", local=True), f"{WEB_IP}:57706", "ACK", is_reply=True)
    assert keys(observed(tmp_path, [answer])) == ["shop/Deployment/web -> entity:kube-apiserver TCP/60002"]


@pytest.mark.parametrize("port", [30080, 50051, 45001])
def test_quirk_08_high_server_ports_are_real(port):
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1")
    capture.flow(*ends, **addressed(WEB, (DB[0], port)), flags=("SYN",))
    assert keys(seen(capture)) == [f"shop/Deployment/web -> shop/Deployment/db TCP/{port}"]


def test_quirk_08_two_ephemeral_ports_without_a_hint_are_a_gap(tmp_path, both):
    known = request(*both, "SYN", is_reply=False)
    blind = record(both[0], f"{WEB_IP}:40001", both[1], f"{DB_IP}:45001", at=1)
    result = recommended(tmp_path, [known, reply(known, "SYN", "ACK"), blind])
    assert "NPR106" in codes(result)
    assert "45001" not in texts(result)
