"""Does anything else in the capture speak for an edge that was seen once?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.assess.context import EdgeContext
    from recommender.model.edge import Edge, End, Protocol, Workload

    Target = tuple[Protocol, int]

REGULAR_HOURS: Final = 3
"""Active hours from which an edge counts as regular."""
_ROLE_KEYS: Final = ("app.kubernetes.io/name", "app", "k8s-app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corroboration:
    """The regular edges, by what they could speak for."""

    services: Mapping[tuple[End, str, Target], frozenset[End]]
    """(client, server's namespace, protocol and port) → servers that the client regularly asks."""
    roles: Mapping[tuple[str, End, Target], frozenset[End]]
    """(client's role, server, protocol and port) → clients of that role that regularly ask it."""
    role_of: Mapping[End, str]

    def speaks_for(self, edge: Edge) -> bool:
        """Whether a like workload regularly does the same, or the client the same with a neighbour of the server."""
        target = (edge.protocol, edge.port)
        role = self.role_of.get(edge.client, "")
        likes = self.roles.get((role, edge.server, target), frozenset()) if role else frozenset()
        if likes - {edge.client}:
            return True
        if not isinstance(edge.server, WorkloadEnd):
            return False
        neighbours = self.services.get((edge.client, edge.server.namespace, target), frozenset())
        return bool(neighbours - {edge.server})


def index_corroboration(context: EdgeContext) -> Corroboration:
    """Collect the edges seen in at least three hours."""
    services: defaultdict[tuple[End, str, Target], set[End]] = defaultdict(set)
    roles: defaultdict[tuple[str, End, Target], set[End]] = defaultdict(set)
    role_of: dict[End, str] = {end: _role(workload) for end, workload in context.workloads.items()}
    for edge in context.edges.values():
        if edge.evidence.active_hours < REGULAR_HOURS:
            continue
        target = (edge.protocol, edge.port)
        if isinstance(edge.server, WorkloadEnd):
            services[edge.client, edge.server.namespace, target].add(edge.server)
        roles[role_of.get(edge.client, ""), edge.server, target].add(edge.client)
    return Corroboration(
        services={key: frozenset(ends) for key, ends in services.items()},
        roles={key: frozenset(ends) for key, ends in roles.items()},
        role_of=role_of,
    )


def _role(workload: Workload) -> str:
    """Cluster, namespace and role label, or nothing if its pods disagree or carry none."""
    for key in _ROLE_KEYS:
        values = {labels.pod_labels.get(key, "") for labels in workload.label_sets}
        if len(values) == 1 and (value := values.pop()):
            return f"{workload.end.cluster}/{workload.end.namespace}/{key}={value}"
    return ""
