"""From edges to policies at the level that the settings ask for, and what a coarse level opens beyond what was seen."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from recommender.group import arrange_groups, form_groups
from recommender.model.granularity import Granularity
from recommender.policy import make_policies, make_starter_set, policy_name, starter_names, width_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.disposition import Decided
    from recommender.model.gap import Gap
    from recommender.model.group import Grouping
    from recommender.model.http_rule import HttpPair
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Dialect
    from recommender.model.observation import Observation
    from recommender.model.policy_set import PolicySet
    from recommender.settings import ResolvedSettings, Settings


def arrange(
    observation: Observation, inventory: Inventory, settings: ResolvedSettings
) -> tuple[Grouping, tuple[Gap, ...]]:
    """Which groups are there, at the levels that the settings ask for, and what could not be had?

    Raises:
        UsageError: A workload marked as sensitive that nothing knows.
    """
    return arrange_groups(
        observation.workloads,
        observation.edges,
        inventory=inventory,
        granularity=settings.settings.granularity,
        sensitive=settings.settings.sensitive,
        told_by=settings.origins["sensitive"],
        with_finest=settings.settings.granularity is Granularity.NAMESPACE,
        accounts=settings.settings.dialect.selects_by_account,
    )


def names_written(grouping: Grouping, settings: Settings) -> frozenset[tuple[str, str]]:
    """Namespace and name of every policy of a group that a run may write: applying it replaces whatever bears it."""
    full = frozenset((group.namespace, policy_name(group)) for group in grouping.groups)
    return full | starter_names(grouping) if settings.minimum_viable else full


def recommend_policies(
    observation: Observation,
    grouping: Grouping,
    decided: Mapping[str, Decided],
    inventory: Inventory,
    settings: ResolvedSettings,
) -> PolicySet:
    """Which policies do these groups get: full ones, or the starter set?

    Where whole namespaces are governed, the gaps say how much wider that is than what was seen, and than full policies
    at the level of groups would be.
    """
    chosen = settings.settings
    edges, workloads = observation.edges, observation.workloads
    full = partial(
        make_policies,
        edges=edges,
        decided=decided,
        workloads=workloads,
        capture=observation.capture,
        inventory=inventory,
        dns_scope=chosen.dns,
        layer7=chosen.l7,
        limits=settings.limits(),
        own_addresses=observation.own_addresses,
    )
    if chosen.minimum_viable:
        made = make_starter_set(
            grouping,
            edges,
            decided,
            workloads=workloads,
            capture=observation.capture,
            inventory=inventory,
            layer7=chosen.l7,
            limits=settings.limits(),
            own_addresses=observation.own_addresses,
        )
    else:
        made = full(grouping.groups, finest=grouping.finest)
    if chosen.granularity is not Granularity.NAMESPACE:
        return made
    by_group, _ = form_groups(workloads, edges, inventory=inventory, accounts=chosen.dialect.selects_by_account)
    wider = width_gaps(
        made.policies, full(by_group).policies, groups=grouping.groups, edges=edges, decided=made.decided
    )
    return replace(made, gaps=tuple(sorted((*made.gaps, *wider), key=lambda gap: gap.sort_key)))


def said_pairs(pairs: Sequence[HttpPair], dialect: Dialect) -> tuple[HttpPair, ...]:
    """The pairs as the manifests have them: a dialect without HTTP rules leaves all of them at layer 4."""
    if dialect.knows_http:
        return tuple(pairs)
    lost = f"the dialect {dialect.value} has no HTTP rules"
    return tuple(
        pair if pair.obstacle else replace(pair, written=False, obstacle=lost, remedy="Run with --dialect cilium.")
        for pair in pairs
    )
