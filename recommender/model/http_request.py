"""HTTP requests of an edge, as the proxies of its nodes logged them: the evidence for rules on methods and paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.http_path import PathTemplate


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class HttpRequest:
    """One request, as far as policies look at it here: hosts and headers are never stored."""

    method: str
    path: str
    """Without the query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSample:
    """A path of a kind of requests, and how many requests asked for it."""

    path: str
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpKind:
    """All requests of an edge with one method whose paths differ in identifiers only."""

    method: str
    template: PathTemplate
    requests: int
    """A request that both ends' proxies logged counts once."""
    paths: int
    """Distinct paths."""
    samples: tuple[HttpSample, ...]
    """The smallest of them, at most ten; all of them if there are no more."""
    denied: int = 0
    """Requests that an existing HTTP rule denied (DROPPED access log records)."""
    forbidden: bool = False
    """Whether a denial is the last that existing rules said about every one of these paths."""
    responses: int = 0
    turned_away: int = 0
    """Responses by which the server did nothing for the client: status 400, 401, 403, 404, 405, 410, 414 or 501."""
    malformed: bool = False
    """Stands for all requests whose method or path no rule may hold: dot segments, spaces, control and non-ASCII
    characters, backslashes, more than 300 characters, no proper method."""

    @property
    def unserved(self) -> bool:
        """Whether answers were seen, and each turned the client away."""
        return 0 < self.responses <= self.turned_away

    @property
    def sort_key(self) -> tuple[int, str, str]:
        """Most requests first, then by method and path."""
        return (-self.requests, self.method, self.template.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCut:
    """Kinds of requests beyond the two hundred that are kept of an edge, the least frequent ones."""

    kinds: int = 0
    requests: int = 0
    unserved_kinds: int = 0
    """Those among `kinds` that were turned away or denied without exception; they are cut first."""
    unserved_requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpEvidence:
    """What the capture holds of an edge's HTTP requests, and how much of the edge they account for."""

    kinds: tuple[HttpKind, ...]
    """Sorted by `HttpKind.sort_key`."""
    connections: int
    """Distinct connections, without those that the server refused."""
    requested: int
    """Those among them with a request: of their own, or earlier or later on the same tuple if their opening was not
    seen."""
    packets: int
    """Those among them with a record below layer 7."""
    hours: int
    """Hours of the clock in which a connection began."""
    requested_hours: int
    """Those among them in which a connection with a request began."""
    incomplete: int = 0
    """Requests without a method or a path in the record."""
    cut: HttpCut

    @property
    def requests(self) -> int:
        """All requests with a method and a path, those of kinds that were cut included."""
        return sum(kind.requests for kind in self.kinds) + self.cut.requests
