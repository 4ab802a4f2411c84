"""What an intruder can still reach, as the report shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd
from recommender.model.group import GroupOrigin
from recommender.model.manifest import Dialect
from recommender.model.policy import Direction
from recommender.report.judged_reach import judged_reach
from recommender.report.reach import is_any_address, reach
from recommender.report.view_edges import port_text
from recommender.report.view_groups import group_order
from recommender.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.edge import Workload
    from recommender.model.group import Group
    from recommender.model.policy import Policy
    from recommender.model.recommendation import Recommendation
    from recommender.report.reach import GroupReach

_HOW = (
    "a pair of groups counts as open if the client's egress rules and the server's ingress rules both let some port "
    "through; before means that no policy is enforced at all; computed from the policies, except that an entity which "
    "the dialect has no word for counts as any address outside; other wider forms stand among the dialect's losses"
)
_HOW_JUDGED = (
    "a pair of groups counts as open if the evaluator lets some port through for some of their pods; before means the "
    "existing policies alone, after means these and the manifests as written together"
)
_PARTLY = (
    "; existing policies are not in these figures: there are too many groups to judge them pair by pair, so rules left "
    "to existing policies are missing"
)


def reach_view(recommendation: Recommendation) -> dict[str, Any]:
    """For each group what it can reach before and after, what stays open to the world, and what no policy governs."""
    existing = recommendation.existing
    judged = bool(existing.reach_after)
    policies = {item.policy.group.display: item.policy for item in recommendation.policies}
    found = (
        judged_reach(recommendation.groups, existing.reach_after)
        if judged
        else reach(recommendation.groups, policies.values(), recommendation.dialect)
    )
    others = max(len(found) - 1, 0)
    before = {item.group: len(item.groups) for item in existing.reach_before}
    world = (
        _judged_open_to_world(recommendation)
        if judged
        else _open_to_world(recommendation.groups, policies, recommendation.dialect)
    )
    ungoverned = _ungoverned(recommendation, policies)
    pairs_before = sum(before.values()) if judged else len(found) * others
    return {
        "sentence": _sentence(
            found, open_groups=len(world), ungoverned=len(ungoverned), pairs_before=pairs_before, judged=judged
        ),
        "before": _before(recommendation),
        "by_existing": judged,
        "pairs_before": pairs_before,
        "pairs_after": sum(item.groups for item in found),
        "groups": [{**_reach_of(item), "groups_before": before.get(item.group.display, others)} for item in found],
        "open_to_world": world,
        "ungoverned": ungoverned,
        "still_open": sorted(recommendation.proof.still_open),
        "how": _HOW_JUDGED if judged else _HOW + (_PARTLY if existing.count else ""),
    }


def _before(recommendation: Recommendation) -> dict[str, Any]:
    """What the widest group reached; with existing policies by them, else everything that was seen."""
    judged = recommendation.existing.reach_before
    if judged:
        return {
            "groups": max(len(item.groups) for item in judged),
            "entities": max(item.entities for item in judged),
            "external_peers": max(item.external_peers for item in judged),
            "world": any(item.world for item in judged),
        }
    ends = {end for item in recommendation.edges for end in (item.edge.client, item.edge.server)}
    return {
        "groups": max(len(recommendation.groups) - 1, 0),
        "entities": sum(isinstance(end, EntityEnd) for end in ends),
        "external_peers": sum(isinstance(end, FqdnEnd | AddressEnd) for end in ends),
        "world": True,
    }


def _reach_of(item: GroupReach) -> dict[str, Any]:
    return {
        "group": item.group.display,
        "governed": item.governed,
        "groups": item.groups,
        "groups_by_hops": item.groups_by_hops,
        "entities": item.entities,
        "external_peers": item.external_peers,
        "world": item.world,
    }


def _sentence(
    found: Sequence[GroupReach], *, open_groups: int, ungoverned: int, pairs_before: int, judged: bool
) -> str:
    if not found:
        return "No group was formed, so nothing is restricted."
    mean = sum(item.groups for item in found) / len(found)
    widest = max(found, key=lambda item: item.groups)
    others = len(found) - 1
    before = f"by the existing policies: {pairs_before / len(found):.1f}" if judged else f"before: {others:,}"
    return (
        f"A taken-over pod reaches {mean:.1f} of {counted(others, 'other group')} on average ({before}), "
        f"{widest.groups:,} at most ({widest.group.display}). From anywhere outside: {counted(open_groups, 'group')}. "
        f"Without a policy: {counted(ungoverned, 'workload')}."
    )


def _judged_open_to_world(recommendation: Recommendation) -> list[dict[str, str]]:
    """The groups that any address outside reaches, by existing policies and manifests together."""
    by_group = {item.group: item.open_to_world for item in recommendation.existing.reach_after}
    return [
        {"group": group.display, "reason": f"existing policies and manifests together let any address in on {ports}"}
        for group in sorted(recommendation.groups, key=group_order)
        if (ports := by_group[group.display])
    ]


def _open_to_world(groups: Sequence[Group], policies: Mapping[str, Policy], dialect: Dialect) -> list[dict[str, str]]:
    found = []
    for group in sorted(groups, key=group_order):
        reason = _world_reason(policies.get(group.display), dialect)
        if reason:
            found.append({"group": group.display, "reason": reason})
    return found


def _world_reason(policy: Policy | None, dialect: Dialect) -> str:
    if policy is None:
        return "no policy governs it"
    if dialect is Dialect.CLUSTER_NETWORK_POLICY:
        return "a ClusterNetworkPolicy cannot deny ingress from what is no pod"
    if not policy.isolate_ingress:
        return "its policy does not isolate ingress"
    rules = (rule for rule in policy.rules_for(Direction.INGRESS) if is_any_address(rule.peer, dialect))
    ports = {port for rule in rules for port in rule.ports}
    if not ports:
        return ""
    return "a rule allows ingress from any address on " + ", ".join(
        port_text(port.protocol, port.port, port.end_port) for port in sorted(ports)
    )


def _ungoverned(recommendation: Recommendation, policies: Mapping[str, Policy]) -> list[dict[str, str]]:
    grouped = {member: group for group in recommendation.groups for member in group.members}
    governed = {*policies, *(policy.group.display for policy in recommendation.existing.covered)}
    found = []
    for workload in sorted(recommendation.workloads, key=lambda workload: workload.end):
        group = grouped.get(workload.end)
        if group is None or group.display not in governed:
            found.append({"workload": str(workload.end), "reason": _why_ungoverned(workload, group)})
    return found


def _why_ungoverned(workload: Workload, group: Group | None) -> str:
    if workload.host_network:
        return "it uses the host's network, which pod policies do not govern"
    if group is not None and group.origin is GroupOrigin.UNSELECTABLE:
        return "no label selector can name it"
    if workload.partly_selected:
        return "the selection leaves out some of its flows"
    if not workload.observed_locally:
        return "no node reported it as its own, so only the far side of its traffic is known"
    return "no policy was made for its group" if group is not None else "it is in no group"
