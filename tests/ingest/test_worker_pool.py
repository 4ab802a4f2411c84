"""Several processes give what one gives, in the same order, and none of them is left behind."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import pytest
import zstandard

from recommender.errors import FieldMaskError, HumanFormatError, SourceError
from recommender.ingest import CaptureReader, Source, capture_reader, text_ranges, worker_pool
from recommender.ingest.worker_process import WorkerProcess
from tests.ingest.test_text_ranges import LINES, TABLES, file_source, found

ROOT = Path(__file__).parents[2]
CONTENT = b"\n".join([*LINES[:150], b"nonsense", *LINES[150:], b'level=info msg="x"', b'{"flow":{"time":"cut'])


@pytest.fixture(autouse=True)
def many_small_ranges():
    with (
        patch.multiple(text_ranges, RANGE_BYTES=40_000, CUT_WINDOW=20_000),
        patch.multiple(worker_pool, RANGE_BYTES=40_000, CUT_WINDOW=20_000),
        patch.object(capture_reader, "BEFORE_SHARING", 0),
    ):
        yield


@pytest.fixture
def started():
    """Every decoding process that a test starts."""
    processes = []
    start = WorkerProcess.__init__

    def remembering(self):
        start(self)
        processes.append(self._process)

    with patch.object(WorkerProcess, "__init__", remembering):
        yield processes
    assert all(process.returncode is not None for process in processes)


def sources(folder):
    return [
        file_source(folder, CONTENT, "plain.log"),
        file_source(folder, gzip.compress(CONTENT[::-1] + b"\n" + CONTENT, mtime=0), "other.log.gz"),
        file_source(folder, zstandard.compress(CONTENT), "again.log.zst"),
        file_source(folder, b"", "empty.log"),
        Source(name="stream", stream=io.BytesIO(CONTENT), size=len(CONTENT)),
        file_source(folder, gzip.compress(CONTENT, mtime=0)[:-9], "cut.log.gz"),
    ]


def in_order(reader):
    rows = {name: [] for name in TABLES}
    files = []
    for batch in reader.batches():
        for name in TABLES:
            kept = ["event_id"] if name in {"flows", "events"} else getattr(batch, name).schema.names
            rows[name] += map(str, getattr(batch, name).select(kept).to_pylist())
        files += [batch.file] if batch.file else []
    rows |= {name: sorted(set(rows[name])) for name in ("endpoints", "label_sets")}
    return rows, files


def test_two_processes_give_what_one_gives(tmp_path, started):
    alone = in_order(CaptureReader(sources(tmp_path)))
    assert not started
    shared = in_order(CaptureReader(sources(tmp_path), jobs=2))
    assert len(started) == 2
    assert shared == alone
    assert len(alone[0]["flows"]) > 4 * len(LINES)
    assert "'line': 151" in alone[0]["rejects"][0]


def test_a_text_without_a_place_to_cut_goes_through_one_process(tmp_path, started):
    prefixed = b"".join(b"2026-09-13T10:57:30Z stdout F " + line + b"\n" for line in LINES)
    for name, content in (("cri.log", prefixed), ("cri.log.gz", gzip.compress(prefixed))):
        source = file_source(tmp_path, content, name)
        assert found(CaptureReader([source], jobs=2)) == found(CaptureReader([source]))
    assert len(started) == 4


def test_flows_in_log_messages_and_text_for_people_are_found_in_every_range(tmp_path, started):
    quoted = b"level=info msg=" + json.dumps(LINES[0].decode().replace("-4", "-5")).encode()
    people = b"Sep 13 10:57:30.264: a/b:1 (ID:1) -> c/d:2 (ID:2) to-endpoint FORWARDED (TCP)"
    odd = [quoted, b"level=info msg=started", people, json.dumps({"log": people.decode()}).encode()]
    source = file_source(tmp_path, b"\n".join([*LINES, *odd, *LINES, *LINES, *odd, *LINES]))
    alone = in_order(CaptureReader([source]))
    assert in_order(CaptureReader([source], jobs=2)) == alone
    assert len(started) == 2
    assert len(alone[0]["flows"]) == 4 * len(LINES) + 2
    assert len(alone[0]["rejects"]) == 4
    assert all("human-readable" in reject for reject in alone[0]["rejects"])


@pytest.mark.parametrize("labelled", [0, 1])
def test_a_mask_of_one_side_is_judged_over_all_ranges(tmp_path, started, labelled):
    ends = b'"source":%b,"destination":{"identity":300,"labels":["k8s:a=b"]}'
    line = b'{"flow":{"time":"2026-09-13T10:57:30Z","IP":{"source":"10.0.0.1"},' + ends + b"}}\n"
    lines = [line % b'{"identity":301}'] * 2_000 + [line % b'{"identity":301,"labels":["k8s:a=c"]}'] * labelled
    source = file_source(tmp_path, b"".join(lines))
    for jobs in (1, 2):
        if labelled:
            assert len(in_order(CaptureReader([source], jobs=jobs))[0]["flows"]) == 2_001
        else:
            with pytest.raises(FieldMaskError, match=r"carries source\.labels: "):
                found(CaptureReader([source], jobs=jobs))
    assert len(started) == 2


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"Sep 13 10:57:30.264: shop/web:40000 (ID:1) -> shop/db:5432 (ID:2) to-overlay FORWARDED\n", HumanFormatError),
        (b'{"flow":{"time":"2026-09-13T10:57:30Z","IP":{"source":"10.0.0.1"}}}\n' * 2_000, FieldMaskError),
        (b"PAR1" + b"x" * 100_000, SourceError),
    ],
)
def test_errors_are_those_of_one_process(tmp_path, started, content, error):
    source = file_source(tmp_path, content)
    told = []
    for jobs in (1, 2):
        with pytest.raises(error) as caught:
            found(CaptureReader([source], jobs=jobs))
        told.append(str(caught.value))
    assert told[0] == told[1]
    assert len(started) == 2


def test_a_disk_that_fails_is_told(started):
    class Failing(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 150_000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(SourceError, match="Input/output error"):
        found(CaptureReader([Source(name="bad-disk", stream=Failing(CONTENT), size=10**9)], jobs=2))
    assert started


def test_a_process_that_is_killed_is_told(tmp_path, started):
    reader = CaptureReader([file_source(tmp_path, CONTENT * 20)], jobs=2).batches()
    next(reader)
    for process in started:
        process.kill()
    with pytest.raises(SourceError, match=r"a decoding process ended .*signal 9") as caught:
        list(reader)
    assert "--jobs 1" in str(caught.value)


def test_a_reader_that_is_not_read_to_its_end_leaves_no_process(tmp_path, started):
    batches = CaptureReader([file_source(tmp_path, CONTENT * 20)], jobs=2).batches()
    next(batches)
    batches.close()
    assert len(started) == 2


CHILD = """
import sys
from pathlib import Path
from recommender.ingest import CaptureReader, Source, capture_reader
from recommender.ingest.worker_process import WorkerProcess

capture_reader.BEFORE_SHARING = 0
start = WorkerProcess.__init__
def telling(self):
    start(self)
    print(self._process.pid, flush=True)
WorkerProcess.__init__ = telling
path = Path(sys.argv[1])
for batch in CaptureReader([Source(name="x", path=path, size=path.stat().st_size)], jobs=2).batches():
    print("batch", flush=True)
    sys.stdin.read()
"""


def test_processes_end_with_the_one_that_started_them(tmp_path):
    file_source(tmp_path, CONTENT * 100)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "x")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        children = [int(parent.stdout.readline()) for _ in range(2)]
        assert parent.stdout.readline() == "batch\n"
        os.kill(parent.pid, signal.SIGKILL)
    until = time.monotonic() + 30
    while any(Path(f"/proc/{child}/cmdline").exists() and alive(child) for child in children):
        assert time.monotonic() < until, "a decoding process is left behind"
        time.sleep(0.05)


def alive(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
