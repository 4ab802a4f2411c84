"""What grouping could not do, as gaps (NPR201 to NPR205)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from recommender.model.gap import Gap, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.group.candidate import Candidate
    from recommender.group.subject import Subject
    from recommender.model.edge import WorkloadEnd
    from recommender.model.group import Group

MOST_EXAMPLES = 5
LONGEST_TEXT = 100

_SAFE_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?", re.ASCII)
_TEMPLATED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def ambiguous(group: Group, candidate: Candidate) -> Gap:
    """Several workloads that no label tells apart share a group although they need not be one role."""
    names = _names(candidate.members)
    return Gap(
        code="NPR201",
        title="Ambiguous identity: no label tells these workloads apart",
        severity=Severity.MEDIUM,
        subject=group.display,
        reason=f"No selector names each of {', '.join(names)}{_more(candidate.members)} without another of them.",
        impact="One policy governs them all, so each may do what any of them needs.",
        action=_label_advice(candidate.members[0].end),
        count=len(candidate.members),
        examples=names,
        facts=tuple(str(subject.end) for subject in candidate.members),
    )


def unselectable(group: Group, subject: Subject, rivals: Sequence[str]) -> Gap:
    """A workload that no selector can name gets no policy."""
    if subject.usable:
        labels = ", ".join(f"{key}={value}" for key, value in subject.usable[:MOST_EXAMPLES])
        reason = f"All of its stable labels ({_shown(labels)}) are also on {', '.join(rivals) or 'other pods'}."
    elif subject.dropped:
        keys = ", ".join(_shown(key) for key, _ in subject.dropped[:MOST_EXAMPLES])
        reason = f"None of its labels may be used in a selector ({keys}), and no service account is its own."
    else:
        reason = "Its identity holds no pod label, and no service account is its own."
    return Gap(
        code="NPR202",
        title="No selector can name this workload",
        severity=Severity.HIGH,
        subject=group.display,
        reason=reason,
        impact="It gets no policy, stays open, and cannot be allowed as a peer by the policies of others.",
        action=_label_advice(subject.end),
        examples=(_shown(str(subject.end)),),
    )


def selects_more(group: Group, owners: Sequence[str]) -> Gap:
    """The inventory knows pods of others that the selector cannot leave out."""
    return Gap(
        code="NPR203",
        title="Selector also matches pods that were not seen",
        severity=Severity.MEDIUM,
        subject=group.display,
        reason=f"By the inventory, `{_shown(str(group.selector))}` also selects {_listed(owners)}.",
        impact="Enforcing would isolate those pods too and cut traffic that was never observed.",
        action=f"Add a label such as app.kubernetes.io/component to one side, or capture traffic of {_listed(owners)}.",
        count=len(owners),
        examples=_cut(owners),
        facts=tuple(owners),
    )


def selects_less(group: Group, owners: Sequence[str]) -> Gap:
    """The inventory lists pods of the group itself that the selector does not match."""
    return Gap(
        code="NPR204",
        title="Selector misses pods of the same owner",
        severity=Severity.MEDIUM,
        subject=group.display,
        reason=f"By the inventory, {_listed(owners)} has pods that `{_shown(str(group.selector))}` does not match.",
        impact="Those pods stay without this policy, and peers that admit only this group would cut them off.",
        action="Capture flows after the labels were changed on all pods, then run again.",
        count=len(owners),
        examples=_cut(owners),
        facts=tuple(owners),
    )


def on_host_network(end: WorkloadEnd) -> Gap:
    """A workload on the host network has no pod identity."""
    return Gap(
        code="NPR205",
        title="Workload on the host network",
        severity=Severity.MEDIUM,
        subject=_shown(str(end)),
        reason="Its pods share the node's network, so Cilium knows them only as host or remote-node.",
        impact="No pod policy governs it, and admitting it as a peer admits every process of its nodes.",
        action="Run it without hostNetwork, or govern its nodes with a CiliumClusterwideNetworkPolicy by nodeSelector.",
        examples=(_shown(str(end)),),
    )


def _label_advice(end: WorkloadEnd) -> str:
    """A command if the names are safe to paste into a shell, else words."""
    advice = "Give it a label of its own, such as app.kubernetes.io/component, in its pod template; then capture again."
    if end.kind not in _TEMPLATED or not all(_SAFE_NAME.fullmatch(text) for text in (end.namespace, end.name)):
        return advice
    labels = {"app.kubernetes.io/component": end.name[:63].rstrip("-.")}
    patch = json.dumps({"spec": {"template": {"metadata": {"labels": labels}}}})
    command = f"kubectl -n {end.namespace} patch {end.kind.lower()} {end.name} --type merge -p '{patch}'"
    return f"{advice} {command} (this restarts its pods)"


def _names(subjects: Sequence[Subject]) -> tuple[str, ...]:
    return tuple(_shown(str(subject)) for subject in subjects[:MOST_EXAMPLES])


def _cut(owners: Sequence[str]) -> tuple[str, ...]:
    return tuple(_shown(owner) for owner in owners[:MOST_EXAMPLES])


def _listed(owners: Sequence[str]) -> str:
    return ", ".join(_cut(owners)) + _more(owners)


def _more(things: Sequence[object]) -> str:
    return f" and {len(things) - MOST_EXAMPLES} more" if len(things) > MOST_EXAMPLES else ""


def _shown(text: str) -> str:
    """Foreign text for a sentence: control characters as `?`, cut to a bearable length."""
    plain = "".join(character if character.isprintable() else "?" for character in text)
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[: LONGEST_TEXT - 1]}…"
