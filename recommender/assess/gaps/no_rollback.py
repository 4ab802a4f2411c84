"""How to get back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.report import make_gap
from recommender.assess.rollout_codes import NO_ROLLBACK
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Is it known which policies are in force now, so that there is something to go back to?"""
    if context.plan is None or not context.plan.manifests:
        return
    held = context.inventory.policies
    if held:
        reason = f"{counted(len(held), 'object')} with policies in the inventory: what is in force before"
    else:
        reason = "no policy in the inventory: whether any is in force is known only if it was asked for them"
    yield make_gap(
        NO_ROLLBACK,
        subject="policies",
        reason=reason if context.inventory.given else "without an inventory nobody knows what is in force before",
        severity=Severity.INFO if context.inventory.given else Severity.MEDIUM,
        count=len(context.plan.manifests),
        examples=(policy.full_name for policy in held),
    )
