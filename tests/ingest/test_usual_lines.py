"""Usual lines are read together, and give what they would give one by one."""

from __future__ import annotations

import io
import json
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.ingest import Source, decode
from recommender.ingest.usual_flows import OtherLines, UsualFlows
from recommender.ingest.usual_lines import find_usual_lines
from tests.simulator import random_cluster, simulate

LINES = [line.encode() for line in simulate(random_cluster(7, "tiny"), days=0.2, seed=7).lines()]
SAMPLE = LINES[:: max(1, len(LINES) // 400)]


def one_by_one(_, text, *, end):
    """In place of `UsualFlows.read`: no line is usual."""
    _, starts, ends = find_usual_lines(text, end=end)
    return OtherLines(text=text, numbers=np.arange(len(starts)), starts=starts, ends=ends, lines=len(starts))


def decoded(content: bytes):
    batches = list(decode([Source(name="x", stream=io.BytesIO(content))]))
    found = {}
    for name in ("flows", "endpoints", "label_sets", "events", "rejects"):
        rows = [row for batch in batches for row in _rows(getattr(batch, name))]
        found[name] = rows if name == "rejects" else sorted(rows, key=repr)
    return found


def _rows(batch):
    if "time" in batch.schema.names:
        batch = batch.set_column(batch.schema.get_field_index("time"), "time", batch.column("time").cast("int64"))
    return batch.to_pylist()


def both(content: bytes):
    together = decoded(content)
    with patch.object(UsualFlows, "read", one_by_one):
        return together, decoded(content)


def usual_count(content: bytes) -> int:
    taken = []
    read = UsualFlows.read

    def counting(self, text, *, end):
        others = read(self, text, end=end)
        taken.append(others.lines - len(others.numbers))
        return others

    with patch.object(UsualFlows, "read", counting):
        decoded(content)
    return sum(taken)


def test_simulated_lines_give_the_same_either_way_and_most_are_usual():
    content = b"\n".join(LINES) + b"\n"
    together, apart = both(content)
    assert together == apart
    assert usual_count(content) > 0.8 * len(LINES)


_TOKENS = [
    b'"', b"\\", b"{", b"}", b",", b":", b"\n", b"\r", b"0", b"9", b"99999", b"\xc3\xa9", b"\xff", b"\x00", b"null",
    b'"source":{', b',"source":{"identity":1}', b',"Type":"L3_L4"', b'"trafficDirection":"EGRESS",', b'"uuid":"x",',
    b'"time":"2026-01-01T00:00:00.000000000Z",', b'"IP":{"source":"', b',"flow":{}', b'"l4":{"UDP":{"source_port":1}},',
    b'\\"',
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_line_gives_the_same_either_way(data):
    lines = data.draw(st.lists(st.sampled_from(SAMPLE), min_size=2, max_size=5))
    which = data.draw(st.integers(0, len(lines) - 1))
    line = lines[which]
    at = data.draw(st.integers(0, len(line)))
    cut = data.draw(st.sampled_from([0, 1, 2, 7, 40]))
    lines[which] = line[:at] + data.draw(st.sampled_from([b"", *_TOKENS])) + line[at + cut :]
    together, apart = both(b"\n".join(lines))
    assert together == apart


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_value_that_is_replaced_gives_the_same_either_way(data):
    flow = json.loads(data.draw(st.sampled_from(SAMPLE)))
    inner = flow.get("flow")
    if not inner:
        return
    name = data.draw(st.sampled_from(sorted(inner)))
    inner[name] = data.draw(st.sampled_from([None, "", "x", "é", 0, -1, 70000, [], {}, True, ["a"], {"source": {}}]))
    content = json.dumps(flow, separators=(",", ":"), ensure_ascii=data.draw(st.booleans())).encode()
    together, apart = both(SAMPLE[0] + b"\n" + content + b"\n" + SAMPLE[1])
    assert together == apart


def ports(first: str, second: str) -> bytes:
    return (
        '{"flow":{"time":"2026-09-13T10:57:30.264664045Z","uuid":"dbd0263c-fcea-4a28-a641-e9fb6474d9a3","verdict":"AUDIT",'
        '"ethernet":{"source":"aa:bb:cc:dd:ee:ff","destination":"aa:bb:cc:dd:ee:00"},'
        '"IP":{"source":"192.0.2.1","destination":"2001:db8::1","ipVersion":"IPv4"},'
        f'"l4":{{"TCP":{{"source_port":{first},"destination_port":{second},"flags":{{"SYN":true}}}}}},'
        '"source":{"ID":1,"labels":["k8s:a=b"]},"destination":{"labels":["k8s:a=c"]},"Type":"L3_L4",'
        '"event_type":{"type":5},"traffic_direction":"EGRESS"},"node_name":"n","time":"2026-09-13T10:57:30.264664045Z"}'
    ).encode()


@pytest.mark.parametrize(
    ("first", "second", "usual"),
    [
        ("1", "65535", 1),
        ("40000", "443", 1),
        ("0", "443", 0),
        ("040", "443", 0),
        ("40000", "65536", 0),
        ("40000", "123456", 0),
        ("40000", "-1", 0),
        ("40000", "4.0", 0),
        ('"40000"', "443", 0),
    ],
)
def test_ports_are_read_as_json_numbers_of_sixteen_bits(first, second, usual):
    together, apart = both(ports(first, second))
    assert together == apart
    assert usual_count(ports(first, second)) == usual


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("10.0.0.300", None),
        ("10.0.0.1.", None),
    ],
)
@pytest.mark.parametrize("place", ["source", "destination", "source_xlated", "sourceXlated"])
def test_addresses_are_spelled_the_same_either_way(written, stored, place):
    content = ports("40000", "443")
    if place in {"source", "destination"}:
        address = b"192.0.2.1" if place == "source" else b"2001:db8::1"
        content = content.replace(b'"%b"' % address, b'"%b"' % written.encode())
        column = f"{place}_ip"
    else:
        content = content.replace(b',"ipVersion"', b',"%b":"%b","ipVersion"' % (place.encode(), written.encode()))
        column = "source_ip_translated"
    together, apart = both(content)
    assert together == apart
    assert [flow[column] for flow in together["flows"]] == [stored] * (stored is not None)
    assert len(together["rejects"]) == (stored is None)


def test_a_usual_line_ends_a_record_that_had_not_ended():
    content = b'{"flow":\n{"time":\n' + SAMPLE[0] + b"\n" + SAMPLE[1] + b"\n"
    together, apart = both(content)
    assert together == apart
    assert [(reject["line"], reject["reason"]) for reject in together["rejects"]] == [(1, "cut record")]


def test_numbers_of_unreadable_lines_are_exact_beyond_one_block():
    line = SAMPLE[0]
    good = 7 * 2**20 // len(line)
    content = b"\n".join([*[line] * good, b"nonsense", *[line] * good, b"{", line])
    assert [reject["line"] for reject in decoded(content)["rejects"]] == [good + 1, 2 * good + 2]
