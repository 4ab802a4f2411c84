"""Quirks 55 to 62: several clusters, IPv6, other emitters, masks and secrets."""

import pytest

from recommender.errors import FieldMaskError
from recommender.model.capture import FlowClass
from recommender.model.disposition import Disposition
from recommender.model.edge import OrientationReason
from tests.edges.captures import HandMadeCapture, keys
from tests.quirks.raw import (
    DB_IP,
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
    write,
)

EDGE = "shop/Deployment/web -> shop/Deployment/db TCP/5432"


def call(*flags, source=None, destination=None, port=40000, **flow):
    ends = source or pod("web", local=True), f"{WEB_IP}:{port}", destination or pod("db", local=True), f"{DB_IP}:5432"
    return record(*ends, *flags, **({"is_reply": False} | flow))


def of(cluster, name, **fields):
    labels = [f"k8s:io.cilium.k8s.policy.cluster={cluster}"]
    return pod(name, labels=labels, cluster_name=cluster, **fields)


def test_quirk_55_workloads_of_two_clusters_are_two_and_each_gets_its_own_policy(tmp_path):
    records = []
    for number, cluster in enumerate(("blue", "green")):
        ends = of(cluster, "web", local=True), f"10.{number}.0.1:40000", of("blue", "db", local=True), "10.0.1.2:5432"
        first = record(*ends, "SYN", is_reply=False, node=f"{cluster}/node-a")
        records += [first, reply(first, "SYN", "ACK")]
    result = recommended(tmp_path, records)
    assert [item.edge.key for item in result.edges] == [
        "blue/shop/Deployment/web -> blue/shop/Deployment/db TCP/5432",
        "green/shop/Deployment/web -> blue/shop/Deployment/db TCP/5432",
    ]
    assert "io.cilium.k8s.policy.cluster: green" in texts(result)


def test_quirk_55_clusters_with_the_same_addresses_do_not_mix(tmp_path):
    records = [
        call("SYN", source=of(c, "web", local=True), destination=of(c, "db"), node=f"{c}/node-a")
        for c in ("blue", "green")
    ]
    observation = observed(tmp_path, [*records, *(reply(item, "SYN", "ACK") for item in records)])
    assert [
        (edge.key.split("/")[0], edge.evidence.connections, edge.evidence.answered) for edge in observation.edges
    ] == [
        ("blue", 1, 1),
        ("green", 1, 1),
    ]


def test_quirk_55_both_nodes_of_a_connection_between_clusters_count_once(tmp_path):
    at_client = call("SYN", source=of("blue", "web", local=True), destination=of("green", "db"), node="blue/node-a")
    at_server = call("SYN", source=of("blue", "web"), destination=of("green", "db", local=True), node="green/node-a")
    [edge] = observed(tmp_path, [at_client, at_server]).edges
    assert (edge.evidence.connections, edge.evidence.both_sides) == (1, 1)


def test_quirk_56_both_families_are_one_edge():
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1")
    for source, destination in ((WEB_IP, DB_IP), ("2001:db8::1", "2001:db8::2")):
        address = {"source_ip": source, "destination_ip": destination, "source_port": 40000, "destination_port": 5432}
        capture.flow(*ends, **address, flags=("SYN",))
    [edge] = seen(capture).edges
    assert (edge.key, edge.evidence.connections) == (EDGE, 2)


def test_quirk_56_a_name_with_addresses_of_both_families_is_one_edge(tmp_path):
    web, world = pod("web", local=True), entity("world-ipv6", identity=10)
    names = {"destination_names": ["api.example.com."], "is_reply": False}
    records = [
        record(web, f"{WEB_IP}:40000", entity("world-ipv4", identity=9), f"{OUTSIDE}:443", "SYN", **names),
        record(web, "2001:db8::1:40000", world, "2001:db8:ffff::9:443", "SYN", at=1, **names),
    ]
    [edge] = observed(tmp_path, records).edges
    assert edge.evidence.server_addresses == ("2001:db8:ffff::9", OUTSIDE)


def aggregated(source, source_port, destination, destination_port, *, at=0.0, **flow):
    """A record of an aggregated export: no uuid, no event type, counts of events."""
    counts = {"ingress_flow_count": 5, "egress_flow_count": 7}
    ends = source, f"{WEB_IP if source['pod_name'].startswith('web') else DB_IP}:{source_port}"
    other = destination, f"{WEB_IP if destination['pod_name'].startswith('web') else DB_IP}:{destination_port}"
    return record(*ends, *other, at=at, aggregate=counts, event_type=None, Type=None, **flow)


WEB, DB = pod("web", local=True), pod("db", local=True)


def test_quirk_61_counts_of_an_aggregated_export_are_events_and_no_connections(tmp_path):
    [edge] = observed(tmp_path, [aggregated(WEB, 40000, DB, 5432), aggregated(DB, 5432, WEB, 40000, at=1)]).edges
    assert (edge.key, edge.evidence.connections, edge.evidence.flows) == (EDGE, 1, 24)
    assert [reason for reason, _ in edge.evidence.reasons] == [OrientationReason.PORT_NUMBER]


def test_quirk_61_a_missing_client_port_does_not_turn_the_edge(tmp_path):
    observation = observed(tmp_path, [aggregated(WEB, 0, DB, 5432), aggregated(DB, 0, WEB, 40000, at=1)])
    assert keys(observation) == [EDGE]
    assert classes(observation) == {FlowClass.WORKLOAD: 1, FlowClass.UNORIENTED: 1}


@pytest.mark.parametrize("flow", [{}, {"is_reply": False}, {"is_reply": True}])
def test_quirk_61_no_edge_and_no_rule_has_port_zero(tmp_path, flow):
    """Port 0 is every port to Cilium."""
    records = [aggregated(WEB, 40000, DB, 0, **flow), aggregated(DB, 0, WEB, 40000, at=1, **flow)]
    first = call("SYN")
    result = recommended(tmp_path, [*records, first, reply(first, "SYN", "ACK")])
    assert '"0"' not in texts(result)
    assert all(item.edge.port for item in result.edges)


def test_quirk_61_masked_labels_are_refused_with_the_right_mask(tmp_path):
    blind = {key: value for key, value in pod("web", local=True).items() if key != "labels"}
    with pytest.raises(FieldMaskError, match=r"source\.labels"):
        recommended(tmp_path, [call("SYN", source=blind, destination={"identity": 7})])


def test_quirk_61_empty_endpoints_are_unresolved_and_not_lost(tmp_path):
    observation = observed(tmp_path, [call("SYN"), call("SYN", destination={}, port=41000) | {}, _nowhere()])
    assert classes(observation)[FlowClass.UNRESOLVED] == 1
    assert keys(observation) == [EDGE]


def _nowhere():
    return record({}, "10.244.7.7:40000", {}, "10.244.7.8:80", "SYN", is_reply=False)


def test_quirk_61_masked_addresses_are_counted_and_make_no_edge(tmp_path):
    observation = observed(tmp_path, [call("SYN"), call("SYN", IP=None, port=41000), call(l4=None)])
    assert classes(observation) == {FlowClass.WORKLOAD: 1, FlowClass.NON_IP: 2}


@pytest.mark.parametrize("old", [{"reply": True, "is_reply": None}, {"reply": True}])
def test_quirk_61_reply_of_old_versions_is_believed_if_true(tmp_path, old):
    answer = record(DB, f"{DB_IP}:45001", WEB, f"{WEB_IP}:40000", "ACK", **({"is_reply": None} | old))
    assert keys(observed(tmp_path, [answer])) == ["shop/Deployment/web -> shop/Deployment/db TCP/45001"]


def test_quirk_60_both_ends_of_a_retina_record_are_local_and_tell_no_direction(tmp_path):
    """Its endpoint id is the identity, so `ID` is set at both ends; pod-template-hash is no part of a workload."""
    retina = {"emitter": {"name": "retina"}, "traffic_direction": "EGRESS", "is_reply": None}

    def endpoint(name, number):
        labels = ["k8s:pod-template-hash=5f4b9"]
        return pod(name, labels=labels, identity=number, ID=number, workloads=None) | {"ID": number}

    answer = record(endpoint("db", 7002), f"{DB_IP}:5432", endpoint("web", 7001), f"{WEB_IP}:40000", "ACK", **retina)
    observation = observed(tmp_path, [answer])
    [edge] = observation.edges
    assert (edge.port, edge.client.name.split("-")[0], edge.server.name.split("-")[0]) == (5432, "web", "db")
    result = recommended(tmp_path, [answer])
    assert "pod-template-hash" not in texts(result)
    assert "NPR110" in codes(result)


SECRET = "hunter2-secret"


def test_quirk_62_secrets_of_l7_records_are_stored_nowhere(tmp_path):
    http = {
        "method": "GET",
        "url": f"http://user:{SECRET}@db.shop/items?token={SECRET}#{SECRET}",
        "headers": [{"key": "Authorization", "value": f"Bearer {SECRET}"}],
    }
    l7 = {"Type": "L7", "event_type": {"type": 129}, "l7": {"type": "REQUEST", "http": http}}
    first = call("SYN")
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK"), call(at=1, **l7)])
    observed(tmp_path, [first, call(at=1, **l7)])
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*.parquet"))
    assert stored
    assert SECRET.encode() not in stored
    assert SECRET not in repr(result)
    assert SECRET in write(tmp_path, [call(**l7)]).read_text(encoding="utf-8")


def test_quirk_61_camel_case_spelling_says_the_same(tmp_path):
    first = call("SYN", traffic_direction="EGRESS")["flow"]
    respelled = {
        "".join([head, *(part.title() for part in rest)]): value
        for key, value in first.items()
        for head, *rest in [key.split("_")]
    }
    assert keys(observed(tmp_path, [{"flow": respelled, "nodeName": "node-a"}])) == [EDGE]


@pytest.mark.parametrize("because", [{"policy_match_type": 2}, {"egress_denied_by": [{"name": "no"}]}])
def test_quirk_61_an_explicit_deny_is_one_even_where_the_mask_leaves_out_the_event_type(tmp_path, because):
    """Only policy verdicts audit, so the verdict tells the kind of record."""
    first = call("SYN", event_type=None)
    denied = call("SYN", event_type=None, verdict="AUDIT", traffic_direction="EGRESS", port=41000, **because)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK", event_type=None), denied])
    [edge] = result.edges
    assert edge.edge.evidence.verdicts.explicitly_denied == 1
    assert edge.decided.disposition is Disposition.QUARANTINED
    assert result.capture.verdict_flows == 1
