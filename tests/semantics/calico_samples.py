"""Short ways to write Calico's documents, and NetworkPolicies as Calico's own conversion says them."""

from __future__ import annotations

from typing import Any

NETWORK_POLICY_ORDER = 1000


def calico(name: str = "p", *, namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def calico_global(name: str = "g", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": "GlobalNetworkPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def tier(name: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "projectcalico.org/v3", "kind": "Tier", "metadata": {"name": name}, "spec": spec}


def network_set(name: str, *nets: str, namespace: str = "", **labels: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "labels": labels}
    if namespace:
        metadata["namespace"] = namespace
    kind = "NetworkSet" if namespace else "GlobalNetworkSet"
    return {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": metadata, "spec": {"nets": list(nets)}}


def allow(**rule: Any) -> dict[str, Any]:
    return {"action": "Allow", **rule}


def deny(**rule: Any) -> dict[str, Any]:
    return {"action": "Deny", **rule}


def converted(policy: dict[str, Any]) -> dict[str, Any]:
    """A NetworkPolicy in Calico's words, one rule a peer and port (`conversion.K8sNetworkPolicyToCalico`)."""
    spec = policy["spec"]
    types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    return calico(
        policy["metadata"]["name"],
        namespace=policy["metadata"]["namespace"],
        order=NETWORK_POLICY_ORDER,
        selector=_expression(spec["podSelector"]),
        types=types,
        ingress=[rule for item in spec.get("ingress") or () for rule in _rules(item, "from", "source")],
        egress=[rule for item in spec.get("egress") or () for rule in _rules(item, "to", "destination")],
    )


def _rules(item: dict[str, Any], field: str, end: str) -> list[dict[str, Any]]:
    found = []
    for peer in item.get(field) or [None]:
        for port in item.get("ports") or [None]:
            rule: dict[str, Any] = allow(**{end: _entity(peer)})
            if port is not None:
                rule["protocol"] = port.get("protocol", "TCP")
                if "port" in port:
                    text = f"{port['port']}:{port['endPort']}" if "endPort" in port else port["port"]
                    rule["destination"] = {**rule.get("destination", {}), "ports": [text]}
            found.append(rule)
    return found


def _entity(peer: dict[str, Any] | None) -> dict[str, Any]:
    if peer is None:
        return {}
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        return {"nets": [block["cidr"]], **({"notNets": block["except"]} if block.get("except") else {})}
    entity = {"selector": _expression(peer.get("podSelector") or {})}
    if "namespaceSelector" in peer:
        entity["namespaceSelector"] = _expression(peer["namespaceSelector"])
    return entity


def _expression(selector: dict[str, Any]) -> str:
    parts = [f"{key} == '{value}'" for key, value in (selector.get("matchLabels") or {}).items()]
    for one in selector.get("matchExpressions") or ():
        listed = ", ".join(f"'{value}'" for value in one.get("values", ()))
        parts.append(
            {
                "In": f"{one['key']} in {{ {listed} }}",
                "NotIn": f"{one['key']} not in {{ {listed} }}",
                "Exists": f"has({one['key']})",
                "DoesNotExist": f"! has({one['key']})",
            }[one["operator"]]
        )
    return " && ".join(parts) or "all()"
