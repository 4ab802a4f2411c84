"""The whole way with kept answers: the same bytes, and nothing is reduced anew that was kept."""

from pathlib import Path

import pytest

import recommender.reducing
from recommender.ingest import CaptureReader, expand_sources
from recommender.model.selection import Selection
from recommender.pipeline import run
from recommender.report.files import write_report
from recommender.settings import ResolvedSettings, Settings
from recommender.store import CachedEngine, ingest_flows

DEMO = Path(__file__).parents[2] / "data" / "demo"


@pytest.fixture(scope="module")
def flows(tmp_path_factory):
    path = tmp_path_factory.mktemp("flows") / "flows.parquet"
    sources = expand_sources([str(file) for file in sorted(DEMO.glob("*.log.gz"))])
    ingest_flows(CaptureReader(sources, jobs=1), path, selection=Selection())
    return path


def report(flows, directory, *, cache="", inventory=True, selection=None):
    """The files of the report by name."""
    settings = ResolvedSettings.given(Settings(reduction_cache=str(cache)))
    paths = [DEMO / "inventory.json"] if inventory else []
    write_report(run([str(flows)], settings=settings, inventory_paths=paths, selection=selection), directory)
    return {str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()}


class _NoEngine:
    """Fails at whatever it is asked."""

    def __getattr__(self, name):
        pytest.fail(f"the engine is asked to {name}")


def test_kept_answers_give_the_same_bytes_without_the_engine(flows, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    expected = report(flows, tmp_path / "plain")
    assert report(flows, tmp_path / "first", cache=cache) == expected
    kept = {file.name for file in cache.iterdir()}
    assert kept
    assert all(name.endswith(".answer") for name in kept)

    def without_engine(engine, **given):
        del engine
        return CachedEngine(_NoEngine(), **given)

    monkeypatch.setattr(recommender.reducing, "CachedEngine", without_engine)
    assert report(flows, tmp_path / "again", cache=cache) == expected


@pytest.mark.parametrize(
    "other", [{"inventory": False}, {"selection": Selection(until="2026-03-12T00:00:00Z")}], ids=["inventory", "until"]
)
def test_what_rests_on_other_flows_or_another_inventory_is_not_taken(flows, tmp_path, other):
    cache = tmp_path / "cache"
    report(flows, tmp_path / "first", cache=cache)
    expected = report(flows, tmp_path / "plain", **other)
    assert report(flows, tmp_path / "cached", cache=cache, **other) == expected
