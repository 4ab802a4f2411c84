from recommender.model.edge import EntityEnd
from recommender.model.entity import Entity
from tests.edges.captures import MINUTE_NS, HandMadeCapture, keys
from tests.edges.test_orientation import DB, WEB, addressed


def both_node_sightings(capture, *, at=0, port=40000):
    client = (WEB[0], port)
    at_client = capture.pod("web-1", local=True), capture.pod("db-1")
    at_server = capture.pod("web-1"), capture.pod("db-1", local=True)
    verdict = {"event_type": 5, "verdict": "AUDIT", "is_reply": False, "flags": ("SYN",)}
    capture.flow(*at_client, **addressed(client, DB), at=at, **verdict, traffic_direction="EGRESS")
    capture.flow(*at_client, **addressed(client, DB), at=at + 1, flags=("SYN",), is_reply=False)
    ingress = {**verdict, "traffic_direction": "INGRESS"}
    capture.flow(*at_server, **addressed(client, DB), at=at + 2, node="node-b", **ingress)
    capture.flow(
        *reversed(at_server), **addressed(DB, client), at=at + 3, node="node-b", flags=("SYN", "ACK"), is_reply=True
    )
    capture.flow(*reversed(at_client), **addressed(DB, client), at=at + 4, flags=("SYN", "ACK"), is_reply=True)


def test_both_node_sightings_and_replies_are_one_connection():
    capture = HandMadeCapture()
    both_node_sightings(capture)
    [edge] = capture.observe().edges
    evidence = edge.evidence
    assert (evidence.connections, evidence.flows, evidence.answered, evidence.both_sides) == (1, 5, 1, 1)
    assert (evidence.client_nodes, evidence.server_nodes) == (1, 1)
    assert (evidence.verdicts.audited, evidence.egress_verdicts, evidence.ingress_verdicts) == (1, 1, 1)
    assert len(evidence.sample_uuids) == 1


def test_a_retransmission_is_no_new_connection_but_ten_silent_minutes_are():
    capture = HandMadeCapture()
    both_node_sightings(capture)
    both_node_sightings(capture, at=9 * MINUTE_NS)
    assert capture.observe().edges[0].evidence.connections == 1
    both_node_sightings(capture, at=20 * MINUTE_NS)
    assert capture.observe().edges[0].evidence.connections == 2


def test_gaps_are_measured_in_time_not_in_calendar_buckets():
    capture = HandMadeCapture()
    both_node_sightings(capture, at=9 * MINUTE_NS)
    both_node_sightings(capture, at=11 * MINUTE_NS)
    assert capture.observe().edges[0].evidence.connections == 1


def test_activity_counts_hours_six_hours_and_days():
    capture = HandMadeCapture()
    for hour in (0, 1, 7, 30):
        both_node_sightings(capture, at=hour * 60 * MINUTE_NS, port=40000 + hour)
    evidence = capture.observe().edges[0].evidence
    assert evidence.connections == 4
    assert (evidence.active_hours, evidence.active_six_hours, evidence.active_days) == (4, 3, 2)


def test_the_enforcing_node_names_the_peer():
    """The client's node calls the far control plane kube-apiserver; its own node calls it host (hubble-quirks 32)."""
    capture = HandMadeCapture()
    web_local, web_remote = capture.pod("web-1", local=True), capture.pod("web-1")
    far = capture.entity("kube-apiserver", "remote-node", identity=7)
    near = capture.entity("host", "kube-apiserver", identity=1)
    tuple_ = addressed(WEB, ("172.18.0.3", 6443))
    capture.flow(web_remote, near, **tuple_, node="control", flags=("SYN",))
    capture.flow(web_local, far, **tuple_, flags=("SYN",))
    [edge] = capture.observe().edges
    assert edge.server == EntityEnd(entity=Entity.KUBE_APISERVER)
    assert edge.evidence.server_addresses == ("172.18.0.3",)


def test_a_remote_node_at_the_servers_node_stays_remote_although_its_own_node_says_host():
    capture = HandMadeCapture()
    host, remote = capture.entity("host", identity=1), capture.entity("remote-node", identity=6)
    tuple_ = addressed(("10.244.7.1", 41000), ("10.244.1.2", 8080))
    capture.flow(host, capture.pod("web-1"), **tuple_, node="node-c", flags=("SYN",))
    capture.flow(remote, capture.pod("web-1", local=True), **tuple_, node="node-b", flags=("SYN",))
    assert keys(capture.observe()) == ["entity:remote-node -> shop/Deployment/web TCP/8080"]


def test_verdicts_take_the_strongest():
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1")
    verdict = {"event_type": 5, "flags": ("SYN",), "traffic_direction": "EGRESS"}
    for number, columns in enumerate(
        (
            {"verdict": "AUDIT", "policy_match_type": 2},
            {"verdict": "AUDIT", "egress_denied_by": ["CiliumNetworkPolicy/shop/no"]},
            {"verdict": "DROPPED", "drop_reason": "POLICY_DENIED"},
            {"verdict": "AUDIT"},
            {"verdict": "FORWARDED", "policy_match_type": 2, "egress_allowed_by": ["CiliumNetworkPolicy/shop/web"]},
            {"verdict": "FORWARDED"},
        )
    ):
        capture.flow(*ends, **addressed((WEB[0], 40000 + number), DB), **(verdict | columns))
    [edge] = capture.observe().edges
    mix = edge.evidence.verdicts
    counts = (mix.explicitly_denied, mix.denied, mix.audited, mix.allowed_by_policy, mix.no_verdict)
    assert counts == (2, 1, 1, 1, 1)
    assert edge.evidence.policies == ("CiliumNetworkPolicy/shop/web",)


def test_a_reset_is_a_refusal_and_not_an_answer():
    capture = HandMadeCapture()
    web, db = capture.pod("web-1", local=True), capture.pod("db-1")
    capture.flow(web, db, **addressed(WEB, DB), flags=("SYN",))
    capture.flow(db, web, **addressed(DB, WEB), flags=("RST", "ACK"), is_reply=True, at=1)
    evidence = capture.observe().edges[0].evidence
    assert (evidence.answered, evidence.refused) == (0, 1)
