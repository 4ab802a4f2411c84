"""Written policies whose selector names no known pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import IDLE_POLICY
from recommender.assess.gaps.report import make_gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which manifests select none of the pods that the capture knows, and so protect nothing (found by the replay)?"""
    idle = context.proof.idle_policies if context.proof else ()
    if idle:
        yield make_gap(
            IDLE_POLICY,
            subject="policies",
            reason=f"manifests whose selector names no pod of the capture: {len(idle)}",
            count=len(idle),
            examples=sorted(idle),
            facts=sorted(idle),
        )
