"""The five tables while they grow."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from recommender.errors import FieldMaskError
from recommender.ingest.columns import FlowRows
from recommender.ingest.endpoints import EndpointTable
from recommender.ingest.events import EventTable
from recommender.ingest.rejects import RejectTable
from recommender.ingest.usual_flows import UsualFlows
from recommender.model.decoded import DecodedBatch

BATCH_ROWS: Final = 50_000
_BATCH_BYTES: Final = 256 * 2**20

RECOMMENDED_MASK: Final = (
    "time uuid emitter verdict drop_reason_desc IP l4 source destination Type node_name source_names destination_names "
    "l7.type l7.dns is_reply event_type source_service destination_service traffic_direction policy_match_type "
    "trace_observation_point trace_reason sock_xlate_point egress_allowed_by ingress_allowed_by egress_denied_by "
    "ingress_denied_by"
)
"""The export mask that leaves out nothing that inference needs (hubble-format 6)."""
_TELLING: Final = ("source_ip", "destination_ip", "protocol", "source_endpoint", "destination_endpoint")


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

    @property
    def flows_met(self) -> int:
        """Flows of all batches."""
        return self.flows.total + self.usual.total

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


class LabelCheck:
    """Refuses a capture without a single label: nothing in it says who talks to whom."""

    def __init__(self) -> None:
        self._told = False
        """Whether any flow so far told its ends by address, port or name."""
        self._labelled = False

    def see(self, batch: DecodedBatch) -> None:
        """Look at a batch; a label set is in the first batch that met it."""
        flows = batch.flows
        self._labelled = self._labelled or batch.label_sets.num_rows > 0
        self._told = self._told or any(flows.column(name).null_count < flows.num_rows for name in _TELLING)

    def finish(self) -> None:
        """Judge what was seen.

        Raises:
            FieldMaskError: flows were found and none of them has labels.
        """
        if self._told and not self._labelled:
            raise FieldMaskError(
                "no flow carries labels: the export's field mask leaves out source.labels and destination.labels",
                hint=f"export with this field mask (hubble.export.static.fieldMask): {RECOMMENDED_MASK}",
            )
