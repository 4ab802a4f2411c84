"""A full disk and too little memory end an ingest with a message, and what was there before stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recommender.errors import StoreError
from recommender.store import open_dataset, write_flows
from recommender.store.durable import store_errors
from tests.store.rows import EVERYTHING, batch, flow

ROOT = Path(__file__).parents[2]

# A limit on the size of any file stands for the disk that is full; the errors differ in their number only.
CHILD = """
import random, resource, sys
from pathlib import Path
from recommender.errors import StoreError
from recommender.store import write_flows
from tests.store.rows import EVERYTHING, batch, flow

chance = random.Random(1)
rows = [flow(number, uuid=f"{chance.getrandbits(128):032x}") for number in range(4000)]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    write_flows([batch(rows)], Path(sys.argv[1]), selection=EVERYTHING, single_file=sys.argv[3] == "True")
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("single_file", [False, True])
@pytest.mark.parametrize("limit", [4_000, 20_000, 60_000])
@pytest.mark.parametrize("existing", [True, False])
def test_a_full_disk_is_told_and_nothing_is_left_half_written(tmp_path, limit, single_file, existing):
    path = tmp_path / "flows.parquet"
    if existing:
        write_flows([batch([flow(9_999)])], path, selection=EVERYTHING, single_file=single_file)
        before = open_dataset(path).digest()
    listing = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*"))
    command = [sys.executable, "-c", CHILD, str(path), str(limit), str(single_file)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stderr == ""
    assert "failed: " in answer.stdout
    assert "Try: free space on that disk" in answer.stdout
    assert sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*")) == listing
    if existing:
        assert open_dataset(path).digest() == before


def test_too_little_memory_is_told(tmp_path):
    path = tmp_path / "flows.parquet"
    rows = [flow(number % 4_000, verdict="AUDIT" if number % 2 else "DROPPED") for number in range(12_000)]
    with pytest.raises(StoreError, match="ran out of memory") as told:
        write_flows([batch(rows)], path, selection=EVERYTHING, memory_limit="1KB")
    assert "Try: more memory" in str(told.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [MemoryError("no room for 5 bytes"), MemoryError()])
def test_python_and_arrow_out_of_memory_is_told(tmp_path, error):
    with pytest.raises(StoreError, match="writing ran out of memory"), store_errors(tmp_path, "writing"):
        raise error
