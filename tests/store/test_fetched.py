"""Datasets on other file systems, for the engine that works on this machine."""

import fsspec
import pytest

from recommender.errors import StoreError
from recommender.ingest import CaptureReader, expand_sources
from recommender.model.selection import Selection
from recommender.store import dataset_at, fetched_dataset, ingest_flows, open_dataset
from tests.simulator import random_cluster, simulate


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    path = tmp_path_factory.mktemp("events") / "events.log"
    simulation = simulate(random_cluster(5, "tiny"), days=0.1, seed=5, events="sparse", rate=0.4)
    path.write_text("\n".join(simulation.lines()) + "\n", encoding="utf-8")
    return path


def dataset(events, path, *, single_file=False):
    ingest_flows(CaptureReader(expand_sources([str(events)])), path, selection=Selection(), single_file=single_file)
    return path


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


@pytest.mark.parametrize("single_file", [False, True])
def test_a_dataset_that_fsspec_reads(events, tmp_path, memory, single_file):
    path = dataset(events, tmp_path / "flows.parquet", single_file=single_file)
    memory.put(str(path), "/bucket/flows.parquet", recursive=not single_file)
    fetched = open_dataset(fetched_dataset("memory://bucket/flows.parquet", tmp_path / "copy"))
    assert fetched.total_flows > 100
    assert fetched.digest() == open_dataset(path).digest()


def test_a_dataset_that_pyarrow_reads(events, tmp_path):
    path = dataset(events, tmp_path / "flows.parquet")
    fetched = fetched_dataset(f"file://{path}/", tmp_path / "copy")
    assert open_dataset(fetched).digest() == open_dataset(path).digest()


@pytest.mark.parametrize(
    ("uri", "what"),
    [
        ("memory://bucket/nothing", "cannot be read"),
        ("nowhere://bucket/flows.parquet", "no file system `nowhere`"),
    ],
)
def test_what_cannot_be_fetched_says_so(tmp_path, uri, what):
    with pytest.raises(StoreError, match=what) as caught:
        fetched_dataset(uri, tmp_path / "copy")
    assert caught.value.where == uri
    assert caught.value.hint


def test_a_dataset_that_only_the_engine_reads(events, tmp_path):
    path = dataset(events, tmp_path / "flows.parquet")
    read = {f"s3a://bucket/flows.parquet/{name}": (path / name).read_text() for name in ("manifest.json",)}
    there = dataset_at("s3a://bucket/flows.parquet/", read_text=read.__getitem__)
    assert there.digest() == open_dataset(path).digest()
    assert there.total_flows == open_dataset(path).total_flows


def test_a_dataset_without_digests_must_be_read_here(events, tmp_path):
    path = dataset(events, tmp_path / "flows.parquet")
    text = (path / "manifest.json").read_text().replace('"digest"', '"unknown"')
    with pytest.raises(StoreError, match="without digests"):
        dataset_at("s3a://bucket/flows.parquet", read_text=lambda _: text).digest()
