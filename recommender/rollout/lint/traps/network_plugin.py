"""What the cluster's network plugin does not enforce, by the matrix in `model.cni`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.cni import Enforcement, Feature
from recommender.model.edge import Protocol
from recommender.model.gap import Severity
from recommender.model.manifest import Dialect
from recommender.rollout.lint.codes import PLUGIN_IGNORES
from recommender.rollout.lint.manifest_set import Hit
from recommender.semantics.kinds import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.cni import Cni
    from recommender.rollout.lint.manifest_set import ManifestSet, WrittenPolicy
    from recommender.semantics.compiled import CompiledRule


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Whole policies, and fields of those that are enforced."""
    cni = manifests.cni
    if cni is None:
        return
    ignored = set()
    for policy in manifests.policies:
        dialect = _dialect(policy.kind)
        enforcement = cni.plugin.enforcement(dialect, cni.version)
        if enforcement is Enforcement.NONE:
            ignored.add(policy.name)
        if enforcement in {Enforcement.NONE, Enforcement.UNKNOWN}:
            yield _hit(policy, cni, enforcement)
    for item in manifests.rules:
        for feature in sorted(_features(item.rule) & cni.plugin.ignores.keys()):
            if item.section.policy not in ignored:
                source = cni.plugin.ignores[feature]
                yield Hit(finding=PLUGIN_IGNORES, policy=item.section.policy, path=item.rule.path,
                          severity=Severity.HIGH, reason=f"{cni} does not know {feature} ({source})")  # fmt: skip


def _hit(policy: WrittenPolicy, cni: Cni, enforcement: Enforcement) -> Hit:
    none = enforcement is Enforcement.NONE
    says = "ignores" if none else "is not known to enforce"
    return Hit(
        finding=PLUGIN_IGNORES,
        policy=policy.name,
        path="",
        severity=Severity.HIGH if none else Severity.MEDIUM,
        reason=f"{cni} {says} {policy.kind.label} ({cni.plugin.source})",
    )


def _features(rule: CompiledRule) -> frozenset[Feature]:
    matches = rule.ports or ()
    found = {Feature.END_PORT for match in matches if 0 < match.low < match.high}
    found |= {Feature.SCTP for match in matches if match.protocols == {Protocol.SCTP}}
    found |= {Feature.NAMED_PORT for match in matches if match.name}
    return frozenset(found)


def _dialect(kind: DocumentKind) -> Dialect:
    if kind is DocumentKind.CLUSTER_NETWORK_POLICY:
        return Dialect.CLUSTER_NETWORK_POLICY
    if kind.of_calico:
        return Dialect.CALICO
    return Dialect.CILIUM if kind.of_cilium else Dialect.KUBERNETES
