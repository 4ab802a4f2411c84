"""A window too short to trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import SHORT_WINDOW
from recommender.assess.context import SHORT_WINDOW_HOURS
from recommender.assess.gaps.report import make_gap
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

_A_WEEK: Final = 7
_TWO_WEEKS: Final = 14


def detect(context: GapContext) -> Iterator[Gap]:
    """Is the window long enough to enforce on (a day, a week, two weeks)?"""
    capture = context.capture
    if capture.days >= _TWO_WEEKS:
        return
    if capture.hours < SHORT_WINDOW_HOURS:
        severity, length = Severity.HIGH, _short_length(capture.hours)
    else:
        severity = Severity.MEDIUM if capture.days < _A_WEEK else Severity.LOW
        length = f"{capture.days:.1f} days"
    yield make_gap(SHORT_WINDOW, subject="capture", reason=f"the window is {length} long", severity=severity)


def _short_length(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1 else f"{hours * 3600:.0f} seconds"
