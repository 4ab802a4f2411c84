"""Reach by existing policies and manifests together, as the evaluator judged it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.report.reach import GroupReach, closure
from recommender.report.view_groups import group_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.existing import JudgedReach
    from recommender.model.group import Group


def judged_reach(groups: Sequence[Group], judged: Sequence[JudgedReach]) -> tuple[GroupReach, ...]:
    """The evaluator's answers in the form of `reach`, sorted by group."""
    ordered = sorted(groups, key=group_order)
    by_group = {item.group: item for item in judged}
    places = {group.display: place for place, group in enumerate(ordered)}
    direct = [sum(1 << places[name] for name in by_group[group.display].groups) for group in ordered]
    return tuple(
        _group_reach(group, by_group[group.display], hops & ~(1 << place))
        for place, (group, hops) in enumerate(zip(ordered, closure(direct), strict=True))
    )


def _group_reach(group: Group, judged: JudgedReach, hops: int) -> GroupReach:
    return GroupReach(
        group=group,
        governed=judged.isolated,
        groups=len(judged.groups),
        groups_by_hops=hops.bit_count(),
        workload_pairs=judged.workload_pairs,
        entities=judged.entities,
        external_peers=judged.external_peers,
        world=judged.world,
    )
