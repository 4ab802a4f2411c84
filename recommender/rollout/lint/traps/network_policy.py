"""Traps of Kubernetes' NetworkPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.gap import Severity
from recommender.model.policy import Direction
from recommender.rollout.lint.codes import (
    ALLOWS_ALL,
    NAME_LABEL,
    NO_POLICY_TYPES,
    SELECTS_ALL,
    TWO_ITEMS,
    UNLISTED_SECTION,
)
from recommender.rollout.lint.manifest_set import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.inventory import Inventory
    from recommender.rollout.lint.manifest_set import ManifestSet, WrittenPolicy, WrittenRule

NAME_KEY: Final = "name"
METADATA_NAME: Final = "kubernetes.io/metadata.name"


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """What only a NetworkPolicy can get wrong."""
    for policy in manifests.policies:
        if policy.is_kubernetes:
            yield from _of_types(policy)
            for rule in policy.rules:
                yield from _of_rule(policy, rule, manifests.inventory)


def _of_types(policy: WrittenPolicy) -> Iterator[Hit]:
    for path, spec in policy.specs:
        listed = spec.get("policyTypes") or ()
        if not listed and spec.get("egress") and not spec.get("ingress"):
            yield Hit(finding=NO_POLICY_TYPES, policy=policy.name, path=path, reason="it has egress rules only")
        for direction in Direction:
            if listed and spec.get(direction.value) and direction.value.capitalize() not in listed:
                yield Hit(finding=UNLISTED_SECTION, policy=policy.name, path=f"{path}.{direction.value}",
                          reason=f"policyTypes is {', '.join(listed)}")  # fmt: skip


def _of_rule(policy: WrittenPolicy, rule: WrittenRule, inventory: Inventory) -> Iterator[Hit]:
    if not rule.value:
        yield Hit(finding=ALLOWS_ALL, policy=policy.name, path=rule.path, reason=f"it opens all of {rule.direction}")
    field = "from" if rule.direction is Direction.INGRESS else "to"
    items = rule.value.get(field) or ()
    for place, item in enumerate(items):
        path = f"{rule.path}.{field}[{place}]"
        later = items[place + 1] if place + 1 < len(items) else {}
        fields = [{key for key, value in one.items() if value is not None} for one in (item, later)]
        if sorted(fields, key=sorted) == [{"namespaceSelector"}, {"podSelector"}]:
            yield Hit(finding=TWO_ITEMS, policy=policy.name, path=path,
                      reason="namespaceSelector and podSelector stand under a dash each")  # fmt: skip
        if fields[0] == {"namespaceSelector"} and not item["namespaceSelector"]:
            yield Hit(finding=SELECTS_ALL, policy=policy.name, path=path, severity=Severity.LOW,
                      reason="an empty namespaceSelector is every pod of the cluster")  # fmt: skip
        labels = (item.get("namespaceSelector") or {}).get("matchLabels") or {}
        if NAME_KEY in labels:
            known = any((NAME_KEY, labels[NAME_KEY]) in pairs for _, pairs in inventory.namespaces)
            told = "a namespace has this label" if known else "no namespace is known to have this label"
            yield Hit(finding=NAME_LABEL, policy=policy.name, path=path, reason=f"name: {labels[NAME_KEY]}; {told}",
                      severity=Severity.MEDIUM if known or not inventory.namespaces else Severity.HIGH)  # fmt: skip
