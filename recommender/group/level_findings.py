"""Where the chosen granularity could not be had, and whom it hits unseen, as gaps (NPR206 to NPR208)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.group.gap_text import cut, label_advice, listed, more, names_of, shown
from recommender.model.gap import Gap, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.group.subject import Subject
    from recommender.model.group import Group

_NOT_REACHED = "Workload level not reached"
_LOOSER = "Its policy also holds what others need, so it may do more than was seen of it."


def lumped(group: Group, members: Sequence[Subject]) -> Gap:
    """NPR206: several workloads share a policy although each was to have its own."""
    names = names_of(members)
    return Gap(
        code="NPR206",
        title=_NOT_REACHED,
        severity=Severity.HIGH if group.sensitive else Severity.MEDIUM,
        subject=group.display,
        reason=f"no lasting label or service account tells {', '.join(names)}{more(members)} apart",
        impact=_LOOSER,
        action=label_advice(members[0].end),
        count=len(members),
        examples=names,
    )


def without_own_selector(subject: Subject, group: Group) -> Gap:
    """NPR206: a sensitive workload that only a coarser policy governs."""
    return Gap(
        code="NPR206",
        title=_NOT_REACHED,
        severity=Severity.HIGH,
        subject=shown(str(subject.end)),
        reason=f"it is marked as sensitive, but no selector names it alone; the policy of {group.display} governs it",
        impact=_LOOSER,
        action=label_advice(subject.end),
        examples=(shown(str(subject.end)),),
    )


def sensitive_but_unseen(value: str) -> Gap:
    """NPR206: what was marked as sensitive exists, but no flow shows it."""
    return Gap(
        code="NPR206",
        title=_NOT_REACHED,
        severity=Severity.HIGH,
        subject=f"sensitive: {shown(value)}",
        reason="the inventory knows it, but no flow of it was seen",
        impact="No policy of its own can be made for it.",
        action="Capture its traffic, or check that the selection flags do not leave it out.",
        examples=(shown(value),),
    )


def system_namespace(display: str, groups: int) -> Gap:
    """NPR207: one policy for all pods of a system namespace is never made."""
    return Gap(
        code="NPR207",
        title="Namespace not governed as a whole",
        severity=Severity.INFO,
        subject=display,
        reason="it is a system namespace: one policy for all its pods could cut the cluster's own machinery",
        impact="Its groups keep policies of their own; in the starter set it gets none and stays open.",
        action="Nothing to do; review these policies last, or mark its workloads as sensitive to tighten them.",
        count=groups,
    )


def inseparable(display: str, held: Sequence[Group], groups: int) -> Gap:
    """NPR207: some pods must be left out of the namespace's policy, and no label selector can say so."""
    names = [group.display for group in held]
    return Gap(
        code="NPR207",
        title="Namespace not governed as a whole",
        severity=Severity.LOW,
        subject=display,
        reason=f"one selector for all its pods but those of {listed(names)} cannot be written",
        impact="Its groups keep policies of their own: tighter than asked for, and more of them.",
        action="Give each of the named groups a label value of its own in the namespace, then capture again.",
        count=groups,
        examples=cut(names),
    )


def isolates_unseen(group: Group, owners: Sequence[str], *, inventory_given: bool) -> Gap | None:
    """NPR208: pods that no flow shows become isolated with the rest of their namespace."""
    if inventory_given and not owners:
        return None
    known = f"by the inventory, its policy also isolates {listed(owners)}, of which no flow was seen"
    unknown = "its policy also isolates pods that no flow shows; without an inventory nobody can name them"
    return Gap(
        code="NPR208",
        title="Isolates pods that were never seen",
        severity=Severity.HIGH if owners else Severity.MEDIUM,
        subject=group.display,
        reason=known if inventory_given else unknown,
        impact="Whatever they need beyond the namespace's own rules is cut.",
        action="Capture until they show (run the jobs once), or choose --granularity group, which leaves them open."
        if inventory_given
        else "Give an inventory: kubectl get ns,pods,svc,deploy,sts,ds,job,cronjob -A -o json > inventory.json",
        count=max(1, len(owners)),
        examples=cut(owners),
    )
