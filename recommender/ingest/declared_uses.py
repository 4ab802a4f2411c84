"""What objects of a cluster promise to call: scrapes, webhooks, routes and probes, as `kubectl -o json` prints them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from recommender.ingest.kubernetes_objects import elements, mapping, number, pairs, text
from recommender.model.declared_use import DeclaredUse, UseKind
from recommender.model.group import Requirement, Selector

if TYPE_CHECKING:
    from collections.abc import Iterator

MONITORS: Final = frozenset({"ServiceMonitor", "PodMonitor"})
WEBHOOKS: Final = frozenset({"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"})
ROUTES: Final = frozenset({"Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"})
DECLARING: Final = MONITORS | WEBHOOKS | ROUTES
_HTTPS: Final = 443
_SCRAPE: Final = "prometheus.io/scrape"
_SCRAPE_PORT: Final = "prometheus.io/port"
_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_CALLS: Final = ("httpGet", "tcpSocket", "grpc")


def declared_uses(item: dict[str, Any]) -> Iterator[DeclaredUse]:
    """What this object promises to call.

    Raises:
        TypeError: if a part of it is not what its kind prescribes.
    """
    kind = item["kind"]
    if kind in MONITORS:
        yield from _of_monitor(item)
    elif kind in WEBHOOKS:
        yield from _of_webhooks(item)
    elif kind in ROUTES:
        yield from _of_route(item)
    elif kind == "Pod":
        yield from _of_pod(item)
    elif kind == "Service":
        yield from _of_service(item)


def _source(item: dict[str, Any]) -> str:
    metadata = mapping(item, "metadata")
    return "/".join(part for part in (item["kind"], text(metadata, "namespace"), text(metadata, "name")) if part)


def _namespace(item: dict[str, Any]) -> str:
    return text(mapping(item, "metadata"), "namespace")


def _of_monitor(item: dict[str, Any]) -> Iterator[DeclaredUse]:
    """ServiceMonitor and PodMonitor of the Prometheus operator (its API reference, `monitoring.coreos.com/v1`)."""
    spec = mapping(item, "spec")
    selector = _selector(mapping(spec, "selector"))
    if selector is None:
        return
    services = item["kind"] == "ServiceMonitor"
    for endpoint in elements(spec, "endpoints" if services else "podMetricsEndpoints"):
        target = endpoint.get("targetPort") or endpoint.get("portNumber")
        port = text(endpoint, "port") or target
        if isinstance(port, int | str) and port:
            yield DeclaredUse(
                kind=UseKind.SCRAPE,
                source=_source(item),
                namespaces=_chosen_namespaces(item, spec),
                selector=selector,
                by_service=services,
                port=port,
                is_target=not text(endpoint, "port"),
            )


def _chosen_namespaces(item: dict[str, Any], spec: dict[str, Any]) -> tuple[str, ...]:
    chosen = mapping(spec, "namespaceSelector")
    if chosen.get("any") is True:
        return ()
    names = chosen.get("matchNames") or [_namespace(item)]
    return tuple(sorted(str(name) for name in names)) if isinstance(names, list) else (_namespace(item),)


def _selector(item: dict[str, Any]) -> Selector | None:
    """A label selector; None if it asks for what `Requirement` does not say (`NotIn`)."""
    found = [Requirement(key=key, values=(value,)) for key, value in pairs(item, "matchLabels")]
    for expression in elements(item, "matchExpressions"):
        operator, key = text(expression, "operator"), text(expression, "key")
        values = tuple(sorted(map(str, expression.get("values") or ())))
        if operator not in {"In", "Exists", "DoesNotExist"}:
            return None
        found.append(Requirement(key=key, values=values, absent=operator == "DoesNotExist"))
    return Selector(requirements=tuple(sorted(found)))


def _of_webhooks(item: dict[str, Any]) -> Iterator[DeclaredUse]:
    """Admission webhooks and aggregated APIs that services of the cluster answer."""
    if item["kind"] == "APIService":
        configurations = [(mapping(item, "spec"), True)]
    else:
        hooks = elements(item, "webhooks")
        configurations = [(mapping(hook, "clientConfig"), text(hook, "failurePolicy") != "Ignore") for hook in hooks]
    for configuration, required in configurations:
        service = mapping(configuration, "service")
        if text(service, "name"):
            yield DeclaredUse(
                kind=UseKind.WEBHOOK,
                source=_source(item),
                namespaces=(text(service, "namespace"),),
                service=text(service, "name"),
                port=number(service, "port") or _HTTPS,
                required=required,
            )


def _of_route(item: dict[str, Any]) -> Iterator[DeclaredUse]:
    """Backends of an Ingress or of a Gateway API route; those that are no services are passed over."""
    spec = mapping(item, "spec")
    for namespace, name, port in sorted(set(_backends(item, spec)), key=str):
        yield DeclaredUse(
            kind=UseKind.ROUTE, source=_source(item), namespaces=(namespace,), service=name, port=port, required=True
        )


def _backends(item: dict[str, Any], spec: dict[str, Any]) -> Iterator[tuple[str, str, int | str]]:
    own = _namespace(item)
    if item["kind"] == "Ingress":
        rules = [path for rule in elements(spec, "rules") for path in elements(mapping(rule, "http"), "paths")]
        for backend in (mapping(spec, "defaultBackend"), *(mapping(path, "backend") for path in rules)):
            service = mapping(backend, "service")
            port = mapping(service, "port")
            chosen = number(port, "number") or text(port, "name")
            if text(service, "name") and chosen:
                yield own, text(service, "name"), chosen
        return
    for rule in elements(spec, "rules"):
        for reference in elements(rule, "backendRefs"):
            name, port_number = text(reference, "name"), number(reference, "port")
            if (text(reference, "kind") or "Service") == "Service" and name and port_number:
                yield text(reference, "namespace") or own, name, port_number


def _of_pod(item: dict[str, Any]) -> Iterator[DeclaredUse]:
    """A pod's own annotation for scrapes, and its containers' probes."""
    metadata, spec = mapping(item, "metadata"), mapping(item, "spec")
    scraped = [_scraped_port(metadata)] if _scraped_port(metadata) else []
    probed = {port for container in elements(spec, "containers") for port in _probe_ports(container)}
    for kind, ports in ((UseKind.SCRAPE, scraped), (UseKind.PROBE, sorted(probed, key=str))):
        for port in ports:
            yield DeclaredUse(
                kind=kind,
                source=_source(item),
                namespaces=(_namespace(item),),
                pod=text(metadata, "name"),
                port=port,
            )


def _probe_ports(container: dict[str, Any]) -> Iterator[int | str]:
    for probe in _PROBES:
        for call in _CALLS:
            port = mapping(container, probe, call).get("port")
            if isinstance(port, int | str) and port:
                yield port


def _of_service(item: dict[str, Any]) -> Iterator[DeclaredUse]:
    """A service's annotation for scrapes of its pods."""
    metadata = mapping(item, "metadata")
    if _scraped_port(metadata):
        yield DeclaredUse(
            kind=UseKind.SCRAPE,
            source=_source(item),
            namespaces=(_namespace(item),),
            service=text(metadata, "name"),
            port=_scraped_port(metadata),
            is_target=True,
        )


def _scraped_port(metadata: dict[str, Any]) -> int:
    """The port that `prometheus.io/scrape: "true"` asks for; 0 if it asks for none."""
    annotations = mapping(metadata, "annotations")
    port = annotations.get(_SCRAPE_PORT)
    if annotations.get(_SCRAPE) != "true" or not isinstance(port, str) or not _PORT.fullmatch(port):
        return 0
    return int(port)
