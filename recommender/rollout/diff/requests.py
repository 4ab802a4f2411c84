"""Where a port stays open through a proxy: which HTTP rules differ?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.connection import Connection
from recommender.rollout.diff.change import RequestChange
from recommender.semantics.http_openings import HttpOpenings, http_openings
from recommender.semantics.port_spans import common

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.diff.compare import Comparison
    from recommender.semantics.connectivity import MapEnd
    from recommender.semantics.http_match import HttpMatch
    from recommender.semantics.port_spans import PortSpan


def request_changes(comparison: Comparison) -> tuple[RequestChange, ...]:
    """The pairs and ports whose HTTP rules differ, sorted; judged at the first port of each span."""
    found = {change for pair in comparison.pairs for change in _of_pair(comparison, *pair)}
    return tuple(sorted(found, key=lambda change: (change.source, change.destination, change.port)))


def _of_pair(comparison: Comparison, source: MapEnd, destination: MapEnd) -> Iterator[RequestChange]:
    for case in comparison.cases(source, destination):
        for span in common(_proxied(case.before), _proxied(case.after)):
            asked = Connection(source=case.source, destination=case.destination, protocol=span.protocol, port=span.low)
            old, new = (http_openings(policies, asked) for policies in (comparison.before, comparison.after))
            gained, lost = _beyond(new, old), _beyond(old, new)
            if gained or lost:
                yield RequestChange(
                    source=source.name,
                    destination=destination.name,
                    port=f"{span.protocol}/{span.low}",
                    gained=gained,
                    lost=lost,
                )


def _proxied(spans: tuple[PortSpan, ...]) -> tuple[PortSpan, ...]:
    return tuple(span for span in spans if span.proxied)


def _beyond(first: HttpOpenings, second: HttpOpenings) -> tuple[str, ...]:
    """The rules of the first that the second lacks, side by side."""
    found: set[str] = set()
    for ours, theirs in ((first.egress, second.egress), (first.ingress, second.ingress)):
        if theirs is None or ours == theirs:
            continue
        found.update(["every request"] if ours is None else map(_words, ours - theirs))
    return tuple(sorted(found))


def _words(rule: HttpMatch) -> str:
    further = " with a host or headers" if rule.undecidable else ""
    return f"{rule.method or 'any method'} {rule.path or 'any path'}{further}"
