"""Random NetworkPolicies, CiliumNetworkPolicies and CiliumClusterwideNetworkPolicies that an engine accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

APPS = ("web", "api", "db", "cache")
TEAMS = ("red", "blue")
NAMESPACES = ("shop", "data", "ops", "lab", "kube-system")
PORTS = (53, 80, 443, 5432, 8080, 8081, 9090)
PORT_NAMES = ("http", "metrics", "dns", "dns-tcp")
CIDRS = (
    "0.0.0.0/0",
    "192.0.2.0/24",
    "192.0.2.128/25",
    "198.51.100.0/24",
    "198.51.100.7/32",
    "203.0.113.0/24",
    "10.0.0.0/8",
    "::/0",
    "2001:db8::/32",
    "2001:db8:1::/48",
)
INSIDE = {
    "0.0.0.0/0": ("192.0.2.0/24", "10.0.0.0/8"),
    "192.0.2.0/24": ("192.0.2.128/25", "192.0.2.8/29"),
    "198.51.100.0/24": ("198.51.100.7/32",),
    "::/0": ("2001:db8::/32",),
    "2001:db8::/32": ("2001:db8:1::/48",),
}
NAMES = ("api.example.com", "cdn.example.com", "deep.cdn.example.com", "example.com", "db.example.net")
PATTERNS = ("*.example.com", "**.example.com", "api.*.com", "*", "c*.example.com", "*.example.net")
ENTITIES = (
    "all",
    "world",
    "world-ipv4",
    "world-ipv6",
    "cluster",
    "host",
    "remote-node",
    "kube-apiserver",
    "health",
    "ingress",
    "init",
    "unmanaged",
    "none",
)
_NAMESPACE = "k8s:io.kubernetes.pod.namespace"
_NAMESPACE_LABEL = "k8s:io.cilium.k8s.namespace.labels."


def chance(random: Random, share: float) -> bool:
    """True in about this share of cases."""
    return random.random() < share


def several(random: Random, make: Callable[[Random], Any], most: int = 2) -> list[Any]:
    """One or more of something."""
    return [make(random) for _ in range(random.randint(1, most))]


def selector(random: Random, prefix: str = "") -> dict[str, Any]:
    """A label selector over pods, often empty or of one label, sometimes with expressions."""
    found: dict[str, Any] = {}
    if chance(random, 0.6):
        found["matchLabels"] = {f"{prefix}app": random.choice(APPS)}
        if chance(random, 0.2):
            found["matchLabels"][f"{prefix}team"] = random.choice(TEAMS)
    elif chance(random, 0.5):
        found["matchExpressions"] = [expression(random, prefix)]
    return found


def expression(random: Random, prefix: str = "") -> dict[str, Any]:
    """A set-based requirement."""
    key, values = random.choice((("app", APPS), ("team", TEAMS)))
    operator = random.choice(("In", "NotIn", "Exists", "DoesNotExist"))
    found: dict[str, Any] = {"key": f"{prefix}{key}", "operator": operator}
    if operator in {"In", "NotIn"}:
        found["values"] = random.sample(values, random.randint(1, len(values)))
    return found


def namespace_selector(random: Random) -> dict[str, Any]:
    """A label selector over namespaces."""
    if chance(random, 0.25):
        return {}
    if chance(random, 0.5):
        return {"matchLabels": {"kubernetes.io/metadata.name": random.choice(NAMESPACES)}}
    if chance(random, 0.5):
        return {"matchLabels": {"team": random.choice(TEAMS)}}
    return {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": [random.choice(TEAMS)]}]}


def network_policy(random: Random, name: str, namespace: str) -> dict[str, Any]:
    """A NetworkPolicy, with the odd ways to write or leave out policyTypes and empty rules."""
    spec: dict[str, Any] = {"podSelector": selector(random)}
    for section, field in (("ingress", "from"), ("egress", "to")):
        if chance(random, 0.6):
            spec[section] = [_np_rule(random, field) for _ in range(random.randint(0, 3))]
    types = [kind for kind in ("Ingress", "Egress") if chance(random, 0.7)]
    if types and chance(random, 0.8):
        spec["policyTypes"] = types
    return _document("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec)


def _np_rule(random: Random, field: str) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    if chance(random, 0.85):
        rule[field] = several(random, _np_peer)
    if chance(random, 0.6):
        rule["ports"] = several(random, _np_port)
    return rule


def _np_peer(random: Random) -> dict[str, Any]:
    kind = random.choice(("pods", "namespaces", "both", "block"))
    if kind == "block":
        return {"ipBlock": cidr_with_except(random)}
    peer = {}
    if kind != "namespaces":
        peer["podSelector"] = selector(random)
    if kind != "pods":
        peer["namespaceSelector"] = namespace_selector(random)
    return peer


def _np_port(random: Random) -> dict[str, Any]:
    port: dict[str, Any] = {}
    if chance(random, 0.7):
        port["protocol"] = random.choice(("TCP", "TCP", "UDP", "SCTP"))
    kind = random.random()
    if kind < 0.6:
        port["port"] = random.choice(PORTS)
        if chance(random, 0.3):
            port["endPort"] = port["port"] + random.choice((0, 1, 100))
    elif kind < 0.85:
        port["port"] = random.choice(PORT_NAMES)
    elif not port:
        port["protocol"] = "TCP"
    return port


def cidr_with_except(random: Random) -> dict[str, Any]:
    """A prefix, sometimes with exceptions inside it."""
    found: dict[str, Any] = {"cidr": random.choice(CIDRS)}
    inside = INSIDE.get(found["cidr"], ())
    if inside and chance(random, 0.5):
        found["except"] = random.sample(inside, random.randint(1, len(inside)))
    return found


def cilium_policy(random: Random, name: str, namespace: str) -> dict[str, Any]:
    """A CNP, or a CCNP if the namespace is empty."""
    sections = ("ingress", "egress", "ingressDeny", "egressDeny")
    weights = (0.6, 0.6, 0.2, 0.2)
    chosen = [section for section, weight in zip(sections, weights, strict=True) if chance(random, weight)]
    spec: dict[str, Any] = {"endpointSelector": _cilium_subject(random, cluster_wide=not namespace)}
    for section in chosen or ["ingress"]:
        direction = "from" if section.startswith("ingress") else "to"
        deny = section.endswith("Deny")
        spec[section] = [
            _cilium_rule(random, direction, deny=deny, cluster_wide=not namespace) for _ in range(random.randint(1, 3))
        ]
    if chance(random, 0.25):
        spec["enableDefaultDeny"] = {side: chance(random, 0.4) for side in ("ingress", "egress") if chance(random, 0.7)}
    kind = "CiliumNetworkPolicy" if namespace else "CiliumClusterwideNetworkPolicy"
    return _document("cilium.io/v2", kind, name, namespace, spec)


def _cilium_subject(random: Random, *, cluster_wide: bool) -> dict[str, Any]:
    if cluster_wide and chance(random, 0.3):
        operator = random.choice(("In", "NotIn"))
        return {"matchExpressions": [{"key": _NAMESPACE, "operator": operator, "values": [random.choice(NAMESPACES)]}]}
    return selector(random, random.choice(("", "k8s:", "any:")))


def _cilium_rule(random: Random, direction: str, *, deny: bool, cluster_wide: bool) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    kinds = ["Endpoints", "Endpoints", "Endpoints", "Entities", "CIDR", "CIDRSet", "", "empty"]
    if direction == "to" and not deny:
        kinds.append("FQDNs")
    kind = random.choice(kinds)
    match kind:
        case "Endpoints":
            rule[f"{direction}{kind}"] = several(random, lambda r: _cilium_endpoint(r, cluster_wide=cluster_wide))
        case "Entities":
            rule[f"{direction}{kind}"] = random.sample(ENTITIES, random.randint(1, 2))
        case "CIDR":
            rule[f"{direction}{kind}"] = random.sample(CIDRS, random.randint(1, 2))
        case "CIDRSet":
            rule[f"{direction}{kind}"] = several(random, cidr_with_except)
        case "FQDNs":
            rule["toFQDNs"] = several(random, fqdn)
        case "empty" if chance(random, 0.3):
            rule[f"{direction}Endpoints"] = []
    ports = random.random()
    if ports < 0.55:
        rule["toPorts"] = several(random, lambda r: _to_ports(r, direction, deny=deny))
    elif ports < 0.65 and kind != "FQDNs":
        rule["icmps"] = [{"fields": several(random, _icmp_field)}]
    return rule


def _cilium_endpoint(random: Random, *, cluster_wide: bool) -> dict[str, Any]:
    found = selector(random, random.choice(("", "k8s:", "any:")))
    if chance(random, 0.15):
        return {"matchLabels": {random.choice(("reserved:health", "reserved:ingress", "reserved:host")): ""}}
    if chance(random, 0.5 if cluster_wide else 0.4):
        labels = found.setdefault("matchLabels", {})
        if chance(random, 0.6):
            labels[_NAMESPACE] = random.choice(NAMESPACES)
        else:
            labels[f"{_NAMESPACE_LABEL}team"] = random.choice(TEAMS)
    elif chance(random, 0.15):
        found.setdefault("matchExpressions", []).append({"key": _NAMESPACE, "operator": "Exists"})
    elif chance(random, 0.1):
        found.setdefault("matchLabels", {})["io.cilium.k8s.policy.serviceaccount"] = "robot"
    return found


def fqdn(random: Random) -> dict[str, Any]:
    """An item of toFQDNs or rules.dns."""
    if chance(random, 0.5):
        return {"matchName": random.choice(NAMES)}
    return {"matchPattern": random.choice(PATTERNS)}


def _icmp_field(random: Random) -> dict[str, Any]:
    if chance(random, 0.4):
        return {"family": "IPv6", "type": random.choice((128, "EchoRequest", 1))}
    return {"type": random.choice((8, "EchoRequest", 3))}


def _to_ports(random: Random, direction: str, *, deny: bool) -> dict[str, Any]:
    kind = "" if deny else random.choice(("", "", "", "", "http", "dns" if direction == "to" else "", "sni"))
    if kind == "http":
        rules = random.choice(([], [{}], [{"method": "GET", "path": "/v1/.*"}]))
        return {"ports": [{"port": "8080", "protocol": "TCP"}], "rules": {"http": rules}}
    if kind == "dns":
        ports = [{"port": "53", "protocol": random.choice(("UDP", "ANY", "TCP"))}]
        return {"ports": ports, "rules": {"dns": several(random, fqdn)}}
    if kind == "sni" and direction == "to":
        return {"ports": [{"port": "443", "protocol": "TCP"}], "serverNames": [random.choice(NAMES)]}
    return {"ports": several(random, _cilium_port, most=3)}


def _cilium_port(random: Random) -> dict[str, Any]:
    port: dict[str, Any] = {"port": str(random.choice((0, *PORTS)))}
    if chance(random, 0.2):
        port["port"] = random.choice(PORT_NAMES)
    elif chance(random, 0.2) and port["port"] != "0":
        port["endPort"] = int(port["port"]) + random.choice((1, 50, 1000))
    if chance(random, 0.7):
        port["protocol"] = random.choice(("TCP", "TCP", "UDP", "SCTP", "ANY"))
    return port


def _document(api: str, kind: str, name: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}
