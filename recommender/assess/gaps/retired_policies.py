"""Whole existing policies that nobody needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.existing_codes import RETIRED_POLICY
from recommender.assess.gaps.report import make_gap
from recommender.model.existing import AdviceKind, PolicyFate
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which existing policies select nobody, or are left over from an earlier run?"""
    idle = [item.policy for item in context.existing.advice if item.kind is AdviceKind.RETIRE and not item.path]
    if idle:
        yield make_gap(
            RETIRED_POLICY,
            subject="policies that select no known pod",
            reason=f"neither the flows nor the inventory know a pod that they govern: {len(idle)}",
            count=len(idle),
            examples=sorted(idle),
            facts=sorted(idle),
        )
    leftover = [policy.name for policy in context.existing.of_fate(PolicyFate.LEFTOVER)]
    if leftover:
        yield make_gap(
            RETIRED_POLICY,
            severity=Severity.MEDIUM,
            subject="policies of an earlier run",
            reason=f"written by an earlier run and not by this one; they stay in force beside the new: {len(leftover)}",
            action="Delete them once the new policies are applied: kubectl delete, or kubectl apply --prune.",
            count=len(leftover),
            examples=leftover,
            facts=leftover,
        )
