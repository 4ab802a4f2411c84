"""Which edges are a need that many workloads share, rather than one of the application itself?

The answer only decides where a rule is written, never whether: these edges are allowed by their own evidence, so a pod
that takes a collector's name gains nothing by it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.api_server import API_SERVER_PORTS
from recommender.model.edge import EntityEnd, Protocol, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.policy import Baseline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.edge import Edge, End

FEWEST_TARGETS: Final = 3
"""Distinct servers from which on a collector's connections are taken for scrapes."""

_COLLECTOR: Final = re.compile(
    r"(.*-)?(prometheus|vmagent|vmsingle|victoria-metrics|otel-collector|opentelemetry-collector|grafana-agent|alloy"
    r"|telegraf|datadog-agent|metricbeat|collectd|netdata|zabbix-agent)(-.*)?"
)
_MESH_SERVERS: Final = {
    "istio-system": re.compile(r"istiod(-.*)?|ztunnel"),
    "linkerd": re.compile(r"linkerd-(destination|identity|policy|proxy-injector)"),
    "kuma-system": re.compile(r"kuma-control-plane"),
    "consul": re.compile(r"consul-server|consul-connect-injector"),
}
"""Control planes by the namespace of their default installation (documents of Istio, Linkerd, Kuma, Consul)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonNeeds:
    """Recognises the edges of baselines other than DNS."""

    collectors: frozenset[End]

    @classmethod
    def of(cls, allowed: Iterable[Edge]) -> CommonNeeds:
        """Find the collectors of metrics by their names and by how many servers they reach."""
        reached: dict[End, set[End]] = defaultdict(set)
        for edge in allowed:
            if isinstance(edge.client, WorkloadEnd) and _COLLECTOR.fullmatch(edge.client.name):
                reached[edge.client].add(edge.server)
        return cls(collectors=frozenset(end for end, servers in reached.items() if len(servers) >= FEWEST_TARGETS))

    def baseline_of(self, edge: Edge) -> Baseline | None:
        """The baseline that the edge belongs to; both of its rules stand there."""
        if edge.protocol is not Protocol.TCP or not isinstance(edge.client, WorkloadEnd):
            return None
        if isinstance(edge.server, EntityEnd):
            asks = edge.server.entity is Entity.KUBE_APISERVER and edge.port in API_SERVER_PORTS
            return Baseline.API_SERVER if asks else None
        if not isinstance(edge.server, WorkloadEnd):
            return None
        if _is_mesh(edge.server):
            return Baseline.MESH
        return Baseline.SCRAPE if edge.client in self.collectors else None


def _is_mesh(end: WorkloadEnd) -> bool:
    pattern = _MESH_SERVERS.get(end.namespace)
    return pattern is not None and pattern.fullmatch(end.name) is not None
