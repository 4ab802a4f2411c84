"""Claims narrowed to HTTP: the ingress of a server from a client whose requests were seen well enough."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recommender.model.policy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.http_rule import HttpPair
    from recommender.policy.claims import Claim


def narrowed(claims: Iterable[Claim], pairs: Iterable[HttpPair]) -> list[Claim]:
    """The claims, those that a written pair's rules stand for with these rules.

    They leave their baseline: a rule of the same peer and port in a shared file would open everything again, since
    rules of layer 4 and of layer 7 add up (policy-semantics 1.2). The client's egress stays as it is.
    """
    rules = {edge: pair.rules for pair in pairs if pair.written for edge in pair.edges}
    return [
        replace(claim, http=rules[claim.edge], baseline=None)
        if claim.direction is Direction.INGRESS and claim.edge in rules
        else claim
        for claim in claims
    ]
