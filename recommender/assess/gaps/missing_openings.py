"""Openings of connections that should have been recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.capture_codes import MISSING_OPENINGS
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

FEWEST_CONNECTIONS: Final = 100
_MANY: Final = 0.2


def detect(context: GapContext) -> Iterator[Gap]:
    """Do connections that began within the window lack their opening: a sampled or rate-limited source?

    Hubble's monitor aggregation always lets packets with SYN through, so a connection that shows up an hour or more
    after the window began shows its opening, too; the events that `events-map-rate-limit` or a sampling emitter drops
    carry no loss counter (hubble-quirks 13, 15).
    """
    total, missing = context.capture.late_openings, context.capture.late_unopened
    if total >= FEWEST_CONNECTIONS and missing >= _MANY * total:
        yield make_gap(
            MISSING_OPENINGS,
            subject="capture",
            reason=f"{missing / total:.0%} of {counted(total, 'TCP connection')} that were new within the window",
            count=missing,
        )
