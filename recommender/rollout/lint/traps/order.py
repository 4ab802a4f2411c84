"""Default deny that is applied before the rules that its pods need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.rollout.lint.codes import DENY_FIRST
from recommender.rollout.lint.manifest_set import Hit
from recommender.rollout.lint.overlap import selects_all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.lint.manifest_set import ManifestSet


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Sections that isolate and allow nothing, whose pods later files have allow rules for."""
    order = manifests.order
    files = {policy.name: policy.source.document.path for policy in manifests.policies}
    allowing = [
        section for section in manifests.sections if any(rule.peers and not rule.deny for rule in section.rules)
    ]
    for section in manifests.sections:
        if not section.isolates or section.tier.ordered or any(rule.peers for rule in section.rules):
            continue
        later = [
            other.policy
            for other in allowing
            if other.direction is section.direction
            and files[other.policy] != files[section.policy]
            and order[other.policy] > order[section.policy]
            and selects_all_of(section.subject, other.subject)
        ]
        if later:
            yield Hit(finding=DENY_FIRST, policy=section.policy, path="",
                      reason=f"{section.direction}: {len(later)} that allow follow, first {min(later)}")  # fmt: skip
