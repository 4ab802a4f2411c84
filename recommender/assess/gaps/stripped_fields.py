"""Fields that the export leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.capture_codes import STRIPPED_FIELDS
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.capture import FieldPresence
    from recommender.model.gap import Gap

FEWEST_RECORDS: Final = 10
"""Records that should carry a field, below which its absence says nothing."""
_DIRECTION: Final = frozenset({"is_reply", "l4.TCP.flags", "event_type"})
"""Without all of them, client and server are told apart by port numbers."""
_MINOR: Final = frozenset({"uuid", "egress_allowed_by"})
_COSTS: Final = {
    "is_reply": "replies are told from requests by other signs",
    "l4.TCP.flags": "openings, resets and replies cannot be told apart",
    "event_type": "verdicts cannot be told from traces",
    "verdict": "what was denied or audited looks like any other flow",
    "traffic_direction": "nobody knows which side's policy spoke",
    "drop_reason_desc": "a deny rule cannot be told from a missing allow rule",
    "node_name": "silent nodes and losses cannot be found",
    "uuid": "repeats are told by time and addresses",
    "source.ID": "a node's own pods cannot be told from remote ones, so no group may be isolated",
    "egress_allowed_by": "which existing policy allowed a connection is not known",
}
"""By the field's name in an export's field mask: what is lost without it (hubble-format 3, hubble-quirks 61)."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Which fields that the rest depends on did the export's field mask leave out, everywhere or on some nodes?"""
    fields = [field for field in context.capture.fields if field.expected >= FEWEST_RECORDS]
    missing = [field for field in fields if not field.present]
    if missing:
        yield _gap("export", f"absent from {counted(context.capture.flows, 'flow')}", missing)
    partly = [field for field in fields if field.present and field.absent_on]
    for nodes in sorted({field.absent_on for field in partly}):
        some = [field for field in partly if field.absent_on == nodes]
        yield _gap(f"nodes {', '.join(nodes)}", f"absent on {counted(len(nodes), 'node')} and present on others", some)


def _gap(subject: str, where: str, fields: list[FieldPresence]) -> Gap:
    names = [field.name for field in fields]
    return make_gap(
        STRIPPED_FIELDS,
        subject=subject,
        reason=f"{where}: {', '.join(names)}",
        severity=_severity(names),
        count=len(names),
        examples=(f"{name}: {_COSTS[name]}" for name in names),
        facts=names,
    )


def _severity(names: Iterable[str]) -> Severity:
    if set(names) >= _DIRECTION:
        return Severity.HIGH
    return Severity.LOW if set(names) <= _MINOR else Severity.MEDIUM
