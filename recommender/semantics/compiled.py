"""The one form that every policy kind is compiled to before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recommender.semantics.tier import NORMAL, Tier

if TYPE_CHECKING:
    from recommender.model.policy import Direction
    from recommender.semantics.http_match import HttpMatch
    from recommender.semantics.names import NamePattern
    from recommender.semantics.peers import Peer
    from recommender.semantics.ports import PortMatches
    from recommender.semantics.selectors import LabelSelector


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """One rule: from or to any of the peers, on any of the ports."""

    peers: tuple[Peer, ...]
    """Empty: nobody."""
    ports: PortMatches | None
    """None: every port of every protocol. Empty: no port at all."""
    path: str = ""
    """Where the rule stands in its document, such as `spec.egress[2]`; with `.toPorts[1]` if the rule has several."""
    deny: bool = False
    passes: bool = False
    """Only in ordered tiers: hands what it matches over to the next tier."""
    redirect: bool = False
    """What it allows is sent to the L7 proxy."""
    dns_names: tuple[NamePattern, ...] = ()
    """Names that its `rules.dns` lets the DNS proxy see."""
    http: tuple[HttpMatch, ...] = ()
    """The only HTTP requests that it lets pass; empty: it does not look at requests."""

    def at(self, path: str) -> CompiledRule:
        """The same rule where it stands in another place."""
        return replace(self, path=path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The rules of one policy in one direction."""

    policy: str
    """`Kind/namespace/name`, without the namespace for cluster-wide kinds."""
    subject: LabelSelector
    direction: Direction
    isolates: bool
    """Whether a selected endpoint is denied by default in this direction."""
    rules: tuple[CompiledRule, ...]
    tier: Tier = NORMAL
    priority: float = 0
    """Within an ordered tier: smaller ones are asked first."""
    tie: str = ""
    """Within an ordered tier, among equal priorities: smaller ones are asked first."""
