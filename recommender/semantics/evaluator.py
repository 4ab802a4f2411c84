"""May this connection pass? One evaluator over the compiled form of every policy kind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from recommender.model.connection import Connection, DirectionJudgement, JudgedEndpoint, Judgement, Outcome, PodEndpoint
from recommender.model.policy import Direction
from recommender.semantics.identity import Identity, identify
from recommender.semantics.reading import read_documents, reading_of
from recommender.semantics.rule_table import NO_RULES, Rules, RuleTable, SubjectView
from recommender.semantics.settings import SemanticsSettings

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from recommender.model.edge import Protocol
    from recommender.model.http_request import HttpRequest
    from recommender.semantics.compiled import Section
    from recommender.semantics.rule_memory import RuleMemory

_NOT_APPLICABLE: Final = DirectionJudgement(outcome=Outcome.NOT_APPLICABLE)
_ALLOWED: Final = DirectionJudgement(outcome=Outcome.ALLOWED)
_MOST_REMEMBERED: Final = 20_000
"""Judgements; where there are more, as many as edges, few are asked for again."""
_SELF: Final = Judgement(egress=_ALLOWED, ingress=_ALLOWED)

_Situation = tuple[bool, int, Rules, bool, int, Rules]
"""Egress: governed, stages that isolate, matching rules; then the same of ingress. It decides everything."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EndpointView:
    """Everything about one endpoint that does not depend on the other end; worked out once."""

    identity: Identity
    governed: bool
    exempt: bool
    """Whether default deny does not hold it off, as the destination's own node."""
    as_source: SubjectView
    as_destination: SubjectView
    egress_peers: tuple[Rules, ...]
    """Egress rules that name it as a peer, in parts that other endpoints share."""
    ingress_peers: tuple[Rules, ...]
    """Ingress rules that name it as a peer, likewise."""
    egress_names: tuple[tuple[str, Rules], ...]
    """(DNS name of it, egress rules that name it so)."""
    ports: dict[tuple[Protocol, int], tuple[Rules, Rules]] = field(default_factory=dict)
    """Egress and ingress rules that cover a port of it."""

    @property
    def egress_peer(self) -> Rules:
        """Egress rules that name it as a peer."""
        return NO_RULES.union(*self.egress_peers)

    @property
    def ingress_peer(self) -> Rules:
        """Ingress rules that name it as a peer."""
        return NO_RULES.union(*self.ingress_peers)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionMatch:
    """How the rules of one direction meet a connection, as sets of rules of that direction's table."""

    governed: bool
    """Whether policies can have this end as their subject."""
    exempt: bool
    """Whether default deny does not hold the other end off."""
    subject: SubjectView
    peer: Rules
    """Of its rules, those that name the other end."""
    covering: Rules | None
    """Rules that cover the port; None where none was asked for: all."""
    unlearned: Rules = NO_RULES
    """Of its rules, those that name the other end only by a DNS name that the DNS proxy cannot have seen."""

    @property
    def matching(self) -> Rules:
        """Rules that match in every respect."""
        return self.peer if self.covering is None else self.peer & self.covering

    @property
    def held_off(self) -> int:
        """Bits of the table's stages in which default deny holds the other end off."""
        return 0 if self.exempt else self.subject.isolated


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """Policies that take effect together, and what was already worked out about endpoints under them."""

    settings: SemanticsSettings
    namespaces: Mapping[str, Mapping[str, str]]
    egress: RuleTable
    ingress: RuleTable
    _views: dict[JudgedEndpoint, EndpointView] = field(default_factory=dict, compare=False, repr=False)
    _judgements: dict[_Situation, Judgement] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def parse(
        cls,
        documents: Iterable[Mapping[str, Any]],
        *,
        namespaces: Mapping[str, Mapping[str, str]],
        settings: SemanticsSettings | None = None,
        memory: RuleMemory | None = None,
    ) -> PolicySet:
        """Read policy documents that take effect together.

        Args:
            documents: Parsed YAML documents, one policy each.
            namespaces: Namespace labels by namespace name; `kubernetes.io/metadata.name` is implied.
            settings: Which CNI's reading to follow; where one of the documents is Calico's, Calico reads them all.
            memory: Of rules that were read before.

        Raises:
            InvalidPolicyError: A document that an API server or the CNI would refuse.
        """
        documents = tuple(documents)
        chosen = reading_of(documents, settings or SemanticsSettings())
        sections = read_documents(documents, chosen, memory)
        egress, ingress = (_table(sections, one, chosen) for one in (Direction.EGRESS, Direction.INGRESS))
        return cls(settings=chosen, namespaces=namespaces, egress=egress, ingress=ingress)

    def judge(self, connection: Connection) -> Judgement:
        """Would this new connection pass both ends' policies?"""
        source = self._views.get(connection.source) or self._view(connection.source)
        destination = self._views.get(connection.destination) or self._view(connection.destination)
        if source is destination and source.governed and self.settings.self_always_allowed:
            return _SELF
        port = (connection.protocol, connection.port)
        covering = destination.ports.get(port) or self._cover(port, destination)
        egress = self._egress_peer(source, destination) & covering[0]
        beyond = source.exempt and self.settings.own_node_beyond_policy
        ingress = NO_RULES if beyond else _among(destination.as_destination.rules, source.ingress_peers) & covering[1]
        held_off = 0 if source.exempt else destination.as_destination.isolated
        situation = (source.governed, source.as_source.isolated, egress, destination.governed, held_off, ingress)
        return self._judgements.get(situation) or self._decide(situation)

    def judge_request(self, connection: Connection, request: HttpRequest) -> Judgement:
        """Would this HTTP request pass both ends' policies, once its connection does?

        A request that no HTTP rule of an end lets pass is answered 403 by that end's proxy.
        """
        judgement = self.judge(connection)
        if not judgement.allowed or not (judgement.egress.redirect or judgement.ingress.redirect):
            return judgement
        egress, ingress = self.matches(
            connection.source, connection.destination, (connection.protocol, connection.port)
        )
        return Judgement(
            egress=_request(self.egress, egress, judgement.egress, request),
            ingress=_request(self.ingress, ingress, judgement.ingress, request),
        )

    def matches(
        self, from_end: JudgedEndpoint, to_end: JudgedEndpoint, port: tuple[Protocol, int] | None = None
    ) -> tuple[DirectionMatch, DirectionMatch]:
        """What of the egress rules and of the ingress rules meets a connection on this port, or on some port?"""
        source, destination = self._view(from_end), self._view(to_end)
        egress_covering, ingress_covering = self._cover(port, destination) if port else (None, None)
        named = self._egress_peer(source, destination)
        by_name = tuple(rules for _, rules in destination.egress_names)
        if source.exempt and self.settings.own_node_beyond_policy:
            ingress_covering = NO_RULES
        return (
            DirectionMatch(
                governed=source.governed,
                exempt=False,
                subject=source.as_source,
                peer=named,
                covering=egress_covering,
                unlearned=_among(source.as_source.rules, (*destination.egress_peers, *by_name)) - named,
            ),
            DirectionMatch(
                governed=destination.governed,
                exempt=source.exempt,
                subject=destination.as_destination,
                peer=_among(destination.as_destination.rules, source.ingress_peers),
                covering=ingress_covering,
            ),
        )

    def view(self, endpoint: JudgedEndpoint) -> EndpointView:
        """Everything about one endpoint that does not depend on the other end."""
        return self._view(endpoint)

    def isolated_by(self, endpoint: JudgedEndpoint, direction: Direction) -> tuple[str, ...]:
        """Which policies (`Kind/namespace/name`) deny by default at this endpoint?"""
        view = self._view(endpoint)
        return (view.as_source if direction is Direction.EGRESS else view.as_destination).isolated_by

    def identity(self, endpoint: JudgedEndpoint) -> Identity:
        """What selectors see of this endpoint."""
        return self._view(endpoint).identity

    @property
    def policies(self) -> frozenset[str]:
        """Every policy (`Kind/namespace/name`) that has a rule section."""
        tables = (self.egress, self.ingress)
        return frozenset(name for table in tables for names in table.subject_policies.values() for name in names)

    def governing(self, endpoint: JudgedEndpoint) -> frozenset[str]:
        """Which policies have this endpoint as their subject, in either direction?"""
        view = self._view(endpoint)
        if not view.governed:
            return frozenset()
        return frozenset(self.egress.governing(view.identity) | self.ingress.governing(view.identity))

    def standing(self, endpoint: JudgedEndpoint) -> Hashable:
        """A value that two endpoints share only if no policy here tells them apart."""
        view = self._view(endpoint)
        return (
            view.governed,
            view.exempt,
            view.identity.named_ports,
            view.as_source,
            view.as_destination,
            view.egress_peer,
            view.ingress_peer,
            view.egress_names,
        )

    def _egress_peer(self, source: EndpointView, destination: EndpointView) -> Rules:
        """The source's egress rules that name the destination, by a DNS name only where the source may learn it."""
        own = source.as_source.rules
        rules = _among(own, destination.egress_peers)
        for name, named in destination.egress_names:
            if not self.settings.fqdn_needs_dns_rule or self.egress.learns(own, name):
                rules |= own & named
        return rules

    def _cover(self, port: tuple[Protocol, int], destination: EndpointView) -> tuple[Rules, Rules]:
        protocol, number = port
        known = destination.ports[port] = (
            self.egress.port_rules(protocol, number, destination.identity),
            self.ingress.port_rules(protocol, number, destination.identity),
        )
        return known

    def _decide(self, situation: _Situation) -> Judgement:
        egress_governed, egress_isolated, egress, ingress_governed, ingress_isolated, ingress = situation
        if len(self._judgements) >= _MOST_REMEMBERED:
            self._judgements.clear()
        known = self._judgements[situation] = Judgement(
            egress=self.egress.verdict(egress, isolated=egress_isolated) if egress_governed else _NOT_APPLICABLE,
            ingress=self.ingress.verdict(ingress, isolated=ingress_isolated) if ingress_governed else _NOT_APPLICABLE,
        )
        return known

    def _view(self, endpoint: JudgedEndpoint) -> EndpointView:
        """Pods that differ in name only look the same, yet each is itself only: the view is copied, not shared."""
        known = self._views.get(endpoint)
        if known is None and isinstance(endpoint, PodEndpoint) and endpoint.name:
            known = self._views[endpoint] = replace(self._view(replace(endpoint, name="")))
        if known is None:
            known = self._views[endpoint] = self._look(endpoint)
        return known

    def _look(self, endpoint: JudgedEndpoint) -> EndpointView:
        identity = identify(endpoint, self.namespaces)
        pods = self.settings.cidr_matches_pods
        may_be = isinstance(endpoint, PodEndpoint) or not self.settings.only_pods_governed
        return EndpointView(
            identity=identity,
            governed=may_be and identity.governed and identity.cluster in {"", self.settings.local_cluster},
            exempt=identity.own_node and self.settings.local_host_always_allowed,
            as_source=self.egress.subject_view(identity),
            as_destination=self.ingress.subject_view(identity),
            egress_peers=self.egress.peer_rules(identity, cidr_matches_pods=pods),
            ingress_peers=self.ingress.peer_rules(identity, cidr_matches_pods=pods),
            egress_names=tuple((name, self.egress.named_peer_rules(name)) for name in identity.names),
        )


def _among(rules: Rules, parts: tuple[Rules, ...]) -> Rules:
    """Those of the rules that are in one of the parts; costs no more than the smaller of each two sets."""
    if len(parts) == 1:
        return rules & parts[0]
    return NO_RULES.union(*(rules & part for part in parts))


def _request(
    table: RuleTable, match: DirectionMatch, judgement: DirectionJudgement, request: HttpRequest
) -> DirectionJudgement:
    if not judgement.redirect:
        return judgement
    decision = table.decide(match.matching, isolated=match.held_off)
    return judgement if table.admits(decision.rules, request) else replace(judgement, outcome=Outcome.DENIED)


def _table(sections: tuple[Section, ...], direction: Direction, settings: SemanticsSettings) -> RuleTable:
    return RuleTable.of(
        (section for section in sections if section.direction is direction),
        baseline_opens_isolated=settings.baseline_opens_isolated,
        every_allow_decides=settings.every_allow_decides,
    )
