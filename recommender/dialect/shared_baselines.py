"""Which rules of baselines move out of the groups' own policies, into one file a baseline?

Application policies then hold the application's own connections only, and a baseline is reviewed once, with everybody
whom it covers. Nothing more or less is allowed: the same subjects, peers and ports, said together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from recommender.model.policy import Baseline, Direction, EntityPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.policy import Policy, Rule

FEWEST_GROUPS: Final = 2
"""Policies that a baseline must serve to earn a file of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRule:
    """A rule and the policy that it was taken from."""

    policy: Policy
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """The policies without the rules that moved, and the moved rules by cluster and baseline."""

    policies: tuple[Policy, ...]
    moved: dict[tuple[str, Baseline], tuple[MovedRule, ...]]


def divide(policies: Sequence[Policy]) -> Division:
    """Take the shared rules out of the policies; a baseline of one policy only stays where it is."""
    found: defaultdict[tuple[str, Baseline], list[MovedRule]] = defaultdict(list)
    for policy in policies:
        for rule in policy.rules:
            if rule.baseline and _may_move(policy, rule):
                found[policy.group.cluster, rule.baseline].append(MovedRule(policy=policy, rule=rule))
    moved = {
        key: tuple(rules)
        for key, rules in sorted(found.items())
        if len({item.policy.name for item in rules}) >= FEWEST_GROUPS
    }
    return Division(policies=tuple(_without(policy, moved) for policy in policies), moved=moved)


def _may_move(policy: Policy, rule: Rule) -> bool:
    """Whether the rule reads the same in another file; DNS of a policy with names carries that policy's proxy rule."""
    proxied = rule.baseline is Baseline.DNS and rule.direction is Direction.EGRESS and policy.needs_dns_proxy
    if proxied or any(not port.protocol.has_ports for port in rule.ports):
        return False
    if isinstance(rule.peer, GroupPeer):
        return rule.peer.group.cluster == policy.group.cluster
    return isinstance(rule.peer, EntityPeer)


def _without(policy: Policy, moved: dict[tuple[str, Baseline], tuple[MovedRule, ...]]) -> Policy:
    kept: list[Rule] = []
    shared: set[tuple[Direction, Baseline]] = set()
    for rule in policy.rules:
        if rule.baseline and (policy.group.cluster, rule.baseline) in moved and _may_move(policy, rule):
            shared.add((rule.direction, rule.baseline))
        else:
            kept.append(rule)
    return replace(policy, rules=tuple(kept), shared=tuple(sorted(shared))) if shared else policy
