"""May a policy isolate these workloads, by what is known of their traffic?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from recommender.model.edge import Workload


def may_be_isolated(members: Collection[Workload], *, any_local: bool) -> bool:
    """Whether some node recorded one of them as its own and the selection leaves out no flow of any.

    `any_local` says whether that is known of any workload of the run at all; else nobody is told apart by it. What
    only peers' nodes recorded, or what was selected in part, would be cut from traffic that nobody looked at.
    """
    observed = not any_local or not members or any(member.observed_locally for member in members)
    return observed and not any(member.partly_selected for member in members)
