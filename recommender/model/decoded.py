"""Decoded batches: what `ingest` hands to `store`, columnar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from recommender.model.ingested_file import IngestedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedBatch:
    """Some flows, and the side-table rows first met while decoding them (any of them may be empty).

    Repeats may still be in it: the store removes them by `event_id`.
    """

    flows: pa.RecordBatch
    """FLOW_SCHEMA."""
    endpoints: pa.RecordBatch
    """ENDPOINT_SCHEMA."""
    label_sets: pa.RecordBatch
    """LABEL_SET_SCHEMA."""
    events: pa.RecordBatch
    """EVENT_SCHEMA."""
    rejects: pa.RecordBatch
    """REJECT_SCHEMA."""
    bytes_read: int = 0
    """Bytes of the source files (compressed as they lie) consumed since the batch before; for progress."""
    file: IngestedFile | None = None
    """Set where a batch is the last of a range of a file: how much of that file is decoded now."""
    known_bytes: int = 0
    """Bytes among `bytes_read` that were recognised as ingested before, and not decoded again."""
