"""All rules of one direction in a table, each with a number, so that a verdict is a few operations on small sets.

A set of rules holds what it names and nothing else: what a cluster takes grows with its edges, not with the product of
its endpoints and its rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from recommender.model.connection import DirectionJudgement, Outcome
from recommender.semantics.peers import NamedPeer, SelectedPeer, matches
from recommender.semantics.port_index import PortIndex
from recommender.semantics.selector_index import SelectorIndex
from recommender.semantics.tier import CALICO_DEFAULT, NORMAL, Stage

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from recommender.model.edge import Protocol
    from recommender.model.http_request import HttpRequest
    from recommender.semantics.compiled import CompiledRule, Section
    from recommender.semantics.http_match import HttpMatch
    from recommender.semantics.identity import Identity
    from recommender.semantics.names import NamePattern
    from recommender.semantics.peers import Peer
    from recommender.semantics.ports import PortMatches
    from recommender.semantics.selectors import LabelSelector
    from recommender.semantics.tier import Tier

Key = TypeVar("Key", bound="Hashable")

Rules = frozenset[int]
"""Rules of one table by their numbers, which follow the order of judgement."""

NO_RULES: Final = Rules()
_MOST_REMEMBERED: Final = 20_000
"""Verdicts; where there are more, as many as rules, few are asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectView:
    """How the policies of one direction govern an endpoint."""

    rules: Rules
    """Those whose subject it is."""
    isolated: int
    """Bits of the table's stages in which it is denied by default."""
    isolated_by: tuple[str, ...] = ()
    """Policies that make it so, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows from the rules that match a connection."""

    outcome: Outcome
    rules: Rules = NO_RULES
    """Those that it rests on; none for default deny and default allow."""
    passed_by: Rules = NO_RULES
    """Those that handed over to the next tier before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTable:
    """The rules of one direction."""

    policies: tuple[str, ...]
    """Of each rule."""
    paths: tuple[str, ...]
    """Where each rule stands in its policy's document."""
    subjects: Mapping[LabelSelector, Rules]
    subject_index: SelectorIndex
    subject_policies: Mapping[LabelSelector, tuple[str, ...]]
    """The policies that have each subject."""
    isolating_subjects: Mapping[LabelSelector, tuple[str, ...]]
    """The policies that deny by default for each subject."""
    isolating_stages: Mapping[LabelSelector, int]
    """Bits of the stages in which each subject is denied by default."""
    selected_peers: Mapping[LabelSelector, Rules]
    """Rules by a selector that is one of their peers."""
    peer_index: SelectorIndex
    other_peers: Mapping[Peer, Rules]
    ports: Mapping[PortMatches, Rules]
    port_index: PortIndex
    denying: Rules
    passing: Rules
    redirecting: Rules
    stages: tuple[Stage, ...]
    """In the order of judgement; the tier of NetworkPolicy is always among them."""
    isolating_always: int
    """The bit of that tier (in Calico `default`): where what is always isolated is denied."""
    baseline_opens_isolated: bool = False
    """`SemanticsSettings.baseline_opens_isolated`."""
    every_allow_decides: bool = False
    """`SemanticsSettings.every_allow_decides`."""
    dns_names: Mapping[int, tuple[NamePattern, ...]]
    """By rule number: the names its `rules.dns` covers."""
    http: Mapping[int, tuple[HttpMatch, ...]]
    """By rule number: the requests that rules with `rules.http` let pass."""
    _verdicts: dict[tuple[Rules, int], DirectionJudgement] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        sections: Iterable[Section],
        *,
        baseline_opens_isolated: bool = False,
        every_allow_decides: bool = False,
    ) -> RuleTable:
        """The table of these sections' rules, which all have one direction."""
        kept = tuple(sorted(sections, key=_order))
        rows: list[tuple[Section, CompiledRule]] = [(section, rule) for section in kept for rule in section.rules]
        subjects = _grouped(((row[0].subject,) for row in rows), start=(section.subject for section in kept))
        peers = _grouped(rule.peers for _, rule in rows)
        ports = _grouped(() if rule.ports is None else (rule.ports,) for _, rule in rows)
        selected_peers = {peer.selector: bits for peer, bits in peers.items() if isinstance(peer, SelectedPeer)}
        tiers = sorted({NORMAL, *(section.tier for section in kept)})
        return cls(
            policies=tuple(section.policy for section, _ in rows),
            paths=tuple(rule.path for _, rule in rows),
            subjects=subjects,
            subject_index=SelectorIndex.of(subjects),
            subject_policies=_policies_by_subject(kept),
            isolating_subjects=_policies_by_subject(section for section in kept if section.isolates),
            selected_peers=selected_peers,
            peer_index=SelectorIndex.of(selected_peers),
            other_peers={peer: bits for peer, bits in peers.items() if not isinstance(peer, SelectedPeer)},
            ports=ports,
            port_index=PortIndex.of(ports, portless=_where(rule.ports is None for _, rule in rows)),
            isolating_stages=_stages_by_subject(
                (section.subject for section in kept if section.isolates and section.tier == tier) for tier in tiers
            ),
            denying=_where(rule.deny for _, rule in rows),
            passing=_where(rule.passes for _, rule in rows),
            baseline_opens_isolated=baseline_opens_isolated,
            every_allow_decides=every_allow_decides,
            isolating_always=1 << tiers.index(CALICO_DEFAULT if CALICO_DEFAULT in tiers else NORMAL),
            stages=tuple(Stage(tier=tier, rules=_where(section.tier == tier for section, _ in rows)) for tier in tiers),
            redirecting=_where(rule.redirect for _, rule in rows),
            dns_names={n: rule.dns_names for n, (_, rule) in enumerate(rows) if rule.dns_names},
            http={n: rule.http for n, (_, rule) in enumerate(rows) if rule.http},
        )

    def subject_view(self, identity: Identity) -> SubjectView:
        """Which rules govern this endpoint, and is it denied by default?"""
        selecting = tuple(self.subject_index.selecting(identity.labels))
        isolating = {policy for subject in selecting for policy in self.isolating_subjects.get(subject, ())}
        return SubjectView(
            rules=_union(self.subjects[subject] for subject in selecting),
            isolated=_any(self.isolating_stages.get(subject, 0) for subject in selecting)
            | (self.isolating_always if identity.always_isolated else 0),
            isolated_by=tuple(sorted(isolating)),
        )

    def governing(self, identity: Identity) -> set[str]:
        """Which policies have this endpoint as their subject?"""
        selecting = self.subject_index.selecting(identity.labels)
        return {policy for subject in selecting for policy in self.subject_policies[subject]}

    def peer_rules(self, identity: Identity, *, cidr_matches_pods: bool) -> tuple[Rules, ...]:
        """Which rules name this endpoint as a peer other than by DNS name? Together; each part is shared by all."""
        selected = (self.selected_peers[selector] for selector in self.peer_index.selecting(identity.labels))
        others = (
            rules
            for peer, rules in self.other_peers.items()
            if not isinstance(peer, NamedPeer) and matches(peer, identity, cidr_matches_pods=cidr_matches_pods)
        )
        return (*selected, *others)

    def named_peer_rules(self, name: str) -> Rules:
        """Which rules name an address as a peer that was looked up by this DNS name?"""
        return _union(
            rules
            for peer, rules in self.other_peers.items()
            if isinstance(peer, NamedPeer) and peer.pattern.covers(name)
        )

    def learns(self, rules: Rules, name: str) -> bool:
        """Whether one of these rules lets the DNS proxy see this name."""
        fewer = rules if len(rules) < len(self.dns_names) else self.dns_names.keys() & rules
        return any(item.covers(name) for number in fewer for item in self.dns_names.get(number, ()))

    def port_rules(self, protocol: Protocol, port: int, destination: Identity) -> Rules:
        """Which rules cover this port of this destination?"""
        return self.port_index.covering(protocol, port, destination.named_ports)

    def verdict(self, rules: Rules, *, isolated: int) -> DirectionJudgement:
        """What follows from the rules that match a connection?"""
        key = (rules, isolated)
        known = self._verdicts.get(key)
        if known is None:
            if len(self._verdicts) >= _MOST_REMEMBERED:
                self._verdicts.clear()
            known = self._verdicts[key] = self._judge(rules, isolated=isolated)
        return known

    def decide(self, rules: Rules, *, isolated: int) -> Decision:
        """The outcome, and which of the matching rules it rests on.

        Stage by stage: in an ordered one the first rule that matches decides, or hands over to the next by Pass; in the
        other deny beats allow. Where none matches and the stage isolates, it is denied.
        Source: network-policy-api `ClusterNetworkPolicySpec.Tier`; Calico docs, "Tier: how policy is evaluated".
        """
        passed_by = NO_RULES
        default = Outcome.ALLOWED
        for number, stage in enumerate(self.stages):
            deciding = self._first(stage, rules & stage.rules)
            if deciding & self.passing:
                passed_by |= deciding
            elif deciding:
                outcome = Outcome.DENIED if deciding & self.denying else Outcome.ALLOWED
                return Decision(outcome=outcome, rules=deciding, passed_by=passed_by)
            elif isolated >> number & 1:
                default = Outcome.DENIED
                if not self.baseline_opens_isolated:
                    break
        return Decision(outcome=default, passed_by=passed_by)

    def _first(self, stage: Stage, matching: Rules) -> Rules:
        """The rules of a stage that speak first; none if none matches."""
        if stage.tier.ordered and matching:
            others = (matching & self.denying) | (matching & self.passing)
            first = min(matching)
            if not self.every_allow_decides or first in others:
                return Rules((first,))
            return Rules(number for number in matching if not others or number < min(others))
        return matching & self.denying or matching

    def admits(self, deciding: Rules, request: HttpRequest) -> bool:
        """Whether the allow rules that decided about a connection let this request on it pass.

        They add up: one of them that does not look at requests opens every request, whatever the others list
        (policy-semantics 1.2; cilium/proxy `network_policy.cc`: any rule of the port that names the peer may allow).
        """
        return not deciding or any(
            number not in self.http or any(match.admits(request) for match in self.http[number]) for number in deciding
        )

    def tier_of(self, rule: int) -> Tier:
        """The tier that a rule stands in."""
        return next(stage.tier for stage in self.stages if rule in stage.rules)

    def _judge(self, rules: Rules, *, isolated: int) -> DirectionJudgement:
        decision = self.decide(rules, isolated=isolated)
        redirect = decision.outcome is Outcome.ALLOWED and bool(decision.rules & self.redirecting)
        names = tuple(sorted({self.policies[number] for number in decision.rules}))
        return DirectionJudgement(outcome=decision.outcome, redirect=redirect, decided_by=names)


def _order(section: Section) -> tuple[Tier, float, str]:
    """Tiers and priorities in their order, then by the tie-break; sections of an unordered tier as given."""
    return (section.tier, section.priority, section.tie) if section.tier.ordered else (section.tier, 0, "")


def _grouped(keys: Iterable[Iterable[Key]], *, start: Iterable[Key] = ()) -> dict[Key, Rules]:
    found: dict[Key, set[int]] = {key: set() for key in start}
    for n, several in enumerate(keys):
        for key in several:
            found.setdefault(key, set()).add(n)
    return {key: Rules(numbers) for key, numbers in found.items()}


def _stages_by_subject(subjects: Iterable[Iterable[Key]]) -> dict[Key, int]:
    """By subject a bit for each stage."""
    found: dict[Key, int] = {}
    for n, several in enumerate(subjects):
        for key in several:
            found[key] = found.get(key, 0) | 1 << n
    return found


def _policies_by_subject(sections: Iterable[Section]) -> dict[LabelSelector, tuple[str, ...]]:
    found: dict[LabelSelector, tuple[str, ...]] = {}
    for section in sections:
        found[section.subject] = (*found.get(section.subject, ()), section.policy)
    return found


def _where(flags: Iterable[bool]) -> Rules:
    return Rules(n for n, flag in enumerate(flags) if flag)


def _union(sets: Iterable[Rules]) -> Rules:
    several = tuple(sets)
    return several[0] if len(several) == 1 else NO_RULES.union(*several)


def _any(stages: Iterable[int]) -> int:
    total = 0
    for bits in stages:
        total |= bits
    return total
