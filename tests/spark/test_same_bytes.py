"""The whole way on both engines: every file of the report is the same to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.ingest import CaptureReader, expand_sources
from recommender.model.reduction import ReductionEngine
from recommender.model.selection import Selection
from recommender.pipeline import run
from recommender.report.files import write_report
from recommender.settings import ResolvedSettings, Settings
from recommender.store import ingest_flows
from tests.simulator import random_cluster, simulate
from tests.spark import needs_spark

DEMO = Path(__file__).parents[2] / "data" / "demo"
pytestmark = [*needs_spark, pytest.mark.usefixtures("spark")]


@pytest.fixture(scope="module")
def flows(tmp_path_factory):
    """The demo's cluster and another one, in a folder whose name is a pattern to DuckDB and to Spark."""
    folder = tmp_path_factory.mktemp("flows")
    simulation = simulate(random_cluster(5, "tiny"), days=0.4, seed=5, events="sparse", rate=0.4)
    (folder / "events.log").write_text("\n".join(simulation.lines()) + "\n", encoding="utf-8")
    sources = expand_sources([str(folder / "events.log"), *map(str, sorted(DEMO.glob("*.log.gz")))])
    ingest_flows(CaptureReader(sources), folder / "flows [1] {a,b}.parquet", selection=Selection())
    return folder / "flows [1] {a,b}.parquet"


def report(engine: ReductionEngine, place: str, directory: Path) -> dict[str, bytes]:
    settings = ResolvedSettings.given(Settings(engine=engine))
    recommendation = run([place], settings=settings, inventory_paths=[DEMO / "inventory.json"])
    write_report(recommendation, directory)
    return {str(file.relative_to(directory)): file.read_bytes() for file in directory.rglob("*") if file.is_file()}


def test_both_engines_write_the_same_report(flows, tmp_path):
    expected = report(ReductionEngine.DUCKDB, str(flows), tmp_path / "duckdb")
    found = report(ReductionEngine.SPARK, f"file://{flows}", tmp_path / "spark")
    assert sum(name.startswith("policies/") for name in expected) > 10
    assert b'"active_six_hours"' in expected["recommendation.json"]
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
