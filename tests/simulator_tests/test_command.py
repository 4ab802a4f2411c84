from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulator", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_it_writes_capture_truth_and_inventory(tmp_path: Path):
    choice = ("--cluster", "random", "--size", "tiny", "--seed", "2", "--days", "0.1")
    done = _run(*choice, "-o", str(tmp_path), "--inventory", "--zstd")
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        *(f"events-{node}.log.zst" for node in ("control-plane", "node-1", "node-2")),
        "inventory.json",
        "truth.json",
    ]


def test_it_refuses_two_compressions(tmp_path: Path):
    done = _run("-o", str(tmp_path), "--gzip", "--zstd")
    assert done.returncode == 2
    assert "not allowed with" in done.stderr
