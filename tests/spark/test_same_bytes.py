"""The whole way on both engines: every file of the report is the same to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.ingest import CaptureReader, expand_sources
from recommender.model.reduction import ReductionEngine
from recommender.model.selection import Condition, Selection
from recommender.pipeline import run
from recommender.report.files import write_report
from recommender.settings import ResolvedSettings, Settings
from recommender.store import ingest_flows
from tests.simulator import random_cluster, simulate
from tests.spark import needs_spark

DEMO = Path(__file__).parents[2] / "data" / "demo"
pytestmark = [*needs_spark, pytest.mark.usefixtures("spark")]


def dataset_of(sources: list[str], path: Path, *, single_file: bool = False) -> Path:
    ingest_flows(CaptureReader(expand_sources(sources)), path, selection=Selection(), single_file=single_file)
    return path


def report(engine: ReductionEngine, place: str, directory: Path, **inputs) -> dict[str, bytes]:
    settings = ResolvedSettings.given(Settings(engine=engine))
    write_report(run([place], settings=settings, **inputs), directory / engine)
    return {
        str(file.relative_to(directory / engine)): file.read_bytes()
        for file in sorted((directory / engine).rglob("*"))
        if file.is_file()
    }


def test_the_demo_by_its_uri(tmp_path):
    flows = dataset_of([str(file) for file in DEMO.glob("*.log.gz")], tmp_path / "flows [1].parquet")
    inventory = [DEMO / "inventory.json"]
    expected = report(ReductionEngine.DUCKDB, str(flows), tmp_path, inventory_paths=inventory)
    assert sum(name.startswith("policies/") for name in expected) > 5
    found = report(ReductionEngine.SPARK, f"file://{flows}", tmp_path, inventory_paths=inventory)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []


def test_a_selection_of_a_single_file_of_several_clusters(tmp_path):
    lines = [
        line.replace("random-tiny", name)
        for seed, name in ((5, "east"), (6, "west"))
        for line in simulate(random_cluster(seed, "tiny"), days=0.4, seed=seed, events="sparse", rate=0.4).lines()
    ]
    (tmp_path / "events.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    flows = dataset_of([str(tmp_path / "events.log")], tmp_path / "flows.parquet", single_file=True)
    selection = Selection(
        wanted=(Condition(flag="node-name", values=("east/*", "west/*")),),
        unwanted=(Condition(flag="ip", values=("192.0.2.0/24", "2001:db8::/32")),),
    )
    expected = report(ReductionEngine.DUCKDB, str(flows), tmp_path, selection=selection)
    found = report(ReductionEngine.SPARK, str(flows), tmp_path, selection=selection)
    assert [name for name in expected if found[name] != expected[name]] == []
