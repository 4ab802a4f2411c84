"""Does a capture carry the labels that say who talks to whom, at both of its ends?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow.compute as pc

from recommender.errors import FieldMaskError

if TYPE_CHECKING:
    import pyarrow as pa

    from recommender.model.decoded import DecodedBatch

RECOMMENDED_MASK: Final = (
    "time uuid emitter verdict drop_reason_desc IP l4 source destination Type node_name source_names destination_names "
    "l7.type l7.dns is_reply event_type source_service destination_service traffic_direction policy_match_type "
    "trace_observation_point trace_reason sock_xlate_point egress_allowed_by ingress_allowed_by egress_denied_by "
    "ingress_denied_by"
)
"""The export mask that leaves out nothing that inference needs (hubble-format 6)."""
_SIDES: Final = ("source", "destination")
_TELLING: Final = ("source_ip", "destination_ip", "protocol", "source_endpoint", "destination_endpoint")
_FIRST_POD_IDENTITY: Final = 256
"""Identities below are reserved (hubble-format 4.6); those from here on stand for a set of labels."""


class LabelCheck:
    """Looks at the batches of a capture in their order, whichever processes have decoded them."""

    def __init__(self) -> None:
        self._told = False
        """Whether any flow so far told its ends by address, port or name."""
        self._labelled: set[int] = set()
        """Endpoints that carry labels."""
        self._masked: set[int] = set()
        """Endpoints that must be pods, by identity, namespace or name, and carry none."""
        self._labelled_sides: set[str] = set()
        self._masked_sides: set[str] = set()

    def see(self, batch: DecodedBatch) -> None:
        """Look at a batch; an endpoint is in it, or in one before, if a flow of it has that endpoint."""
        if len(self._labelled_sides) == len(_SIDES):
            return
        self._learn(batch.endpoints)
        flows = batch.flows
        self._told = self._told or any(flows.column(name).null_count < flows.num_rows for name in _TELLING)
        for side in _SIDES:
            if side not in self._labelled_sides:
                endpoints = flows.column(f"{side}_endpoint").unique().to_pylist()
                if not self._labelled.isdisjoint(endpoints):
                    self._labelled_sides.add(side)
                elif not self._masked.isdisjoint(endpoints):
                    self._masked_sides.add(side)

    def finish(self) -> None:
        """Judge what was seen: nothing says who talks to whom at an end that never has labels.

        An end that nothing at all is told of may be nobody's; a pod has labels unless they were masked.

        Raises:
            FieldMaskError: flows were found and none of them has labels at one of its ends.
        """
        if not self._told:
            return
        lacking = set(_SIDES) if not self._labelled_sides else self._masked_sides - self._labelled_sides
        if lacking:
            fields = " and ".join(f"{side}.labels" for side in _SIDES if side in lacking)
            raise FieldMaskError(
                f"no flow carries {fields}: the export's field mask leaves them out",
                hint=f"export with this field mask (hubble.export.static.fieldMask): {RECOMMENDED_MASK}",
            )

    def _learn(self, endpoints: pa.RecordBatch) -> None:
        labelled = pc.is_valid(endpoints.column("label_set_id"))
        is_pod = pc.or_(
            pc.or_(pc.is_valid(endpoints.column("namespace")), pc.is_valid(endpoints.column("pod"))),
            pc.fill_null(pc.greater_equal(endpoints.column("identity"), _FIRST_POD_IDENTITY), fill_value=False),
        )
        ids = endpoints.column("endpoint_id")
        self._labelled.update(ids.filter(labelled).to_pylist())
        self._masked.update(ids.filter(pc.and_(is_pod, pc.invert(labelled))).to_pylist())
