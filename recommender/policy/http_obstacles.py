"""What stands against HTTP rules between two groups: no place for them, too little sight, or no list that holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.group import GroupOrigin
from recommender.policy.group_directory import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge
    from recommender.model.http_rule import HttpPair
    from recommender.policy.dns_baseline import DnsPlan
    from recommender.policy.group_directory import GroupDirectory
    from recommender.policy.http_choice import HttpChoice

FEWEST_REQUESTS: Final = 5
"""Requests of a pair below which nothing can be said of the next one."""
LEAST_SHARE: Final = 0.9
"""Share of a pair's connections, and of the hours in which they began, that must show their requests."""
LEAST_COVERAGE: Final = 0.9
"""Good and Turing's estimate that a further request is of a kind already seen."""
MOST_RULES: Final = 50
"""Methods and paths of one pair beyond which nobody reads the list."""

_MORE_SIGHT: Final = (
    "Give all pods of the server HTTP visibility (an ingress rule with rules.http: [{}]), restart its clients and"
    " capture again."
)
_BY_HAND: Final = "Write the HTTP rule by hand, from the server's own list of routes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why a pair stays at layer 4, and what would change that."""

    reason: str
    remedy: str


def place_obstacle(edges: Sequence[Edge], directory: GroupDirectory, dns: DnsPlan) -> Obstacle | None:
    """Whether there is a place for HTTP rules: the ingress of a governed server, from a group that a rule can name."""
    client, server = directory.group_of(edges[0].client), directory.governed_group_of(edges[0].server)
    if server is None:
        return Obstacle(
            reason="its server gets no policy, and HTTP rules stand in the server's ingress",
            remedy="Nothing, if the server is outside the cluster or on the host network; else see why it gets none.",
        )
    if server.origin is GroupOrigin.NAMESPACE:
        # The requests of well-seen servers would make up for those of one that was seen in part.
        return Obstacle(
            reason="its server is governed with its whole namespace, where one pod's requests hide what another's lack",
            remedy="Mark the server as sensitive (--sensitive), or run with --granularity group.",
        )
    if client is None or key_of(client) not in directory.named:
        return Obstacle(
            reason="its client is no group of pods, and what others may ask next is not for this window to say",
            remedy="Put a gateway in front that checks requests, or write the HTTP rule by hand.",
        )
    if any(dns.server_of(edge, directory) for edge in edges):
        return Obstacle(reason="its port belongs to the cluster's DNS", remedy="Nothing: see the DNS baseline.")
    return None


def sight_obstacle(pair: HttpPair, edges: Sequence[Edge], capture: Capture) -> Obstacle | None:
    """Whether the requests that were seen account for the pair's connections."""
    incomplete = sum(edge.evidence.http.incomplete for edge in edges if edge.evidence.http)
    if capture.record_kinds:
        reason = f"only some kinds of records were selected ({', '.join(capture.record_kinds)})"
        return Obstacle(reason=reason, remedy="Run again without these flags.")
    if pair.requested < LEAST_SHARE * pair.connections:
        reason = f"only {pair.requested} of {pair.connections} connections show their requests"
        return Obstacle(reason=reason, remedy=_MORE_SIGHT)
    if pair.requested_hours < LEAST_SHARE * pair.hours:
        share = f"{pair.requested_hours} of {pair.hours} hours (counted edge by edge)"
        reason = f"requests show in only {share} in which connections began"
        return Obstacle(reason=reason, remedy=_MORE_SIGHT)
    if incomplete:
        reason = f"requests without a method or a path in their record: {incomplete}"
        return Obstacle(reason=reason, remedy="Capture without a field mask on l7.http.")
    return None


def list_obstacle(pair: HttpPair, edges: Sequence[Edge], choice: HttpChoice) -> Obstacle | None:
    """Whether its methods and paths make a list that a rule can hold and a person can read."""
    cut = sum(
        edge.evidence.http.cut.kinds - edge.evidence.http.cut.unserved_kinds for edge in edges if edge.evidence.http
    )
    if cut or len(pair.rules) > MOST_RULES:
        reason = f"its paths do not fold: {len(pair.rules) + cut} methods and paths, more than {MOST_RULES}"
        return Obstacle(reason=reason, remedy=_BY_HAND)
    if choice.unsayable:
        what = "requests that may have been served and that no rule may hold (dot segments, odd characters)"
        return Obstacle(reason=f"{what}: {choice.unsayable}", remedy="Find out which client sends them, and why.")
    if choice.too_long:
        reason = f"paths too long for an expression that Envoy accepts: {choice.too_long}"
        return Obstacle(reason=reason, remedy=_BY_HAND)
    if not pair.rules:
        return Obstacle(reason="every request is one to leave out", remedy="Look at its requests, one by one.")
    return None


def extent_obstacle(pair: HttpPair) -> Obstacle | None:
    """Whether its requests are too few, or too many of them new, to say anything of the next ones."""
    if pair.covered < FEWEST_REQUESTS:
        return Obstacle(reason=f"{pair.covered} requests, fewer than {FEWEST_REQUESTS}", remedy="Capture longer.")
    if pair.sample_coverage < LEAST_COVERAGE:
        kinds = f"{pair.singletons} of {len(pair.rules)} methods and paths rest on a single request"
        unseen = f"about {1 - pair.sample_coverage:.0%} of further requests would be of another kind (Good-Turing)"
        return Obstacle(reason=f"{kinds}: {unseen}", remedy="Capture longer.")
    return None
