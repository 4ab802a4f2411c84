"""Traps of CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (checked with Cilium 1.20's engine)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.gap import Severity
from recommender.model.policy import Direction
from recommender.rollout.lint.codes import (
    ALLOWS_NOTHING,
    DENY_ONLY,
    END_BELOW_PORT,
    HTTP_WITHOUT_DENY,
    ICMP_ZERO,
    SELECTS_ALL,
    WORLD_DENIED,
)
from recommender.rollout.lint.manifest_set import Hit
from recommender.rollout.lint.traps import cilium_peers
from recommender.semantics.kinds import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from recommender.rollout.lint.manifest_set import ManifestSet, WrittenPolicy, WrittenRule


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """What only Cilium's policies can get wrong."""
    for policy in manifests.policies:
        if policy.is_cilium:
            yield from _of_specs(policy)
            for rule in policy.rules:
                yield from _of_rule(policy, rule)
                yield from cilium_peers.of_rule(policy, rule)


def _of_specs(policy: WrittenPolicy) -> Iterator[Hit]:
    for path, spec in policy.specs:
        everybody = policy.kind is DocumentKind.CILIUM_CLUSTERWIDE and spec.get("endpointSelector") == {}
        if everybody and not _opens_default(spec):
            yield Hit(finding=SELECTS_ALL, policy=policy.name, path=f"{path}.endpointSelector",
                      reason="it isolates every endpoint of the cluster", severity=Severity.HIGH)  # fmt: skip
        for direction in Direction:
            switch = (spec.get("enableDefaultDeny") or {}).get(direction.value)
            if spec.get(f"{direction.value}Deny") and not spec.get(direction.value) and switch is not False:
                yield Hit(finding=DENY_ONLY, policy=policy.name, path=f"{path}.{direction.value}Deny",
                          reason=f"no rule allows anything in {direction.value}")  # fmt: skip
            yield from _of_empty(policy, f"{path}.{direction.value}", spec.get(direction.value) or (), switch)


def _of_empty(
    policy: WrittenPolicy,
    path: str,
    rules: Sequence[Mapping[str, Any]],
    switch: bool | None,  # noqa: FBT001 - private
) -> Iterator[Hit]:
    """Alone, and with `enableDefaultDeny` said, an empty rule is default deny and nothing else can be meant."""
    empty = [place for place, rule in enumerate(rules) if not rule]
    alone = len(rules) == len(empty)
    for place in empty:
        if alone and switch is not None:
            continue
        why = "alone it is the way to write default deny" if alone else "beside other rules it adds nothing"
        yield Hit(finding=ALLOWS_NOTHING, policy=policy.name, path=f"{path}[{place}]",
                  reason=why, severity=Severity.INFO if alone else Severity.MEDIUM)  # fmt: skip


def _opens_default(spec: Mapping[str, Any]) -> bool:
    """Whether no direction with rules turns default deny on."""
    switches = spec.get("enableDefaultDeny") or {}
    used = [way for way in Direction if spec.get(way.value) or spec.get(f"{way.value}Deny")]
    return all(switches.get(way.value) is False for way in used)


def _of_rule(policy: WrittenPolicy, rule: WrittenRule) -> Iterator[Hit]:
    yield from _of_ports(policy, rule)
    yield from _of_requests(policy, rule)
    if rule.deny and rule.direction is Direction.EGRESS:
        prefixes = [*(rule.value.get("toCIDR") or ()), *(i.get("cidr") for i in rule.value.get("toCIDRSet") or ())]
        wide = {"world", "all"} & set(rule.value.get("toEntities") or ()) or {"0.0.0.0/0", "::/0"} & set(prefixes)
        if wide:
            yield Hit(finding=WORLD_DENIED, policy=policy.name, path=rule.path, reason=f"it denies {min(wide)}")


def _of_requests(policy: WrittenPolicy, rule: WrittenRule) -> Iterator[Hit]:
    """Cilium documentation, "Policy Enforcement Modes": `EnableDefaultDeny` does not apply to layer 7."""
    spec = next(spec for path, spec in policy.specs if rule.path.startswith(f"{path}."))
    off = (spec.get("enableDefaultDeny") or {}).get(rule.direction.value) is False
    for place, item in enumerate(rule.value.get("toPorts") or ()):
        http = (item.get("rules") or {}).get("http")
        if off and http and {} not in http:
            yield Hit(finding=HTTP_WITHOUT_DENY, policy=policy.name, path=f"{rule.path}.toPorts[{place}]",
                      reason=f"enableDefaultDeny.{rule.direction.value} is false")  # fmt: skip


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
