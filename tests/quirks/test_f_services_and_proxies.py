"""Quirks 44 to 54: services, address translation, proxies and strange packets."""

import pytest

from recommender.model.capture import FlowClass
from recommender.model.disposition import Disposition
from recommender.model.inventory import Inventory, InventoryPod, InventoryService, ServicePort
from tests.edges.captures import HandMadeCapture, keys
from tests.edges.test_orientation import DB, WEB, addressed
from tests.quirks.raw import (
    DB_IP,
    NODE_A,
    NODE_B,
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
    texts,
)

EDGE = "shop/Deployment/web -> shop/Deployment/db TCP/5432"
WORLD = entity("world", identity=2)
SERVICE = {"destination_service": {"name": "db", "namespace": "shop"}}
CLUSTER_IP = "10.96.0.5"


def to_service(*flags, port=40000, peer=WORLD, **flow):
    ends = pod("web", local=True), f"{WEB_IP}:{port}", peer, f"{CLUSTER_IP}:80"
    return record(*ends, *flags, **({"is_reply": False} | SERVICE | flow))


def to_backend(*flags, port=40000, **flow):
    ends = pod("web", local=True), f"{WEB_IP}:{port}", pod("db", local=True), f"{DB_IP}:5432"
    return record(*ends, *flags, **({"is_reply": False} | flow))


def test_quirk_44_cluster_ip_and_pod_ip_of_one_connection_count_once(tmp_path):
    records = [to_service("SYN"), to_backend("SYN", at=0.001), reply(to_service(), "SYN", "ACK", at=0.002)]
    records[2]["flow"]["source_service"] = SERVICE["destination_service"]
    observation = observed(tmp_path, records)
    assert keys(observation) == [EDGE]
    evidence = observation.edges[0].evidence
    assert (evidence.connections, evidence.flows, evidence.answered) == (1, 3, 1)


def test_quirk_44_socket_traces_are_no_edges_but_lead_to_the_backend(tmp_path):
    socket = {"Type": "SOCK", "event_type": {"type": 7}, "socket_cookie": "77", "is_reply": None}
    pre = to_service(verdict="TRACED", sock_xlate_point="SOCK_XLATE_POINT_PRE_DIRECTION_FWD", **socket)
    post = to_backend(verdict="TRANSLATED", sock_xlate_point="SOCK_XLATE_POINT_POST_DIRECTION_FWD", at=0.1, **socket)
    observation = observed(tmp_path, [pre, post, to_service("SYN", port=41000, at=1)])
    assert keys(observation) == [EDGE]
    assert classes(observation) == {FlowClass.SOCKET: 2, FlowClass.WORKLOAD: 1}


def test_quirk_44_masked_type_and_event_do_not_make_an_edge_of_a_socket_trace(tmp_path):
    pre = to_service(Type=None, event_type=None, sock_xlate_point="SOCK_XLATE_POINT_PRE_DIRECTION_FWD")
    assert classes(observed(tmp_path, [pre])) == {FlowClass.SOCKET: 1}


@pytest.mark.parametrize("peer", [WORLD, {}, None, {"identity": 16777300, "labels": ["cidr:10.0.0.0/8"]}])
def test_quirk_44_an_unresolved_service_is_a_gap_and_never_a_cidr(tmp_path, peer):
    first = to_backend("SYN", port=41000)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK"), to_service("SYN", peer=peer, at=60)])
    assert CLUSTER_IP not in texts(result)
    assert "NPR107" in codes(result)


def test_quirk_44_a_service_in_front_of_the_apiserver_resolves_to_it():
    capture = HandMadeCapture()
    web, world = capture.pod("web-1", local=True), capture.entity("world", identity=2)
    apiserver = capture.entity("remote-node", "kube-apiserver", identity=6)
    call = addressed(WEB, ("10.96.0.1", 443)) | {"destination_service": "default/kubernetes"}
    capture.flow(web, world, **call, flags=("SYN",))
    capture.flow(web, apiserver, **addressed(WEB, (NODE_A, 6443)), flags=("SYN",), at=1)
    [edge] = seen(capture).edges
    assert edge.key == "shop/Deployment/web -> entity:kube-apiserver TCP/6443"
    assert (edge.evidence.connections, edge.evidence.server_addresses) == (1, (NODE_A,))


def test_quirk_44_the_inventory_resolves_a_service():
    capture = HandMadeCapture()
    web, db = capture.pod("web-1", local=True), capture.pod("db-1")
    capture.flow(web, db, **addressed(WEB, DB), flags=("SYN",))
    world = capture.entity("world", identity=2)
    capture.flow(web, world, **addressed((WEB[0], 41000), (CLUSTER_IP, 80)), flags=("SYN",))
    service = InventoryService(
        namespace="shop",
        name="db",
        selector=(("app", "db"),),
        cluster_ips=(CLUSTER_IP,),
        ports=(ServicePort(protocol="TCP", port=80, target_port=5432),),
    )
    pods = (InventoryPod(namespace="shop", name="db-1", labels=(("app", "db"),)),)
    assert keys(seen(capture, Inventory(services=(service,), pods=pods))) == [EDGE]


@pytest.mark.parametrize("target", [5432, "sql"])
def test_quirk_44_an_edge_holds_the_target_port_and_never_that_of_the_service(target):
    capture = HandMadeCapture()
    web, db = capture.pod("web-1", local=True), capture.pod("db-1", local=True)
    world = capture.entity("world", identity=2)
    capture.flow(db, web, **addressed((DB[0], 40000), (WEB[0], 9000)), flags=("SYN",))
    capture.flow(web, world, **addressed((WEB[0], 41000), (CLUSTER_IP, 80)), flags=("SYN",))
    service = InventoryService(
        namespace="shop",
        name="db",
        selector=(("app", "db"),),
        cluster_ips=(CLUSTER_IP,),
        ports=(ServicePort(protocol="TCP", port=80, target_port=target),),
    )
    pods = tuple(
        InventoryPod(
            namespace="shop", name=name, labels=(("app", "db"),), addresses=(ip,), named_ports=(("sql", "TCP", 5432),)
        )
        for name, ip in (("db-1", DB[0]), ("db-2", "10.244.1.9"))
    )
    observation = seen(capture, Inventory(services=(service,), pods=pods))
    assert EDGE in keys(observation)
    assert not [key for key in keys(observation) if key.endswith("TCP/80")]


def behind_one_service(*backends):
    """A call to a service's address, and an inventory with these (pod, number of its port `sql`) behind it."""
    capture = HandMadeCapture()
    web, world = capture.pod("web-1", local=True), capture.entity("world", identity=2)
    for place, (name, _) in enumerate(backends):
        known = addressed((f"10.244.1.{20 + place}", 40000), (WEB[0], 9000))
        capture.flow(capture.pod(name, local=True), web, **known, flags=("SYN",))
    capture.flow(web, world, **addressed((WEB[0], 41000), (CLUSTER_IP, 80)), flags=("SYN",))
    capture.flow(world, web, **addressed((CLUSTER_IP, 80), (WEB[0], 41000)), flags=("SYN", "ACK"))
    service = InventoryService(
        namespace="shop",
        name="db",
        selector=(("tier", "data"),),
        cluster_ips=(CLUSTER_IP,),
        ports=(ServicePort(protocol="TCP", port=80, target_port="sql"),),
    )
    pods = tuple(
        InventoryPod(namespace="shop", name=name, labels=(("tier", "data"),), named_ports=(("sql", "TCP", number),))
        for name, number in backends
    )
    return seen(capture, Inventory(services=(service,), pods=pods))


@pytest.mark.parametrize(
    ("backends", "expected"),
    [
        ((("db-1", 5432), ("canary-1", 5433)), {"db TCP/5432", "canary TCP/5433"}),
        ((("db-1", 5432), ("db-2", 5433)), {"db TCP/5432", "db TCP/5433"}),
        ((("db-1", 5432), ("db-2", 5432)), {"db TCP/5432"}),
    ],
)
def test_quirk_44_a_service_stands_for_all_its_backends_each_on_its_own_port(backends, expected):
    observation = behind_one_service(*backends)
    called = [edge for edge in observation.edges if edge.client.name == "web"]
    assert {edge.key.rpartition("/Deployment/")[2] for edge in called} == expected
    assert {(edge.evidence.connections, edge.evidence.answered) for edge in called} == {(1, 1)}
    assert all(not edge.evidence.server_addresses for edge in called)
    assert FlowClass.UNRESOLVED not in classes(observation)


def test_quirk_44_a_service_with_too_many_backends_stays_unresolved():
    observation = behind_one_service(*((f"app{number}-1", 5000 + number) for number in range(9)))
    assert not [edge for edge in observation.edges if edge.client.name == "web"]
    assert classes(observation)[FlowClass.UNRESOLVED] == 2


def test_quirk_45_a_service_name_is_shown_and_never_selected(tmp_path):
    first = to_backend("SYN", **SERVICE)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK")])
    assert result.edges[0].edge.evidence.services == ("shop/db",)
    assert "toServices" not in texts(result)


def test_quirk_46_replicas_of_one_workload_are_an_edge_to_itself(tmp_path):
    def db(number, **fields):
        return pod("db", pod_name=f"db-{number}", **fields)

    first = record(db(0, local=True), f"{DB_IP}:40000", db(1, local=True), "10.244.1.3:5432", "SYN", is_reply=False)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK")])
    assert [item.edge.key for item in result.edges] == ["shop/Deployment/db -> shop/Deployment/db TCP/5432"]
    assert result.edges[0].decided.disposition is not Disposition.IMPLICIT
    [manifest] = result.manifests
    assert manifest.text.count('"5432"') == 2


@pytest.mark.parametrize("peer", [WORLD, None, entity("host", identity=1)])
def test_quirk_47_a_hairpin_through_the_own_service_is_the_pod_itself(tmp_path, peer):
    first = record(peer, "169.254.42.1:40000", pod("web", local=True), f"{WEB_IP}:8080", "SYN", is_reply=False)
    observation = observed(tmp_path, [first, reply(first, "SYN", "ACK")])
    assert classes(observation) == {FlowClass.LOOPBACK: 2}


def test_quirk_48_a_translated_client_is_the_world_and_never_a_node_address(tmp_path):
    node = record(entity("remote-node", identity=6), f"{NODE_B}:39000", pod("web", local=True), f"{WEB_IP}:9100", "SYN")
    outside = record(WORLD, f"{NODE_B}:40000", pod("web", local=True), f"{WEB_IP}:8080", "SYN", is_reply=False)
    result = recommended(tmp_path, [node, outside, reply(outside, "SYN", "ACK")])
    assert "entity:world -> shop/Deployment/web TCP/8080" in [item.edge.key for item in result.edges]
    assert NODE_B not in texts(result)


def test_quirk_48_a_client_address_that_was_kept_stays_itself(tmp_path):
    outside = record(WORLD, f"{OUTSIDE}:40000", pod("web", local=True), f"{WEB_IP}:8080", "SYN", is_reply=False)
    assert keys(observed(tmp_path, [outside])) == [f"ip:{OUTSIDE} -> shop/Deployment/web TCP/8080"]


def test_quirk_48_a_node_that_lost_its_identity_is_a_node_and_no_address(tmp_path):
    known = record(pod("web", local=True), f"{WEB_IP}:40000", entity("remote-node", identity=6), f"{NODE_B}:9100")
    lost = record(pod("web", local=True), f"{WEB_IP}:40001", WORLD, f"{NODE_B}:9101", "SYN", is_reply=False)
    assert keys(observed(tmp_path, [known, lost])) == [
        "shop/Deployment/web -> entity:remote-node TCP/9100",
        "shop/Deployment/web -> entity:remote-node TCP/9101",
    ]


def test_quirk_49_translation_on_the_way_out_counts_once_and_names_the_pod(tmp_path):
    out = record(pod("web", local=True), f"{WEB_IP}:40000", WORLD, f"{OUTSIDE}:443", "SYN", is_reply=False)
    left = record(pod("web", local=True), f"{WEB_IP}:40000", WORLD, f"{OUTSIDE}:443", "SYN", is_reply=False, at=0.001)
    left["flow"]["IP"]["source_xlated"] = NODE_A
    gateway = record(
        entity("host", identity=1), f"{NODE_B}:61234", WORLD, f"{OUTSIDE}:443", "SYN", at=0.002, node="node-b"
    )
    observation = observed(tmp_path, [out, left, gateway])
    assert keys(observation) == [f"shop/Deployment/web -> ip:{OUTSIDE} TCP/443"]
    assert observation.edges[0].evidence.connections == 1
    assert classes(observation) == {FlowClass.WORKLOAD: 2, FlowClass.HOST: 1}


def behind_the_proxy(**fields):
    """The proxy's second leg: the pod's identity, the host's address, no pod name and no endpoint id."""
    endpoint = pod("web", **fields)
    return {key: endpoint[key] for key in ("identity", "namespace", "labels")}


def test_quirk_50_the_proxys_second_leg_belongs_to_the_pod(tmp_path):
    first = to_backend("SYN")
    redirected = {"event_type": {"type": 5}, "verdict": "REDIRECTED", "policy_match_type": 2}
    records = [
        first,
        to_backend("SYN", traffic_direction="EGRESS", **redirected),
        to_backend("SYN", at=0.001, trace_observation_point="TO_PROXY", proxy_port=10001),
        record(behind_the_proxy(), f"{NODE_A}:51000", pod("db", local=True), f"{DB_IP}:5432", "SYN", at=0.002),
    ]
    observation = observed(tmp_path, records)
    assert keys(observation) == [EDGE]
    assert observation.edges[0].evidence.verdicts.allowed_by_policy == 1


def test_quirk_50_a_leg_that_is_also_called_host_is_the_pods(tmp_path):
    leg = (f"{NODE_A}:51000", pod("db", local=True), f"{DB_IP}:5432", "SYN")
    records = [
        to_backend("SYN"),
        record(entity("host", identity=1), *leg, is_reply=False),
        record(behind_the_proxy(), *leg, is_reply=False, at=0.001),
    ]
    assert keys(observed(tmp_path, records)) == [EDGE]


def test_quirk_50_the_host_address_behind_a_proxied_pod_does_not_become_the_pods(tmp_path):
    records = [
        to_backend("SYN"),
        record(behind_the_proxy(), f"{NODE_A}:51000", pod("db", local=True), f"{DB_IP}:5432", "SYN", at=1),
        record(WORLD, f"{NODE_A}:52000", pod("db", local=True), f"{DB_IP}:9000", "SYN", at=2),
    ]
    assert "shop/Deployment/web -> shop/Deployment/db TCP/9000" not in keys(observed(tmp_path, records))


def test_quirk_50_cilium_ingress_is_an_entity(tmp_path):
    ingress = entity("ingress", identity=8)
    first = record(ingress, "10.244.0.200:40000", pod("web", local=True), f"{WEB_IP}:8080", "SYN", is_reply=False)
    arrived = record(WORLD, f"{OUTSIDE}:40000", ingress, f"{NODE_A}:443", "SYN", is_reply=False)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK"), arrived])
    assert [item.edge.key for item in result.edges] == ["entity:ingress -> shop/Deployment/web TCP/8080"]
    assert "- ingress" in texts(result)


@pytest.mark.parametrize("port", [8472, 6081, 51871])
def test_quirk_51_the_underlay_is_no_pods(tmp_path, port):
    ends = entity("host", identity=1), f"{NODE_A}:{port}", entity("remote-node", identity=6), f"{NODE_B}:{port}"
    assert classes(observed(tmp_path, [record(*ends, protocol="UDP")])) == {FlowClass.UNDERLAY: 1}


def test_quirk_51_a_tunnelled_record_shows_the_inner_ends(tmp_path):
    tunnel = {"protocol": "VXLAN", "IP": {"source": NODE_A, "destination": NODE_B}, "vni": 7}
    assert keys(observed(tmp_path, [to_backend("SYN", tunnel=tunnel)])) == [EDGE]


def test_quirk_52_named_ports_are_rendered_as_numbers_for_each_pod(tmp_path):
    def server(number):
        label = f"gen:io.cilium.k8s.named-ports=http.TCP.{number}"
        return pod("db", local=True, labels=[label], pod_name=f"db-{number}")

    calls = [
        record(pod("web", local=True), f"{WEB_IP}:{40000 + port}", server(port), f"10.244.1.{port % 100}:{port}", "SYN")
        for port in (8080, 8081)
    ]
    result = recommended(tmp_path, [item for call in calls for item in (call, reply(call, "SYN", "ACK"))])
    assert {item.edge.port for item in result.edges} == {8080, 8081}
    [db] = [workload for workload in result.workloads if workload.end.name == "db"]
    assert db.named_ports == (("http", "TCP", 8080), ("http", "TCP", 8081))
    assert "port: http" not in texts(result)
    assert "gen:" not in texts(result)
    assert "TCP/8080 is named http at the server, which its pods give to different numbers (8080, 8081)" in texts(
        result
    )


def passive_ftp(*, count):
    """Data connections to a port that the server picks anew each time."""
    web, db = pod("web", local=True), pod("db", local=True)
    ports = [50000 + 4 * number for number in range(count)]
    calls = [
        record(web, f"{WEB_IP}:{40000 + n}", db, f"{DB_IP}:{port}", "SYN", at=n * 60) for n, port in enumerate(ports)
    ]
    return [item for call in calls for item in (call, reply(call, "SYN", "ACK"))]


def test_quirk_53_many_dynamic_ports_become_a_range_for_review(tmp_path):
    result = recommended(tmp_path, passive_ftp(count=25))
    assert texts(result).count("endPort: 50100") == 2
    assert {item.decided.disposition for item in result.edges} == {Disposition.REVIEW}
    assert "NPR310" in codes(result)
    assert result.proof.holds


def test_quirk_53_few_ports_stay_exact(tmp_path):
    result = recommended(tmp_path, passive_ftp(count=19))
    assert "endPort" not in texts(result)
    assert "NPR310" not in codes(result)


def test_quirk_53_replies_are_never_a_range(tmp_path):
    """Quirk 4: one fixed port of the one and many high ports of the other are a server and its clients' ports."""
    web, db = pod("web", local=True), pod("db", local=True)
    first = record(web, f"{WEB_IP}:39999", db, f"{DB_IP}:5432", "SYN", is_reply=False)
    answers = [
        record(db, f"{DB_IP}:5432", web, f"{WEB_IP}:{40000 + n}", "ACK", at=n + 1, is_reply=False, trace_reason="NEW")
        for n in range(60)
    ]
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK"), *answers])
    assert [item.edge.key for item in result.edges] == [EDGE]
    assert "endPort" not in texts(result)
    assert "NPR324" in codes(result)


def test_quirk_54_what_is_not_ip_is_skipped_and_counted(tmp_path):
    arp = to_backend(IP=None, l4=None)
    esp = to_backend(l4=None, at=1)
    observation = observed(tmp_path, [to_backend("SYN"), arp, esp])
    assert classes(observation) == {FlowClass.WORKLOAD: 1, FlowClass.NON_IP: 2}


def test_quirk_54_a_protocol_without_a_name_in_policies_is_told_only_where_a_pod_speaks_it(tmp_path):
    first = to_backend("SYN")
    vrrp = {"l4": {"VRRP": {"type": 1}}}
    host = record(entity("host", identity=1), NODE_A, entity("remote-node", identity=6), NODE_B, **vrrp)
    spoken = record(pod("web", local=True), WEB_IP, entity("remote-node", identity=6), NODE_B, **vrrp)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK"), host, spoken])
    assert {item.flow_class: item.flows for item in result.capture.classes} == {
        FlowClass.WORKLOAD: 2,
        FlowClass.HOST: 1,
        FlowClass.INEXPRESSIBLE: 1,
    }
    assert "NPR111" in codes(result)
