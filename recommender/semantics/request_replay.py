"""The HTTP half of the replay proof: does every needed request still pass, and does every HTTP rule narrow anything?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from recommender.model.http_request import HttpRequest
from recommender.model.replay import Denial, RequestProof

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.edge import Edge
    from recommender.model.http_request import HttpKind
    from recommender.model.http_rule import HttpPair
    from recommender.semantics.beside import Beside
    from recommender.semantics.edge_trial import EdgeTrial

PROBE: Final = HttpRequest(method="NOT-SEEN", path="/netpol-recommend/not-seen")
"""A request that no rule made from a capture lets pass, unless the capture holds it."""

_Aside = frozenset[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class _Tally:
    trial: EdgeTrial
    beside: Beside
    requests: int = 0
    allowed: int = 0
    judged: int = 0
    set_aside: int = 0
    still_open: int = 0
    broken: list[Denial] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    opened_by_existing: list[str] = field(default_factory=list)
    cut: list[Denial] = field(default_factory=list)

    def count(self, edge: Edge, kind: HttpKind, aside: _Aside) -> None:
        """Each sample for itself; the requests beyond the samples go where the first sample goes."""
        beyond = kind.requests - sum(sample.requests for sample in kind.samples)
        for place, sample in enumerate(kind.samples):
            requests = sample.requests + (0 if place else beyond)
            verdict = self.trial.judge(edge, HttpRequest(method=kind.method, path=sample.path))
            self.requests += requests
            self.judged += 1
            if (kind.method, sample.path) in aside:
                self.still_open += requests if verdict.any_passes else 0
                self.set_aside += 0 if verdict.any_passes else requests
            elif verdict.all_permitted_pass:
                self.allowed += requests
            elif kind.forbidden and self.beside.filters(verdict):
                self.set_aside += requests
            else:
                denial = Denial(
                    edge_id=edge.edge_id,
                    edge=f"{edge.key} {kind.method} {sample.path}",
                    direction=verdict.direction,
                    reason=verdict.explanation,
                )
                beyond_us = self.beside.filters(verdict) and not self.beside.was_promised(edge)
                (self.cut if beyond_us else self.broken).append(denial)


def replay_requests(
    edges: Iterable[Edge], trial: EdgeTrial, pairs: Iterable[HttpPair], *, beside: Beside
) -> RequestProof:
    """Judge the requests of these edges, which all pass below layer 7, by the HTTP rules.

    What a filter of an existing policy denied before, it goes on denying where the edge was left to it.

    Args:
        edges: Sorted.
        trial: The manifests as written with the existing policies, and the workloads.
        pairs: Of written ones, the requests that were left out on purpose.
        beside: The existing policies.
    """
    narrowed = _narrowed(pairs)
    tally = _Tally(trial=trial, beside=beside)
    for edge in edges:
        if edge.evidence.http is None:
            continue
        aside = narrowed.get(edge.edge_id)
        for kind in edge.evidence.http.kinds:
            tally.count(edge, kind, aside or frozenset())
        cut = edge.evidence.http.cut.requests
        tally.requests += cut
        if aside is None:
            tally.allowed += cut
            continue
        tally.set_aside += cut
        if trial.judge(edge, PROBE).any_passes:
            (tally.opened_by_existing if beside.opens(edge, PROBE) else tally.opened).append(edge.key)
    return RequestProof(
        requests=tally.requests,
        allowed=tally.allowed,
        judged=tally.judged,
        set_aside=tally.set_aside,
        still_open=tally.still_open,
        broken=tuple(tally.broken),
        opened=tuple(tally.opened),
        opened_by_existing=tuple(tally.opened_by_existing),
        cut_by_existing=tuple(tally.cut),
    )


def _narrowed(pairs: Iterable[HttpPair]) -> Mapping[str, _Aside]:
    """Edges of written pairs, each with the methods and paths that its rules leave out."""
    return {
        edge: frozenset((item.method, item.path) for item in pair.set_aside)
        for pair in pairs
        if pair.written
        for edge in pair.edges
    }
