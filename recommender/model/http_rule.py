"""HTTP rules as intents, and what is known of the pair of groups that they stand between."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.http_path import PathTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRule:
    """One method on one path or path template, and the requests that it rests on."""

    method: str
    template: PathTemplate
    pattern: str
    """The expression that Envoy's `:path` must match in full (`model.http_path.rule_pattern`)."""
    requests: int
    paths: int
    """Distinct paths; at least this many if some were cut."""
    samples: tuple[str, ...]
    """At most three, smallest first."""
    literal_identifiers: bool = False
    """Whether the path holds what looks like an identifier, with too few samples to fold it."""
    unserved: bool = False
    """Whether every answer that was seen turned the client away."""
    denied: int = 0
    """How many of the requests an existing HTTP rule denied, before it let others pass."""

    @property
    def sort_key(self) -> tuple[str, str]:
        """By path, then by method."""
        return (self.template.shape, self.method)

    @property
    def text(self) -> str:
        """For people: `GET /orders/{integer}`."""
        return f"{self.method} {self.template.text}"


class SetAsideReason(StrEnum):
    """Why requests of a pair are not allowed although the pair is."""

    DENIED = "an existing HTTP rule denied them last"
    MALFORMED = "no rule may hold their method or path, and nothing shows that they were served"
    SCAN = "part of a scan of paths: the server turned them all away"
    UNSERVED = "turned away, and not repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideRequests:
    """Requests with one method and path that HTTP rules leave out on purpose."""

    method: str
    path: str
    requests: int
    reason: SetAsideReason

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """By reason, path and method."""
        return (self.reason.value, self.path, self.method)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPair:
    """A client and a server group on one port, between which HTTP requests were seen."""

    client: str
    """`Group.display`, or the end in words where it is no group."""
    server: str
    port: int
    edges: tuple[str, ...]
    """Ids of the edges between them on this port, with or without requests, sorted."""
    requests: int
    connections: int
    requested: int
    """Connections among them with requests."""
    packets: int
    """Connections among them with records below layer 7."""
    hours: int
    """Hours of the clock in which a connection began, counted edge by edge."""
    requested_hours: int
    existing: tuple[str, ...] = ()
    """Policies of the cluster that allowed these connections: they keep doing so beside the new rules."""
    rules: tuple[HttpRule, ...] = ()
    """Sorted by `HttpRule.sort_key`; what HTTP rules hold, or would hold."""
    set_aside: tuple[SetAsideRequests, ...] = ()
    """Sorted; kept apart from `rules` for a reason."""
    set_aside_beyond: int = 0
    """Further requests set aside whose paths were cut."""
    obstacle: str = ""
    """Why the pair stays at layer 4; empty if HTTP rules can stand for it."""
    remedy: str = ""
    """What would take the obstacle away."""
    written: bool = False
    """Whether its HTTP rules were asked for and stand in a policy."""

    @property
    def subject(self) -> str:
        """`client -> server TCP/8080`."""
        return f"{self.client} -> {self.server} TCP/{self.port}"

    @property
    def sort_key(self) -> tuple[str, str, int]:
        """By client, server and port."""
        return (self.client, self.server, self.port)

    @property
    def scanned(self) -> bool:
        """Whether the client tried paths that look like a scan."""
        return any(item.reason is SetAsideReason.SCAN for item in self.set_aside)

    @property
    def covered(self) -> int:
        """Requests that the rules stand for."""
        return sum(rule.requests for rule in self.rules)

    @property
    def singletons(self) -> int:
        """Rules that rest on a single request."""
        return sum(rule.requests == 1 for rule in self.rules)

    @property
    def sample_coverage(self) -> float:
        """Good and Turing's estimate of how likely a further request is of a kind already seen.

        One minus the share of the kinds seen once among all requests (I. J. Good, Biometrika 40, 1953).
        """
        return 1 - self.singletons / self.covered if self.covered else 0.0

    @property
    def unseen_bound(self) -> float:
        """The largest share of other kinds with which these requests would still be likely to show none, at 95 %.

        The one-sided Clopper-Pearson bound for no success in n draws; it takes requests for independent draws.
        """
        return float(1 - 0.05 ** (1 / self.covered)) if self.covered else 1.0
