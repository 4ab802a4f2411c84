"""Groups whose selector would take in strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import TOLD_BY_LACK
from recommender.assess.gaps.report import make_gap
from recommender.model.group import GroupOrigin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which groups does nothing but the absence of others' labels tell apart?"""
    for group in context.groups:
        if group.origin is GroupOrigin.LACK:
            yield make_gap(
                TOLD_BY_LACK,
                subject=group.display,
                reason=f"no label says what it is, so its selector asks for what others carry: {group.selector}",
                count=len(group.members),
                examples=(str(member) for member in group.members),
            )
