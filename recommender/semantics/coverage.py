"""Which parts of the policies that we would write do existing policies allow already?

Judged, never compared as texts: a part counts as covered if for every pod of the group and every endpoint of the peer
an allow rule of the existing policies lets the connection pass in that direction, whatever isolates the pod. Default
allow is no cover: our own policy ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from recommender.model.connection import Outcome
from recommender.model.coverage import Cover, PolicyCoverage
from recommender.model.http_request import HttpRequest
from recommender.model.policy import Direction, FqdnPeer
from recommender.semantics.group_ends import GroupEnds
from recommender.semantics.http_match import HttpMatch
from recommender.semantics.named_ends import as_peer_of
from recommender.semantics.peers import networks_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recommender.model.connection import JudgedEndpoint
    from recommender.model.coverage import PartKey
    from recommender.model.edge import Edge, Protocol, Workload
    from recommender.model.policy import Policy, PortRule, Rule
    from recommender.semantics.cluster_policies import ClusterPolicies
    from recommender.semantics.peers import Network
    from recommender.semantics.rule_table import Rules, RuleTable


def cover(
    policies: Sequence[Policy], existing: ClusterPolicies, workloads: Sequence[Workload], edges: Sequence[Edge]
) -> Mapping[str, PolicyCoverage]:
    """By policy name, what the existing policies say of each already.

    A rule with HTTP rules is never covered: whoever asked for these takes back what opens more beside them.

    Args:
        policies: Complete ones, as they would be written without regard to the existing ones.
        existing: In force and counted on.
        workloads: The members of the groups.
        edges: At least those that rules rest on; a filter of existing policies must let their HTTP requests pass.
    """
    ends = GroupEnds(workloads={item.end: item for item in workloads}, networks=networks_of(existing))
    judge = _CoverJudge(existing=existing, ends=ends, edges={edge.edge_id: edge for edge in edges})
    return {policy.name: judge.coverage(policy) for policy in policies}


def networks_of(policies: ClusterPolicies) -> frozenset[Network]:
    """All prefixes, exceptions too, that these policies name."""
    peers = (peer for found in policies.sets for table in (found.egress, found.ingress) for peer in table.other_peers)
    return frozenset(network for peer in peers for network in networks_in(peer))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What the existing rules say of one combination of ends on one port."""

    allowed: bool
    layer7: bool
    """Allowed by rules with a layer-7 filter only."""
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _CoverJudge:
    """Judges the parts of policies one by one."""

    existing: ClusterPolicies
    ends: GroupEnds
    edges: Mapping[str, Edge]

    def coverage(self, policy: Policy) -> PolicyCoverage:
        """What is covered of this policy."""
        subjects = tuple(end for end in self.ends.members(policy.group) if self._governed(end))
        if not subjects:
            return PolicyCoverage(parts={})
        parts: dict[PartKey, Cover] = {}
        lifted: dict[PartKey, tuple[str, ...]] = {}
        for place, rule in enumerate(policy.rules):
            if rule.http:
                continue
            for prefix, port, answers in self._answers(rule, subjects):
                key = (place, prefix, port)
                if all(answer.allowed for answer in answers):
                    parts[key] = Cover(policies=_names(answers), layer7=any(answer.layer7 for answer in answers))
                elif filtered := [answer for answer in answers if answer.layer7]:
                    lifted[key] = _names(filtered)
        return PolicyCoverage(
            parts=parts,
            isolated_by=self._isolated_by(subjects),
            learned=frozenset(name for name in _dns_names(policy) if self._is_learned(name, subjects)),
            lifted=lifted,
        )

    def _governed(self, end: JudgedEndpoint) -> bool:
        return self.existing.of(end).view(end).governed

    def _answers(
        self, rule: Rule, subjects: Sequence[JudgedEndpoint]
    ) -> Iterator[tuple[str, PortRule, tuple[_Answer, ...]]]:
        """Prefix (of a peer of addresses), port, and the answers for all combinations of ends that are known."""
        for prefix, peers in self.ends.parts(rule.peer).items():
            if not peers:
                continue
            for port in rule.ports:
                requests = self._requests(rule, port)
                answers = {
                    self._answer(rule.direction, subject, peer, asked, requests)
                    for subject, peer in product(subjects, peers)
                    for asked in self._asked(rule.direction, subject, peer, port)
                }
                yield prefix, port, tuple(sorted(answers, key=repr))

    def _requests(self, rule: Rule, port: PortRule) -> tuple[HttpRequest, ...]:
        """The HTTP requests of a rule's edges on one port, without those that existing rules denied last."""
        behind = [self.edges[edge] for edge in rule.edges if edge in self.edges]
        return tuple(
            HttpRequest(method=kind.method, path=sample.path)
            for edge in behind
            if edge.evidence.http and edge.protocol is port.protocol and port.covers(edge.port)
            for kind in edge.evidence.http.kinds
            if not kind.forbidden
            for sample in kind.samples
        )

    def _asked(
        self, direction: Direction, subject: JudgedEndpoint, peer: JudgedEndpoint, port: PortRule
    ) -> Iterator[tuple[Protocol, int]]:
        """A port; of a range every port at which the answer may change."""
        if not port.end_port:
            yield port.protocol, port.port
            return
        policies, egress = self.existing.of(subject), direction is Direction.EGRESS
        table, server = (policies.egress, peer) if egress else (policies.ingress, subject)
        named = policies.identity(server).named_ports
        for point in table.port_index.turning_points(port.protocol, port.port, port.last, named):
            yield port.protocol, point

    def _answer(
        self,
        direction: Direction,
        subject: JudgedEndpoint,
        peer: JudgedEndpoint,
        asked: tuple[Protocol, int],
        requests: tuple[HttpRequest, ...],
    ) -> _Answer:
        """What an isolated subject's rules say of the peer; a peer of the same kind is another replica."""
        policies, other = self.existing.of(subject), as_peer_of(subject, peer)
        if direction is Direction.EGRESS:
            match, table = policies.matches(subject, other, asked)[0], policies.egress
        else:
            match, table = policies.matches(other, subject, asked)[1], policies.ingress
        decision = table.decide(match.matching, isolated=table.isolating_always)
        deciding = decision.rules
        allowed = decision.outcome is Outcome.ALLOWED and bool(deciding)
        return _Answer(
            allowed=allowed and all(table.admits(deciding, request) for request in requests),
            layer7=allowed and deciding <= _filtering(table),
            policies=tuple(sorted({table.policies[number] for number in deciding})) if allowed else (),
        )

    def _isolated_by(self, subjects: Sequence[JudgedEndpoint]) -> dict[Direction, tuple[str, ...]]:
        found: dict[Direction, tuple[str, ...]] = {}
        for direction in Direction:
            holding = [self.existing.of(subject).isolated_by(subject, direction) for subject in subjects]
            if all(holding):
                found[direction] = tuple(sorted({name for names in holding for name in names}))
        return found

    def _is_learned(self, name: str, subjects: Sequence[JudgedEndpoint]) -> bool:
        return all(
            policies.egress.learns(policies.view(subject).as_source.rules, name)
            for subject in subjects
            for policies in (self.existing.of(subject),)
        )


def _filtering(table: RuleTable) -> Rules:
    """Rules that send what they allow to a proxy which may hold some of it back.

    Not those that are there for sight alone: every DNS name, every HTTP request.
    """
    every_name = (n for n, names in table.dns_names.items() if any(set(name.text) == {"*"} for name in names))
    every_request = (n for n, matches in table.http.items() if any(match == HttpMatch() for match in matches))
    return table.redirecting.difference(every_name, every_request)


def _dns_names(policy: Policy) -> Iterator[str]:
    return (rule.peer.name for rule in policy.rules if isinstance(rule.peer, FqdnPeer))


def _names(answers: Sequence[_Answer]) -> tuple[str, ...]:
    return tuple(sorted({name for answer in answers for name in answer.policies}))
