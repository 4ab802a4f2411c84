"""Scrape targets that no collector was seen to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.asked_pods import unanswered
from recommender.assess.gaps.report import make_gap
from recommender.assess.inventory_codes import UNSCRAPED
from recommender.assess.wording import counted
from recommender.model.declared_use import UseKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which ServiceMonitors, PodMonitors and scrape annotations lead to pods that nobody asked on that port?

    One finding; pods that say the same of themselves count one by one.
    """
    missing = sorted(
        {f"{use.source} port {use.port}" for use in unanswered(UseKind.SCRAPE, context.allowed(), context)}
    )
    if missing:
        yield make_gap(
            UNSCRAPED,
            subject="scrape targets",
            reason=f"{counted(len(missing), 'scrape target')} of the inventory never asked on the port of its metrics",
            count=len(missing),
            examples=missing,
            facts=missing,
        )
