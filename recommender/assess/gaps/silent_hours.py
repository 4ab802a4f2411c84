"""Hours in which a node, or the whole capture, recorded nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import SILENT_HOURS
from recommender.assess.context import HOUR, SHORT_WINDOW_HOURS
from recommender.assess.gaps.report import counted, make_gap
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.capture import NodeCoverage
    from recommender.model.gap import Gap

_MOST: Final = 0.9


def detect(context: GapContext) -> Iterator[Gap]:
    """When did nodes record nothing although others did, or although the window lasted (hubble-quirks 13)?

    Counted in clock hours. Nothing is said of windows of less than a day, in which a quiet node is ordinary.
    """
    capture = context.capture
    if capture.hours < SHORT_WINDOW_HOURS or not capture.nodes:
        return
    hours = capture.last_seen // HOUR - capture.first_seen // HOUR + 1
    busiest = max(node.active_hours for node in capture.nodes)
    if busiest < _MOST * hours:
        yield make_gap(
            SILENT_HOURS,
            subject="capture",
            reason=f"even the most talkative node has records in only {busiest} of {hours} hours",
            severity=Severity.MEDIUM,
            count=hours - busiest,
        )
    quiet = [node for node in capture.nodes if node.active_hours < _MOST * busiest]
    if quiet:
        quiet.sort(key=_worst_first)
        yield make_gap(
            SILENT_HOURS,
            subject="nodes",
            reason=f"{counted(len(quiet), 'node')} of {len(capture.nodes)} recorded nothing in many hours in which "
            "other nodes did",
            severity=Severity.MEDIUM,
            count=len(quiet),
            examples=(f"{n.node}: {n.active_hours} of {busiest} hours" for n in quiet),
            facts=sorted(n.node for n in quiet),
        )


def _worst_first(node: NodeCoverage) -> tuple[int, str]:
    return (node.active_hours, node.node)
