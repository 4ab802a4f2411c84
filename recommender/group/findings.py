"""What grouping could not do, as gaps (NPR201 to NPR205)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.group.gap_text import MOST_EXAMPLES, cut, label_advice, listed, more, names_of, shown
from recommender.group.volatile import valid_namespace
from recommender.model.gap import Gap, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.group.candidate import Candidate
    from recommender.group.subject import Subject
    from recommender.model.edge import WorkloadEnd
    from recommender.model.group import Group


def ambiguous(group: Group, candidate: Candidate) -> Gap:
    """Several workloads that no label tells apart share a group although they need not be one role."""
    names = names_of(candidate.members)
    return Gap(
        code="NPR201",
        title="Ambiguous identity: no label tells these workloads apart",
        severity=Severity.MEDIUM,
        subject=group.display,
        reason=f"No selector names each of {', '.join(names)}{more(candidate.members)} without another of them.",
        impact="One policy governs them all, so each may do what any of them needs.",
        action=label_advice(candidate.members[0].end),
        count=len(candidate.members),
        examples=names,
        facts=tuple(str(subject.end) for subject in candidate.members),
    )


def unselectable(group: Group, subject: Subject, rivals: Sequence[str]) -> Gap:
    """A workload that no selector can name gets no policy."""
    if not valid_namespace(subject.end.namespace):
        reason = "Its namespace has a name that Kubernetes does not accept, so no policy can stand in it."
    elif subject.usable:
        labels = ", ".join(f"{key}={value}" for key, value in subject.usable[:MOST_EXAMPLES])
        reason = f"All of its stable labels ({shown(labels)}) are also on {', '.join(rivals) or 'other pods'}."
    elif subject.dropped:
        keys = ", ".join(shown(key) for key, _ in subject.dropped[:MOST_EXAMPLES])
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
        action=label_advice(subject.end),
        examples=(shown(str(subject.end)),),
    )


def selects_more(group: Group, owners: Sequence[str]) -> Gap:
    """The inventory knows pods of others that the selector cannot leave out."""
    return Gap(
        code="NPR203",
        title="Selector also matches pods that were not seen",
        severity=Severity.MEDIUM,
        subject=group.display,
        reason=f"By the inventory, `{shown(str(group.selector))}` also selects {listed(owners)}.",
        impact="Enforcing would isolate those pods too and cut traffic that was never observed.",
        action=f"Add a label such as app.kubernetes.io/component to one side, or capture traffic of {listed(owners)}.",
        count=len(owners),
        examples=cut(owners),
        facts=tuple(owners),
    )


def selects_less(group: Group, owners: Sequence[str]) -> Gap:
    """The inventory lists pods of the group itself that the selector does not match."""
    return Gap(
        code="NPR204",
        title="Selector misses pods of the same owner",
        severity=Severity.MEDIUM,
        subject=group.display,
        reason=f"By the inventory, {listed(owners)} has pods that `{shown(str(group.selector))}` does not match.",
        impact="Those pods stay without this policy, and peers that admit only this group would cut them off.",
        action="Capture flows after the labels were changed on all pods, then run again.",
        count=len(owners),
        examples=cut(owners),
        facts=tuple(owners),
    )


def on_host_network(end: WorkloadEnd) -> Gap:
    """A workload on the host network has no pod identity."""
    return Gap(
        code="NPR205",
        title="Workload on the host network",
        severity=Severity.MEDIUM,
        subject=shown(str(end)),
        reason="Its pods share the node's network, so Cilium knows them only as host or remote-node.",
        impact="No pod policy governs it, and admitting it as a peer admits every process of its nodes.",
        action="Run it without hostNetwork, or govern its nodes with a CiliumClusterwideNetworkPolicy by nodeSelector.",
        examples=(shown(str(end)),),
    )
