"""Reach of every group in the words of the model, for the findings about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.exposure import GroupExposure
from recommender.report.judged_reach import judged_reach
from recommender.report.reach import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.existing import ExistingPolicies
    from recommender.model.group import Group
    from recommender.model.manifest import Dialect
    from recommender.model.policy import Policy


def exposures(
    groups: Sequence[Group], policies: Sequence[Policy], dialect: Dialect, existing: ExistingPolicies
) -> tuple[GroupExposure, ...]:
    """What each group reaches, the widest first: judged with existing policies where these were, else by the rules."""
    judged = bool(existing.reach_after)
    found = judged_reach(groups, existing.reach_after) if judged else reach(groups, policies, dialect)
    before = {item.group: len(item.groups) for item in existing.reach_before}
    others = max(len(found) - 1, 0)
    exposed = (
        GroupExposure(
            group=item.group.display,
            governed=item.governed,
            before=before.get(item.group.display, others),
            after=item.groups,
            by_hops=item.groups_by_hops,
            world=item.world,
        )
        for item in found
    )
    return tuple(sorted(exposed, key=lambda item: (-item.after, -item.by_hops, item.group)))
