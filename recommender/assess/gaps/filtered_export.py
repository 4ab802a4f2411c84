"""An export that lets one kind of record through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.capture_codes import FILTERED_EXPORT
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

FEWEST_FLOWS: Final = 100
"""Flows below which a capture may hold one kind by chance."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Did an allow or deny list of the exporter, or an agent without trace events, keep verdicts only?

    Nothing is said where this run itself kept to some kinds of records (NPR114), or where the capture is tiny.
    """
    capture = context.capture
    if capture.record_kinds or capture.flows < FEWEST_FLOWS or not capture.verdict_flows:
        return
    if capture.audit_flows == capture.flows:
        yield make_gap(
            FILTERED_EXPORT,
            severity=Severity.HIGH,
            subject="export",
            reason=f"every one of {counted(capture.flows, 'flow')} has the verdict AUDIT: what existing policies "
            "allow already is missing, and no answer was recorded",
            count=capture.flows,
            facts=("audit",),
        )
    elif not capture.trace_flows:
        yield make_gap(
            FILTERED_EXPORT,
            subject="export",
            reason=f"no trace among {counted(capture.flows, 'flow')}: answers, connections older than the window and "
            "what no policy judges are missing",
            count=capture.flows,
            facts=("no traces",),
        )
