"""An ingest that is killed with SIGKILL leaves the dataset as it was, and the next one clears up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.store import is_dataset, open_dataset, write_flows
from tests.store.rows import EVERYTHING, batch, endpoint, event, flow

ROOT = Path(__file__).parents[2]

# The child wraps one function so that it prints a line and waits there; the parent kills it by its pid.
CHILD = """
import importlib, sys, time
from pathlib import Path
from recommender.store import write_flows
from tests.store.test_killed_ingest import capture
from tests.store.rows import EVERYTHING

module, name, moment, path, single_file = sys.argv[1:]
owner = importlib.import_module(module)
original = getattr(owner, name)

def stop():
    print("here", flush=True)
    time.sleep(600)

def wrapped(*args, **kwargs):
    if moment == "before":
        stop()
    result = original(*args, **kwargs)
    stop()
    return result

setattr(owner, name, wrapped)
write_flows([capture(range(50, 80))], Path(path), selection=EVERYTHING, single_file=single_file == "True")
"""

FOLDER_MOMENTS = [
    ("recommender.store.write", "stage", "before"),
    ("recommender.store.write", "stage", "after"),
    ("recommender.store.write", "find_new_rows", "after"),
    ("recommender.store.directory", "replace_durably", "before"),
    ("recommender.store.directory", "replace_durably", "after"),
    ("recommender.store.directory", "content_name", "after"),
    ("recommender.store.directory", "commit", "before"),
]
FILE_MOMENTS = [
    ("recommender.store.write", "stage", "after"),
    ("recommender.store.write", "find_new_rows", "after"),
    ("recommender.store.single_file", "write_sorted", "after"),
    ("recommender.store.single_file", "replace_durably", "before"),
]
COMMITTED = [
    ("recommender.store.directory", "commit", "after", False),
    ("recommender.store.directory", "sweep", "before", False),
    ("recommender.store.single_file", "replace_durably", "after", True),
]


def capture(numbers):
    return batch(
        [flow(number, source_endpoint=1) for number in numbers],
        endpoints=[endpoint(1, namespace="shop"), endpoint(100 + numbers[0])],
        events=[event(number) for number in numbers],
    )


def kill_at(module, name, moment, path, *, single_file):
    arguments = [sys.executable, "-c", CHILD, module, name, moment, str(path), str(single_file)]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL


def leftovers(folder):
    return sorted(file.name for file in folder.rglob("*") if file.name.startswith("."))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Digest of what both captures hold together."""
    path = tmp_path_factory.mktemp("whole") / "flows.parquet"
    write_flows([capture(range(60)), capture(range(50, 80))], path, selection=EVERYTHING)
    return open_dataset(path).digest()


@pytest.fixture(params=[True, False], ids=["existing", "new"])
def existing(request):
    return request.param


@pytest.mark.parametrize(
    "where", [(*place, False) for place in FOLDER_MOMENTS] + [(*place, True) for place in FILE_MOMENTS]
)
def test_killed_before_the_commit(tmp_path, where, existing, whole):
    module, name, moment, single_file = where
    path = tmp_path / "flows.parquet"
    before = None
    if existing:
        write_flows([capture(range(60))], path, selection=EVERYTHING, single_file=single_file)
        before = open_dataset(path).digest()
    kill_at(module, name, moment, path, single_file=single_file)
    assert leftovers(tmp_path)
    assert is_dataset(path) == existing
    if existing:
        assert open_dataset(path).digest() == before
    check_next_ingest(tmp_path, path, whole, single_file=single_file)


@pytest.mark.parametrize("where", COMMITTED)
def test_killed_after_the_commit(tmp_path, where, existing, whole):
    module, name, moment, single_file = where
    path = tmp_path / "flows.parquet"
    if existing:
        write_flows([capture(range(60))], path, selection=EVERYTHING, single_file=single_file)
    kill_at(module, name, moment, path, single_file=single_file)
    assert open_dataset(path).total_flows == (80 if existing else 30)
    check_next_ingest(tmp_path, path, whole, single_file=single_file)


def check_next_ingest(folder, path, whole, *, single_file):
    """The next ingest gives what it gives without the accident, and nothing else is left."""
    write_flows([capture(range(60)), capture(range(50, 80))], path, selection=EVERYTHING, single_file=single_file)
    dataset = open_dataset(path)
    assert dataset.digest() == whole
    assert leftovers(folder) == []
    if not single_file:
        on_disk = {file for file in path.rglob("*") if file.is_file()}
        assert on_disk == {path / "manifest.json", *(path / part.table / part.file for part in dataset.record.parts)}
