"""Nodes whose clocks differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.capture_codes import CLOCK_SKEW
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

_SECOND: Final = 1_000_000_000
NOTICEABLE: Final = 1 * _SECOND
JOINED_WITHIN: Final = 5 * _SECOND
"""DNS answers and connections of two nodes are joined within so much (`edges/names.py`)."""
ONE_CONNECTION: Final = 600 * _SECOND
"""Records of one connection that are further apart count as two (`edges/connections.py`)."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Which nodes' clocks are off, by connections that both ends' nodes recorded (hubble-quirks 14)?"""
    offsets = {node.node: node.clock_offset for node in context.capture.nodes if node.clock_offset is not None}
    if not offsets:
        return
    spread = max(offsets.values()) - min(offsets.values())
    off = sorted((node for node in offsets if abs(offsets[node]) >= NOTICEABLE // 2), key=lambda n: -abs(offsets[n]))
    if spread < NOTICEABLE:
        return
    yield make_gap(
        CLOCK_SKEW,
        subject="nodes",
        reason=f"clocks of {counted(len(offsets), 'node')} are up to {spread / _SECOND:,.1f} seconds apart",
        severity=_severity(spread),
        count=len(off),
        examples=(f"{node}: {offsets[node] / _SECOND:+,.1f} seconds from the median" for node in off),
        facts=sorted(off),
    )


def _severity(spread: int) -> Severity:
    if spread >= ONE_CONNECTION:
        return Severity.HIGH
    return Severity.MEDIUM if spread >= JOINED_WITHIN else Severity.LOW
