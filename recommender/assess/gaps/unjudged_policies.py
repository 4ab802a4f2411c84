"""Existing policies whose texts are not known, or are not understood."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from recommender.assess.existing_codes import UNJUDGED_POLICY
from recommender.assess.gaps.report import make_gap
from recommender.model.existing import ExistingUse, PolicyFate
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which existing policies count for nothing here, and why?"""
    existing = context.existing
    if existing.note and existing.use is not ExistingUse.IGNORE:
        given = len(context.inventory.policies)
        yield make_gap(
            UNJUDGED_POLICY,
            subject="inventory",
            reason=f"existing policies not taken into account: {given}; {existing.note}",
            action="Run cluster by cluster (--cluster NAME), each with its own inventory.",
            count=given,
        )
    for policy in existing.of_fate(PolicyFate.UNJUDGED):
        yield make_gap(
            UNJUDGED_POLICY,
            severity=Severity.HIGH,
            subject=policy.name,
            reason=policy.reason,
            action="Check the policy; if it denies or isolates, needed traffic may break that passes here.",
        )
    named = sorted(existing.of_fate(PolicyFate.NAMED), key=lambda policy: (policy.reason, policy.name))
    for reason, group in groupby(named, key=lambda policy: policy.reason):
        names = [policy.name for policy in group]
        yield make_gap(
            UNJUDGED_POLICY,
            subject="policies named by flows",
            reason=f"policies that allowed traffic within the window: {len(names)}; {reason}",
            count=len(names),
            examples=names,
            facts=(reason, *names),
        )
