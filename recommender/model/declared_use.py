"""What the inventory promises: somebody will call these pods on this port."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.group import Selector


class UseKind(StrEnum):
    """Who promises it."""

    SCRAPE = "scrape"
    """A ServiceMonitor, a PodMonitor, or the annotation `prometheus.io/scrape`: a collector of metrics calls."""
    WEBHOOK = "webhook"
    """An admission webhook or an aggregated API: the API server calls."""
    ROUTE = "route"
    """An Ingress, or a route of the Gateway API: clients of a gateway call."""
    PROBE = "probe"
    """A probe of a container: the kubelet calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredUse:
    """One port of some pods or services that something is configured to call."""

    kind: UseKind
    source: str
    """Who says so, as `Kind/namespace/name`."""
    namespaces: tuple[str, ...]
    """Where the pods or services are; empty for any namespace."""
    service: str = ""
    """The service's name, where it is named."""
    selector: Selector | None = None
    """Selects services if `by_service`, else pods; None where `service` or `pod` names them."""
    by_service: bool = False
    pod: str = ""
    """The pod's name, where one pod says it of itself."""
    port: int | str
    """Number or name: the service's port for services, unless `is_target`; the container's port for pods."""
    is_target: bool = False
    """Whether `port` is the pods' port though services are selected."""
    required: bool = False
    """Whether the caller fails where the call does (a webhook's failurePolicy `Fail`)."""
