from __future__ import annotations

from pathlib import Path

from recommender.model.flow_schema import TABLES
from recommender.store.schema_document import schema_markdown

DOCUMENT = Path(__file__).parents[2] / "docs" / "flow-schema.md"


def test_the_document_is_not_stale():
    assert DOCUMENT.read_text(encoding="utf-8") == schema_markdown(), (
        "run: python -m recommender.store.schema_document > docs/flow-schema.md"
    )


def test_every_column_has_a_row():
    text = schema_markdown()
    for columns in TABLES.values():
        for column in columns:
            assert f"\n| `{column.name}` | " in text
