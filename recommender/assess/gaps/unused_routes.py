"""Backends of gateways that nothing was seen to call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.asked_pods import unanswered
from recommender.assess.gaps.report import make_gap
from recommender.assess.inventory_codes import UNUSED_ROUTE
from recommender.assess.wording import counted
from recommender.model.declared_use import UseKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which backends of an Ingress or a Gateway API route lead to pods that nobody asked on that port?"""
    uses = unanswered(UseKind.ROUTE, context.allowed(), context)
    missing = sorted({f"{use.source} to {use.namespaces[0]}/{use.service}:{use.port}" for use in uses})
    if missing:
        yield make_gap(
            UNUSED_ROUTE,
            subject="routes",
            reason=f"{counted(len(missing), 'backend')} of the inventory never called",
            count=len(missing),
            examples=missing,
            facts=missing,
        )
