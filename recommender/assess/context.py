"""What the rules look at: all edges at once, indexed by their ends, with the capture and the inventory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from recommender.assess.answers import index_answers
from recommender.model.edge import WorkloadEnd, end_sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from recommender.assess.answers import AnswerIndex
    from recommender.model.capture import Capture
    from recommender.model.edge import Edge, End, Workload
    from recommender.model.inventory import Inventory

Found = TypeVar("Found")

HOUR: Final = 3_600_000_000_000
"""One hour in nanoseconds."""
SHORT_WINDOW_HOURS: Final = 24.0
"""Below it nothing can be called rare: every daily need has had one chance at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeContext:
    """All edges of a capture, seen together."""

    capture: Capture
    inventory: Inventory
    edges: Mapping[str, Edge]
    """By id, in the order of `Edge.sort_key`."""
    workloads: Mapping[WorkloadEnd, Workload]
    by_client: Mapping[End, tuple[tuple[str, Edge], ...]]
    """(id, edge) of every client, in the order of `Edge.sort_key`."""
    answers: AnswerIndex
    """Which servers answered, and where an answer would have shown."""
    owned_pods: frozenset[tuple[str, str]]
    """(namespace, name) of the pods that the inventory knows an owner of."""
    nodes: frozenset[str]
    """Nodes that reported, without the cluster that Hubble puts in front."""
    seen: Mapping[End, tuple[int, int]]
    """First and last sighting of an end in either role, nanoseconds since the epoch."""
    forbidden: Mapping[str, tuple[str, ...]]
    """By edge id, existing policies whose deny rules match it by their text."""
    _found: dict[Callable[[EdgeContext], Any], Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, work: Callable[[EdgeContext], Found]) -> Found:
        """What is worked out from all edges, once for all rules that ask for it."""
        if work not in self._found:
            self._found[work] = work(self)
        found: Found = self._found[work]
        return found

    @property
    def short_window(self) -> bool:
        """Whether the window is too short to call anything rare."""
        return self.capture.hours < SHORT_WINDOW_HOURS

    def workload(self, end: End) -> Workload | None:
        """The workload at an end, if it is one and the capture knows it."""
        return self.workloads.get(end) if isinstance(end, WorkloadEnd) else None


def edges_by_id(edges: Iterable[Edge]) -> dict[str, Edge]:
    """Every edge once, in the order of `Edge.sort_key`; of repeats the one with the fullest evidence stays."""
    kept: dict[str, Edge] = {}
    for edge in sorted(edges, key=lambda edge: edge.sort_key):
        edge_id = edge.edge_id
        rival = kept.get(edge_id)
        if rival is None or _fullness(edge) > _fullness(rival):
            kept[edge_id] = edge
    return kept


def _fullness(edge: Edge) -> tuple[int, str]:
    return (edge.evidence.connections, repr(edge.evidence))


def workloads_by_end(workloads: Iterable[Workload]) -> dict[WorkloadEnd, Workload]:
    """The workloads by their end, sorted."""
    return {workload.end: workload for workload in sorted(workloads, key=lambda workload: workload.end)}


def make_context(
    edges: Iterable[Edge],
    *,
    workloads: Iterable[Workload],
    capture: Capture,
    inventory: Inventory,
    forbidden: Mapping[str, tuple[str, ...]] | None = None,
) -> EdgeContext:
    """Index the edges once, so that no rule has to search."""
    by_id = edges_by_id(edges)
    by_client: defaultdict[End, list[tuple[str, Edge]]] = defaultdict(list)
    seen: dict[End, tuple[int, int]] = {}
    for edge_id, edge in by_id.items():
        by_client[edge.client].append((edge_id, edge))
        for end in (edge.client, edge.server):
            first, last = seen.get(end, (edge.evidence.first_seen, edge.evidence.last_seen))
            seen[end] = (min(first, edge.evidence.first_seen), max(last, edge.evidence.last_seen))
    return EdgeContext(
        capture=capture,
        inventory=inventory,
        edges=by_id,
        workloads=workloads_by_end(workloads),
        by_client={end: tuple(by_client[end]) for end in sorted(by_client, key=end_sort_key)},
        answers=index_answers(by_id.values(), capture),
        owned_pods=frozenset(
            (pod.namespace, pod.name) for pod in inventory.pods if pod.owner_kind not in {"", "Pod", "Node"}
        ),
        nodes=frozenset(coverage.node.rpartition("/")[2] for coverage in capture.nodes) - {""},
        seen=seen,
        forbidden=forbidden or {},
    )
