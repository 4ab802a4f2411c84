"""Peers that only a running cluster can resolve: services, nodes by label, address groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FIELDS: Final = ("fromGroups", "toGroups", "fromNodes", "toNodes", "toServices")
_CIDR_SETS: Final = ("fromCIDRSet", "toCIDRSet")
_GROUP_REFERENCES: Final = ("cidrGroupRef", "cidrGroupSelector")
_DENY_SECTIONS: Final = ("ingressDeny", "egressDeny")
_ALLOW_SECTIONS: Final = ("ingress", "egress")


def unresolved_denies(document: Mapping[str, Any]) -> str:
    """The path of the first deny (or pass) rule with such a peer; the empty text if there is none.

    The evaluator takes such a peer for anyone, so that no verdict is more open than the cluster's; of a policy that is
    in force that would be a claim that most traffic is cut, which the flows would contradict.
    """
    return next((path for path, denies in _unresolved(document) if denies), "")


def unresolved_allows(document: Mapping[str, Any]) -> frozenset[str]:
    """The paths of the allow rules with such a peer: the evaluator never sees them match, so nothing follows of it."""
    return frozenset(path for path, denies in _unresolved(document) if not denies)


def _unresolved(document: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Path and whether it denies, of each rule with a peer that cannot be resolved. The document must be sound."""
    if document["kind"] == "NetworkPolicy":
        return
    for prefix, spec in _specs(document):
        for section in (*_ALLOW_SECTIONS, *_DENY_SECTIONS):
            for index, rule in enumerate(spec.get(section) or ()):
                denies = section in _DENY_SECTIONS or rule.get("action") in {"Deny", "Pass"}
                if _has_unresolved(rule):
                    yield f"{prefix}.{section}[{index}]", denies


def _specs(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if document.get("spec"):
        yield "spec", document["spec"]
    for index, spec in enumerate(document.get("specs") or ()):
        yield f"specs[{index}]", spec


def _has_unresolved(rule: Mapping[str, Any]) -> bool:
    if any(rule.get(field) for field in _FIELDS):
        return True
    sets = (item for field in _CIDR_SETS for item in rule.get(field) or ())
    if any(not item.get("cidr") and any(item.get(key) for key in _GROUP_REFERENCES) for item in sets):
        return True
    # Nodes by label in a ClusterNetworkPolicy: no selector at all stands for every node, which is resolved.
    peers = [*(rule.get("from") or ()), *(rule.get("to") or ())]
    return any(
        bool((peer.get("nodes") or {}).get(key)) for peer in peers for key in ("matchLabels", "matchExpressions")
    )
