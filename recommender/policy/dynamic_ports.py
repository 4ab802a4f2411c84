"""Pairs whose server picks a port for each connection (passive FTP, RTP, NFS, Spark): which ranges stand for them?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Final

from recommender.model.disposition import Decided, Disposition
from recommender.model.policy import PortRule
from recommender.model.widening import DynamicPorts
from recommender.policy.port_runs import FIRST_HIGH_PORT, port_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.model.edge import Edge, Protocol
    from recommender.policy.group_directory import GroupDirectory
    from recommender.policy.known_ports import KnownPorts

MANY_PORTS: Final = 20
"""Distinct high server ports of one pair from which on the ports are taken for dynamic."""
_REGULAR_HOURS: Final = 3
_REGULAR_SHARE: Final = 1 / 8
"""Active hours, and share of the window's hours, from which a port of another pair counts as a service."""
_OFTEN: Final = 4
"""How many times the typical hours of a dynamic port make a service of it."""

Pair = tuple[str, str, "Protocol"]
"""Client and server as groups where they are, and the protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicPair:
    """A pair with many high ports."""

    ports: tuple[int, ...]
    """The high ports that were seen, sorted."""
    ranges: tuple[PortRule, ...] = ()
    """Sorted and disjoint; empty where the ports stay single."""
    weak: int = 0
    """Ports whose direction rests on port numbers alone: they may be replies, and no range rests on them."""

    @property
    def opened(self) -> int:
        """Ports that the ranges allow and nobody used."""
        return sum(
            rule.last - rule.port + 1 - sum(1 for port in self.ports if rule.covers(port)) for rule in self.ranges
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicPortPlan:
    """The pairs with many high ports, and how their ports are written."""

    pairs: Mapping[Pair, DynamicPair]
    _pair_of: Mapping[str, Pair] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        edges: Iterable[Edge],
        directory: GroupDirectory,
        *,
        known: KnownPorts,
        kept_out: Iterable[Edge],
        window_hours: float,
        form: DynamicPorts,
    ) -> DynamicPortPlan:
        """Find the pairs among edges of which at least one end is governed.

        Ports that are services stay single and in no range: those that the server's pods declare, and those in use far
        more often than dynamic ports are. Nor does a range open a port on which the pair's traffic was kept out of the
        policies.
        """
        by_pair: defaultdict[Pair, list[Edge]] = defaultdict(list)
        for edge in edges:
            if edge.protocol.has_ports and edge.port >= FIRST_HIGH_PORT:
                by_pair[_pair(edge, directory)].append(edge)
        barred: defaultdict[Pair, set[int]] = defaultdict(set)
        for edge in kept_out:
            barred[_pair(edge, directory)].add(edge.port)
        regular = _regular(by_pair, max(_REGULAR_HOURS, window_hours * _REGULAR_SHARE))
        found: dict[Pair, DynamicPair] = {}
        pair_of: dict[str, Pair] = {}
        for pair, members in sorted(by_pair.items(), key=lambda item: item[0]):
            if len({edge.port for edge in members}) < MANY_PORTS or not _is_governed(members[0], directory):
                continue
            services = known.ports_of(members[0].server, pair[2]) | regular[pair[1], pair[2]]
            found[pair] = _dynamic_pair(members, services, barred[pair], form)
            pair_of |= {edge.edge_id: pair for edge in members}
        return cls(pairs=found, _pair_of=pair_of)

    def port_of(self, edge: Edge) -> PortRule:
        """What a rule says for the edge's port: the range that it was drawn from, or the port itself."""
        pair = self._pair_of.get(edge.edge_id)
        ranges = self.pairs[pair].ranges if pair else ()
        single = PortRule(protocol=edge.protocol, port=edge.port)
        return next((rule for rule in ranges if rule.covers(edge.port)), single)

    def reviews(self, decided: Mapping[str, Decided]) -> dict[str, Decided]:
        """The needed edges that a range stands for: a person has to look at it."""
        return {
            edge_id: Decided(
                disposition=Disposition.REVIEW,
                reason=f"one of {len(self.pairs[pair].ports)} dynamic ports, written as a range",
            )
            for edge_id, pair in sorted(self._pair_of.items())
            if self.pairs[pair].ranges and decided[edge_id].disposition is Disposition.NEEDED
        }


def _pair(edge: Edge, directory: GroupDirectory) -> Pair:
    client, server = (
        group.display if (group := directory.group_of(end)) else str(end) for end in (edge.client, edge.server)
    )
    return (client, server, edge.protocol)


def _is_governed(edge: Edge, directory: GroupDirectory) -> bool:
    return bool(directory.governed_group_of(edge.client) or directory.governed_group_of(edge.server))


def _dynamic_pair(edges: Sequence[Edge], services: set[int], barred: set[int], form: DynamicPorts) -> DynamicPair:
    seen = tuple(sorted({edge.port for edge in edges}))
    sure = [edge for edge in edges if edge.evidence.direction_known]
    weak = len(seen) - len({edge.port for edge in sure})
    steady = services | _standing_out(sure)
    drawn = {edge.port for edge in sure} - steady
    if form is DynamicPorts.EXACT or len(drawn) < MANY_PORTS:
        return DynamicPair(ports=seen, weak=weak)
    ranges = tuple(
        PortRule(protocol=edges[0].protocol, port=run.low, end_port=run.high)
        for run in port_runs(drawn, services=steady | barred)
        if run.high > run.low
    )
    return DynamicPair(ports=seen, ranges=ranges, weak=weak)


def _standing_out(edges: Sequence[Edge]) -> set[int]:
    """Ports that are used in far more hours than the others of the pair."""
    if not edges:
        return set()
    typical = median(edge.evidence.active_hours for edge in edges)
    limit = max(_REGULAR_HOURS, _OFTEN * typical)
    return {edge.port for edge in edges if edge.evidence.active_hours > limit}


def _regular(by_pair: Mapping[Pair, Sequence[Edge]], fewest_hours: float) -> defaultdict[tuple[str, str], set[int]]:
    """Ports of a server that are services by their use: regular ones, or those that stand out where many are used."""
    found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for (_, server, protocol), edges in by_pair.items():
        if len({edge.port for edge in edges}) >= MANY_PORTS:
            found[server, protocol] |= _standing_out([edge for edge in edges if edge.evidence.direction_known])
        else:
            found[server, protocol] |= {edge.port for edge in edges if edge.evidence.active_hours >= fewest_hours}
    return found
