"""The five tables while they grow."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from recommender.ingest.columns import FlowRows
from recommender.ingest.endpoints import EndpointTable
from recommender.ingest.events import EventTable
from recommender.ingest.rejects import RejectTable
from recommender.ingest.usual_flows import UsualFlows
from recommender.model.decoded import DecodedBatch

BATCH_ROWS: Final = 50_000
_BATCH_BYTES: Final = 256 * 2**20


class Tables:
    """Flows, endpoints, label sets, events and rejects that are gathered and given out in batches."""

    def __init__(self, *, strict: bool) -> None:
        self.endpoints = EndpointTable()
        self.usual = UsualFlows(self.endpoints)
        self.flows = FlowRows(self.endpoints)
        self.events = EventTable()
        self.rejects = RejectTable(strict=strict)
        self.text_bytes = 0
        """Decompressed bytes behind the rows gathered."""

    @property
    def full(self) -> bool:
        """Whether it is time to take a batch."""
        return (
            len(self.flows) + len(self.usual) >= BATCH_ROWS
            or len(self.rejects) >= BATCH_ROWS
            or len(self.events) >= BATCH_ROWS
            or self.text_bytes > _BATCH_BYTES
        )

    def take(self) -> DecodedBatch:
        """What was gathered since the last call."""
        flows = self.flows.take()
        usual = self.usual.take()
        if usual is not None:
            flows = pa.concat_batches([usual, flows]) if len(flows) else usual
        endpoints, label_sets = self.endpoints.take()
        self.text_bytes = 0
        return DecodedBatch(
            flows=flows,
            endpoints=endpoints,
            label_sets=label_sets,
            events=self.events.take(),
            rejects=self.rejects.take(),
        )
