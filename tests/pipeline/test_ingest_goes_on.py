"""An ingest that is killed again and again, and goes on each time, gives what one that was never killed gives.

`make test-kills` does it a hundred times.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recommender.store import is_dataset, open_dataset
from recommender.store.journal import JOURNAL
from tests.simulator import random_cluster, simulate

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("NETPOL_KILLS", "5"))
AN_INGEST = 3
"""Kills of one ingest at most."""

CHILD = """
import sys
from pathlib import Path
from recommender.ingest import CaptureReader, capture_reader, expand_sources, text_ranges
from recommender.model.selection import Selection
from recommender.store import flow_parts, ingest_flows, parquet_format

text_ranges.RANGE_BYTES, text_ranges.CUT_WINDOW = 60_000, 20_000
parquet_format.ROWS_PER_GROUP, flow_parts.GROUPS_A_PART = 100, 2
capture_reader.BEFORE_SHARING = 0
path, jobs, *sources = sys.argv[1:]
reader = CaptureReader(expand_sources(sources), jobs=int(jobs))
print("here", flush=True)
summary = ingest_flows(reader, Path(path), selection=Selection())
print(summary.records, summary.known_bytes, flush=True)
"""


@pytest.fixture(scope="module")
def captures(tmp_path_factory):
    """Two files that overlap, with lines that cannot be read, and one of them growing."""
    folder = tmp_path_factory.mktemp("captures")
    lines = [line.encode() for line in simulate(random_cluster(7, "tiny"), days=0.6, seed=7).lines()][:3_600]
    for at in range(100, 3_600, 500):
        lines[at] = b'{"flow":{"time":"never"}}'
    (folder / "a.log").write_bytes(b"\n".join(lines[:2_400]))
    (folder / "b.log").write_bytes(b"\n".join(lines[2_100:]))
    return [str(folder / "a.log"), str(folder / "b.log")]


def run(path, sources, *, jobs=1, kill_after=None, kill_when=None):
    """Ingest, and kill it after so many seconds or once a file is there; True if it came to its end."""
    command = [sys.executable, "-c", CHILD, str(path), str(jobs), *sources]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "here\n"
        if kill_after is not None:
            time.sleep(kill_after)
        while kill_when is not None and not kill_when.is_file() and child.poll() is None:
            time.sleep(0.001)
        if kill_after is not None or kill_when is not None:
            child.send_signal(signal.SIGKILL)
        child.communicate()
    assert child.returncode in {0, -signal.SIGKILL}
    return child.returncode == 0


def facts(path):
    """All that the record says, but for how the flows were cut into parts."""
    document = json.loads(open_dataset(path).record.to_json())
    for table in document["tables"].values():
        del table["files"]
    return document


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, captures):
    path = tmp_path_factory.mktemp("uninterrupted") / "flows.parquet"
    started = time.monotonic()
    assert run(path, captures)
    return facts(path), time.monotonic() - started


def test_an_ingest_that_is_killed_goes_on(tmp_path, captures, uninterrupted):
    expected, duration = uninterrupted
    chance = random.Random(20_260_101)
    killed = ingests = gone_on = 0
    while killed < KILLS:
        ingests += 1
        path = tmp_path / f"{ingests}.parquet"
        for _ in range(AN_INGEST):
            staged = (path / ".ingest" / JOURNAL).is_file()
            if run(path, captures, jobs=chance.choice([1, 1, 2]), kill_after=chance.uniform(0, duration)):
                break
            killed += 1
            gone_on += staged
            # The dataset is there whole, or not at all.
            assert not is_dataset(path) or facts(path)["tables"] == expected["tables"]
        assert run(path, captures)
        assert facts(path) == expected
        named = {path / part.table / part.file for part in open_dataset(path).record.parts}
        assert {file for file in path.rglob("*") if file.is_file()} == {*named, path / "manifest.json"}
    assert KILLS < 50 or gone_on > KILLS // 4


def test_what_was_staged_is_not_decoded_again_and_not_used_for_other_files(tmp_path, captures):
    path = tmp_path / "flows.parquet"
    journal = path / ".ingest" / JOURNAL
    assert not run(path, captures, kill_when=journal)
    staged = json.loads(journal.read_bytes())
    assert staged["records"] > 0
    command = [sys.executable, "-c", CHILD, str(path), "1"]
    other = tmp_path / "other.log"
    other.write_bytes(Path(captures[1]).read_bytes()[-200_000:])
    answer = subprocess.run([*command, *captures], cwd=ROOT, capture_output=True, text=True, check=True)
    records, known = map(int, answer.stdout.split()[1:])
    assert known >= sum(part["length"] for file in staged["files"] for part in file["ranges"])
    assert records == open_dataset(path).total_flows + open_dataset(path).repeats
    again = tmp_path / "again.parquet"
    assert not run(again, captures, kill_when=again / ".ingest" / JOURNAL)
    subprocess.run([*command[:3], str(again), "1", str(other)], cwd=ROOT, capture_output=True, check=True)
    assert open_dataset(again).total_flows < 200
