"""Rules that other rules repeat, cancel or lift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.rollout.lint.codes import FILTER_LIFTED, REDUNDANT, SHADOWED
from recommender.rollout.lint.manifest_set import Hit
from recommender.rollout.lint.overlap import covers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.lint.manifest_set import ManifestSet, SetRule


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Pairs of rules, of which each allow rule is told once, with the first that makes it idle."""
    rules = list(manifests.rules)
    for place, narrow in enumerate(rules):
        if narrow.rule.deny or narrow.rule.passes:
            continue
        hit = None
        for other, wide in enumerate(rules):
            if other == place or wide.rule.passes or not covers(wide, narrow):
                continue
            hit = _hit(wide, narrow, same=covers(narrow, wide) and place < other) or hit
            if hit and hit.finding is SHADOWED:
                break
        if hit:
            yield hit


def _hit(wide: SetRule, narrow: SetRule, *, same: bool) -> Hit | None:
    """Of two that say the same, the later one is told."""
    by = f"{wide.rule.path} of {wide.section.policy}"
    policy, path = narrow.section.policy, narrow.rule.path
    if wide.rule.deny:
        return Hit(finding=SHADOWED, policy=policy, path=path, reason=f"cancelled by {by}")
    if narrow.rule.http and not wide.rule.http:
        return Hit(finding=FILTER_LIFTED, policy=policy, path=path, reason=f"lifted by {by}")
    unfiltered = not wide.rule.http and not wide.rule.redirect and not narrow.rule.redirect
    alike = (wide.rule.http, wide.rule.redirect, wide.rule.dns_names) == (
        narrow.rule.http, narrow.rule.redirect, narrow.rule.dns_names)  # fmt: skip
    if (unfiltered or alike) and not same:
        return Hit(finding=REDUNDANT, policy=policy, path=path, reason=f"{by} says it too")
    return None
