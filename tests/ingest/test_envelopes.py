from __future__ import annotations

import json

import pytest

from recommender.errors import HumanFormatError
from recommender.ingest.spelling import SNAKE_CASE


@pytest.fixture
def plain(make_flow, wrap, decode_bytes):
    return decode_bytes(wrap(make_flow())).flows


def camel(value):
    names = {snake: other for other, snake in SNAKE_CASE.items()}
    if isinstance(value, dict):
        return {names.get(key, key): camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def envelopes(flow):
    wrapped = {"flow": flow, "node_name": flow["node_name"], "time": flow["time"]}
    text = json.dumps(wrapped)
    tight = json.dumps(wrapped, separators=(",", ":"))
    return {
        "wrapped": text,
        "compact": tight,
        "bare": json.dumps(flow),
        "inner only": json.dumps({"flow": flow}),
        "other key order": json.dumps({"time": flow["time"], "node_name": flow["node_name"], "flow": flow}),
        "unknown keys": json.dumps({**wrapped, "surprise": {"a": [1]}, "flow": {**flow, "later": {"b": 2}}}),
        "camelCase": json.dumps(camel(wrapped)),
        "bare camelCase": json.dumps(camel(flow)),
        "array": json.dumps([wrapped]),
        "pretty array": json.dumps([wrapped], indent=4),
        "pretty object": json.dumps(wrapped, indent=2),
        "brace on its own line": "{\n" + text[1:],
        "windows lines": json.dumps(wrapped, indent=2).replace("\n", "\r\n"),
        "byte order mark": "\ufeff" + text,
        "record separator": "\x1e" + text,
        "indented": "   " + text,
        "blank lines": "\n\n" + text + "\n\n",
        "cri": "2026-09-13T10:57:31.1Z stdout F " + text,
        "cri with zone": "2026-09-13T12:57:31.123456789+02:00 stderr F " + text,
        "cri parts": f"2026-09-13T10:57:31Z stdout P {text[:300]}\n2026-09-13T10:57:31Z stdout P {text[300:500]}\n"
        f"2026-09-13T10:57:31Z stderr F time=x level=info msg=between\n2026-09-13T10:57:31Z stdout F {text[500:]}",
        "kubectl logs --timestamps --prefix": "[pod/cilium-x2x/cilium-agent] 2026-09-13T10:57:31Z " + text,
        "docker": json.dumps({"log": text + "\n", "stream": "stdout", "time": "2026-09-13T10:57:40Z"}),
        "docker with cri": json.dumps({"log": "2026-09-13T10:57:31Z stdout F " + text}),
        "fluent-bit": json.dumps({"date": 1.5, "message": wrapped}),
        "promtail": json.dumps({"labels": {"job": "x"}, "line": text, "timestamp": "1"}),
        "elastic": json.dumps({"_index": "i", "_source": wrapped}),
        "elastic flattened": json.dumps({"_index": "i", "_source": flow}),
        "filebeat": json.dumps(
            {
                "@timestamp": "t",
                "log": {"offset": 7, "file": {"path": "/var/log/containers/cilium.log"}},
                "event": {"dataset": "kubernetes.container_logs"},
                "source": {"ip": "192.0.2.1"},
                "stream": "stdout",
                "message": text,
            }
        ),
        "filebeat 6": json.dumps({"source": "/var/log/containers/cilium.log", "offset": 7, "message": text}),
        "elastic with filebeat": json.dumps({"_source": {"log": {"offset": 7}, "message": text}}),
        "splunk export": json.dumps({"preview": False, "result": {"_raw": text}}),
        "splunk collector": json.dumps({"event": wrapped, "sourcetype": "cilium"}),
        "grpc gateway": json.dumps({"result": wrapped}),
        "logger": f"level=info msg={json.dumps(tight)} subsys=hubble",
        "logger with time": f'time="2026-09-13T10:57:31Z" level=info msg={json.dumps(text)}',
        "json logger": json.dumps({"level": "info", "msg": text, "time": "2026-09-13T10:57:31Z"}),
        "docker with logger": json.dumps({"log": f"level=info msg={json.dumps(tight)}\n", "stream": "stderr"}),
        "elastic with text": json.dumps({"_source": {"@timestamp": "t", "message": text}}),
        "go marshal": json.dumps(
            {
                **flow,
                "verdict": 1,
                "Type": 1,
                "traffic_direction": 2,
                "trace_observation_point": 4,
                "trace_reason": 1,
                "is_reply": {"value": False},
                "time": {"seconds": 1789297050, "nanos": 264664045},
                "l4": {"Protocol": flow["l4"]},
            }
        ),
        "numbers as text": json.dumps({"flow": {**flow, "event_type": {"type": "4", "sub_type": "4"}}}),
    }


@pytest.mark.parametrize("name", list(envelopes({"time": "t", "node_name": "n", "l4": {}})))
def test_every_envelope_yields_the_same_flow(name, make_flow, plain, decode_bytes):
    content = envelopes(make_flow())[name].encode()
    decoded = decode_bytes(content)
    assert decoded.flows == plain
    assert decoded.rejects == []
    assert decoded.bytes_read == len(content)


@pytest.mark.parametrize("snake", sorted(SNAKE_CASE.values()))
def test_each_single_key_may_be_camel_case(snake, make_flow, wrap, decode_bytes):
    other = {name: spelled for spelled, name in SNAKE_CASE.items()}[snake]
    flow = make_flow(
        drop_reason=133,
        drop_reason_desc="POLICY_DENIED",
        policy_match_type=2,
        source_names=["a.example"],
        destination_names=["b.example"],
        source_service={"name": "a", "namespace": "n"},
        destination_service={"name": "b", "namespace": "n"},
        sock_xlate_point="SOCK_XLATE_POINT_PRE_DIRECTION_FWD",
        socket_cookie="9",
        egress_allowed_by=[{"name": "a"}],
        ingress_allowed_by=[{"name": "b"}],
        egress_denied_by=[{"name": "c"}],
        ingress_denied_by=[{"name": "d"}],
        aggregate={"ingress_flow_count": 1, "egress_flow_count": 2, "unknown_direction_flow_count": 3},
    )
    flow["IP"]["source_xlated"] = "192.0.2.1"
    flow["source"]["cluster_name"] = "east"

    def rename(value):
        if isinstance(value, dict):
            return {other if key == snake else key: rename(item) for key, item in value.items()}
        return [rename(item) for item in value] if isinstance(value, list) else value

    expected, got = decode_bytes(wrap(flow)), decode_bytes(json.dumps(rename(json.loads(wrap(flow)))).encode())
    assert got.flows == expected.flows
    assert got.endpoints == expected.endpoints


def test_several_records_on_a_line_and_in_an_array_on_one_line(make_flow, wrap, decode_bytes):
    one, two = wrap(make_flow()), wrap(make_flow(uuid="00000000-0000-4000-8000-000000000002"))
    expected = decode_bytes(one + b"\n" + two).event_ids
    assert len(expected) == 2
    for content in (one + two, one + b" " + two, b"[" + one + b"," + two + b"]", b"[" + one + b",\n" + two + b"\n]\n"):
        decoded = decode_bytes(content)
        assert decoded.event_ids == expected
        assert decoded.rejects == []


def test_a_cut_line_costs_only_itself(make_flow, wrap, decode_bytes):
    one, two = wrap(make_flow()), wrap(make_flow(uuid="00000000-0000-4000-8000-000000000002"))
    for cut in (one[:60], one[: one.index(b'"l4"') - 2], one[:-1], b"{", b'{"flow": {'):
        decoded = decode_bytes(one + b"\n" + cut + b"\n" + two + b"\n" + cut)
        assert len(decoded.flows) == 2, cut
        assert [reject["line"] for reject in decoded.rejects] == [2, 4], cut
        assert set(decoded.reasons) <= {"cut record", "malformed JSON"}


def test_pretty_printed_records_are_rejected_at_their_first_line(make_flow, wrap, decode_bytes):
    good, bad = json.loads(wrap(make_flow())), json.loads(wrap(make_flow(time="yesterday")))
    content = json.dumps([good, bad], indent=1)
    line = content[: content.index("yesterday")].count("\n") - 1
    decoded = decode_bytes(content.encode())
    assert len(decoded.flows) == 1
    assert decoded.reasons == ["malformed time"]
    assert decoded.rejects[0]["line"] == line


def test_agent_log_lines_become_one_event_a_file(make_flow, wrap, decode_bytes):
    noise = (
        b'time="2026-09-13T10:57:31Z" level=info msg="Rewrote endpoint" subsys=daemon\n'
        b"time=2026-09-13T10:57:31Z level=warn msg=hm\n"
        b'level=info msg="Initializing" subsys=daemon\n'
        b"I0913 10:57:31.000000       1 reflector.go:1] Caches populated\n"
        b'{"level":"info","msg":"hello","time":"2026-09-13T10:57:31Z"}\n'
        b'{"log":"time=2026 level=info msg=wrapped\\n","stream":"stderr"}\n'
        b"2026-09-13T10:57:31Z stdout F level=debug msg=cri\n"
        b'level=info msg="{\\"policies\\":3}" subsys=policy\n'
        b'{"source":"/var/log/x.log","log":{"offset":3},"message":"level=info msg=filebeat"}\n'
    )
    decoded = decode_bytes(noise + wrap(make_flow()) + b"\n" + noise, wrap(make_flow()))
    assert len(decoded.flows) == 2
    assert decoded.rejects == []
    assert [(event["kind"], event["count"]) for event in decoded.events] == [("agent_log", 18)]


def test_a_broken_record_in_a_log_message_is_a_reject_and_not_a_log_line(make_flow, wrap, decode_bytes):
    bad = wrap(make_flow(time="yesterday")).decode()
    for line in (f"level=info msg={json.dumps(bad)}", json.dumps({"level": "info", "msg": bad})):
        decoded = decode_bytes(wrap(make_flow()) + b"\n" + line.encode())
        assert (decoded.reasons, decoded.events) == (["malformed time"], [])


EVENTS = [
    (
        {
            "lost_events": {"source": "HUBBLE_RING_BUFFER", "num_events_lost": "17", "cpu": 0},
            "node_name": "east/node-a",
            "time": "2026-09-13T10:57:30Z",
        },
        {"kind": "lost_events", "detail": "HUBBLE_RING_BUFFER", "count": 17, "cluster": "east", "node": "node-a"},
    ),
    (
        {"lostEvents": {"source": 1, "numEventsLost": 3, "first": "2026-09-13T10:57:30Z"}, "nodeName": "n"},
        {"kind": "lost_events", "detail": "PERF_EVENT_RING_BUFFER", "count": 3, "cluster": None, "node": "n"},
    ),
    (
        {
            "node_status": {
                "state_change": "NODE_UNAVAILABLE",
                "node_names": ["a", "b"],
                "message": "x" * 300 + "\n",
            },
            "time": "2026-09-13T10:57:30Z",
        },
        {
            "kind": "node_status",
            "detail": "NODE_UNAVAILABLE",
            "count": 1,
            "nodes": ["a", "b"],
            "message": "x" * 200,
        },
    ),
    (
        {"agent_event": {"type": "POLICY_UPDATED", "policy_update": {}}, "time": "2026-09-13T10:57:30Z"},
        {"kind": "agent_event", "detail": "POLICY_UPDATED", "count": 1},
    ),
    ({"debug_event": {"type": "DBG_CT_VERDICT"}, "time": "2026-09-13T10:57:30Z"}, {"kind": "debug_event"}),
]


@pytest.mark.parametrize(("record", "expected"), EVENTS)
def test_other_record_kinds_become_events(record, expected, decode_bytes):
    content = json.dumps(record).encode()
    decoded = decode_bytes(content + b"\n" + content)
    assert decoded.rejects == []
    assert len(decoded.events) == 2
    assert len({event["event_id"] for event in decoded.events}) == 1
    assert {key: decoded.events[0][key] for key in expected} == expected
    assert decoded.events[0]["time"] == 1789297050 * 10**9


HUMAN = {
    "compact": "Sep 13 10:57:30.264: shop/web-1:40000 (ID:1001) -> shop/db-0:5432 (ID:1002) to-overlay FORWARDED (TCP)",
    "compact reply": "Sep 13 10:57:30.264 [east/node-a]: a/b:1 (ID:1) <- c/d:2 (ID:2) to-endpoint FORWARDED (TCP)",
    "compact audit": "Sep 13 10:57:30.264: a/b:1 (ID:1) <> c/d:2 (ID:2) policy-verdict:none INGRESS AUDITED (TCP)",
    "coloured": "Sep 13 10:57:30.264: \x1b[34ma\x1b[0m -> \x1b[34mc\x1b[0m to-endpoint \x1b[32mFORWARDED\x1b[0m (TCP)",
    "table": "TIMESTAMP             SOURCE          DESTINATION     TYPE            VERDICT     SUMMARY\n",
    "packed": '{"log": "Sep 13 10:57:30.264: a/b:1 (ID:1) -> c/d:2 (ID:2) to-endpoint FORWARDED (TCP)"}',
    "dict": "  TIMESTAMP: Sep 13 10:57:30.264\n     SOURCE: shop/web-1:40000\nDESTINATION: shop/db-0:5432\n",
}


@pytest.mark.parametrize("name", HUMAN)
def test_output_for_people_names_the_flag_to_use(name, make_flow, wrap, decode_bytes):
    with pytest.raises(HumanFormatError) as caught:
        decode_bytes(HUMAN[name].encode())
    assert "hubble observe -o jsonpb" in str(caught.value)
    assert caught.value.where == "capture-0.json:1"
    amid_json = decode_bytes(wrap(make_flow()) + b"\n" + HUMAN[name].encode())
    assert len(amid_json.flows) == 1
    assert set(amid_json.reasons) == {"human-readable output"}
