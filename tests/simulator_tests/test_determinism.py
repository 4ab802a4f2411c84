from __future__ import annotations

import ast
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from tests.simulator import __file__ as simulator_file
from tests.simulator import describe_demo, random_cluster, simulate


def test_the_same_seed_gives_the_same_lines_and_the_same_truth():
    first, second = (simulate(describe_demo(), days=0.2, seed=11) for _ in range(2))
    assert list(first.lines()) == list(second.lines())
    assert first.truth == second.truth
    assert first.inventory() == second.inventory()


def test_another_seed_gives_other_lines():
    assert list(simulate(describe_demo(), days=0.05, seed=1).lines()) != list(
        simulate(describe_demo(), days=0.05, seed=2).lines()
    )


def test_a_random_cluster_is_drawn_by_its_seed():
    assert random_cluster(5, "tiny") == random_cluster(5, "tiny")
    assert random_cluster(5, "tiny") != random_cluster(6, "tiny")


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_files_hold_the_lines_whatever_the_compression(tmp_path: Path, compression: str):
    simulation = simulate(random_cluster(3, "tiny"), days=0.1, seed=3)
    paths = simulation.write(tmp_path, compression=compression)
    unpack = {
        "": lambda data: data,
        "gzip": gzip.decompress,
        "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    }[compression]
    written = [line for path in paths for line in unpack(path.read_bytes()).decode().splitlines()]
    assert sorted(written) == sorted(simulation.lines())
    assert len(paths) == len(simulation.cluster.nodes)


def test_packed_files_are_the_same_bytes_each_time(tmp_path: Path):
    folders = (tmp_path / "first", tmp_path / "second")
    for folder in folders:
        simulate(random_cluster(3, "tiny"), days=0.1, seed=3).write(folder, compression="gzip")
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == second


def test_the_start_moves_the_window():
    simulation = simulate(random_cluster(3, "tiny"), days=0.05, seed=3, start=datetime(2026, 5, 1, tzinfo=UTC))
    assert simulation.truth["start"] == "2026-05-01T00:00:00.000000000Z"
    assert any('"time":"2026-05-01T00:' in line for line in simulation.lines())


def test_a_higher_rate_writes_more():
    slow, fast = (simulate(random_cluster(3, "tiny"), days=0.2, seed=3, rate=rate) for rate in (1.0, 10.0))
    assert sum(1 for _ in fast.lines()) > 4 * sum(1 for _ in slow.lines())


def test_the_truth_is_independent_of_the_tool():
    for path in Path(simulator_file).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not [name for name in names if name.split(".")[0] == "recommender"], path
