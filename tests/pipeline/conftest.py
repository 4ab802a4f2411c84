"""Captures that several tests of the whole way through share."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender import Recommendation, recommend

DEMO = Path(__file__).parents[2] / "data" / "demo"
REAL = Path(__file__).parents[3] / "shared" / "data" / "hubble-real"


@pytest.fixture(scope="session")
def demo_recommendation() -> Recommendation:
    return recommend(sorted(DEMO.glob("*.log.gz")), inventory=DEMO / "inventory.json")


@pytest.fixture(scope="session")
def real_captures() -> Path:
    if not REAL.is_dir():
        pytest.skip(f"no third-party captures at {REAL}")
    return REAL
