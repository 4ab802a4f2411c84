from __future__ import annotations

import json

import pytest

from recommender.ingest.layers import path_of
from recommender.ingest.rejects import RejectedRecordError
from recommender.ingest.timestamps import Clock, parse_time


@pytest.fixture
def row(make_flow, wrap, decode_bytes):
    def run(**changes):
        decoded = decode_bytes(wrap(make_flow(**changes)))
        assert decoded.rejects == []
        (flow,) = decoded.flows
        return flow

    return run


def test_the_usual_flow(row):
    flow = row()
    expected = {
        "uuid": "dbd0263c-fcea-4a28-a641-e9fb6474d9a3",
        "time": 1789297050264664045,
        "cluster": "east",
        "node": "node-a",
        "type": "L3_L4",
        "event_type": 4,
        "event_sub_type": 4,
        "verdict": "FORWARDED",
        "drop_reason": None,
        "policy_match_type": None,
        "is_reply": False,
        "protocol": "TCP",
        "source_port": 40000,
        "destination_port": 5432,
        "tcp_flags": 2,
        "icmp_type": None,
        "source_names": None,
        "l7_type": None,
        "events": 1,
    }
    assert {key: flow[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_reply": None}, {"is_reply": None}),
        ({"is_reply": None, "reply": True}, {"is_reply": True}),
        ({"is_reply": None, "reply": False}, {"is_reply": None}),
        ({"is_reply": False, "reply": True}, {"is_reply": False}),
        ({"event_type": {"type": 4}}, {"event_type": 4, "event_sub_type": 0}),
        ({"event_type": None}, {"event_type": None, "event_sub_type": None}),
        ({"policy_match_type": 0}, {"policy_match_type": None}),
        ({"policy_match_type": 4}, {"policy_match_type": 4}),
        ({"verdict": 4}, {"verdict": "AUDIT"}),
        ({"verdict": 99}, {"verdict": "99"}),
        ({"verdict": "VERDICT_UNKNOWN"}, {"verdict": None}),
        ({"traffic_direction": "TRAFFIC_DIRECTION_UNKNOWN"}, {"traffic_direction": None}),
        ({"drop_reason_desc": "POLICY_DENY", "drop_reason": 133}, {"drop_reason": "POLICY_DENY"}),
        ({"drop_reason_desc": 206}, {"drop_reason": "206"}),
        ({"drop_reason": 206}, {"drop_reason": "206"}),
        ({"drop_reason": 133}, {"drop_reason": "POLICY_DENIED"}),
        ({"drop_reason": 0}, {"drop_reason": None}),
        ({"l4": {"ICMPv4": {}}}, {"protocol": "ICMPv4", "icmp_type": 0, "icmp_code": 0, "source_port": None}),
        ({"l4": {"ICMPv6": {"type": 128}}}, {"protocol": "ICMPv6", "icmp_type": 128, "icmp_code": 0}),
        ({"l4": {"UDP": {"destination_port": 53}}}, {"protocol": "UDP", "source_port": None, "destination_port": 53}),
        ({"l4": {"SCTP": {"source_port": 1, "destination_port": 2}}}, {"protocol": "SCTP", "destination_port": 2}),
        ({"l4": {"VRRP": {"vrid": 1}}}, {"protocol": "VRRP", "destination_port": None}),
        ({"l4": {"IGMP": {}}}, {"protocol": "IGMP"}),
        ({"l4": {"QUIC": {}}}, {"protocol": None}),
        ({"l4": {"TCP": {"flags": {"SYN": True, "ACK": True, "NS": True}}}}, {"tcp_flags": 2 + 16 + 256}),
        ({"l4": {"TCP": {"source_port": 65535}}}, {"tcp_flags": None, "source_port": 65535}),
        (
            {"sock_xlate_point": "SOCK_XLATE_POINT_POST_DIRECTION_REV", "socket_cookie": "18446744073709551615"},
            {"sock_xlate_point": "POST_REV", "socket_cookie": 2**64 - 1},
        ),
        ({"sock_xlate_point": 1, "socket_cookie": 5}, {"sock_xlate_point": "PRE_FWD", "socket_cookie": 5}),
        ({"node_name": "node-b"}, {"cluster": None, "node": "node-b"}),
        ({"node_name": "a/b/c"}, {"cluster": "a", "node": "b/c"}),
        ({"source_names": ["API.Example.COM.", "api.example.com", "."]}, {"source_names": ["api.example.com"]}),
        ({"destination_service": {"name": "db", "namespace": "shop"}}, {"destination_service": "shop/db"}),
        ({"tunnel": {"protocol": "VXLAN", "IP": {}}}, {"tunnel_protocol": "VXLAN"}),
        ({"tunnel": {}}, {"tunnel_protocol": None}),
        (
            {"egress_denied_by": [{"name": "p", "namespace": "n", "kind": "CiliumNetworkPolicy", "revision": "6"}]},
            {"egress_denied_by": ["CiliumNetworkPolicy/n/p"]},
        ),
        ({"ingress_allowed_by": [{"name": "p"}]}, {"ingress_allowed_by": ["Policy//p"]}),
        ({"aggregate": {"ingress_flow_count": 3, "unknown_direction_flow_count": 4}}, {"events": 7}),
        ({"aggregate": {}}, {"events": 1}),
        ({"emitter": {"name": "Retina", "version": "1.0"}}, {"emitter_name": "Retina", "emitter_version": "1.0"}),
        ({"source": None}, {"source_endpoint": None}),
        ({"IP": {"source": "10.244.1.5", "source_xlated": "192.0.2.9"}}, {"source_ip_translated": "192.0.2.9"}),
        (
            {"l7": {"type": "RESPONSE", "dns": {"query": "Db.Shop.", "ips": ["192.0.2.1"], "ttl": 30}}},
            {"l7_type": "RESPONSE", "l7_protocol": "dns", "dns_query": "db.shop", "dns_rcode": 0, "dns_ttl": 30},
        ),
        ({"l7": {"type": "REQUEST", "dns": {"query": "db."}}}, {"dns_rcode": None, "dns_ips": None}),
        ({"l7": {"type": 2, "dns": {"rcode": 3, "ttl": 4294967295}}}, {"dns_rcode": 3, "dns_ttl": 4294967295}),
        ({"l7": {"type": "REQUEST", "kafka": {"topic": "t"}}}, {"l7_protocol": "kafka"}),
    ],
)
def test_field_treatment(changes, expected, row):
    flow = row(**changes)
    assert {key: flow[key] for key in expected} == expected


def test_secrets_of_http_are_not_stored(make_flow, wrap, decode_bytes):
    http = {
        "method": "GET",
        "url": "http://user:hunter2@api.example/a/b?token=hunter2#hunter2",
        "headers": [{"key": "Authorization", "value": "hunter2"}],
    }
    decoded = decode_bytes(wrap(make_flow(l7={"type": "REQUEST", "http": http}, Summary="GET hunter2")))
    assert decoded.flows[0]["http_path"] == "/a/b"
    assert decoded.flows[0]["http_code"] is None
    assert "hunter2" not in repr(decoded)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://h/a?b=c", "/a"),
        ("https://u:p@h:1/a/b#f", "/a/b"),
        ("http://h", "/"),
        ("http://h?x=http://y/z", "/"),
        ("/a?u=http://x/secret", "/a"),
        ("//u:p@h/a", "/a"),
        ("u:p@h:443", None),
        ("u:p@h:443/a", "/a"),
        ("", None),
        ("?token=x", None),
    ],
)
def test_only_the_path_of_a_url_is_kept(url, path):
    assert path_of(url) == path


def test_endpoints_take_namespace_and_cluster_from_their_labels(make_flow, wrap, decode_bytes):
    labels = ["k8s:io.kubernetes.pod.namespace=ns", "k8s:app=x", "k8s:io.cilium.k8s.policy.cluster=west", "k8s:app=x"]
    decoded = decode_bytes(wrap(make_flow(source={"labels": labels}, destination={"ID": 0, "identity": 2})))
    by_id = {row["endpoint_id"]: row for row in decoded.endpoints}
    source = by_id[decoded.flows[0]["source_endpoint"]]
    assert (source["namespace"], source["cluster"], source["local"], source["identity"]) == ("ns", "west", False, 0)
    assert by_id[decoded.flows[0]["destination_endpoint"]]["local"] is True
    assert decoded.label_sets == [{"label_set_id": source["label_set_id"], "labels": sorted(set(labels))}]


def test_ids_depend_on_content_only(make_flow, decode_bytes):
    flow = make_flow()
    shuffled = dict(reversed(flow["source"].items())) | {"labels": flow["source"]["labels"][::-1]}
    one = decode_bytes(json.dumps({"flow": flow}).encode())
    two = decode_bytes(json.dumps({"flow": flow | {"source": shuffled}}, indent=1).encode())
    assert one.flows == two.flows
    assert one.endpoints == two.endpoints
    assert one.label_sets == two.label_sets
    assert one.flows[0]["event_id"] == 0xDBD0263CFCEA4A28 * 0x9E3779B97F4A7C15 + 0xDBD0263CFCEA4A28A641E9FB6474D9A3 & (
        2**64 - 1
    )


def test_event_ids_tell_records_without_uuid_apart(make_flow, wrap, decode_bytes):
    base = make_flow(uuid=None)
    question = {"type": "REQUEST", "dns": {"query": "db.", "qtypes": ["A"]}}
    others = [
        {},
        {"node_name": "east/node-b"},
        {"time": "2026-09-13T10:57:30.264664046Z"},
        {"event_type": {"type": 5}},
        {"trace_observation_point": "TO_ENDPOINT"},
        {"verdict": "AUDIT"},
        {"l4": {"TCP": {"source_port": 40001, "destination_port": 5432}}},
        {"l7": question},
        {"l7": {**question, "dns": {"query": "db.", "qtypes": ["AAAA"]}}},
    ]
    lines = [wrap(base | other) for other in others]
    assert len(decode_bytes(b"\n".join(lines * 2)).event_ids) == len(others)


def test_uuids_are_compared_without_case(make_flow, wrap, decode_bytes):
    flow = make_flow()
    upper = wrap(flow | {"uuid": flow["uuid"].upper()})
    assert decode_bytes(wrap(flow) + b"\n" + upper).event_ids == decode_bytes(wrap(flow)).event_ids


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("2101-01-01T00:00:00Z", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-09-13", None),
        ("2000-01-01T00:00:00Z", 946684800 * 10**9),
        ("2026-09-13T10:57:30Z", 1789297050 * 10**9),
        ("2026-09-13T10:57:30.1Z", 1789297050 * 10**9 + 10**8),
        ("2026-09-13T10:57:30.264664045Z", 1789297050264664045),
        ("2026-09-13T12:57:30.264664045+02:00", 1789297050264664045),
        ("2026-09-13T08:27:30.264664045-02:30", 1789297050264664045),
        ("2016-12-31T23:59:60.000000001Z", 1483228800 * 10**9 + 1),
        ("2026-09-13T10:57:30.26466404²Z", None),
        ("2026-09-13T10:57:61.264664045Z", None),
    ],
)
def test_times_are_exact(text, nanoseconds):
    clock = Clock()
    for parse in (parse_time, clock.nanoseconds, clock.nanoseconds):
        if nanoseconds is None:
            with pytest.raises(RejectedRecordError):
                parse(text)
        else:
            assert parse(text) == nanoseconds
    assert clock.nanoseconds("2016-12-31T23:59:59.000000001Z") == 1483228799 * 10**9 + 1


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
    ],
)
def test_addresses_have_one_spelling(row, written, stored):
    for key in ("source_xlated", "sourceXlated"):
        flow = row(IP={"source": written, "destination": written, key: written})
        assert {flow[name] for name in ("source_ip", "destination_ip", "source_ip_translated")} == {stored}
