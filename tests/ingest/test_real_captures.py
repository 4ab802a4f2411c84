from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from recommender.errors import FieldMaskError
from recommender.ingest import expand_sources

CAPTURES = Path(__file__).parents[3] / "shared" / "data" / "hubble-real"
INDEX = CAPTURES / "index.json"
FILES = json.loads(INDEX.read_text())["files"] if INDEX.is_file() else []
MASKED = "transcribed/misc-cilium-docs-export-fieldmask-2023.jsonl"
WITHOUT_TIME = "transcribed/misc-retina-1417-syntheticid-reply.jsonl"

pytestmark = pytest.mark.skipif(not FILES, reason=f"no real captures at {CAPTURES}")


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry["file"]) for entry in FILES])
def test_every_record_of_a_real_capture_is_accounted_for(entry, decode_sources):
    sources = expand_sources([str(CAPTURES / entry["file"])])
    if entry["file"] == MASKED:
        with pytest.raises(FieldMaskError, match=r"source\.labels"):
            decode_sources(sources)
        return
    decoded = decode_sources(sources)
    assert len(decoded.flows) + len(decoded.events) + len(decoded.rejects) == entry["records"]
    if entry["file"] == WITHOUT_TIME:
        assert decoded.reasons == ["missing time"]
        return
    assert decoded.rejects == []
    assert len(decoded.flows) == entry["flows"]
    assert Counter(flow["verdict"] for flow in decoded.flows) == entry["verdicts"]
    assert Counter(str(flow["event_type"]) for flow in decoded.flows) == entry["event_types"]
    if entry["unique_uuid"] is not None:
        assert len(decoded.event_ids) == entry["unique_uuid"]
    else:
        assert len(decoded.event_ids) == len(decoded.flows)
    assert decoded.bytes_read == sum(source.size for source in sources)


@pytest.mark.skipif(not FILES, reason=f"no real captures at {CAPTURES}")
def test_all_captures_together(decode_sources):
    decoded = decode_sources(expand_sources([str(CAPTURES / entry["file"]) for entry in FILES]))
    assert len(decoded.flows) == sum(entry["flows"] for entry in FILES) - 1
    assert decoded.reasons == ["missing time"]
    ids = {row["endpoint_id"] for row in decoded.endpoints}
    assert len(ids) == len(decoded.endpoints)
    assert {flow["source_endpoint"] for flow in decoded.flows} <= ids | {None}
    assert {row["label_set_id"] for row in decoded.endpoints} <= {row["label_set_id"] for row in decoded.label_sets} | {
        None
    }
