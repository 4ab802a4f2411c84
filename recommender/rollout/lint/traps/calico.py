"""Traps of Calico's NetworkPolicy and GlobalNetworkPolicy (Calico documentation, "Network policy" reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.errors import InvalidPolicyError
from recommender.model.gap import Severity
from recommender.model.policy import Direction
from recommender.rollout.lint.codes import ALLOWS_ALL, DENY_ONLY, NAME_LABEL, SELECTS_ALL, UNLISTED_SECTION
from recommender.rollout.lint.manifest_set import Hit
from recommender.rollout.lint.traps.network_policy import NAME_KEY
from recommender.semantics.calico_expression import keys_of
from recommender.semantics.calico_parser import parse_expression
from recommender.semantics.kinds import DocumentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from recommender.rollout.lint.manifest_set import ManifestSet, WrittenPolicy

_ENDS: Final = ("source", "destination")
_EVERYBODY: Final = frozenset({"", "all()"})


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """What only Calico's policies can get wrong."""
    for policy in manifests.policies:
        if policy.kind.of_calico:
            for path, spec in policy.specs:
                yield from _of_types(policy, path, spec)
                yield from _of_subject(policy, path, spec)
            for rule in policy.rules:
                yield from _of_rule(policy, rule.path, rule.value)


def _of_types(policy: WrittenPolicy, path: str, spec: Mapping[str, Any]) -> Iterator[Hit]:
    """A tier ends with a deny for whom its policies select, unless a rule decided before."""
    listed = spec.get("types") or ()
    for direction in Direction:
        rules = spec.get(direction.value) or ()
        unlisted = listed and direction.value.capitalize() not in listed
        if rules and unlisted:
            yield Hit(finding=UNLISTED_SECTION, policy=policy.name, path=f"{path}.{direction.value}",
                      reason=f"types is {', '.join(listed)}; Calico ignores them")  # fmt: skip
        if rules and not unlisted and all(rule.get("action") in {"Deny", "Log"} for rule in rules):
            yield Hit(finding=DENY_ONLY, policy=policy.name, path=f"{path}.{direction.value}",
                      reason=f"no rule allows or passes anything in {direction.value}")  # fmt: skip


def _of_subject(policy: WrittenPolicy, path: str, spec: Mapping[str, Any]) -> Iterator[Hit]:
    chosen = [str(spec.get(key) or "").strip() for key in ("selector", "namespaceSelector", "serviceAccountSelector")]
    if policy.kind is DocumentKind.CALICO_GLOBAL and set(chosen) <= _EVERYBODY:
        yield Hit(finding=SELECTS_ALL, policy=policy.name, path=path, severity=Severity.HIGH,
                  reason="it selects every pod and host endpoint, kube-system and calico-system too")  # fmt: skip


def _of_rule(policy: WrittenPolicy, path: str, rule: Mapping[str, Any]) -> Iterator[Hit]:
    if rule.get("action") == "Allow" and not {key for key, value in rule.items() if value} - {"action", "metadata"}:
        yield Hit(finding=ALLOWS_ALL, policy=policy.name, path=path, reason="it names no peer, port or protocol")
    for end in _ENDS:
        text = (rule.get(end) or {}).get("namespaceSelector")
        if text and NAME_KEY in _keys(str(text)):
            yield Hit(finding=NAME_LABEL, policy=policy.name, path=f"{path}.{end}.namespaceSelector",
                      reason="it asks for the namespace's label `name`", severity=Severity.MEDIUM)  # fmt: skip


def _keys(text: str) -> frozenset[str]:
    try:
        return frozenset(keys_of(parse_expression(text)))
    except InvalidPolicyError:
        return frozenset()
