"""Hours in which a node, or the whole capture, recorded nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import SILENT_HOURS
from recommender.assess.context import HOUR, SHORT_WINDOW_HOURS
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.capture import Silence, utc_text
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recommender.assess.gaps.context import GapContext
    from recommender.model.capture import Capture, NodeCoverage
    from recommender.model.gap import Gap

BUSY_HOUR: Final = 20
"""Records in a node's quiet hours (their tenth percentile) from which on an hour without any is no chance."""
_CHANCE: Final = 0.01
"""Expected runs of silent hours as long as one that was found, below which it is no chance either."""


def detect(context: GapContext) -> Iterator[Gap]:
    """When did nodes record nothing although they usually do, or the whole capture (hubble-quirks 13)?

    Counted in clock hours. A node whose hours are often empty (a control plane) is not silent when one more is: a run
    of L empty hours counts if a node that is active in a share p of its other hours would hardly have one,
    (1 - p)^L * hours < 1 %. Nothing is said of windows of less than a day, in which a quiet node is ordinary.
    """
    capture = context.capture
    if capture.hours < SHORT_WINDOW_HOURS or not capture.nodes:
        return
    hours = capture.last_seen // HOUR - capture.first_seen // HOUR + 1
    everywhere = _common(capture)
    if everywhere:
        yield make_gap(
            SILENT_HOURS,
            subject="capture",
            reason=f"no node recorded anything in {sum(item.hours for item in everywhere)} of {hours} hours",
            severity=Severity.MEDIUM,
            count=sum(item.hours for item in everywhere),
            examples=map(_text, everywhere),
        )
    silent = {node.node: _silences(node, hours, everywhere) for node in capture.nodes}
    worst = sorted((name for name in silent if silent[name]), key=lambda n: (-_length(silent[n]), n))
    if worst:
        yield make_gap(
            SILENT_HOURS,
            subject="nodes",
            reason=f"{counted(len(worst), 'node')} of {len(capture.nodes)} fell silent while others recorded, "
            f"for {counted(_length(silent[worst[0]]), 'hour')} at most",
            severity=Severity.MEDIUM,
            count=sum(_length(found) for found in silent.values()),
            examples=(f"{name}: {', '.join(map(_text, silent[name]))}" for name in worst),
            facts=sorted(worst),
        )


def _silences(node: NodeCoverage, hours: int, everywhere: Sequence[Silence]) -> list[Silence]:
    """Its silences that are no chance and not the whole capture's."""
    return [item for item in node.silences if item not in everywhere and _is_odd(node, item, hours)]


def _is_odd(node: NodeCoverage, silence: Silence, hours: int) -> bool:
    if node.quiet_hour_flows >= BUSY_HOUR:
        return True
    active = (node.active_hours + 1) / (hours - silence.hours + 2)
    return max(0.0, 1 - active) ** silence.hours * hours < _CHANCE


def _common(capture: Capture) -> list[Silence]:
    """Hours in which no node recorded anything, as runs."""
    hours: set[int] | None = None
    for node in capture.nodes:
        own = {hour for item in node.silences for hour in range(item.start // HOUR, item.end // HOUR)}
        hours = own if hours is None else hours & own
    return _runs(sorted(hours or ()))


def _runs(hours: Sequence[int]) -> list[Silence]:
    starts = [hour for place, hour in enumerate(hours) if not place or hours[place - 1] != hour - 1]
    ends = [hour + 1 for place, hour in enumerate(hours) if place + 1 == len(hours) or hours[place + 1] != hour + 1]
    return [Silence(start=start * HOUR, end=end * HOUR) for start, end in zip(starts, ends, strict=True)]


def _length(silences: Sequence[Silence]) -> int:
    return sum(item.hours for item in silences)


def _text(silence: Silence) -> str:
    return f"{utc_text(silence.start)} to {utc_text(silence.end)}"
