"""The whole map: who may reach whom on which ports, by all policies together."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, product
from typing import TYPE_CHECKING, Final

from recommender.model.connection import AddressEndpoint, EntityEndpoint
from recommender.model.entity import Entity
from recommender.model.policy import Direction
from recommender.semantics.named_ends import SOME_ADDRESS, as_peer_of
from recommender.semantics.networks import address_only_in
from recommender.semantics.peers import NamedPeer, networks_in
from recommender.semantics.port_spans import EVERY_PORT, PortSpan, allowed_spans, common, either

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.connection import JudgedEndpoint
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.evaluator import DirectionMatch
    from recommender.semantics.identity import Identity
    from recommender.semantics.rule_table import RuleTable
    from recommender.semantics.scene import Scene

ENTITIES: Final = (Entity.KUBE_APISERVER, Entity.INGRESS, Entity.HEALTH, Entity.HOST, Entity.REMOTE_NODE)
WORLD: Final = "world"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEnd:
    """A row or a column of the map."""

    name: str
    """`namespace/Kind/name`, an entity, `cidr:…` or `fqdn:…`."""
    is_workload: bool
    endpoints: tuple[JudgedEndpoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One end may reach another."""

    source: str
    destination: str
    ports: tuple[PortSpan, ...]
    partial: bool
    """Whether some of the label sets of the two workloads get fewer ports than others."""

    @property
    def unrestricted(self) -> bool:
        """Whether every port of every protocol is open."""
        return self.ports == EVERY_PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivityMap:
    """Everything that may be reached; what is not listed is denied."""

    workloads: tuple[str, ...]
    reaches: tuple[Reach, ...]
    """Sorted by source and destination. A `cidr:` or `fqdn:` end stands here only where it differs from `world`."""
    not_isolated: tuple[tuple[Direction, tuple[str, ...]], ...]
    """Workloads, some of whose pods no policy isolates, by direction."""

    @property
    def between_workloads(self) -> tuple[Reach, ...]:
        """The reaches from a workload to a workload."""
        names = frozenset(self.workloads)
        return tuple(reach for reach in self.reaches if {reach.source, reach.destination} <= names)


def map_connectivity(policies: ClusterPolicies, scene: Scene) -> ConnectivityMap:
    """Who may reach whom?

    Ports are exact: the spans are cut where a port of a rule that matches the two ends begins or ends.

    Args:
        policies: In force.
        scene: The workloads.
    """
    judge = PairJudge(policies=policies)
    workloads = tuple(workload_ends(scene))
    outside = tuple(outside_ends(policies))
    entities = tuple(entity_end(entity) for entity in ENTITIES)
    pairs = (
        *product(workloads, workloads),
        *product(workloads, (*entities, *outside)),
        *product((*entities, *(end for end in outside if not end.name.startswith("fqdn:"))), workloads),
    )
    reaches = [reach for reach in (judge.reach(source, destination) for source, destination in pairs) if reach.ports]
    return ConnectivityMap(
        workloads=tuple(end.name for end in workloads),
        reaches=tuple(sorted(_telling(reaches), key=lambda reach: (reach.source, reach.destination))),
        not_isolated=tuple((direction, _not_isolated(policies, workloads, direction)) for direction in Direction),
    )


def workload_ends(scene: Scene) -> Iterator[MapEnd]:
    """The workloads as ends of the map, sorted by name."""
    members = sorted(scene.members, key=lambda member: str(member.workload))
    for name, group in groupby(members, key=lambda member: str(member.workload)):
        endpoints = tuple(dict.fromkeys(member.endpoint for member in group))
        yield MapEnd(name=name, is_workload=True, endpoints=endpoints)


def entity_end(entity: Entity) -> MapEnd:
    """A reserved entity as an end of the map."""
    return MapEnd(name=entity.value, is_workload=False, endpoints=(EntityEndpoint(entity=entity),))


def outside_ends(*several: ClusterPolicies) -> Iterator[MapEnd]:
    """The world, and an address for each CIDR and each DNS name that one of the policies tells from it."""
    yield MapEnd(name=WORLD, is_workload=False, endpoints=(AddressEndpoint(address=SOME_ADDRESS),))
    sets = [found for policies in several for found in policies.sets]
    peers = [peer for found in sets for table in (found.egress, found.ingress) for peer in table.other_peers]
    networks = {network for peer in peers for network in networks_in(peer)}
    for network in sorted(networks, key=lambda item: (item.version, item)):
        address = address_only_in(network, networks)
        if address:
            yield MapEnd(name=f"cidr:{network}", is_workload=False, endpoints=(AddressEndpoint(address=address),))
    for name in sorted({peer.pattern.text for peer in peers if isinstance(peer, NamedPeer)}):
        example = AddressEndpoint(address=SOME_ADDRESS, names=(name.replace("**", "any").replace("*", "any"),))
        yield MapEnd(name=f"fqdn:{name}", is_workload=False, endpoints=(example,))


def _telling(reaches: list[Reach]) -> Iterator[Reach]:
    """Without the reaches of narrow outside ends that say the same as the world's."""
    world = {
        (reach.source, reach.destination): reach.ports
        for reach in reaches
        if WORLD in {reach.source, reach.destination}
    }
    for reach in reaches:
        source, destination = (WORLD if _is_narrow(end) else end for end in (reach.source, reach.destination))
        narrow = (source, destination) != (reach.source, reach.destination)
        if not narrow or world.get((source, destination)) != reach.ports:
            yield reach


def _is_narrow(name: str) -> bool:
    return name.startswith(("cidr:", "fqdn:"))


def _not_isolated(policies: ClusterPolicies, workloads: tuple[MapEnd, ...], direction: Direction) -> tuple[str, ...]:
    return tuple(
        end.name
        for end in workloads
        if any(not policies.of(endpoint).isolated_by(endpoint, direction) for endpoint in end.endpoints)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairJudge:
    """Judges pairs of ends; remembers the ports of each set of rules."""

    policies: ClusterPolicies
    _spans: dict[tuple[object, ...], tuple[PortSpan, ...]] = field(default_factory=dict)
    _common: dict[tuple[tuple[PortSpan, ...], tuple[PortSpan, ...]], tuple[PortSpan, ...]] = field(default_factory=dict)

    def reach(self, source: MapEnd, destination: MapEnd) -> Reach:
        """On which ports may any endpoint of one end reach any of the other?"""
        answers = {
            self.ports(client, as_peer_of(client, server))
            for client, server in product(source.endpoints, destination.endpoints)
        }
        ports = next(iter(answers)) if len(answers) == 1 else either(answers)
        return Reach(source=source.name, destination=destination.name, ports=ports, partial=len(answers) > 1)

    def ports(self, source: JudgedEndpoint, destination: JudgedEndpoint) -> tuple[PortSpan, ...]:
        """On which ports may one endpoint reach another?"""
        at_source, at_destination = self.policies.of(source), self.policies.of(destination)
        egress, ingress = at_source.matches(source, destination)
        if at_destination is not at_source:
            _, ingress = at_destination.matches(source, destination)
        identity = at_destination.identity(destination)
        sent = self._allowed(at_source.egress, egress, identity)
        if not sent:
            return ()
        key = (sent, self._allowed(at_destination.ingress, ingress, identity))
        if key not in self._common:
            self._common[key] = common(*key)
        return self._common[key]

    def _allowed(self, table: RuleTable, match: DirectionMatch, destination: Identity) -> tuple[PortSpan, ...]:
        if not match.governed:
            return EVERY_PORT
        key = (id(table), match.matching, match.held_off, destination.named_ports)
        if key not in self._spans:
            self._spans[key] = allowed_spans(table, match.matching, destination, isolated=match.held_off)
        return self._spans[key]
