"""Whose policy decides about a connection at one of its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.policy import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.edge import End
    from recommender.model.policy import Policy


def governors(policies: Sequence[Policy], direction: Direction) -> dict[End, int]:
    """The place of the policy that isolates each workload in a direction, and so denies what nothing allows.

    Several policies may select a workload, as in the starter set; the first that isolates it stands for all. Workloads
    that none isolates are left out.
    """
    found: dict[End, int] = {}
    for place, policy in enumerate(policies):
        isolates = policy.isolate_ingress if direction is Direction.INGRESS else policy.isolate_egress
        if isolates:
            for member in policy.group.members:
                found.setdefault(member, place)
    return found
