import pytest

from recommender.model.capture import FlowClass
from tests.edges.captures import HandMadeCapture, keys
from tests.edges.test_orientation import DB, WEB, addressed


def classes(capture):
    return {item.flow_class: item.flows for item in capture.observe().capture.classes}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"type": "SOCK", "event_type": 7, "source_port": None}, FlowClass.SOCKET),
        ({"source_ip": None}, FlowClass.NON_IP),
        ({"protocol": "VRRP"}, FlowClass.INEXPRESSIBLE),
        ({"protocol": "ICMPv6", "icmp_type": 135}, FlowClass.NEIGHBOUR_DISCOVERY),
        ({"protocol": "ICMPv4", "icmp_type": 3}, FlowClass.ICMP_ERROR),
        ({"trace_reason": "RELATED"}, FlowClass.ICMP_ERROR),
        ({"destination_ip": "239.1.2.3"}, FlowClass.MULTICAST),
        ({"destination_ip": "ff02::1"}, FlowClass.MULTICAST),
        ({"verdict": "DROPPED", "drop_reason": "INVALID_SOURCE_IP"}, FlowClass.NOT_DEMAND),
        ({"verdict": "ERROR"}, FlowClass.NOT_DEMAND),
        ({"verdict": "DROPPED", "drop_reason": "POLICY_DENIED"}, FlowClass.WORKLOAD),
        ({}, FlowClass.WORKLOAD),
    ],
)
def test_each_kind_of_traffic_has_its_class(columns, expected):
    capture = HandMadeCapture()
    base = addressed(WEB, DB) | {"flags": ("SYN",)}
    capture.flow(capture.pod("web-1", local=True), capture.pod("db-1"), **(base | columns))
    assert classes(capture) == {expected: 1}


@pytest.mark.parametrize(
    ("ends", "ports", "expected"),
    [
        (("host", "remote-node"), (8472, 8472), FlowClass.UNDERLAY),
        (("host", "remote-node"), (40000, 10250), FlowClass.HOST),
        (("health", "remote-node"), (40000, 4240), FlowClass.HEALTH),
        (("init", "world"), (40000, 443), FlowClass.INIT),
    ],
)
def test_traffic_without_a_pod_is_classed_and_not_lost(ends, ports, expected):
    capture = HandMadeCapture()
    source, destination = (capture.entity(name) for name in ends)
    tuple_ = addressed(("192.0.2.1", ports[0]), ("192.0.2.2", ports[1]))
    capture.flow(source, destination, protocol="UDP", **tuple_)
    assert classes(capture) == {expected: 1}
    assert capture.observe().edges == ()


def test_every_flow_is_in_one_class():
    capture = HandMadeCapture()
    pod = capture.pod("web-1", local=True)
    capture.flow(pod, capture.pod("db-1"), **addressed(WEB, DB), flags=("SYN",))
    capture.flow(pod, pod, **addressed(WEB, (WEB[0], 8080)), flags=("SYN",))
    capture.flow(pod, None, **addressed(WEB, ("10.99.0.1", 80)), flags=("SYN",))
    assert classes(capture) == {FlowClass.WORKLOAD: 1, FlowClass.LOOPBACK: 1, FlowClass.UNRESOLVED: 1}


def test_a_lost_identity_is_found_by_address():
    """A deleted pod reads as world although its address is a pod's (hubble-quirks 30)."""
    capture = HandMadeCapture()
    web, db, world = (
        capture.pod("web-1", local=True),
        capture.pod("db-1", local=True),
        capture.entity("world", identity=2),
    )
    capture.flow(web, world, **addressed(WEB, DB), flags=("SYN",))
    capture.flow(capture.pod("other-1"), db, **addressed(("10.244.0.9", 40000), DB), flags=("SYN",), node="node-b")
    assert "shop/Deployment/web -> shop/Deployment/db TCP/5432" in keys(capture.observe())


def test_a_service_address_resolves_to_its_backend_and_target_port():
    capture = HandMadeCapture()
    web, db, world = capture.pod("web-1", local=True), capture.pod("db-1"), capture.entity("world", identity=2)
    socket = {"type": "SOCK", "event_type": 7, "socket_cookie": 77, "source_ip": WEB[0]}
    service = {"destination_ip": "10.96.0.5", "destination_port": 80, "destination_service": "shop/db"}
    capture.flow(web, world, sock_xlate_point="PRE_FWD", verdict="TRACED", **socket, **service)
    backend = {"destination_ip": DB[0], "destination_port": DB[1]}
    capture.flow(web, db, sock_xlate_point="POST_FWD", verdict="TRANSLATED", at=10, **socket, **backend)
    capture.flow(web, world, **addressed(WEB, ("10.96.0.5", 80)), flags=("SYN",), destination_service="shop/db")
    observation = capture.observe()
    assert keys(observation) == ["shop/Deployment/web -> shop/Deployment/db TCP/5432"]
    assert observation.edges[0].evidence.services == ("shop/db",)


def test_a_service_address_without_known_backends_is_unresolved_and_never_a_cidr():
    capture = HandMadeCapture()
    web, world = capture.pod("web-1", local=True), capture.entity("world", identity=2)
    tuple_ = addressed(WEB, ("10.96.0.5", 80))
    capture.flow(web, world, **tuple_, flags=("SYN",), destination_service="shop/db")
    assert classes(capture) == {FlowClass.UNRESOLVED: 1}


def test_a_translated_source_address_is_the_world_and_never_a_node_cidr():
    capture = HandMadeCapture()
    world, node = capture.entity("world", identity=2), capture.entity("remote-node", identity=6)
    web = capture.pod("web-1", local=True)
    capture.flow(node, web, **addressed(("172.18.0.4", 40000), (WEB[0], 8080)), flags=("SYN",))
    capture.flow(world, web, **addressed(("172.18.0.4", 40001), (WEB[0], 8443)), flags=("SYN",))
    assert "entity:world -> shop/Deployment/web TCP/8443" in keys(capture.observe())


def test_many_outside_clients_are_the_world_and_few_are_themselves():
    capture = HandMadeCapture()
    world, web = capture.entity("world", identity=2), capture.pod("web-1", local=True)
    for number in range(20):
        capture.flow(world, web, **addressed((f"203.0.113.{number}", 40000), (WEB[0], 443)), flags=("SYN",))
    capture.flow(world, web, **addressed(("198.51.100.7", 40000), (WEB[0], 8443)), flags=("SYN",))
    observation = capture.observe()
    assert keys(observation) == [
        "entity:world -> shop/Deployment/web TCP/443",
        "ip:198.51.100.7 -> shop/Deployment/web TCP/8443",
    ]
    assert len(observation.edges[0].evidence.client_addresses) == 20


def test_the_examples_of_a_class_differ():
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1")
    for number in range(9):
        capture.flow(*ends, **addressed((WEB[0], 40000 + number // 4), DB), at=number, flags=("SYN",))
    [item] = capture.observe().capture.classes
    assert [text.split(" -> ")[0] for text in item.examples] == [f"{WEB[0]}:{port}" for port in (40000, 40001, 40002)]


@pytest.mark.parametrize(
    ("columns", "replies"),
    [
        ({"is_reply": True}, 1),
        ({"is_reply": False, "flags": ("SYN", "ACK")}, 0),
        ({"flags": ("SYN", "ACK")}, 1),
        ({"flags": ("ACK",)}, 0),
        ({"trace_reason": "REPLY"}, 1),
        ({"l7_type": "RESPONSE"}, 1),
        ({}, 0),
    ],
)
def test_replies_are_counted_though_is_reply_is_masked(columns, replies):
    capture = HandMadeCapture()
    capture.flow(capture.pod("web-1", local=True), capture.pod("db-1"), **addressed(WEB, DB), **columns)
    assert capture.observe().capture.reply_flows == replies
