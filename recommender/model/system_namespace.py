"""Namespaces that hold the cluster's own machinery."""

from __future__ import annotations

from typing import Final

_NAMES: Final = frozenset({"cilium", "cilium-secrets"})
_RESERVED_PREFIXES: Final = ("kube-", "openshift-")
"""Kubernetes documentation, "Namespaces": `kube-` is reserved for system namespaces; OpenShift reserves its own."""


def is_system_namespace(name: str) -> bool:
    """Whether one policy for all pods of this namespace could cut the cluster's own machinery."""
    return name in _NAMES or name.startswith(_RESERVED_PREFIXES)
