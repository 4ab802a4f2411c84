"""Groups that will reach nothing outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.gaps.report import make_gap
from recommender.assess.rollout_codes import CUT_OFF
from recommender.assess.wording import counted
from recommender.model.entity import Entity
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.policy import Policy

_OUTSIDE: Final = frozenset({Entity.WORLD, Entity.ALL})


def detect(context: GapContext) -> Iterator[Gap]:
    """Which groups with an isolated egress have no rule that leads outside the cluster? One finding."""
    policies = context.plan.policies if context.plan else ()
    isolated = [policy for policy in policies if policy.isolate_egress]
    found = sorted(policy.group.display for policy in isolated if not _leads_outside(policy))
    if found:
        yield make_gap(
            CUT_OFF,
            subject="groups",
            reason=f"{len(found)} of {counted(len(isolated), 'group')} with an isolated egress reach nothing outside",
            count=len(found),
            examples=found,
            facts=found,
        )


def _leads_outside(policy: Policy) -> bool:
    peers = [rule.peer for rule in policy.rules_for(Direction.EGRESS)]
    return any(
        isinstance(peer, CidrPeer | FqdnPeer) or (isinstance(peer, EntityPeer) and peer.entity in _OUTSIDE)
        for peer in peers
    )
