from __future__ import annotations

import gzip
import io
import json
import random
import tracemalloc

import pytest

from recommender.errors import FieldMaskError, NetpolRecommendError, SourceError, StrictError
from recommender.ingest import Source, decode
from recommender.ingest.label_check import RECOMMENDED_MASK
from recommender.ingest.rejects import RejectReason

DEEP = 100_000


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"time": None}, "missing time", "$.flow.time"),
        ({"time": ""}, "missing time", "$.flow.time"),
        ({"time": "0001-01-01T00:00:00Z"}, "implausible time", "0001"),
        ({"time": "2150-01-01T00:00:00Z"}, "implausible time", "2150"),
        ({"time": "now"}, "malformed time", "now"),
        ({"time": 5}, "wrong type or value", "$.flow.time"),
        ({"source": 5}, "wrong type or value", "$.flow.source"),
        ({"destination": {"labels": "x"}}, "wrong type or value", "$.flow.destination.labels"),
        ({"destination": {"identity": -1}}, "wrong type or value", "$.flow.destination.identity"),
        ({"l4": {"TCP": {"source_port": "abc"}}}, "wrong type or value", "$.flow.l4.TCP.source_port"),
        ({"l4": {"TCP": {"destination_port": 70000}}}, "wrong type or value", "$.flow.l4.TCP.destination_port"),
        ({"l4": {"TCP": {"destination_port": -1}}}, "wrong type or value", "$.flow.l4.TCP.destination_port"),
        ({"l4": {"TCP": {"flags": 5}}}, "wrong type or value", "$.flow.l4.TCP.flags"),
        ({"l4": {"ICMPv4": {"type": 256}}}, "wrong type or value", "$.flow.l4.ICMPv4.type"),
        ({"l4": []}, "wrong type or value", "$.flow.l4"),
        ({"event_type": {"type": 2**40}}, "wrong type or value", "$.flow.event_type.type"),
        ({"policy_match_type": 1000}, "wrong type or value", "$.flow.policy_match_type"),
        ({"socket_cookie": "x"}, "wrong type or value", "$.flow.socket_cookie"),
        ({"socket_cookie": 2**64}, "wrong type or value", "$.flow.socket_cookie"),
        ({"verdict": {}}, "wrong type or value", "$.flow.verdict"),
        ({"IP": {"source": "web"}}, "wrong type or value", "$.flow.IP.source"),
        ({"IP": {"source": "10.0.0.1", "destination": "10.0.0.300"}}, "wrong type or value", "$.flow.IP.destination"),
        ({"IP": {"source_xlated": "10.0.0.1/8"}}, "wrong type or value", "$.flow.IP.source_xlated"),
        ({"source": {"namespace": "../../etc"}}, "wrong type or value", "$.flow.source.namespace"),
        ({"source": {"namespace": "n" * 64}}, "wrong type or value", "$.flow.source.namespace"),
        ({"source": {"labels": ["k8s:io.kubernetes.pod.namespace=a b"]}}, "wrong type or value", "source.namespace"),
        ({"source": {"cluster_name": "a/b"}}, "wrong type or value", "$.flow.source.cluster_name"),
        ({"destination": {"pod_name": "a\x1fb"}}, "wrong type or value", "$.flow.destination.pod_name"),
        ({"source": {"workloads": [{"kind": "Job", "name": "a\nb"}]}}, "wrong type or value", "source.workloads"),
        ({"source": {"workloads": [{"kind": "a\x1fb"}]}}, "wrong type or value", "$.flow.source.workloads"),
        ({"labels": 1e308 * 10}, "malformed JSON", ""),
    ],
)
def test_a_bad_field_rejects_its_record_with_the_path(  # noqa: PLR0917 - three values and three fixtures
    changes, reason, detail, make_flow, wrap, decode_bytes
):
    good, bad = wrap(make_flow()), wrap(make_flow() | changes if changes != {"time": None} else make_flow(time=None))
    decoded = decode_bytes(b"\n".join([good, bad, good]))
    if changes.get("labels"):  # an unknown key may hold anything that is JSON; Infinity is not
        assert b"Infinity" in bad
    assert len(decoded.flows) == 2
    assert decoded.reasons == [reason]
    assert decoded.rejects[0]["line"] == 2
    assert decoded.rejects[0]["file"] == "capture-0.json"
    assert detail in (decoded.rejects[0]["detail"] or "")
    with pytest.raises(StrictError) as caught:
        decode_bytes(b"\n".join([good, bad, good]), strict=True)
    assert caught.value.where == "capture-0.json:2"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"flow":null}', "record is not an object"),
        (b'{"flow":[]}', "record is not an object"),
        (b'{"flow":"x"}', "record is not an object"),
        (b'{"lost_events":7}', "record is not an object"),
        (b'{"lost_events":{"num_events_lost":"many"}}', "wrong type or value"),
        (b'{"node_status":{"node_names":"a"}}', "wrong type or value"),
        (b'{"lost_events":{},"node_name":5}', "wrong type or value"),
        (b'{"lost_events":{},"time":5}', "wrong type or value"),
        (b'{"flow":{}}', "missing time"),
        (b"{}", "unknown record"),
        (b'{"a":1}', "unknown record"),
        (b'{"message":"{}"}', "unknown record"),
        (b'{"log":"hello"}', "not JSON"),
        (b'{"log":"{"}', "malformed JSON"),
        (b'{"flow":{nonsense}}', "malformed JSON"),
        (b'{"flow":{"time":"\xff\xfe"}}', "invalid UTF-8"),
        (b'{"flow":{"Summary":"\xff"}}', "invalid UTF-8"),
        (b'{"flow":{"time":"\\ud800"}}', "malformed JSON"),
        (b"hello", "not JSON"),
        (b"12", "not JSON"),
        (b"null", "not JSON"),
        (b'"text"', "not JSON"),
        (b'{"flow":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}", "nested too deeply"),
        (b'{"flow":{"source":' + b"[" * DEEP + b"]" * DEEP + b"}}", "nested too deeply"),
        (b'{"a":"' + b"\\" * 1001 + b'"}', "cut record"),
        (b'{"flow":{"time":"2026-09-13T10:57:30Z","source":{"identity":1e999}}}', "wrong type or value"),
    ],
)
def test_what_is_no_record_is_counted(line, reason, make_flow, wrap, decode_bytes):
    good = wrap(make_flow())
    decoded = decode_bytes(good + b"\n" + line + b"\n" + good)
    assert len(decoded.flows) == 2
    assert [(reject["line"], reject["reason"]) for reject in decoded.rejects] == [(2, reason)]
    assert len(decoded.rejects[0]["first_bytes"]) <= 120


def test_control_characters_of_a_reject_are_escaped(decode_bytes):
    decoded = decode_bytes(b"a\x1b[2Jb\x00\xe2\x80\xaec")
    assert decoded.rejects[0]["first_bytes"] == "a\\x1b[2Jb\\x00\\u202ec"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"[]", b"[\n]\n", gzip.compress(b"", mtime=0)])
def test_an_empty_capture_has_no_flows_and_no_rejects(content, decode_bytes):
    decoded = decode_bytes(content)
    assert (decoded.flows, decoded.rejects, decoded.bytes_read) == ([], [], len(content))


def test_random_bytes_are_counted(decode_bytes):
    content = random.Random(1).randbytes(300_000)
    decoded = decode_bytes(content)
    assert decoded.flows == []
    assert decoded.rejects
    assert set(decoded.reasons) <= {reason.value for reason in RejectReason}


@pytest.mark.parametrize("magic", [b"PAR1", b"\xfd7zXZ\x00", b"BZh9", b"PK\x03\x04", b"SQLite format 3\x00"])
def test_other_packings_are_named(magic, decode_bytes):
    with pytest.raises(SourceError) as caught:
        decode_bytes(magic + b"....................")
    assert caught.value.hint


class Endless(io.RawIOBase):
    """`head`, then many times `filling`, then `tail`; never whole in memory."""

    def __init__(self, head: bytes, filling: bytes, times: int, tail: bytes) -> None:
        self._parts = iter([head, *[filling] * times, tail])

    def read(self, _size=-1):
        return next(self._parts, b"")


def peak_memory(stream):
    tracemalloc.start()
    try:
        batches = list(decode([Source(name="endless", stream=stream)]))
        return batches, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_line_of_a_gibibyte_is_one_reject_in_bounded_memory(make_flow, wrap):
    good = wrap(make_flow())
    stream = Endless(good + b'\n{"flow":{"Summary":"', b"x" * 2**20, 1024, b'"}}\n' + good + b"\n")
    batches, peak = peak_memory(stream)
    assert sum(batch.flows.num_rows for batch in batches) == 2
    rejects = [row for batch in batches for row in batch.rejects.to_pylist()]
    assert [(row["line"], row["reason"]) for row in rejects] == [(2, "record too long")]
    assert peak < 150 * 2**20


def test_a_pretty_record_without_end_is_one_reject(make_flow, wrap):
    good = wrap(make_flow())
    stream = Endless(b"{\n", (b'  "a": "' + b"x" * 1000 + b'",\n') * 2**10, 40, b'  "b": 1\n}\n' + good + b"\n")
    batches, peak = peak_memory(stream)
    rejects = [row for batch in batches for row in batch.rejects.to_pylist()]
    assert [(row["line"], row["reason"]) for row in rejects] == [(1, "record too long")]
    assert sum(batch.flows.num_rows for batch in batches) == 1
    assert peak < 150 * 2**20


def test_an_array_on_one_long_line_is_read_element_by_element(make_flow, wrap):
    element = b", ".join(wrap(make_flow(uuid=f"00000000-0000-4000-8000-{n:012d}")) for n in range(50))
    times = 20 * 2**20 // len(element)
    batches = list(
        decode(
            [Source(name="array", stream=Endless(b"[" + element, b"," + element, times, b"]\n" + wrap(make_flow())))]
        )
    )
    assert sum(batch.rejects.num_rows for batch in batches) == 0
    assert sum(batch.flows.num_rows for batch in batches) == 50 * (times + 1) + 1


def test_many_rejects_on_one_line_do_not_gather():
    batches = list(decode([Source(name="braces", stream=io.BytesIO(b"{}" * 120_000))]))
    assert [batch.rejects.num_rows for batch in batches] == [50_000, 50_000, 20_000]


def masked(make_flow):
    flow = make_flow()
    for side in ("source", "destination"):
        flow[side] = {"namespace": "shop", "pod_name": flow[side]["pod_name"]}
    return flow


def test_a_mask_without_labels_is_refused_with_the_mask_to_use(make_flow, wrap, decode_bytes):
    content = wrap(masked(make_flow))
    with pytest.raises(FieldMaskError) as caught:
        decode_bytes(content, content)
    assert RECOMMENDED_MASK in caught.value.hint
    assert len(decode_bytes(content, wrap(make_flow())).flows) == 2
    assert len(decode_bytes(json.dumps({"flow": {"time": "2026-09-13T10:57:30Z", "verdict": 1}}).encode()).flows) == 1


@pytest.mark.parametrize("side", ["source", "destination"])
def test_a_mask_without_the_labels_of_one_end_is_refused_too(side, make_flow, wrap, decode_bytes):
    flow = make_flow()
    flow[side] = masked(make_flow)[side]
    with pytest.raises(FieldMaskError, match=rf"no flow carries {side}\.labels: "):
        decode_bytes(wrap(flow))
    # One that lost its metadata, and one of whom nothing is known, are no sign of a mask.
    assert len(decode_bytes(wrap(flow) + b"\n" + wrap(make_flow())).flows) == 2
    assert len(decode_bytes(wrap(make_flow(**{side: {}}))).flows) == 1


def test_a_failing_disk_is_a_source_error():
    class Failing(io.RawIOBase):
        def read(self, _size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(NetpolRecommendError, match="bad-disk"):
        list(decode([Source(name="bad-disk", stream=Failing())]))
