"""The starter set: the six steps of the article for every namespace, and what else must pass.

Default-deny ingress, DNS, same-namespace, explicit allows between namespaces, no egress to private ranges but the
approved, and HTTPS outside: most of the benefit for a fraction of the policies. What was seen, is needed and is in
none of these steps is allowed by a seventh kind of file and listed (NPR319), never silently cut.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.model.dns_scope import DnsScope
from recommender.model.group import GroupOrigin
from recommender.model.layer7 import Layer7
from recommender.model.policy import Baseline, CidrPeer, Direction, FqdnPeer, GroupPeer, Policy, Rule
from recommender.model.policy_set import PolicySet
from recommender.model.special_addresses import PRIVATE_NETWORKS
from recommender.model.starter_step import StarterStep
from recommender.model.system_namespace import is_system_namespace
from recommender.model.widening import WideningLimits
from recommender.policy.group_directory import key_of
from recommender.policy.http_claims import narrowed
from recommender.policy.level import Demand, ask, tighten
from recommender.policy.level_gaps import level_gaps
from recommender.policy.level_pairs import level_pairs
from recommender.policy.make_policies import exclusions, policies_of, reviews
from recommender.policy.releases import releases_of
from recommender.policy.rules import rules_of
from recommender.policy.starter_gaps import also_needed_gaps
from recommender.policy.starter_steps import HTTPS, Sorter
from recommender.policy.widening_gaps import widening_gaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.capture import Capture
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.model.group import Group, Grouping
    from recommender.model.inventory import Inventory
    from recommender.policy.claims import Claim
    from recommender.policy.joining import Joining

Placed = tuple[StarterStep, "Claim"]

_ANYWHERE: Final = CidrPeer(cidrs=("0.0.0.0/0", "::/0"), excepted=tuple(map(str, PRIVATE_NETWORKS)))
_FOLDED: Final = frozenset({StarterStep.SAME_NAMESPACE, StarterStep.OUTSIDE_HTTPS})
"""Steps with one rule for everything: claims are its evidence."""
_MAX_DNS_LABEL = 63


def make_starter_set(
    grouping: Grouping,
    edges: Sequence[Edge],
    decided: Mapping[str, Decided],
    *,
    workloads: Sequence[Workload],
    capture: Capture,
    inventory: Inventory,
    layer7: Layer7 = Layer7.NONE,
    limits: WideningLimits | None = None,
    own_addresses: Sequence[str] = (),
) -> PolicySet:
    """The starter set's policies, several a namespace, and full policies for what is held apart from namespaces.

    `grouping` is at the level of namespaces, with the finest groups. System namespaces get no policy: a default deny
    there is how a first rollout becomes an outage. Sensitive groups, and namespaces that cannot be governed as a
    whole, get the policies that `make_policies` gives them.
    """
    demand = Demand.of(
        edges,
        decided,
        workloads=workloads,
        capture=capture,
        inventory=inventory,
        dns_scope=DnsScope.ALL,
        limits=limits or WideningLimits(),
        own_addresses=own_addresses,
    )
    finest = ask(grouping.finest, demand)
    level = tighten(ask(grouping.groups, demand, finest=grouping.finest), finest)
    joining = demand.joining()
    governed = [group for group in level.directory.governed_groups if _wanted(group)]
    whole = [group for group in governed if group.origin is GroupOrigin.NAMESPACE]
    others = [group for group in governed if group.origin is not GroupOrigin.NAMESPACE]
    keys = {key_of(group) for group in whole}
    sorter = Sorter(
        edges={edge.edge_id: edge for edge in demand.allowed}, governing=level.directory, finest=finest.directory
    )
    placed = [sorter.place(claim) for claim in level.claims if key_of(claim.subject) in keys]
    full = [claim for claim in level.claims if key_of(claim.subject) in {key_of(group) for group in others}]
    by_place = _by_place(placed)
    steps = [p for group in whole for p in _steps_of(group, by_place[group.cluster, group.namespace], joining)]
    pairs = level_pairs(level, finest, demand, written=layer7 is Layer7.HTTP)
    own = policies_of(others, narrowed(full, pairs), joining, level.names)
    policies = sorted((*steps, *own), key=lambda one: (key_of(one.group)[:2], one.name))
    written = [*(claim for step, claim in placed if step not in _FOLDED), *full]
    folded = {claim.edge for step, claim in placed if step in _FOLDED}
    gaps = (
        *level_gaps(level, finest, demand, written, folded=folded, system_open=True),
        *widening_gaps(policies, demand.limits),
        *also_needed_gaps(placed, demand.allowed),
    )
    return PolicySet(
        policies=tuple(policies),
        decided=dict(decided) | reviews(level, finest, decided) | exclusions(level.refused.values()),
        gaps=tuple(sorted(gaps, key=lambda gap: gap.sort_key)),
        http_pairs=pairs,
        releases=releases_of(demand.quarantined, level, finest, governed={key_of(group) for group in governed}),
    )


def starter_names(grouping: Grouping) -> frozenset[tuple[str, str]]:
    """Namespace and name of every policy that the starter set of this grouping may hold besides full ones."""
    whole = [group for group in grouping.groups if group.origin is GroupOrigin.NAMESPACE]
    return frozenset((one.namespace, _name(step, one)) for one in (*whole, *grouping.finest) for step in StarterStep)


def _wanted(group: Group) -> bool:
    return group.sensitive or not is_system_namespace(group.namespace)


def _by_place(placed: Iterable[Placed]) -> defaultdict[tuple[str, str], list[Placed]]:
    found: defaultdict[tuple[str, str], list[Placed]] = defaultdict(list)
    for step, claim in placed:
        found[claim.subject.cluster, claim.subject.namespace].append((step, claim))
    return found


def _steps_of(group: Group, placed: Iterable[Placed], joining: Joining) -> list[Policy]:
    """The policies of one namespace in the order of the steps; steps that would say nothing fall out."""
    found: defaultdict[tuple[StarterStep, str], list[Claim]] = defaultdict(list)
    subjects = {group.display: group}
    for step, claim in placed:
        subjects[claim.subject.display] = claim.subject
        found[step, claim.subject.display].append(claim)
    for step in StarterStep:
        if step.isolates or step in _FOLDED:
            found.setdefault((step, group.display), [])
    _add_proxy_rule(group, found)
    order = tuple(StarterStep)
    return [
        _policy(step, subjects[display], _rules(step, group, claims, joining))
        for (step, display), claims in sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    ]


def _add_proxy_rule(group: Group, found: Mapping[tuple[StarterStep, str], list[Claim]]) -> None:
    """Names in the seventh file need the DNS rule in the same file: Cilium learns addresses through it."""
    also = found.get((StarterStep.ALSO_NEEDED, group.display), [])
    if any(isinstance(claim.peer, FqdnPeer) for claim in also):
        dns = found.get((StarterStep.DNS, group.display), [])
        also += [claim for claim in dns if claim.direction is Direction.EGRESS]


def _rules(step: StarterStep, group: Group, claims: Sequence[Claim], joining: Joining) -> tuple[Rule, ...]:
    match step:
        case StarterStep.SAME_NAMESPACE:
            return tuple(
                Rule(
                    direction=direction,
                    peer=GroupPeer(group=group),
                    ports=(),
                    edges=_evidence(claim for claim in claims if claim.direction is direction),
                    baseline=Baseline.SAME_NAMESPACE,
                )
                for direction in Direction
            )
        case StarterStep.OUTSIDE_HTTPS:
            return (
                Rule(
                    direction=Direction.EGRESS,
                    peer=_ANYWHERE,
                    ports=(HTTPS,),
                    edges=_evidence(claims),
                    baseline=Baseline.OUTSIDE_HTTPS,
                ),
            )
        case _:
            return rules_of(claims, joining)


def _evidence(claims: Iterable[Claim]) -> tuple[str, ...]:
    return tuple(sorted({claim.edge for claim in claims if claim.edge}))


def _policy(step: StarterStep, subject: Group, rules: tuple[Rule, ...]) -> Policy:
    return Policy(
        name=_name(step, subject),
        group=subject,
        rules=rules,
        isolate_ingress=step is StarterStep.DENY_INGRESS,
        isolate_egress=step is StarterStep.PRIVATE_RANGES,
        step=step,
    )


def _name(step: StarterStep, subject: Group) -> str:
    """`<number>-<step>[-<service>]-<group id>`, a DNS label of at most 63 characters."""
    parts = [str(step.number), step.value]
    parts += [] if subject.origin is GroupOrigin.NAMESPACE else [re.sub(r"[^a-z0-9-]+", "-", subject.name.lower())]
    room = _MAX_DNS_LABEL - len(subject.group_id) - 1
    return f"{'-'.join(parts)[:room].strip('-')}-{subject.group_id}"
