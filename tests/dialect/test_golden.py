"""Golden manifests: NETPOL_REFRESH_GOLDEN=1 pytest tests/dialect/test_golden.py writes them anew; review the diff."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recommender.model.manifest import Dialect
from tests.dialect.external import external_written
from tests.dialect.scene import shop_written

GOLDEN = Path(__file__).parent / "golden"
WRITERS = {"": shop_written, "external/": external_written}


def produced(dialect, folder):
    result = WRITERS[folder](dialect)
    files = {manifest.path: manifest.text for manifest in (*result.manifests, result.kustomization)}
    return {f"{folder}{dialect.value}/{path}": text for path, text in files.items()}


@pytest.mark.parametrize("folder", list(WRITERS))
@pytest.mark.parametrize("dialect", list(Dialect))
def test_manifests_are_as_reviewed(dialect, folder):
    files = produced(dialect, folder)
    if os.environ.get("NETPOL_REFRESH_GOLDEN"):
        for path, text in files.items():
            target = GOLDEN / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    kept = {
        path.relative_to(GOLDEN).as_posix(): path.read_text(encoding="utf-8")
        for path in (GOLDEN / folder / dialect.value).rglob("*.yaml")
    }
    assert files == kept
