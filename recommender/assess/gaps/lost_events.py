"""Events that Cilium counted as lost, for every node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import LOST_EVENTS
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.capture import utc_text
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recommender.assess.gaps.context import GapContext
    from recommender.model.capture import Capture, NodeCoverage
    from recommender.model.gap import Gap

_GRAVE: Final = 0.05
_NOTICEABLE: Final = 0.005


def detect(context: GapContext) -> Iterator[Gap]:
    """How many events were lost, and where (hubble-quirks 12)?

    Nodes that lost a noticeable share stand together by how grave it is, the worst first; the rest, and losses without
    a node, share one gap.
    """
    capture = context.capture
    noticeable = sorted((node for node in capture.nodes if _share(node) >= _NOTICEABLE), key=_worst_first)
    for severity in (Severity.HIGH, Severity.MEDIUM):
        nodes = [node for node in noticeable if _severity(_share(node)) is severity]
        if nodes:
            yield _of_nodes(nodes, severity, len(capture.nodes))
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


def _of_nodes(nodes: Sequence[NodeCoverage], severity: Severity, known: int) -> Gap:
    lost, flows = sum(node.lost_events for node in nodes), sum(node.flows for node in nodes)
    some = f"node {nodes[0].node}" if len(nodes) == 1 else f"{len(nodes)} of {known} nodes"
    return make_gap(
        LOST_EVENTS,
        subject=f"nodes with {'grave' if severity is Severity.HIGH else 'noticeable'} losses",
        reason=f"{counted(lost, 'event')} lost on {some}, {lost / (lost + flows):.1%} of all there",
        severity=severity,
        count=lost,
        examples=(f"{node.node}: {_share(node):.1%}{_when(node)}" for node in nodes),
        facts=sorted(node.node for node in nodes),
    )


def _worst_first(node: NodeCoverage) -> tuple[float, str]:
    return (-_share(node), node.node)


def _when(node: NodeCoverage) -> str:
    if not node.lost_hours:
        return ""
    hours = counted(node.lost_hours, "hour")
    return f", in {hours}, {'most' if node.lost_hours > 1 else 'all'} in that of {utc_text(node.worst_loss_at)}"


def _share(node: NodeCoverage) -> float:
    return node.lost_events / (node.lost_events + node.flows) if node.lost_events else 0.0


def _severity(share: float) -> Severity:
    if share >= _GRAVE:
        return Severity.HIGH
    return Severity.MEDIUM if share >= _NOTICEABLE else Severity.LOW


def _sources(capture: Capture) -> tuple[str, ...]:
    return tuple(f"{source}: {counted(lost, 'event')}" for source, lost in capture.lost_by_source)
