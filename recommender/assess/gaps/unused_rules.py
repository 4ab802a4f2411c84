"""Rules of existing policies that no stored edge used."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from recommender.assess.existing_codes import UNUSED_RULE
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.confidence import Band
from recommender.model.existing import AdviceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

_ORDER: Final = tuple(Band)


def detect(context: GapContext) -> Iterator[Gap]:
    """Which existing rules may go? One gap for each policy and severity; severity by how much the rules open."""
    retired = [item for item in context.existing.advice if item.kind is AdviceKind.RETIRE and item.path]
    ordered = sorted(retired, key=lambda item: (item.policy, item.severity.rank, _ORDER.index(item.confidence)))
    for (policy, severity), group in groupby(ordered, key=lambda item: (item.policy, item.severity)):
        rules = list(group)
        weakest = rules[-1]
        yield make_gap(
            UNUSED_RULE,
            severity=severity,
            subject=policy,
            reason=f"{counted(len(rules), 'rule')} without use; confidence {weakest.confidence}: {weakest.reason}",
            count=len(rules),
            examples=(item.path for item in rules),
            facts=sorted(item.path for item in rules),
        )
