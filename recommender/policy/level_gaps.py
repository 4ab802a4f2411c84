"""What a level could not say, see or narrow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recommender.policy.address_gaps import address_gaps
from recommender.policy.dns_gaps import nameless_gaps, no_dns_gaps, silent_dns_gaps
from recommender.policy.entity_gaps import entity_gaps
from recommender.policy.group_directory import partly_selected_gaps, unobserved_gaps
from recommender.policy.name_gaps import name_gaps, several_names_gaps
from recommender.policy.port_gaps import dynamic_port_gaps, turned_gaps
from recommender.policy.refusal_gaps import refusal_gaps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from recommender.model.edge import Edge
    from recommender.model.gap import Gap
    from recommender.policy.claims import Claim
    from recommender.policy.level import Demand, Level


def level_gaps(
    level: Level,
    precise: Level | None,
    demand: Demand,
    claims: Sequence[Claim],
    *,
    folded: AbstractSet[str] = frozenset(),
    system_open: bool = False,
) -> tuple[Gap, ...]:
    """The findings about these claims.

    `precise` is the level that sensitive groups were taken from; `folded` are edges that one wide rule of the starter
    set stands for, so that nothing is to be said of their own peers; `system_open` says that system namespaces get no
    policy, so that none can silence their DNS servers.
    """
    kept = [edge for edge in demand.allowed if edge.edge_id not in level.refused and edge.edge_id not in folded]
    tight = [edge for edge in kept if precise and _calls_as_sensitive(edge, level)]
    loose = [edge for edge in kept if not precise or not _calls_as_sensitive(edge, level)]
    return (
        *unobserved_gaps(level.directory),
        *partly_selected_gaps(level.directory),
        *refusal_gaps(level.refused.values()),
        *no_dns_gaps(level.dns, level.directory, demand.allowed, demand.quarantined, demand.capture),
        *(() if system_open else silent_dns_gaps(level.dns, level.directory, level.claims)),
        *nameless_gaps(level.dns, level.directory),
        *entity_gaps(claims),
        *address_gaps(claims, demand.inventory),
        *_dynamic_gaps(level, precise),
        *turned_gaps(demand.allowed, level.directory),
        *name_gaps(loose, directory=level.directory, dns=level.dns),
        *(name_gaps(tight, directory=precise.directory, dns=precise.dns) if precise else ()),
        *several_names_gaps(kept, directory=level.directory),
    )


def _calls_as_sensitive(edge: Edge, level: Level) -> bool:
    group = level.directory.group_of(edge.client)
    return group is not None and group.sensitive


def _dynamic_gaps(level: Level, precise: Level | None) -> tuple[Gap, ...]:
    """Pairs with a sensitive end as they are at the level of workloads, all others as they are at their own."""
    if precise is None:
        return dynamic_port_gaps(level.dynamic)
    sensitive = {group.display for group in level.directory.groups.values() if group.sensitive}
    loose = {pair: found for pair, found in level.dynamic.pairs.items() if sensitive.isdisjoint(pair[:2])}
    tight = {pair: found for pair, found in precise.dynamic.pairs.items() if not sensitive.isdisjoint(pair[:2])}
    return (
        *dynamic_port_gaps(replace(level.dynamic, pairs=loose)),
        *dynamic_port_gaps(replace(precise.dynamic, pairs=tight)),
    )
