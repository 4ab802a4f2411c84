"""Selectors that match nobody, or not for long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from recommender.rollout.lint.codes import PEER_NOBODY, SELECTS_NOBODY, UNSTABLE_LABEL
from recommender.rollout.lint.manifest_set import Hit
from recommender.semantics.calico_expression import keys_of
from recommender.semantics.calico_selector import CalicoSelector, NarrowedSelector
from recommender.semantics.peers import SelectedPeer
from recommender.semantics.selectors import Selector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.rollout.lint.manifest_set import ManifestSet, SetRule

_UNSTABLE: Final = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "job-name",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
        "apps.kubernetes.io/pod-index",
    }
)
"""Set anew for each revision, run or pod by Kubernetes' controllers (Kubernetes documentation, "Well-Known Labels,
Annotations and Taints"; their sources)."""
_LEFT_OUT: Final = re.compile(
    r"io\.kubernetes(?!\.pod\.namespace$)|kubernetes\.io/(?!metadata\.name$)|.*beta\.kubernetes\.io|k8s\.io"
    r"|topology\.kubernetes\.io|annotation|etcd_node$|batch\.kubernetes\.io/job-completion-index$"
)
"""Labels that last and that Cilium's default filter leaves out of identities all the same (Cilium 1.20,
pkg/labelsfilter/filter.go, `defaultLabelPrefixCfg`); agents may be configured otherwise (`--labels`)."""


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Who is selected, by those who are known."""
    yield from _unstable(manifests)
    if manifests.judged is None:
        return
    labels = [manifests.judged.identity(member.endpoint).labels for member in manifests.scene.members]
    for policy in manifests.policies:
        subjects = {section.subject for section in manifests.sections if section.policy == policy.name}
        if subjects and not any(subject.selects(one) for subject in subjects for one in labels):
            yield Hit(
                finding=SELECTS_NOBODY, policy=policy.name, path="", reason=f"none of {len(labels)} kinds of pods"
            )
    for item in manifests.rules:
        yield from _peers(item, labels)


def _unstable(manifests: ManifestSet) -> Iterator[Hit]:
    found: dict[tuple[str, str], set[str]] = {}
    for section in manifests.sections:
        found.setdefault((section.policy, ""), set()).update(_keys(section.subject))
        for rule in section.rules:
            for peer in rule.peers:
                if isinstance(peer, SelectedPeer):
                    found.setdefault((section.policy, rule.path), set()).update(_keys(peer.selector))
    cilium = {policy.name for policy in manifests.policies if policy.is_cilium}
    for (policy, path), every in sorted(found.items()):
        left_out = {key for key in every if _LEFT_OUT.match(key)} if policy in cilium else set()
        keys = every & _UNSTABLE | left_out
        if keys:
            yield Hit(finding=UNSTABLE_LABEL, policy=policy, path=path, reason=f"it asks for {', '.join(sorted(keys))}")


def _keys(selector: object) -> set[str]:
    match selector:
        case Selector(requirements=requirements):
            return {requirement.key.partition(":")[2] for requirement in requirements}
        case CalicoSelector(endpoint=endpoint):
            return set(keys_of(endpoint))
        case NarrowedSelector(policy=policy, rule=rule):
            return _keys(policy) | _keys(rule)
        case _:
            return set()


def _peers(item: SetRule, labels: list[Mapping[str, str]]) -> Iterator[Hit]:
    """Entities and other clusters' pods are not among the pods that are known."""
    for peer in item.rule.peers:
        if not isinstance(peer, SelectedPeer) or not isinstance(peer.selector, Selector):
            continue
        if peer.selector.has_key("reserved:") or any(peer.selector.selects(one) for one in labels):
            continue
        asked = ", ".join(sorted(f"{one.key.partition(':')[2]}={'|'.join(sorted(one.values)) or '*'}"
                                 for one in peer.selector.requirements))  # fmt: skip
        yield Hit(finding=PEER_NOBODY, policy=item.section.policy, path=item.rule.path, reason=f"nobody has {asked}")
