"""Which policy does each group get? Default deny both ways, and a rule for every edge that was decided to be needed."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.model.disposition import Decided, Disposition
from recommender.model.dns_scope import DnsScope
from recommender.model.layer7 import Layer7
from recommender.model.policy import Policy
from recommender.model.policy_set import PolicySet
from recommender.policy.address_gaps import address_gaps
from recommender.policy.claims import baseline_claims, claims_of
from recommender.policy.common_needs import CommonNeeds
from recommender.policy.dns_baseline import plan_dns
from recommender.policy.dns_gaps import nameless_gaps, no_dns_gaps, silent_dns_gaps
from recommender.policy.dns_need import DnsNeed
from recommender.policy.entity_gaps import entity_gaps
from recommender.policy.group_directory import (
    GroupDirectory,
    GroupKey,
    key_of,
    partly_selected_gaps,
    unobserved_gaps,
)
from recommender.policy.http_claims import narrowed
from recommender.policy.http_pairs import http_pairs
from recommender.policy.name_gaps import name_gaps
from recommender.policy.peer_naming import Refusal
from recommender.policy.port_gaps import dynamic_port_gaps
from recommender.policy.refusal_gaps import refusal_gaps
from recommender.policy.rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge, Workload
    from recommender.model.group import Group
    from recommender.model.inventory import Inventory
    from recommender.policy.claims import Claim
    from recommender.policy.dns_baseline import DnsPlan

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
) -> PolicySet:
    """One policy a governed group, with a rule for every allowed edge and the DNS baseline where there is need.

    With `layer7` HTTP, the ingress of pairs whose requests were seen well enough is narrowed to methods and paths.

    `decided` holds a disposition for every edge by its id. The result does not depend on the order of any input. An
    edge that no rule can say becomes EXCLUDED, with a gap that names both ends.
    """
    directory = GroupDirectory.of(groups, workloads)
    allowed = sorted(
        (edge for edge in edges if decided[edge.edge_id].disposition.allowed), key=lambda edge: edge.sort_key
    )
    quarantined = [edge for edge in edges if decided[edge.edge_id].disposition is Disposition.QUARANTINED]
    need = DnsNeed.of(allowed, directory, scope=dns_scope, capture=capture)
    dns = plan_dns(allowed, directory, workloads, need=need, quarantined=quarantined)
    claims, refused = _ask(allowed, directory, dns)
    excluded = {edge.edge_id for edge, _ in refused}
    kept = [edge for edge in allowed if edge.edge_id not in excluded]
    pairs = http_pairs(kept, directory=directory, dns=dns, capture=capture, written=layer7 is Layer7.HTTP)
    gaps = (
        *unobserved_gaps(directory),
        *partly_selected_gaps(directory),
        *refusal_gaps(refused),
        *no_dns_gaps(dns, directory, allowed, capture),
        *silent_dns_gaps(dns, directory, claims),
        *nameless_gaps(dns, directory),
        *entity_gaps(claims),
        *address_gaps(claims, inventory),
        *name_gaps(kept, directory=directory, dns=dns),
        *dynamic_port_gaps(kept, directory),
    )
    return PolicySet(
        policies=_policies(directory.governed_groups, narrowed(claims, pairs)),
        decided=dict(decided) | _exclusions(refused),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.sort_key)),
        http_pairs=pairs,
    )


def _ask(
    allowed: Sequence[Edge], directory: GroupDirectory, dns: DnsPlan
) -> tuple[list[Claim], list[tuple[Edge, Refusal]]]:
    """What the edges and the baseline ask for, and the edges that no rule can say."""
    claims = list(baseline_claims(directory=directory, dns=dns))
    refused: list[tuple[Edge, Refusal]] = []
    needs = CommonNeeds.of(allowed)
    for edge in allowed:
        asked = claims_of(edge, directory=directory, dns=dns, needs=needs)
        if isinstance(asked, Refusal):
            refused.append((edge, asked))
        else:
            claims.extend(asked)
    return claims, refused


def _policies(governed: Iterable[Group], claims: Iterable[Claim]) -> tuple[Policy, ...]:
    by_group: dict[GroupKey, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_group[key_of(claim.subject)].append(claim)
    return tuple(
        Policy(name=policy_name(group), group=group, rules=rules_of(by_group[key_of(group)])) for group in governed
    )


def policy_name(group: Group) -> str:
    """`<group name>-<group id>` as a DNS label of at most 63 characters; changes only with the selector."""
    room = _MAX_DNS_LABEL - len(group.group_id) - 1
    stem = re.sub(r"[^a-z0-9-]+", "-", group.name.lower()).strip("-")[:room].rstrip("-")
    return f"{stem or 'group'}-{group.group_id}"


def _exclusions(refused: Iterable[tuple[Edge, Refusal]]) -> dict[str, Decided]:
    return {
        edge.edge_id: Decided(disposition=Disposition.EXCLUDED, reason=f"{refusal.code}: {refusal.reason}")
        for edge, refusal in refused
    }
