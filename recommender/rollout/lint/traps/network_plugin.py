"""What the cluster's network plugin does not enforce, by the matrix in `model.cni_plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.cni import Enforcement, Feature
from recommender.model.edge import Protocol
from recommender.model.gap import Severity
from recommender.model.manifest import Dialect
from recommender.rollout.lint.codes import PLUGIN_IGNORES
from recommender.rollout.lint.manifest_set import Hit
from recommender.semantics.kinds import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.model.cni import Cni, Support
    from recommender.rollout.lint.manifest_set import ManifestSet, WrittenPolicy
    from recommender.semantics.compiled import CompiledRule


_SEVERITIES: Final[Mapping[Enforcement, Severity]] = {
    Enforcement.NONE: Severity.HIGH,
    Enforcement.UNKNOWN: Severity.MEDIUM,
    Enforcement.OPTIONAL: Severity.LOW,
}
_SAYS: Final[Mapping[Enforcement, str]] = {
    Enforcement.NONE: "ignores",
    Enforcement.UNKNOWN: "is not known to enforce",
    Enforcement.OPTIONAL: "has to be told to enforce",
}


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Whole policies, and fields of those that are enforced."""
    cni = manifests.cni
    if cni is None:
        return
    ignored = set()
    for policy in manifests.policies:
        support = cni.plugin.support(_dialect(policy.kind), cni.version)
        if support.enforcement is Enforcement.NONE:
            ignored.add(policy.name)
        if support.enforcement in _SEVERITIES:
            yield _hit(policy, cni, support)
    passed_over = cni.plugin.ignored(cni.version)
    for item in manifests.rules:
        for feature in sorted(_features(item.rule) & passed_over.keys()):
            if item.section.policy not in ignored:
                reason = f"{cni} does not know {feature} ({passed_over[feature]})"
                yield Hit(finding=PLUGIN_IGNORES, policy=item.section.policy, path=item.rule.path,
                          severity=Severity.HIGH, reason=reason)  # fmt: skip


def _hit(policy: WrittenPolicy, cni: Cni, support: Support) -> Hit:
    note = f"; {support.note}" if support.note else ""
    return Hit(
        finding=PLUGIN_IGNORES,
        policy=policy.name,
        path="",
        severity=_SEVERITIES[support.enforcement],
        reason=f"{cni} {_SAYS[support.enforcement]} {policy.kind.label}{note} ({', '.join(support.sources)})",
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
