"""Traps among the peers of Cilium's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from recommender.model.gap import Severity
from recommender.model.labels import NAMESPACE_KEY, NAMESPACE_LABEL_PREFIX
from recommender.rollout.lint.codes import NAME_LABEL, SELECTS_ALL, TWO_ITEMS, WRONG_KEY
from recommender.rollout.lint.manifest_set import Hit
from recommender.semantics.kinds import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.rollout.lint.manifest_set import WrittenPolicy, WrittenRule

_METADATA_NAME: Final = "kubernetes.io/metadata.name"
_NAME_OF_NAMESPACE: Final = f"{NAMESPACE_LABEL_PREFIX}name"
_WIDE_ENTITIES: Final = frozenset({"all", "cluster"})


def of_rule(policy: WrittenPolicy, rule: WrittenRule) -> Iterator[Hit]:
    """Selectors with the wrong key, a dash too many, and peers that are everybody."""
    for field in ("fromEndpoints", "toEndpoints"):
        selectors = rule.value.get(field) or ()
        keys = [_keys(selector) for selector in selectors]
        for place, selector in enumerate(selectors):
            path = f"{rule.path}.{field}[{place}]"
            yield from _of_keys(policy, path, keys[place])
            if {_about(one) for one in keys[place : place + 2]} == {"namespaces", "pods"}:
                yield Hit(finding=TWO_ITEMS, policy=policy.name, path=path,
                          reason="a namespace and labels of pods stand under a dash each")  # fmt: skip
            if not rule.deny and _is_everybody(policy, selector):
                yield Hit(finding=SELECTS_ALL, policy=policy.name, path=path, severity=Severity.LOW,
                          reason="it is every pod of the cluster")  # fmt: skip
    for field in ("fromEntities", "toEntities"):
        wide = sorted(_WIDE_ENTITIES & set(rule.value.get(field) or ()))
        if wide and not rule.deny:
            yield Hit(finding=SELECTS_ALL, policy=policy.name, path=f"{rule.path}.{field}", severity=Severity.LOW,
                      reason=f"{wide[0]} is every pod of the cluster and its nodes")  # fmt: skip


def _of_keys(policy: WrittenPolicy, path: str, keys: list[str]) -> Iterator[Hit]:
    if _METADATA_NAME in keys:
        yield Hit(finding=WRONG_KEY, policy=policy.name, path=path, reason=f"{_METADATA_NAME} is asked of pods")
    if _NAME_OF_NAMESPACE in keys:
        yield Hit(finding=NAME_LABEL, policy=policy.name, path=path, severity=Severity.MEDIUM,
                  reason="it asks for the namespace's label `name`")  # fmt: skip


def _keys(selector: Mapping[str, Any]) -> list[str]:
    """Label keys without their source."""
    asked = [*(selector.get("matchLabels") or {}), *(one["key"] for one in selector.get("matchExpressions") or ())]
    return [key.partition(":")[2] or key for key in asked]


def _about(keys: list[str]) -> str:
    """`namespaces` or `pods` where a selector asks for nothing but one of them."""
    kinds = {"namespaces" if key == NAMESPACE_KEY or key.startswith(NAMESPACE_LABEL_PREFIX) else "pods" for key in keys}
    return kinds.pop() if len(kinds) == 1 else ""


def _is_everybody(policy: WrittenPolicy, selector: Mapping[str, Any]) -> bool:
    """An empty selector of a cluster-wide policy, or one that asks for any namespace and nothing else."""
    if not any(selector.values()):
        return policy.kind is DocumentKind.CILIUM_CLUSTERWIDE
    asked = selector.get("matchExpressions") or ()
    return not selector.get("matchLabels") and [
        (one["key"].partition(":")[2] or one["key"], one["operator"]) for one in asked
    ] == [(NAMESPACE_KEY, "Exists")]
