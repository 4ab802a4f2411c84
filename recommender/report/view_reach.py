"""What an intruder can still reach, as the report shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd
from recommender.model.group import GroupOrigin
from recommender.model.manifest import Dialect
from recommender.model.policy import Direction
from recommender.model.system_namespace import is_system_namespace
from recommender.report.judged_reach import judged_reach
from recommender.report.reach import is_any_address, policies_of_group, policies_of_workloads, reach
from recommender.report.view_edges import port_text
from recommender.report.view_groups import group_order
from recommender.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.edge import Workload, WorkloadEnd
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
    policies = [item.policy for item in recommendation.governing]
    governing = policies_of_workloads(policies)
    found = (
        judged_reach(recommendation.groups, existing.reach_after)
        if judged
        else reach(recommendation.groups, policies, recommendation.dialect)
    )
    others = max(len(found) - 1, 0)
    before = {item.group: len(item.groups) for item in existing.reach_before}
    world = (
        _judged_open_to_world(recommendation)
        if judged
        else _open_to_world(recommendation.groups, governing, recommendation.dialect)
    )
    ungoverned = _ungoverned(recommendation, governing)
    pairs_before = sum(before.values()) if judged else len(found) * others
    workloads = sum(len(item.group.members) for item in found)
    workload_pairs_before = (
        _sum(item.workload_pairs for item in existing.reach_before) if judged else workloads * max(workloads - 1, 0)
    )
    return {
        "sentence": _sentence(
            _reached(found, pairs_before, workload_pairs_before, judged=judged),
            open_groups=len(world),
            ungoverned=len(ungoverned),
        )
        if found
        else "No group was formed, so nothing is restricted.",
        "before": _before(recommendation),
        "by_existing": judged,
        "pairs_before": pairs_before,
        "pairs_after": sum(item.groups for item in found),
        "workload_pairs_before": workload_pairs_before,
        "workload_pairs_after": _sum(item.workload_pairs for item in found),
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
        "workload_pairs": item.workload_pairs,
        "entities": item.entities,
        "external_peers": item.external_peers,
        "world": item.world,
    }


def _sentence(reached: str, *, open_groups: int, ungoverned: int) -> str:
    return (
        f"{reached} From anywhere outside: {counted(open_groups, 'group')}. "
        f"Without a policy: {counted(ungoverned, 'workload')}."
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    """None if one of them is unknown."""
    found = list(counts)
    known = [count for count in found if count is not None]
    return sum(known) if len(known) == len(found) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """Open pairs of groups, or of workloads."""

    word: str
    ends: int
    before: int
    shares: Mapping[str, float]
    """By group: what one of its pods reaches, on average."""
    after: int

    @classmethod
    def of(cls, found: Sequence[GroupReach], pairs_before: int, workload_pairs_before: int | None) -> _Open:
        """In groups; in workloads where one group is a whole namespace, since its pods reach each other too."""
        pairs = {item.group.display: item.workload_pairs for item in found if item.workload_pairs is not None}
        whole = any(item.group.origin is GroupOrigin.NAMESPACE for item in found)
        if not whole or workload_pairs_before is None or len(pairs) < len(found):
            groups = {item.group.display: item.groups for item in found}
            shares = {display: float(count) for display, count in groups.items()}
            return cls(
                word="other group", ends=len(found), before=pairs_before, shares=shares, after=sum(groups.values())
            )
        members = {item.group.display: len(item.group.members) for item in found}
        return cls(
            word="other workload",
            ends=sum(members.values()),
            before=workload_pairs_before,
            shares={display: count / members[display] for display, count in pairs.items()},
            after=sum(pairs.values()),
        )


def _reached(found: Sequence[GroupReach], pairs_before: int, workload_pairs_before: int | None, *, judged: bool) -> str:
    reached = _Open.of(found, pairs_before, workload_pairs_before)
    widest = max(reached.shares, key=lambda display: reached.shares[display])
    others = reached.ends - 1
    before = f"by the existing policies: {reached.before / reached.ends:.1f}" if judged else f"before: {others:,}"
    return (
        f"A taken-over pod reaches {reached.after / reached.ends:.1f} of {counted(others, reached.word)} on average "
        f"({before}), {reached.shares[widest]:,.0f} at most ({widest})."
    )


def _judged_open_to_world(recommendation: Recommendation) -> list[dict[str, str]]:
    """The groups that any address outside reaches, by existing policies and manifests together."""
    by_group = {item.group: item.open_to_world for item in recommendation.existing.reach_after}
    return [
        {"group": group.display, "reason": f"existing policies and manifests together let any address in on {ports}"}
        for group in sorted(recommendation.groups, key=group_order)
        if (ports := by_group[group.display])
    ]


def _open_to_world(
    groups: Sequence[Group], governing: Mapping[WorkloadEnd, tuple[Policy, ...]], dialect: Dialect
) -> list[dict[str, str]]:
    found = []
    for group in sorted(groups, key=group_order):
        reason = _world_reason(policies_of_group(group, governing), dialect)
        if reason:
            found.append({"group": group.display, "reason": reason})
    return found


def _world_reason(policies: Sequence[Policy], dialect: Dialect) -> str:
    if not policies:
        return "no policy governs it"
    if dialect is Dialect.CLUSTER_NETWORK_POLICY:
        return "a ClusterNetworkPolicy cannot deny ingress from what is no pod"
    if not any(policy.isolate_ingress for policy in policies):
        return "its policy does not isolate ingress"
    into = [rule for policy in policies for rule in policy.rules_for(Direction.INGRESS)]
    rules = [rule for rule in into if is_any_address(rule.peer, dialect)]
    ports = {port for rule in rules for port in rule.ports}
    if not ports:
        return ""
    return "a rule allows ingress from any address on " + ", ".join(
        port_text(port.protocol, port.port, port.end_port) for port in sorted(ports)
    )


def _ungoverned(
    recommendation: Recommendation, governing: Mapping[WorkloadEnd, tuple[Policy, ...]]
) -> list[dict[str, str]]:
    grouped = {member: group for group in recommendation.groups for member in group.members}
    starter = any(policy.step for policies in governing.values() for policy in policies)
    governed = {*governing, *(end for policy in recommendation.existing.covered for end in policy.group.members)}
    return [
        {"workload": str(workload.end), "reason": _why_ungoverned(workload, grouped.get(workload.end), starter=starter)}
        for workload in sorted(recommendation.workloads, key=lambda workload: workload.end)
        if workload.end not in governed
    ]


def _why_ungoverned(workload: Workload, group: Group | None, *, starter: bool) -> str:
    if workload.host_network:
        return "it uses the host's network, which pod policies do not govern"
    if group is not None and group.origin is GroupOrigin.UNSELECTABLE:
        return "no label selector can name it"
    if workload.partly_selected:
        return "the selection leaves out some of its flows"
    if not workload.observed_locally:
        return "no node reported it as its own, so only the far side of its traffic is known"
    if starter and is_system_namespace(workload.end.namespace):
        return "the starter set leaves system namespaces open"
    return "no policy was made for its group" if group is not None else "it is in no group"
