"""What has to be there before the policies are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.report import command_name, make_gap
from recommender.assess.rollout_codes import APPLY_ORDER
from recommender.assess.wording import counted
from recommender.model.gap import Severity
from recommender.model.policy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.policy import Policy


def detect(context: GapContext) -> Iterator[Gap]:
    """Which namespaces are missing from the inventory, and which policies rest on shared rules in other files?"""
    plan = context.plan
    if plan is None or not plan.policies:
        return
    known = {name for name, _ in context.inventory.namespaces}
    missing = sorted({policy.group.namespace for policy in plan.policies} - known) if known else []
    if missing:
        yield make_gap(
            APPLY_ORDER,
            subject="namespaces",
            reason=f"{counted(len(missing), 'namespace')} with policies, not in the inventory",
            severity=Severity.HIGH,
            action=f"Create it first, or leave its policies out: kubectl create namespace {command_name(missing[0])}",
            count=len(missing),
            examples=missing,
            facts=missing,
        )
    sharing = {display for baseline in plan.baselines for display in (*baseline.clients, *baseline.servers)}
    resting = [policy for policy in plan.policies if _isolates(policy) and policy.group.display in sharing]
    if resting:
        kinds = sorted({baseline.kind.value for baseline in plan.baselines})
        yield make_gap(
            APPLY_ORDER,
            subject="shared rules",
            reason=f"policies of {counted(len(resting), 'group')} rest on shared rules in files of their own: "
            f"{', '.join(kinds)}",
            severity=Severity.LOW,
            count=len(resting),
            examples=sorted(baseline.manifest.path for baseline in plan.baselines),
            facts=kinds,
        )


def _isolates(policy: Policy) -> bool:
    return any(policy.isolates_in(direction) for direction in Direction)
