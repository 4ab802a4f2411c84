"""What one `ingest` did, for its last lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.capture import RejectCount


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSummary:
    """Counts of this ingest, and of the dataset after it. Times are nanoseconds since the epoch."""

    records: int
    """Flow records decoded now, before repeats were removed and the selection applied."""
    new_flows: int
    repeats: int
    deselected: int
    """Flows left out by the selection flags."""
    total_flows: int
    """Flows in the dataset now."""
    first_seen: int
    last_seen: int
    nodes: tuple[str, ...]
    lost_events: int
    other_records: tuple[tuple[str, int], ...]
    rejects: tuple[RejectCount, ...]
    verdict_flows: int
    """Policy verdict records in the dataset."""
    bytes_read: int
    known_bytes: int = 0
    """Bytes among them of files that were in the dataset already, and were not decoded again."""
