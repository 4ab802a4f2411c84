"""What was ingested is recognised by its content; a log that has grown adds its new lines, and nothing else."""

from __future__ import annotations

import gzip
import json
import shutil
from unittest.mock import patch

import duckdb
import pytest

from recommender.errors import FieldMaskError
from recommender.ingest import CaptureReader, expand_sources, text_ranges
from recommender.model.selection import Condition, Selection
from recommender.store import ingest_flows, open_dataset
from tests.simulator import random_cluster, simulate

LINES = [line.encode() + b"\n" for line in simulate(random_cluster(7, "tiny"), days=0.2, seed=7).lines()][:600]
LOG_LINE = b"level=info msg=started\n"
BAD = b'{"flow":{"time":"never"}}\n'


@pytest.fixture(autouse=True)
def small_ranges():
    with patch.multiple(text_ranges, RANGE_BYTES=100_000, CUT_WINDOW=20_000):
        yield


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


def ingest(path, *sources, selection=None, strict=False):
    reader = CaptureReader(expand_sources([str(source) for source in sources]), strict=strict)
    return ingest_flows(reader, path, selection=selection or Selection())


def facts(path):
    dataset = open_dataset(path)
    with duckdb.connect() as connection:
        dataset.register(connection, Selection())
        rejects = connection.execute("SELECT reason, file, line FROM rejects ORDER BY ALL").fetchall()
        events = connection.execute('SELECT kind, sum("count") FROM events GROUP BY ALL ORDER BY ALL').fetchall()
    return dataset.digest(), [(reason, line) for reason, _, line in rejects], events


@pytest.fixture
def whole(tmp_path):
    """What the whole log gives in one ingest."""
    path = tmp_path / "whole.log"
    path.write_bytes(b"".join([*LINES[:200], LOG_LINE, BAD, *LINES[200:]]))
    ingest(tmp_path / "whole.parquet", path)
    return facts(tmp_path / "whole.parquet")


def test_the_same_file_again_is_not_read_under_any_name(tmp_path, logs):
    log, data = logs / "events.log", tmp_path / "flows.parquet"
    log.write_bytes(b"".join(LINES))
    first = ingest(data, log)
    assert (first.records, first.known_bytes) == (first.total_flows + first.repeats, 0)
    before = facts(data)
    again = ingest(data, log)
    assert (again.records, again.known_bytes, again.new_flows) == (0, log.stat().st_size, 0)
    log.rename(logs / "events-1.log")
    assert ingest(data, logs).records == 0
    (logs / "events-1.log.gz").write_bytes(gzip.compress((logs / "events-1.log").read_bytes()))
    (logs / "events-1.log").unlink()
    assert ingest(data, logs).records == 0
    assert facts(data) == before
    # The next ingest that adds something remembers it as it lies; then it is not even unpacked.
    (logs / "bad.log").write_bytes(BAD * 10)
    ingest(data, logs)
    size = sum(log.stat().st_size for log in logs.iterdir())
    (logs / "bad.log").unlink()
    with patch("recommender.ingest.range_jobs.decompressed_blocks", side_effect=AssertionError):
        assert ingest(data, logs).known_bytes == size - len(BAD * 10)
    assert len(open_dataset(data).record.captures) == 2


def test_a_file_that_adds_nothing_leaves_every_byte(tmp_path, logs):
    data = tmp_path / "flows.parquet"
    (logs / "events.log").write_bytes(b"".join(LINES))
    ingest(data, logs)
    before = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}
    (logs / "part.log").write_bytes(b"".join(LINES[100:300]))
    assert ingest(data, logs).repeats >= 199
    assert {file: file.read_bytes() for file in data.rglob("*") if file.is_file()} == before
    # Its unfinished end is something.
    (logs / "part.log").write_bytes(b"".join(LINES[100:300])[:-40])
    ingest(data, logs)
    assert [line for _, line in facts(data)[1]] == [200]


def test_the_few_new_lines_of_a_grown_log_may_lack_labels(tmp_path, logs):
    log, data = logs / "events.log", tmp_path / "flows.parquet"
    flow = json.loads(next(line for line in LINES if b'"destination":{"ID"' in line or b'"pod_name"' in line))
    flow["flow"]["uuid"] = "00000000-0000-4000-8000-000000000001"
    for side in ("source", "destination"):
        flow["flow"][side] = {"namespace": "shop", "pod_name": "web-1"}
    unlabelled = json.dumps(flow).encode() + b"\n"
    log.write_bytes(b"".join(LINES))
    before = ingest(data, log).total_flows
    log.write_bytes(b"".join([*LINES, unlabelled]))
    assert ingest(data, log).total_flows == before + 1
    (logs / "other.log").write_bytes(unlabelled)
    with pytest.raises(FieldMaskError):
        ingest(tmp_path / "other.parquet", logs / "other.log")


@pytest.mark.parametrize("cuts", [[300], [1, 2, 3, 599], [100, 101, 350, 480]])
@pytest.mark.parametrize("middle_of_line", [False, True])
def test_a_growing_log_adds_its_new_lines(tmp_path, logs, whole, cuts, middle_of_line):
    content = [*LINES[:200], LOG_LINE, BAD, *LINES[200:]]
    log, data = logs / "whole.log", tmp_path / "flows.parquet"
    read = 0
    for cut in [*cuts, len(content)]:
        text = b"".join(content[:cut])
        log.write_bytes(text[:-40] if middle_of_line and cut < len(content) else text)
        read += ingest(data, log).records
    assert facts(data) == whole
    assert read == sum(1 for line in content if line.startswith(b'{"flow"')) - 1
    assert len(open_dataset(data).record.captures) == 1


def test_rotation_renames_compresses_and_begins_anew(tmp_path, logs, whole):
    content = [*LINES[:200], LOG_LINE, BAD, *LINES[200:]]
    log, data = logs / "events.log", tmp_path / "flows.parquet"
    log.write_bytes(b"".join(content[:250])[:-30])
    assert ingest(data, logs).rejects[0].lines == 1
    log.write_bytes(b"".join(content[:400]))
    ingest(data, logs)
    shutil.move(log, logs / "events-2026-01-01.log")
    log.write_bytes(b"".join(content[400:500]))
    ingest(data, logs)
    packed = gzip.compress((logs / "events-2026-01-01.log").read_bytes())
    (logs / "events-2026-01-01.log.gz").write_bytes(packed)
    (logs / "events-2026-01-01.log").unlink()
    log.write_bytes(b"".join(content[400:]))
    last = ingest(data, logs)
    # Only the lines since the last time were decoded.
    assert last.records == sum(1 for line in content[500:] if line.startswith(b'{"flow"'))
    assert facts(data) == whole


def test_an_unfinished_line_counts_until_it_is_finished(tmp_path, logs):
    log, data = logs / "events.log", tmp_path / "flows.parquet"
    log.write_bytes(b"".join(LINES[:50])[:-100])
    first = ingest(data, log)
    assert [(one.reason, one.examples) for one in first.rejects] == [("cut record", (f"{log}:50",))]
    assert facts(data)[1] == [("cut record", 50)]
    again = ingest(data, log)
    assert (again.records, facts(data)[1]) == (0, [("cut record", 50)])
    log.write_bytes(b"".join(LINES[:60]))
    second = ingest(data, log)
    assert (second.records, second.repeats, second.rejects) == (11, 0, ())
    assert facts(data)[1] == []


def test_a_file_that_changed_is_read_from_where_it_changed(tmp_path, logs):
    log, data = logs / "events.log", tmp_path / "flows.parquet"
    log.write_bytes(b"".join(LINES[:400]))
    ingest(data, log)
    ranges = open_dataset(data).record.captures[0].file.ranges
    changed = [*LINES[:390], LINES[500], *LINES[391:400]]
    log.write_bytes(b"".join(changed))
    summary = ingest(data, log)
    same = sum(part.lines for part in ranges[:-1])
    assert len(ranges) > 3
    assert 350 < same <= 390
    assert summary.records == 400 - same
    with duckdb.connect() as connection:
        open_dataset(data).register(connection, Selection())
        ((found,),) = connection.execute("SELECT count(DISTINCT uuid) FROM flows").fetchall()
    assert found == open_dataset(data).total_flows
    other = tmp_path / "other.parquet"
    ingest(other, log)
    log.write_bytes(b"".join(LINES[:400]))
    ingest(other, log)
    assert facts(other)[0] == facts(data)[0]


def test_a_selection_reads_again_what_another_left_out(tmp_path, logs):
    log, data = logs / "events.log", tmp_path / "flows.parquet"
    log.write_bytes(b"".join(LINES))
    some = Selection(wanted=(Condition(flag="verdict", values=("FORWARDED",)),))
    narrowed = ingest(data, log, selection=some)
    assert narrowed.total_flows > 0
    assert ingest(data, log, selection=some).records == 0
    everything = ingest(data, log)
    assert everything.records == narrowed.records
    assert everything.total_flows > narrowed.total_flows
    assert len(open_dataset(data).record.captures) == 2


def test_until_a_duration_is_never_taken_for_known(tmp_path, logs):
    log, data = logs / "events.log", tmp_path / "flows.parquet"
    log.write_bytes(b"".join(LINES))
    early = ingest(data, log, selection=Selection(until="1h"))
    assert ingest(data, log, selection=Selection(until="1h")).records == early.records
    assert open_dataset(data).record.captures == ()
    assert ingest(data, log, selection=Selection(since="2d")).records == early.records
    assert ingest(data, log, selection=Selection(since="2d")).records == 0


def test_an_array_is_known_whole_and_read_again_when_it_grew(tmp_path, logs):
    log, data = logs / "events.json", tmp_path / "flows.parquet"
    log.write_bytes(b"[" + b",".join(LINES[:20]) + b"]\n")
    first = ingest(data, log)
    assert ingest(data, log).records == 0
    log.write_bytes(b"[" + b",".join(LINES[:30]) + b"]\n")
    second = ingest(data, log)
    assert (second.records, second.new_flows) == (30, 30 - first.records)


def test_strict_reads_what_is_new_only(tmp_path, logs):
    log, data = logs / "events.log", tmp_path / "flows.parquet"
    log.write_bytes(b"".join(LINES[:100]))
    ingest(data, log, strict=True)
    log.write_bytes(b"".join(LINES[:120]))
    assert ingest(data, log, strict=True).records == 20
