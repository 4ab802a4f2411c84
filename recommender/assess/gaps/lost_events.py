"""Events that Cilium counted as lost, for every node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import LOST_EVENTS
from recommender.assess.gaps.report import counted, make_gap
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.capture import Capture, NodeCoverage
    from recommender.model.gap import Gap

_GRAVE: Final = 0.05
_NOTICEABLE: Final = 0.005


def detect(context: GapContext) -> Iterator[Gap]:
    """How many events were lost, and where (hubble-quirks 12)?

    Every node that lost a noticeable share has a gap of its own; the rest, and losses without a node, share one.
    """
    capture = context.capture
    noticeable = [node for node in capture.nodes if node.lost_events and _share(node) >= _NOTICEABLE]
    for node in noticeable:
        yield _of_node(node)
    rest = capture.lost_events - sum(node.lost_events for node in noticeable)
    if rest > 0:
        yield make_gap(
            LOST_EVENTS,
            subject="capture",
            reason=f"{counted(rest, 'event')} lost elsewhere, beside {capture.flows} recorded flows",
            severity=_severity(rest / (rest + capture.flows)),
            count=rest,
            examples=_sources(capture),
        )


def _of_node(node: NodeCoverage) -> Gap:
    return make_gap(
        LOST_EVENTS,
        subject=f"node {node.node}",
        reason=f"{counted(node.lost_events, 'event')} lost beside {node.flows} recorded flows ({_share(node):.1%})",
        severity=_severity(_share(node)),
        count=node.lost_events,
    )


def _share(node: NodeCoverage) -> float:
    return node.lost_events / (node.lost_events + node.flows)


def _severity(share: float) -> Severity:
    if share >= _GRAVE:
        return Severity.HIGH
    return Severity.MEDIUM if share >= _NOTICEABLE else Severity.LOW


def _sources(capture: Capture) -> tuple[str, ...]:
    return tuple(f"{source}: {counted(lost, 'event')}" for source, lost in capture.lost_by_source)
