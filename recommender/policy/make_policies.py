"""Which policy does each group get? Default deny both ways, and a rule for every edge that was decided to be needed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from recommender.model.disposition import Decided, Disposition
from recommender.model.dns_scope import DnsScope
from recommender.model.layer7 import Layer7
from recommender.model.policy import Policy
from recommender.model.policy_set import PolicySet
from recommender.model.widening import WideningLimits
from recommender.policy.group_directory import key_of
from recommender.policy.http_claims import narrowed
from recommender.policy.level import Demand, ask, tighten
from recommender.policy.level_gaps import level_gaps
from recommender.policy.level_pairs import level_pairs
from recommender.policy.releases import releases_of
from recommender.policy.rules import rules_of
from recommender.policy.widening_gaps import widening_gaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge, Workload
    from recommender.model.group import Group
    from recommender.model.inventory import Inventory
    from recommender.policy.claims import Claim
    from recommender.policy.group_directory import GroupKey
    from recommender.policy.joining import Joining
    from recommender.policy.level import Level
    from recommender.policy.peer_naming import Refusal
    from recommender.policy.port_names import PortNames

_MAX_DNS_LABEL = 63


def make_policies(
    groups: Sequence[Group],
    edges: Sequence[Edge],
    decided: Mapping[str, Decided],
    *,
    workloads: Sequence[Workload],
    capture: Capture,
    inventory: Inventory,
    dns_scope: DnsScope = DnsScope.CLIENTS,
    layer7: Layer7 = Layer7.NONE,
    limits: WideningLimits | None = None,
    own_addresses: Sequence[str] = (),
    finest: Sequence[Group] = (),
) -> PolicySet:
    """One policy a governed group, with a rule for every allowed edge and the DNS baseline where there is need.

    With `layer7` HTTP, the ingress of pairs whose requests were seen well enough is narrowed to methods and paths.

    `decided` holds a disposition for every edge by its id; `limits` say how far rules may go beyond what was seen;
    `own_addresses` are the cluster's, which no joined prefix may come near. The result does not depend on the order of
    any input. An edge that no rule can say becomes EXCLUDED, with a gap that names both ends; one that a range of ports
    stands for goes to REVIEW. `finest` are the same workloads at the level of workloads, needed where groups are
    sensitive: their policies are those of that level.
    """
    demand = Demand.of(
        edges,
        decided,
        workloads=workloads,
        capture=capture,
        inventory=inventory,
        dns_scope=dns_scope,
        limits=limits or WideningLimits(),
        own_addresses=own_addresses,
    )
    level = ask(groups, demand, finest=finest)
    precise = ask(finest, demand) if finest and level.sensitive else None
    if precise is not None:
        level = tighten(level, precise)
    pairs = level_pairs(level, precise, demand, written=layer7 is Layer7.HTTP)
    claims = narrowed(level.claims, pairs)
    policies = policies_of(level.directory.governed_groups, claims, demand.joining(), level.names)
    gaps = (*level_gaps(level, precise, demand, level.claims), *widening_gaps(policies, demand.limits))
    return PolicySet(
        policies=policies,
        decided=dict(decided) | reviews(level, precise, decided) | exclusions(level.refused.values()),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.sort_key)),
        http_pairs=pairs,
        releases=releases_of(demand.quarantined, level, precise, governed=level.directory.governed),
    )


def policies_of(
    governed: Iterable[Group], claims: Iterable[Claim], joining: Joining, names: PortNames
) -> tuple[Policy, ...]:
    """One policy a group, isolated both ways, with the rules that its claims ask for."""
    by_group: dict[GroupKey, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_group[key_of(claim.subject)].append(claim)
    return tuple(
        Policy(
            name=policy_name(group),
            group=group,
            rules=tuple(
                replace(rule, port_names=names.names_of(rule, group))
                for rule in rules_of(by_group[key_of(group)], joining)
            ),
        )
        for group in governed
    )


def policy_name(group: Group) -> str:
    """`<group name>-<group id>` as a DNS label of at most 63 characters; changes only with the selector."""
    room = _MAX_DNS_LABEL - len(group.group_id) - 1
    stem = re.sub(r"[^a-z0-9-]+", "-", group.name.lower()).strip("-")[:room].rstrip("-")
    return f"{stem or 'group'}-{group.group_id}"


def reviews(level: Level, precise: Level | None, decided: Mapping[str, Decided]) -> dict[str, Decided]:
    """The needed edges that a range of ports stands for, at either end."""
    found = level.dynamic.reviews(decided)
    return found | precise.dynamic.reviews(decided) if precise else found


def exclusions(refused: Iterable[tuple[Edge, Refusal]]) -> dict[str, Decided]:
    """What becomes of edges that no rule can say, by id."""
    return {
        edge.edge_id: Decided(disposition=Disposition.EXCLUDED, reason=f"{refusal.code}: {refusal.reason}")
        for edge, refusal in refused
    }
