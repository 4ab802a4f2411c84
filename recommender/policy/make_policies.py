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
from recommender.policy.address_gaps import address_gaps
from recommender.policy.claims import baseline_claims, claims_of
from recommender.policy.common_needs import CommonNeeds
from recommender.policy.dns_baseline import plan_dns
from recommender.policy.dns_gaps import nameless_gaps, no_dns_gaps, silent_dns_gaps
from recommender.policy.dns_need import DnsNeed
from recommender.policy.dynamic_ports import DynamicPortPlan
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
from recommender.policy.joining import Joining
from recommender.policy.known_ports import KnownPorts
from recommender.policy.name_gaps import name_gaps, several_names_gaps
from recommender.policy.peer_naming import Refusal
from recommender.policy.port_gaps import dynamic_port_gaps, turned_gaps
from recommender.policy.port_names import PortNames
from recommender.policy.refusal_gaps import refusal_gaps
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
    from recommender.policy.dns_baseline import DnsPlan

_MAX_DNS_LABEL = 63
_KEPT_OUT = frozenset({Disposition.QUARANTINED, Disposition.EXCLUDED})


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
) -> PolicySet:
    """One policy a governed group, with a rule for every allowed edge and the DNS baseline where there is need.

    With `layer7` HTTP, the ingress of pairs whose requests were seen well enough is narrowed to methods and paths.

    `decided` holds a disposition for every edge by its id; `limits` say how far rules may go beyond what was seen;
    `own_addresses` are the cluster's, which no joined prefix may come near. The result does not depend on the order of
    any input. An edge that no rule can say becomes EXCLUDED, with a gap that names both ends; one that a range of ports
    stands for goes to REVIEW.
    """
    limits = limits or WideningLimits()
    directory = GroupDirectory.of(groups, workloads)
    allowed = sorted(
        (edge for edge in edges if decided[edge.edge_id].disposition.allowed), key=lambda edge: edge.sort_key
    )
    kept_out = [edge for edge in edges if decided[edge.edge_id].disposition in _KEPT_OUT]
    quarantined = [edge for edge in kept_out if decided[edge.edge_id].disposition is Disposition.QUARANTINED]
    need = DnsNeed.of(allowed, directory, scope=dns_scope, capture=capture)
    dns = plan_dns(allowed, directory, workloads, need=need, quarantined=quarantined)
    dynamic = DynamicPortPlan.of(
        allowed,
        directory,
        known=KnownPorts.of(workloads, inventory, directory),
        kept_out=kept_out,
        window_hours=capture.hours,
        form=limits.ports,
    )
    needs = CommonNeeds.of(allowed)
    claims, refused = _ask(allowed, directory, dns, dynamic, needs)
    joining = Joining.of(
        allowed, limits=limits, own_addresses=own_addresses, inventory=inventory, kept_out=kept_out, capture=capture
    )
    kept = _kept(allowed, refused)
    # Rules of layer 4 and 7 add up (policy-semantics 1.2): beside a range, HTTP rules on one of its ports say nothing.
    single = [edge for edge in kept if not dynamic.port_of(edge).end_port]
    pairs = http_pairs(single, directory=directory, dns=dns, capture=capture, written=layer7 is Layer7.HTTP)
    names = PortNames.of(workloads, directory)
    policies = _policies(directory.governed_groups, narrowed(claims, pairs), joining, names)
    gaps = (
        *unobserved_gaps(directory),
        *partly_selected_gaps(directory),
        *refusal_gaps(refused),
        *no_dns_gaps(dns, directory, allowed, quarantined, capture),
        *silent_dns_gaps(dns, directory, claims),
        *nameless_gaps(dns, directory),
        *entity_gaps(claims),
        *address_gaps(claims, inventory),
        *dynamic_port_gaps(dynamic),
        *turned_gaps(allowed, directory),
        *widening_gaps(policies, limits),
        *name_gaps(kept, directory=directory, dns=dns),
        *several_names_gaps(kept, directory=directory),
    )
    return PolicySet(
        policies=policies,
        decided=dict(decided) | dynamic.reviews(decided) | _exclusions(refused),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.sort_key)),
        http_pairs=pairs,
        releases=releases_of(quarantined, directory=directory, dns=dns, needs=needs),
    )


def _ask(
    allowed: Sequence[Edge], directory: GroupDirectory, dns: DnsPlan, dynamic: DynamicPortPlan, needs: CommonNeeds
) -> tuple[list[Claim], list[tuple[Edge, Refusal]]]:
    """What the edges and the baseline ask for, and the edges that no rule can say."""
    claims = list(baseline_claims(directory=directory, dns=dns))
    refused: list[tuple[Edge, Refusal]] = []
    for edge in allowed:
        asked = claims_of(edge, directory=directory, dns=dns, needs=needs, dynamic=dynamic)
        if isinstance(asked, Refusal):
            refused.append((edge, asked))
        else:
            claims.extend(asked)
    return claims, refused


def _kept(allowed: Iterable[Edge], refused: Iterable[tuple[Edge, Refusal]]) -> list[Edge]:
    excluded = {edge.edge_id for edge, _ in refused}
    return [edge for edge in allowed if edge.edge_id not in excluded]


def _policies(
    governed: Iterable[Group], claims: Iterable[Claim], joining: Joining, names: PortNames
) -> tuple[Policy, ...]:
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


def _exclusions(refused: Iterable[tuple[Edge, Refusal]]) -> dict[str, Decided]:
    return {
        edge.edge_id: Decided(disposition=Disposition.EXCLUDED, reason=f"{refusal.code}: {refusal.reason}")
        for edge, refusal in refused
    }
