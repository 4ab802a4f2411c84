"""Which HTTP rules stand between two ends on a port that is sent to a proxy?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.connection import Outcome

if TYPE_CHECKING:
    from recommender.model.connection import Connection
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.evaluator import DirectionMatch
    from recommender.semantics.http_match import HttpMatch
    from recommender.semantics.rule_table import RuleTable


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOpenings:
    """The rules of each side's proxy, one of which a request must match; None: every request passes that side."""

    egress: frozenset[HttpMatch] | None
    ingress: frozenset[HttpMatch] | None


def http_openings(policies: ClusterPolicies, connection: Connection) -> HttpOpenings:
    """The HTTP rules that decide about the requests of this connection, which must pass."""
    port = (connection.protocol, connection.port)
    at_source, at_destination = policies.of(connection.source), policies.of(connection.destination)
    egress, _ = at_source.matches(connection.source, connection.destination, port)
    _, ingress = at_destination.matches(connection.source, connection.destination, port)
    return HttpOpenings(egress=_rules(at_source.egress, egress), ingress=_rules(at_destination.ingress, ingress))


def _rules(table: RuleTable, match: DirectionMatch) -> frozenset[HttpMatch] | None:
    if not match.governed:
        return None
    decision = table.decide(match.matching, isolated=match.held_off)
    numbers = decision.rules
    if decision.outcome is not Outcome.ALLOWED or not numbers or any(number not in table.http for number in numbers):
        return None
    return frozenset(rule for number in numbers for rule in table.http[number])
