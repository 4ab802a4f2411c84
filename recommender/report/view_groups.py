"""Communication groups and workloads, as the report shows them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from recommender.model.policy import GroupPeer
from recommender.report.figures import figure
from recommender.report.view_edges import end_view
from recommender.report.view_members import members_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.edge import Workload
    from recommender.model.group import Group, Selector, SelectorProof
    from recommender.model.recommendation import AssessedPolicy
    from recommender.report.view_members import Doings


def group_order(group: Group) -> tuple[str, str, str, str]:
    """A total order over groups."""
    return (group.cluster, group.namespace, group.name, group.group_id)


def groups_view(
    groups: Iterable[Group], policies: Iterable[AssessedPolicy], done: Doings | None = None
) -> list[dict[str, Any]]:
    """Every group with its selector and proof; `done` is what each end does, for what only outliers do.

    `policy` is the name of the policy that governs it, or empty; of the starter set, where several do, the first of
    `policies`.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for assessed in policies:
        names[assessed.policy.group.display].append(assessed.policy.name)
    return [_group_view(group, sorted(names[group.display]), done or {}) for group in sorted(groups, key=group_order)]


def peer_groups_view(
    groups: Iterable[Group], policies: Iterable[AssessedPolicy], done: Doings | None = None
) -> list[dict[str, Any]]:
    """Groups that policies name, or select in part, but that are not among the groups themselves: parts of these."""
    assessed = list(policies)
    named = {
        rule.peer.group.display: rule.peer.group
        for item in assessed
        for rule in item.policy.rules
        if isinstance(rule.peer, GroupPeer)
    }
    named |= {item.policy.group.display: item.policy.group for item in assessed}
    known = {group.display for group in groups}
    return groups_view((group for display, group in named.items() if display not in known), assessed, done)


def _group_view(group: Group, policies: list[str], done: Doings) -> dict[str, Any]:
    return {
        "id": group.group_id,
        "display": group.display,
        "cluster": group.cluster,
        "namespace": group.namespace,
        "name": group.name,
        "members": [str(member) for member in sorted(group.members)],
        "origin": group.origin.value,
        "selector": None if group.selector is None else _selector_view(group.selector),
        "proof": None if group.proof is None else _proof_view(group.proof),
        "cohesion": None if group.cohesion is None else figure(group.cohesion),
        "likeness": members_view(group, done),
        "outliers": len(group.outliers),
        "sensitive": group.sensitive,
        "policy": policies[0] if policies else "",
        "policies": policies,
    }


def _selector_view(selector: Selector) -> dict[str, Any]:
    requirements = sorted(selector.requirements)
    return {
        "text": str(selector),
        "requirements": [
            {"key": item.key, "values": sorted(item.values), "absent": item.absent} for item in requirements
        ],
        "service_account": selector.service_account,
    }


def _proof_view(proof: SelectorProof) -> dict[str, Any]:
    return {
        "members_matched": proof.members_matched,
        "others_checked": proof.others_checked,
        "near_misses": sorted(proof.near_misses),
        "dropped_keys": [{"key": key, "reason": reason} for key, reason in sorted(proof.dropped_keys)],
    }


def workloads_view(workloads: Iterable[Workload], groups: Iterable[Group]) -> list[dict[str, Any]]:
    """Every workload that was seen, sorted; `group` is the display name of its group, or empty."""
    grouped = {member: group.display for group in groups for member in group.members}
    ordered = sorted(workloads, key=lambda workload: workload.end)
    return [_workload_view(workload, grouped.get(workload.end, "")) for workload in ordered]


def _workload_view(workload: Workload, group: str) -> dict[str, Any]:
    return {
        "end": end_view(workload.end),
        "group": group,
        "label_sets": sorted([str(label) for label in sorted(labels.labels)] for labels in workload.label_sets),
        "pods": sorted(workload.pods),
        "nodes": sorted(workload.nodes),
        "named_ports": [
            {"name": name, "protocol": protocol, "port": port} for name, protocol, port in sorted(workload.named_ports)
        ],
        "observed_locally": workload.observed_locally,
        "host_network": workload.host_network,
        "starts_seen": workload.starts_seen,
        "partly_selected": workload.partly_selected,
    }
