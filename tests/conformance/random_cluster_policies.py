"""Random ClusterNetworkPolicies (policy.networking.k8s.io/v1alpha2) that the CRD's schema accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conformance.random_policies import (
    CIDRS,
    NAMES,
    PORT_NAMES,
    PORTS,
    chance,
    namespace_selector,
    selector,
    several,
)

if TYPE_CHECKING:
    from random import Random


def cluster_network_policy(random: Random, name: str, priority: int) -> dict[str, Any]:
    """One policy; give each its own priority, since the order of equal ones is undefined."""
    sides = [side for side in ("ingress", "egress") if chance(random, 0.7)] or ["egress"]
    spec: dict[str, Any] = {
        "tier": random.choice(("Admin", "Baseline")),
        "priority": priority,
        "subject": _subject(random),
    }
    for side in sides:
        spec[side] = [_rule(random, side) for _ in range(random.randint(1, 4))]
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def _subject(random: Random) -> dict[str, Any]:
    return {"namespaces": namespace_selector(random)} if chance(random, 0.5) else {"pods": _pods(random)}


def _pods(random: Random) -> dict[str, Any]:
    return {"namespaceSelector": namespace_selector(random), "podSelector": selector(random)}


def _rule(random: Random, side: str) -> dict[str, Any]:
    action = random.choice(("Accept", "Deny", "Pass"))
    kinds = ["namespaces", "pods", "pods"]
    if side == "egress":
        kinds += ["networks", *(["domainNames"] if action == "Accept" else [])]
    chosen = [random.choice(kinds) for _ in range(random.randint(1, 2))]
    rule: dict[str, Any] = {
        "action": action,
        "from" if side == "ingress" else "to": [_peer(random, kind) for kind in chosen],
    }
    if chance(random, 0.6):
        only_pods = set(chosen) <= {"namespaces", "pods"}
        rule["protocols"] = several(random, lambda r: _protocol(r, names=only_pods), most=3)
    return rule


def _peer(random: Random, kind: str) -> dict[str, Any]:
    match kind:
        case "namespaces":
            return {"namespaces": namespace_selector(random)}
        case "networks":
            return {"networks": random.sample(CIDRS, random.randint(1, 3))}
        case "domainNames":
            return {"domainNames": random.sample((*NAMES, "*.example.com", "*.example.net"), random.randint(1, 2))}
        case _:
            return {"pods": _pods(random)}


def _protocol(random: Random, *, names: bool) -> dict[str, Any]:
    if names and chance(random, 0.2):
        return {"destinationNamedPort": random.choice(PORT_NAMES)}
    if chance(random, 0.3):
        start = random.choice(PORTS)
        port: dict[str, Any] = {"range": {"start": start, "end": start + random.choice((1, 100, 3000))}}
    else:
        port = {"number": random.choice(PORTS)}
    return {random.choice(("tcp", "tcp", "udp", "sctp")): {"destinationPort": port}}
