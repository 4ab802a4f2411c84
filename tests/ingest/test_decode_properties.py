from __future__ import annotations

import io
import json
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.errors import NetpolRecommendError
from recommender.ingest import Source, decode

COMMON = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def counts(content: bytes) -> tuple[int, int]:
    batches = list(decode([Source(name="x", stream=io.BytesIO(content))]))
    return sum(batch.flows.num_rows for batch in batches), sum(batch.rejects.num_rows for batch in batches)


FRAGMENTS = st.sampled_from(
    [
        b'{"flow":{"time":"2026-09-13T10:57:30Z",',
        b'"source":{"labels":["k8s:a=b"]}}}',
        b'"l4":{"TCP":{"source_port":',
        b"}",
        b"{",
        b"[",
        b"]",
        b",",
        b'"',
        b"\\",
        b"\n",
        b"\r\n",
        b"\x1f\x8b\x08\x00",
        b"\x28\xb5\x2f\xfd",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"2026-09-13T10:57:30Z stdout P ",
        b"2026-09-13T10:57:30Z stdout F ",
        b'{"log":"',
        b'{"lost_events":{"num_events_lost":"5"}}',
        b"time=x level=info msg=y",
        b"a -> b FORWARDED",
    ]
)


@COMMON
@given(st.binary(max_size=600) | st.lists(FRAGMENTS | st.binary(max_size=6), max_size=30).map(b"".join))
def test_no_bytes_raise_anything_but_errors_of_ours(content):
    try:
        counts(content)
    except NetpolRecommendError as error:
        assert error.what  # noqa: PT017 - either outcome is right


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@COMMON
@given(data=st.data())
def test_any_value_in_any_field_ends_as_flow_or_reject(data, make_flow, wrap):
    flow = make_flow()
    field = data.draw(
        st.sampled_from([*flow, "l7", "aggregate", "reply", "tunnel", "socket_cookie", "egress_denied_by"])
    )
    flow[field] = data.draw(JSON)
    content = b"\n".join(
        [wrap(make_flow()), json.dumps({"flow": flow}, separators=(",", ":")).encode(), wrap(make_flow())]
    )
    flows, rejects = counts(content)
    assert flows + rejects == 3
    assert flows >= 2


@COMMON
@given(seed=st.integers(0, 2**32), files=st.integers(1, 4), indent=st.sampled_from([None, 2]))
def test_order_and_files_do_not_change_event_ids(seed, files, indent, make_flow, decode_bytes):
    rng = random.Random(seed)
    flows = [
        make_flow(
            uuid=None if number % 3 else f"{rng.getrandbits(128):032x}",
            time=f"2026-09-13T10:57:{number:02d}.{rng.randrange(10**9):09d}Z",
        )
        for number in range(12)
    ]
    whole = decode_bytes("\n".join(json.dumps({"flow": flow}) for flow in flows).encode())
    assert len(whole.event_ids) == 12
    rng.shuffle(flows)
    parts = [
        "\n".join(json.dumps({"flow": flow}, indent=indent) for flow in flows[part::files]).encode()
        for part in range(files)
    ]
    split = decode_bytes(*parts)
    assert split.event_ids == whole.event_ids

    def by_id(rows):
        return sorted(rows, key=lambda row: next(iter(row.values())))

    assert by_id(split.flows) == by_id(whole.flows)
    assert by_id(split.endpoints) == by_id(whole.endpoints)
    assert split.label_sets == whole.label_sets or by_id(split.label_sets) == by_id(whole.label_sets)


@COMMON
@given(cut=st.integers(0, 700), block=st.integers(1, 50))
def test_block_borders_do_not_matter(cut, block, make_flow, wrap):
    content = wrap(make_flow()) + b"\n" + json.dumps({"flow": make_flow()}, indent=1).encode() + b"\n" + b"x" * 10

    class Dripping(io.RawIOBase):
        def __init__(self):
            self._rest = content[:cut] + b"\n" + content[cut:]

        def read(self, _size=-1):
            piece, self._rest = self._rest[:block], self._rest[block:]
            return piece

    drops = list(decode([Source(name="x", stream=Dripping())]))
    expected = counts(content[:cut] + b"\n" + content[cut:])
    assert (sum(b.flows.num_rows for b in drops), sum(b.rejects.num_rows for b in drops)) == expected
