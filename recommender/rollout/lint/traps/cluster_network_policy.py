"""Traps of ClusterNetworkPolicy (policy.networking.k8s.io)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.gap import Severity
from recommender.model.policy import Direction
from recommender.rollout.lint.codes import NAME_LABEL, SELECTS_ALL
from recommender.rollout.lint.manifest_set import Hit
from recommender.rollout.lint.traps.network_policy import NAME_KEY
from recommender.semantics.kinds import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from recommender.rollout.lint.manifest_set import ManifestSet, WrittenPolicy


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Subjects that are everybody, and namespaces by a label that is not there."""
    for policy in manifests.policies:
        if policy.kind is DocumentKind.CLUSTER_NETWORK_POLICY:
            for path, spec in policy.specs:
                yield from _of_subject(policy, path, spec)
                yield from _of_names(policy, f"{path}.subject", spec.get("subject") or {})
            for rule in policy.rules:
                field = "from" if rule.direction is Direction.INGRESS else "to"
                for place, peer in enumerate(rule.value.get(field) or ()):
                    yield from _of_names(policy, f"{rule.path}.{field}[{place}]", peer)


def _of_subject(policy: WrittenPolicy, path: str, spec: Mapping[str, Any]) -> Iterator[Hit]:
    """Only what denies can cut system namespaces off."""
    subject = spec.get("subject") or {}
    pods = subject.get("pods")
    asked = (pods.get("namespaceSelector"), pods.get("podSelector")) if pods else (subject.get("namespaces"),)
    denies = any(rule.value.get("action") == "Deny" for rule in policy.rules)
    if denies and not any(asked):
        yield Hit(finding=SELECTS_ALL, policy=policy.name, path=f"{path}.subject", severity=Severity.HIGH,
                  reason="it denies for the pods of every namespace, kube-system too")  # fmt: skip


def _of_names(policy: WrittenPolicy, path: str, end: Mapping[str, Any]) -> Iterator[Hit]:
    for selector in (end.get("namespaces"), (end.get("pods") or {}).get("namespaceSelector")):
        if NAME_KEY in ((selector or {}).get("matchLabels") or {}):
            yield Hit(finding=NAME_LABEL, policy=policy.name, path=path,
                      reason="it asks for the namespace's label `name`", severity=Severity.MEDIUM)  # fmt: skip
