"""Which allow rules of existing policies did the stored edges use, and what else do they open?"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from recommender.model.connection import Outcome
from recommender.model.disposition import Disposition
from recommender.model.edge import WorkloadEnd
from recommender.model.existing import ExistingRule, Opening
from recommender.model.policy import Direction
from recommender.semantics.judged_ends import clients_of, servers_of
from recommender.semantics.known_ends import KnownEnd
from recommender.semantics.peers import SelectedPeer
from recommender.semantics.rule_breadth import opening_of, port_count
from recommender.semantics.rule_table import NO_RULES, Rules
from recommender.semantics.unresolved_peers import unresolved_allows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.semantics.evaluator import DirectionMatch, PolicySet
    from recommender.semantics.manifest_documents import ManifestDocument
    from recommender.semantics.peers import Peer
    from recommender.semantics.ports import PortMatches
    from recommender.semantics.rule_table import RuleTable

MAX_TEXT: Final = 300
"""Characters of a rule's text."""
_PORT_ITEM: Final = re.compile(r"\.toPorts\[\d+\]$")
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")

_RuleKey = tuple[str, Direction, str]
"""Policy, direction and path of the item in its document."""


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What gathers about one rule."""

    peers: list[Peer] = field(default_factory=list)
    ports: list[PortMatches | None] = field(default_factory=list)
    subjects: dict[str, KnownEnd] = field(default_factory=dict)
    named: dict[str, KnownEnd] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    suspicious: set[str] = field(default_factory=set)
    far_ends: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)


def rule_usage(
    policies: PolicySet,
    documents: Sequence[ManifestDocument],
    *,
    edges: Iterable[Edge],
    decided: Mapping[str, Decided],
    workloads: Sequence[Workload],
    known: Sequence[KnownEnd],
) -> tuple[ExistingRule, ...]:
    """Every allow rule with its use, sorted by policy, direction and path.

    A rule counts as used by an edge if it is among those that decide for some combination of what the ends were seen
    as. Quarantined edges are told apart: a scan that a rule lets through is no need of it.

    Args:
        policies: The judged existing policies.
        documents: Their texts.
        edges: Every stored edge.
        decided: What becomes of each.
        workloads: As seen in the flows.
        known: Everybody who may be an end, seen or not.
    """
    tables = {Direction.EGRESS: policies.egress, Direction.INGRESS: policies.ingress}
    keys = {direction: _keys(table, direction) for direction, table in tables.items()}
    tallies: defaultdict[_RuleKey, _Tally] = defaultdict(_Tally)
    for direction, table in tables.items():
        _read_rules(table, keys[direction], tallies)
    for end in known:
        view = policies.view(end.endpoint)
        for direction, governing, names in (
            (Direction.EGRESS, view.as_source.rules if view.governed else NO_RULES, view.egress_peer),
            (Direction.INGRESS, view.as_destination.rules if view.governed else NO_RULES, view.ingress_peer),
        ):
            for key in _chosen(keys[direction], governing):
                tallies[key].subjects[end.display] = end
            for key in _chosen(keys[direction], names):
                tallies[key].named[end.display] = end
    by_end = {workload.end: workload for workload in workloads}
    for edge in edges:
        quarantined = decided[edge.edge_id].disposition is Disposition.QUARANTINED
        for direction, deciding in _deciding(policies, edge, by_end):
            for key in _chosen(keys[direction], deciding):
                _count(tallies[key], edge, direction, quarantined=quarantined)
    texts = {document.path: document.document for document in documents}
    return tuple(_rule(key, tallies[key], texts[key[0]]) for key in sorted(tallies))


def _keys(table: RuleTable, direction: Direction) -> list[_RuleKey | None]:
    """The key of each rule of a table; none for those that allow nothing."""
    silent = table.denying | table.passing
    return [
        None if number in silent else (policy, direction, _PORT_ITEM.sub("", path))
        for number, (policy, path) in enumerate(zip(table.policies, table.paths, strict=True))
    ]


def _chosen(keys: list[_RuleKey | None], rules: Rules) -> Iterator[_RuleKey]:
    return (key for number in sorted(rules) if (key := keys[number]) is not None)


def _read_rules(table: RuleTable, keys: list[_RuleKey | None], tallies: defaultdict[_RuleKey, _Tally]) -> None:
    """Every rule gets its row, used or not."""
    for key in keys:
        if key is not None:
            tallies[key] = _Tally()
    for selector, rules in table.selected_peers.items():
        for key in _chosen(keys, rules):
            tallies[key].peers.append(SelectedPeer(selector=selector))
    for peer, rules in table.other_peers.items():
        for key in _chosen(keys, rules):
            tallies[key].peers.append(peer)
    for ports, rules in table.ports.items():
        for key in _chosen(keys, rules):
            tallies[key].ports.append(ports)
    for key in _chosen(keys, table.port_index.portless):
        tallies[key].ports.append(None)


def _deciding(
    policies: PolicySet, edge: Edge, workloads: Mapping[WorkloadEnd, Workload]
) -> tuple[tuple[Direction, Rules], ...]:
    """The rules that let some combination of the edge's ends pass, by direction."""
    egress = ingress = NO_RULES
    asked = (edge.protocol, edge.port)
    for source, destination in product(clients_of(edge, workloads), servers_of(edge, workloads)):
        sent, received = policies.matches(source, destination, asked)
        egress |= _allowing(policies.egress, sent)
        ingress |= _allowing(policies.ingress, received)
    return (Direction.EGRESS, egress), (Direction.INGRESS, ingress)


def _allowing(table: RuleTable, match: DirectionMatch) -> Rules:
    if not match.governed:
        return NO_RULES
    decision = table.decide(match.matching, isolated=table.isolating_always)
    return decision.rules if decision.outcome is Outcome.ALLOWED else NO_RULES


def _count(tally: _Tally, edge: Edge, direction: Direction, *, quarantined: bool) -> None:
    if quarantined:
        tally.suspicious.add(edge.edge_id)
        return
    tally.edges[edge.edge_id] = edge
    far = edge.server if direction is Direction.EGRESS else edge.client
    (tally.far_ends if isinstance(far, WorkloadEnd) else tally.outside).add(KnownEnd.display_of(far))


def _rule(key: _RuleKey, tally: _Tally, document: Mapping[str, Any]) -> ExistingRule:
    policy, direction, path = key
    ends = (tally.subjects | tally.named).values()
    edges = tally.edges.values()
    counts = [port_count(ports) for ports in tally.ports]
    return ExistingRule(
        policy=policy,
        path=path,
        direction=direction,
        text=_text(document, path),
        opening=opening_of(tally.peers) if tally.peers else Opening.CHOSEN,
        ports=0 if 0 in counts else sum(counts),
        unresolved=path in unresolved_allows(document),
        subjects=tuple(sorted(tally.subjects)),
        unobserved=tuple(sorted({end.display for end in ends if not end.observed})),
        scheduled=tuple(sorted({f"{end.display} ({end.schedule})" for end in ends if end.schedule})),
        known_peers=len(tally.named),
        used_peers=len(tally.far_ends & tally.named.keys()),
        used_outside=len(tally.outside),
        used_ports=tuple(sorted({f"{edge.protocol}/{edge.port}" for edge in edges})),
        edges=tuple(sorted(tally.edges)),
        suspicious=tuple(sorted(tally.suspicious)),
        connections=sum(edge.evidence.connections for edge in edges),
        last_used=max((edge.evidence.last_seen for edge in edges), default=0),
    )


def _text(document: Mapping[str, Any], path: str) -> str:
    node: Any = document
    for name, index in _STEP.findall(path):
        node = node[int(index) if index else name]
    text = json.dumps(node, separators=(",", ":"), sort_keys=True)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."
