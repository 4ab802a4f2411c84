"""Traps of CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (checked with Cilium 1.20's engine)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.gap import Severity
from recommender.model.policy import Direction
from recommender.rollout.lint.codes import (
    ALLOWS_NOTHING,
    DENY_ONLY,
    END_BELOW_PORT,
    ICMP_ZERO,
    SELECTS_ALL,
    WORLD_DENIED,
    WRONG_KEY,
)
from recommender.rollout.lint.manifest_set import Hit
from recommender.semantics.kinds import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from recommender.rollout.lint.manifest_set import ManifestSet, WrittenPolicy, WrittenRule

_METADATA_NAME = "kubernetes.io/metadata.name"


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """What only Cilium's policies can get wrong."""
    for policy in manifests.policies:
        if policy.is_cilium:
            yield from _of_specs(policy)
            for rule in policy.rules:
                yield from _of_rule(policy, rule)


def _of_specs(policy: WrittenPolicy) -> Iterator[Hit]:
    for path, spec in policy.specs:
        if policy.kind is DocumentKind.CILIUM_CLUSTERWIDE and spec.get("endpointSelector") == {}:
            if _opens_default(spec):
                continue
            yield Hit(finding=SELECTS_ALL, policy=policy.name, path=f"{path}.endpointSelector",
                      reason="it isolates every endpoint of the cluster", severity=Severity.HIGH)  # fmt: skip
        for direction in Direction:
            denies, allows = spec.get(f"{direction.value}Deny"), spec.get(direction.value)
            switched_off = (spec.get("enableDefaultDeny") or {}).get(direction.value) is False
            if denies and not allows and not switched_off:
                yield Hit(finding=DENY_ONLY, policy=policy.name, path=f"{path}.{direction.value}Deny",
                          reason=f"no rule allows anything in {direction.value}")  # fmt: skip
            empty = [place for place, rule in enumerate(allows or ()) if not rule]
            for place in empty:
                alone = len(allows or ()) == len(empty)
                why = "alone it is the way to write default deny" if alone else "beside other rules it adds nothing"
                yield Hit(finding=ALLOWS_NOTHING, policy=policy.name, path=f"{path}.{direction.value}[{place}]",
                          reason=why, severity=Severity.INFO if alone else Severity.MEDIUM)  # fmt: skip


def _opens_default(spec: Mapping[str, Any]) -> bool:
    """Whether no direction with rules turns default deny on."""
    switches = spec.get("enableDefaultDeny") or {}
    used = [way for way in Direction if spec.get(way.value) or spec.get(f"{way.value}Deny")]
    return all(switches.get(way.value) is False for way in used)


def _of_rule(policy: WrittenPolicy, rule: WrittenRule) -> Iterator[Hit]:
    for field in ("fromEndpoints", "toEndpoints"):
        for place, selector in enumerate(rule.value.get(field) or ()):
            keys = [*(selector.get("matchLabels") or {}), *(e["key"] for e in selector.get("matchExpressions") or ())]
            wrong = [key for key in keys if _METADATA_NAME in {key, key.partition(":")[2]}]
            if wrong:
                yield Hit(finding=WRONG_KEY, policy=policy.name, path=f"{rule.path}.{field}[{place}]",
                          reason=f"{wrong[0]} is asked of pods")  # fmt: skip
    yield from _of_ports(policy, rule)
    if rule.deny and rule.direction is Direction.EGRESS:
        prefixes = [*(rule.value.get("toCIDR") or ()), *(i.get("cidr") for i in rule.value.get("toCIDRSet") or ())]
        wide = {"world", "all"} & set(rule.value.get("toEntities") or ()) or {"0.0.0.0/0", "::/0"} & set(prefixes)
        if wide:
            yield Hit(finding=WORLD_DENIED, policy=policy.name, path=rule.path, reason=f"it denies {min(wide)}")


def _of_ports(policy: WrittenPolicy, rule: WrittenRule) -> Iterator[Hit]:
    for place, item in enumerate(rule.value.get("toPorts") or ()):
        for port in item.get("ports") or ():
            number, end = str(port.get("port", "")), port.get("endPort") or 0
            if end and number.isdigit() and end < int(number):
                yield Hit(finding=END_BELOW_PORT, policy=policy.name, path=f"{rule.path}.toPorts[{place}]",
                          reason=f"endPort {end} is below port {number}")  # fmt: skip
    for place, item in enumerate(rule.value.get("icmps") or ()):
        if any(str(field.get("type")) in {"0", "EchoReply"} for field in item.get("fields") or ()):
            yield Hit(finding=ICMP_ZERO, policy=policy.name, path=f"{rule.path}.icmps[{place}]",
                      reason="type 0 is asked for")  # fmt: skip
