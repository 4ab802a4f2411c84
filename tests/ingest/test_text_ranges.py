"""A capture that is cut into ranges gives what it gives in one piece."""

from __future__ import annotations

import gzip
import io
import itertools
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import HumanFormatError, SourceError
from recommender.ingest import CaptureReader, Source, text_ranges
from recommender.ingest.text_ranges import StreamRanges, cut_in, file_blocks, file_ranges
from recommender.ingest.whole_lines import WholeLines, checksum
from tests.simulator import random_cluster, simulate

LINES = [line.encode() for line in simulate(random_cluster(7, "tiny"), days=0.1, seed=7).lines()][:300]
TABLES = ("flows", "endpoints", "label_sets", "events", "rejects")
FLOW = LINES[5]

# Everything that may go on over several lines, between flow lines and within them.
ODD = st.sampled_from(
    [
        b"[", b"]", b",", b"[" + FLOW + b",", FLOW + b",", FLOW + b"]", b"", b"{", b"}", FLOW[:300], FLOW[300:],
        b'{"flow":{', b'{"flow":{}', b'{"flow":{"time":"x"}}', b'{"flow":{"verdict":{}', b"\r", FLOW + b"\r",
        b"2026-09-13T10:57:30Z stdout P " + FLOW[:200], b"2026-09-13T10:57:30Z stdout F " + FLOW[200:],
        b'{"lost_events":{"num_events_lost":"5"}}', b'level=info msg="x"', b"nonsense", b"x" * 400, FLOW + FLOW,
        b'{"flow":{"verdict":"' + b"y" * 400 + b'"}}',
    ]
)  # fmt: skip
CONTENT = st.lists(st.one_of(ODD, st.sampled_from(LINES)), min_size=1, max_size=30).map(b"\n".join)
ENDING = st.sampled_from([b"", b"\n"])


def small_ranges(length=900, window=2_000):
    return patch.multiple(text_ranges, RANGE_BYTES=length, CUT_WINDOW=window)


def found(reader):
    """All rows, rejects with their places; those of an unfinished end stand beside."""
    rows = {name: [] for name in TABLES}
    tail = ()
    for batch in reader.batches():
        for name in TABLES:
            table = getattr(batch, name)
            if "time" in table.schema.names:
                place = table.schema.get_field_index("time")
                table = table.set_column(place, "time", table.column("time").cast("int64"))
            rows[name] += table.to_pylist()
        if batch.file is not None:
            tail = batch.file.tail_rejects
    log_lines = sum(row["count"] for row in rows["events"] if row["kind"] == "agent_log")
    rows["events"] = [row for row in rows["events"] if row["kind"] != "agent_log"]
    unique = {name: sorted(map(repr, table)) for name, table in rows.items() if name != "rejects"}
    unique |= {name: sorted(set(unique[name])) for name in ("endpoints", "label_sets")}
    rejects = [(row["line"], row["reason"], row["detail"], row["first_bytes"]) for row in rows["rejects"]]
    rejects += [(one.line, one.reason, one.detail, one.first_bytes) for one in tail]
    return unique, sorted(rejects, key=repr), log_lines


def read(content, jobs=1):
    try:
        return found(CaptureReader([Source(name="x", stream=io.BytesIO(content))], jobs=jobs))
    except HumanFormatError as error:
        return str(error)


def file_source(folder, content, name="x"):
    path = folder / name
    path.write_bytes(content)
    return Source(name=name, path=path, size=len(content))


@settings(max_examples=100, deadline=None)
@given(content=CONTENT, ending=ENDING, length=st.integers(1, 3_000))
def test_ranges_give_what_the_whole_gives(content, ending, length):
    whole = read(content + ending)
    with small_ranges(length):
        assert read(content + ending) == whole


@settings(max_examples=80, deadline=None)
@given(content=CONTENT, length=st.integers(1, 3_000), window=st.integers(1, 3_000), blocks=st.integers(1, 4_000))
def test_files_and_streams_are_cut_at_the_same_places(tmp_path_factory, content, length, window, blocks):
    path = tmp_path_factory.mktemp("ranges") / "x"
    path.write_bytes(content)
    with small_ranges(length, window), path.open("rb") as file:
        pairs = list(file_ranges(file, start=0, end=len(content)))
        stream = (content[at : at + blocks] for at in range(0, len(content), blocks))
        pieces = [b"".join(part) for part in StreamRanges(stream)]
    assert [content[start:end] for start, end in pairs] == pieces
    assert b"".join(pieces) == content
    for start, end in itertools.pairwise(end for _, end in pairs[:-1]):
        assert end - start >= length
    for _, end in pairs[:-1]:
        assert content[:end].endswith(b"}\n")
        assert content[end:].startswith(b'{"flow":{')


def test_a_cut_needs_two_flow_lines_in_sequence():
    flow = b'{"flow":{"a":1}}\n'
    assert cut_in(b"rest of a line\n" + flow + flow) == len(b"rest of a line\n" + flow)
    for text in (b"", b"x", flow, flow + flow, b"x\n" + flow, b"x\n" + flow + b"y\n" + flow, b"x\n" + flow + flow[:-1]):
        assert cut_in(text) == -1


def test_where_a_stream_fails_everything_before_is_given_out():
    def failing():
        yield from (FLOW + b"\n" for _ in range(10))
        raise SourceError("broken", where="x")

    given_out = []

    def read_all():
        for part in StreamRanges(failing()):
            given_out.extend(part)

    with small_ranges(length=len(FLOW) * 3), pytest.raises(SourceError, match="broken"):
        read_all()
    assert b"".join(given_out) == (FLOW + b"\n") * 10


@settings(max_examples=80, deadline=None)
@given(content=CONTENT, ending=ENDING, blocks=st.integers(1, 2_000), limit=st.sampled_from([50, 500, 2**20]))
def test_whole_lines_are_passed_on_and_the_rest_is_kept(content, ending, blocks, limit):
    content += ending
    lines = WholeLines((content[at : at + blocks] for at in range(0, len(content), blocks)), limit=limit)
    passed = b"".join(lines)
    assert passed + lines.tail == content
    assert b"\n" not in lines.tail
    assert lines.everything.length == len(content)
    assert lines.everything.checksum == checksum(content)
    assert lines.lines_range.checksum == checksum(passed)
    assert lines.tail_range.checksum == checksum(lines.tail)
    if limit == 2**20:
        assert lines.kept_together
        assert passed == content[: content.rfind(b"\n") + 1]


def test_blocks_of_a_file_are_those_between_the_offsets(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(range(256)) * 4_000)
    assert b"".join(file_blocks(path, start=1_000, end=900_001, name="x")) == path.read_bytes()[1_000:900_001]
    with pytest.raises(SourceError, match="cannot be read"):
        list(file_blocks(tmp_path / "absent", start=0, end=1, name="absent"))


def test_line_numbers_go_on_over_ranges(tmp_path):
    content = b"\n".join([*LINES[:40], b"nonsense", *LINES[40:80], b'{"flow":{"time":"x"}}', *LINES[80:90], b"cut {"])
    with small_ranges(length=4_000, window=8_000):
        source = file_source(tmp_path, content)
        _, rejects, _ = found(CaptureReader([source]))
    assert [(line, reason) for line, reason, _, _ in rejects] == [
        (41, "not JSON"),
        (82, "malformed time"),
        (93, "not JSON"),
    ]


def test_reading_uses_several_ranges(tmp_path):
    content = b"\n".join(LINES)
    with small_ranges(length=20_000, window=20_000):
        files = [batch.file for batch in CaptureReader([file_source(tmp_path, content)]).batches() if batch.file]
    assert len(files[-1].ranges) > 5
    assert files[-1].covered + files[-1].tail.length == len(content)
    assert files[-1].lines == len(LINES) - 1
    offset = 0
    for part in files[-1].ranges:
        assert checksum(content[offset : offset + part.length]) == part.checksum
        offset += part.length


def test_compressed_content_has_the_ranges_of_the_plain_one(tmp_path):
    content = b"\n".join(LINES) + b"\n"
    with small_ranges(length=20_000, window=20_000):
        plain = [batch.file for batch in CaptureReader([file_source(tmp_path, content)]).batches() if batch.file][-1]
        packed = CaptureReader([file_source(tmp_path, gzip.compress(content), "x.gz")])
        unpacked = [batch.file for batch in packed.batches() if batch.file][-1]
    assert (unpacked.ranges, unpacked.head, unpacked.tail) == (plain.ranges, plain.head, plain.tail)
    assert unpacked.continues(plain)
    assert [one.size for one in unpacked.packed] == [(tmp_path / "x.gz").stat().st_size]
    assert plain.packed == ()
