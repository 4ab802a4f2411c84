"""Why does this connection pass, or not? The evaluator's own sets of rules, put into names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.connection import Outcome, PodEndpoint
from recommender.model.explanation import (
    Basis,
    DirectionExplanation,
    Explanation,
    NearMiss,
    RuleAction,
    RuleReference,
)
from recommender.model.policy import Direction
from recommender.semantics.tier import ADMIN, BASELINE

if TYPE_CHECKING:
    from recommender.model.connection import Connection, JudgedEndpoint
    from recommender.semantics.evaluator import DirectionMatch, PolicySet
    from recommender.semantics.rule_table import Decision, Rules, RuleTable


def explain(policies: PolicySet, connection: Connection) -> Explanation:
    """What decides about this connection at its source and at its destination?

    The outcomes are those of `PolicySet.judge`, taken from the same sets of rules.
    """
    if _same_pod(policies, connection):
        return Explanation(egress=_same(Direction.EGRESS), ingress=_same(Direction.INGRESS))
    egress, ingress = policies.matches(
        connection.source, connection.destination, (connection.protocol, connection.port)
    )
    return Explanation(
        egress=_direction(policies.egress, Direction.EGRESS, egress),
        ingress=_direction(policies.ingress, Direction.INGRESS, ingress),
    )


def _same_pod(policies: PolicySet, connection: Connection) -> bool:
    source: JudgedEndpoint = connection.source
    same = isinstance(source, PodEndpoint) and bool(source.name) and source == connection.destination
    return same and policies.settings.self_always_allowed


def _same(direction: Direction) -> DirectionExplanation:
    return DirectionExplanation(direction=direction, outcome=Outcome.ALLOWED, basis=Basis.SAME_POD)


def _direction(table: RuleTable, direction: Direction, match: DirectionMatch) -> DirectionExplanation:
    if not match.governed:
        return DirectionExplanation(direction=direction, outcome=Outcome.NOT_APPLICABLE, basis=Basis.NO_SUBJECT)
    decision = table.decide(match.matching, isolated=match.held_off)
    basis = _basis(table, match, decision)
    return DirectionExplanation(
        direction=direction,
        outcome=decision.outcome,
        basis=basis,
        redirect=decision.outcome is Outcome.ALLOWED and bool(decision.rules & table.redirecting),
        rules=_references(table, decision.rules),
        passed_by=_references(table, decision.passed_by),
        isolated_by=match.subject.isolated_by,
        rules_of_end=len(match.subject.rules),
        near_misses=_near_misses(table, match) if basis is Basis.DEFAULT_DENY else (),
    )


def _basis(table: RuleTable, match: DirectionMatch, decision: Decision) -> Basis:
    if decision.rules:
        return Basis.RULE
    if decision.outcome is Outcome.DENIED:
        return Basis.DEFAULT_DENY if match.subject.isolated_by else Basis.ALWAYS_ISOLATED
    if match.subject.isolated:
        return Basis.OWN_NODE if match.exempt else Basis.PASSED
    cluster_wide = (stage.rules for stage in table.stages if stage.tier in {ADMIN, BASELINE})
    return Basis.NOT_ISOLATED if match.subject.rules.difference(*cluster_wide) else Basis.NOT_SELECTED


def _near_misses(table: RuleTable, match: DirectionMatch) -> tuple[NearMiss, ...]:
    """Allow rules that name the other end on other ports, or by a DNS name that no DNS rule lets the proxy see."""
    silent = table.denying | table.passing
    other_port = match.peer - match.matching - silent
    unseen_name = match.unlearned - silent if match.covering is None else (match.unlearned & match.covering) - silent
    found = [
        NearMiss(rule=reference, reason="it names the other end, but not this port")
        for reference in _references(table, other_port)
    ]
    found += [
        NearMiss(
            rule=reference,
            reason="it names the DNS name, but no rules.dns of this end lets the DNS proxy learn its addresses",
        )
        for reference in _references(table, unseen_name)
    ]
    return tuple(sorted(found))


def _references(table: RuleTable, rules: Rules) -> tuple[RuleReference, ...]:
    return tuple(sorted(_reference(table, number) for number in rules))


def _reference(table: RuleTable, number: int) -> RuleReference:
    action = (
        RuleAction.DENY if number in table.denying
        else RuleAction.PASS if number in table.passing
        else RuleAction.ALLOW
    )  # fmt: skip
    return RuleReference(
        policy=table.policies[number], path=table.paths[number], action=action, tier=table.tier_of(number).name
    )
