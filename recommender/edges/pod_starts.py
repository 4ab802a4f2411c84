"""Which pods started within the window?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from recommender.model.activity import HOUR_NS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from recommender.model.sql_engine import SqlEngine

SETTLED: Final = HOUR_NS
"""A pod whose records span an hour talks often enough for its first and last record to mean something."""
OVERLAP: Final = HOUR_NS // 6
"""A rolling update lets the old pod go on for so long beside the new one."""
_OWNED_ANEW: Final = frozenset({"Job", "CronJob"})
"""Kinds whose every run starts a pod."""

_LIVES: Final = """
SELECT endpoint_id, node, address, first_t, last_t FROM sightings JOIN ends USING (endpoint_id)
WHERE local AND kind = 'workload' ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """First and last record of a pod as a node's own endpoint, under one address; nanoseconds since the epoch."""

    pod: str
    address: str
    first: int
    last: int


def read_lives(connection: SqlEngine) -> list[tuple[int, str, str, int, int]]:
    """(endpoint id, node, address, first and last record) of every local pod; a row a pod, address and node."""
    rows: list[tuple[int, str, str, int, int]] = connection.execute(_LIVES).fetchall()
    return rows


def starts_seen(
    lives: Iterable[Life], *, kind: str, began: int, started_by_inventory: Collection[str] = (), templates: int = 1
) -> int:
    """How many of a workload's pods can be told to have started after the window began?

    A pod counts if the inventory dates its start into the window; if it came when another that had talked for an hour
    or more fell silent for good; or if it changed its address, as a StatefulSet's pod does when it is made anew.
    Several pod templates, told by labels that differ between pods, show one start at least. Every pod of a Job counts.
    """
    by_pod: defaultdict[str, list[Life]] = defaultdict(list)
    for life in lives:
        by_pod[life.pod].append(life)
    if kind in _OWNED_ANEW:
        return len(by_pod)
    started = set(started_by_inventory) | {pod for pod, parts in by_pod.items() if _moved(parts)}
    spans = {pod: (min(p.first for p in parts), max(p.last for p in parts)) for pod, parts in by_pod.items()}
    settled = {pod: span for pod, span in spans.items() if span[1] - span[0] >= SETTLED}
    earliest_end = min((last for _, last in settled.values()), default=None)
    for pod, (first, _) in settled.items():
        if first >= began + SETTLED and earliest_end is not None and first >= earliest_end - OVERLAP:
            started.add(pod)
    return max(len(started), 1 if templates > 1 else 0)


def _moved(parts: list[Life]) -> bool:
    """Whether one address of a family followed another for good; proxies use another address in between, and back."""
    spans: dict[str, tuple[int, int]] = {}
    for part in parts:
        first, last = spans.get(part.address, (part.first, part.last))
        spans[part.address] = (min(first, part.first), max(last, part.last))
    for is_ipv6 in (False, True):
        family = sorted(span for address, span in spans.items() if address and (":" in address) is is_ipv6)
        if any(later[0] > earlier[1] + SETTLED // 60 for earlier, later in pairwise(family)):
            return True
    return False
