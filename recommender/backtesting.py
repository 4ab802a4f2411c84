"""Do the scores mean anything? What the first part of a window teaches, held against the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.aside import Aside
from recommender.assess import estimate_completeness, reliability
from recommender.dialect.wording import rule_text
from recommender.errors import UsageError
from recommender.learning import learn
from recommender.model.activity import HOUR_NS, active_hours
from recommender.model.backtest import DAY_HOURS, Backtest, NewEdgesCheck, UnusedRule
from recommender.model.edge import AddressEnd, EntityEnd
from recommender.model.entity import Entity
from recommender.model.governing import governors
from recommender.model.policy import Direction
from recommender.observing import Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from datetime import date

    from recommender.learning import Learned
    from recommender.model.backtest import Cut, Earlier, Reliability
    from recommender.model.decision import Decisions
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, End
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Provenance
    from recommender.model.observation import Observation
    from recommender.model.replay import ReplayProof
    from recommender.settings import ResolvedSettings

_WORLD: Final = EntityEnd(entity=Entity.WORLD)


_WORTHWHILE: Final = 2_000
"""Edges from which on a process of its own gains more than it costs."""


Backtesting = Aside["Mapping[str, Decided]", "Backtest | None"]
"""Is told what becomes of every edge of the whole window in the end, by its id (`what_became`)."""


def what_became(whole: Learned) -> dict[str, Decided]:
    """What a backtest is told of the whole window; decisions that are equal are one object, to be handed over once."""
    same: dict[Decided, Decided] = {}
    return {edge_id: same.setdefault(one, one) for edge_id, one in whole.decided.items()}


def begin_backtest(
    earlier: Earlier,
    seen: Observation,
    inventory: Inventory,
    *,
    settings: ResolvedSettings,
    provenance: Provenance,
    decisions: Decisions,
    day: date,
) -> Backtesting:
    """Learn on the earlier part, as the main job does, and judge that by the rest, once the whole window is learned.

    Where there is a second core and enough to do, a process of its own does so beside the main job. The answer is None
    if the earlier part cannot be learned on: a workload that the settings call sensitive was not there yet.

    What is needed after the cut is what the decisions of the whole window allow: nobody labelled the user's own flows,
    so false denials are told by the rules that also quarantine, and whether a rule is legitimate cannot be tested here,
    only whether it is seen again.
    """

    def work(hear: Callable[[], Mapping[str, Decided]]) -> Backtest | None:
        try:
            past = learn(
                earlier.observation,
                inventory,
                settings=settings,
                provenance=provenance,
                progress=Silence(),
                decisions=decisions,
                day=day,
                days=earlier.cut.tested_days,
            )
        except UsageError:
            return None
        return _judge(past, earlier.cut, seen, hear())

    apart = settings.processes > 1 and len(earlier.observation.edges) >= _WORTHWHILE
    return Aside(work, name="the backtest", apart=apart)


def _judge(past: Learned, cut: Cut, seen: Observation, decided: Mapping[str, Decided]) -> Backtest:
    """Hold what the earlier part taught against the rest."""
    hour = cut.at // HOUR_NS - seen.capture.first_hour
    active = [edge for edge in seen.edges if _hours_after(edge, hour)]
    needed = [edge for edge in active if decided[edge.edge_id].disposition.allowed]
    proof = past.prove(needed, decided, seen.workloads, last=True)
    broken = _broken_policies(past, proof, needed)
    known = {_key(edge) for edge, one in zip(past.scored.table.edges, past.scored.allowed, strict=True) if one}
    held, checked = _bounds(past, needed, known, hour)
    unused, rules = _unused_rules(past, active)
    names = [policy.name for policy in past.policy_set.policies]
    predicted = np.array([past.judged[name].verdict.breakage for name in names])
    return Backtest(
        cut=cut,
        policies=len(names),
        later_needed=len(needed),
        denied=proof.broken,
        broken_policies=len(broken),
        rules=rules,
        unused=unused,
        recurrence=_recurrence(past, active, cut.tested_days),
        breakage=reliability(
            "policies that deny something needed", predicted, np.array([name in broken for name in names])
        ),
        bounds_checked=checked,
        bounds_held=held,
        new_edges=_new_edges(past, needed, known, cut.tested_days),
        discovery=_discovery(seen, decided),
    )


def _hours_after(edge: Edge, hour: int) -> int:
    """Active hours from an hour of the capture on."""
    return sum(one >= hour for one in active_hours(edge.evidence.activity))


def _key(edge: Edge) -> tuple[End, End, str, int]:
    return (edge.client, edge.server, edge.protocol.value, edge.port)


def _known(edge: Edge, known: set[tuple[End, End, str, int]]) -> bool:
    """Whether the earlier part had the edge, be it under one address of what later became a crowd."""
    if _key(edge) in known:
        return True
    if edge.client != _WORLD:
        return False
    return any(
        isinstance(client, AddressEnd) and (server, protocol, port) == (edge.server, edge.protocol.value, edge.port)
        for client, server, protocol, port in known
    )


def _broken_policies(past: Learned, proof: ReplayProof, needed: Iterable[Edge]) -> set[str]:
    senders, receivers = _governors(past)
    by_id = {edge.edge_id: edge for edge in needed}
    broken: set[str] = set()
    for denial in proof.broken:
        edge = by_id[denial.edge_id]
        if "egress" in denial.direction and edge.client in senders:
            broken.add(senders[edge.client])
        if "ingress" in denial.direction and edge.server in receivers:
            broken.add(receivers[edge.server])
    return broken


def _governors(past: Learned) -> tuple[dict[End, str], dict[End, str]]:
    """The policies that decide at the client and at the server, by workload."""
    policies = past.policy_set.policies
    senders, receivers = (
        {end: policies[place].name for end, place in governors(policies, direction).items()}
        for direction in (Direction.EGRESS, Direction.INGRESS)
    )
    return senders, receivers


def _recurrence(past: Learned, active: Iterable[Edge], days: float) -> Reliability | None:
    scored = past.scored
    later = {_key(edge) for edge in active}
    seen = np.array([_seen_again(edge, later) for edge in scored.table.edges], bool)
    predicted = scored.recurrence_within(days)
    return reliability("allowed edges seen again", predicted[scored.allowed], seen[scored.allowed])


def _seen_again(edge: Edge, later: set[tuple[End, End, str, int]]) -> bool:
    crowd = (_WORLD, edge.server, edge.protocol.value, edge.port)
    return _key(edge) in later or (isinstance(edge.client, AddressEnd) and crowd in later)


def _bounds(past: Learned, needed: Iterable[Edge], known: set[tuple[End, End, str, int]], hour: int) -> tuple[int, int]:
    """Of the policies with later activity, how many kept their bound of unseen activity, and how many there are."""
    senders, receivers = _governors(past)
    active: dict[str, int] = {}
    unseen: dict[str, int] = {}
    for edge in needed:
        hours = _hours_after(edge, hour)
        new = not _known(edge, known)
        at_ends = (senders.get(edge.client), receivers.get(edge.server))
        for name in {name for name in at_ends if name}:
            active[name] = active.get(name, 0) + hours
            unseen[name] = unseen.get(name, 0) + hours * new
    bounds = {name: past.judged[name].verdict.unseen.bound for name in active}
    return sum(bool(unseen[name] <= bounds[name] * active[name]) for name in active), len(active)


def _unused_rules(past: Learned, active: Iterable[Edge]) -> tuple[tuple[UnusedRule, ...], int]:
    """Rules that rest on edges, none of whose like was active after the cut."""
    owners: dict[End, str] = {member: group.display for group in past.groups for member in group.members}
    used = {_token(edge, owners) for edge in active}
    by_id = past.scored.context.edges
    rules, unused = 0, []
    for policy in past.policy_set.policies:
        for rule in policy.rules:
            if not rule.edges:
                continue
            rules += 1
            if used.isdisjoint(_token(by_id[edge_id], owners) for edge_id in rule.edges if edge_id in by_id):
                unused.append(UnusedRule(policy=policy.name, rule=rule_text(rule)))
    return tuple(unused), rules


def _token(edge: Edge, owners: Mapping[End, str]) -> tuple[Hashable, ...]:
    """An edge as rules see it: groups at its ends, or the ends themselves; addresses outside are one crowd."""
    client = owners.get(edge.client, _WORLD if isinstance(edge.client, AddressEnd) else edge.client)
    return (client, owners.get(edge.server, edge.server), edge.protocol, edge.port)


def _new_edges(
    past: Learned, needed: Iterable[Edge], known: set[tuple[End, End, str, int]], days: float
) -> NewEdgesCheck:
    expected = estimate_completeness(past.scored, days).new_edges
    actual = sum(not _known(edge, known) for edge in needed)
    if expected is None:
        return NewEdgesCheck(expected=None, at_most_90=None, at_most_95=None, actual=actual)
    return NewEdgesCheck(
        expected=expected.expected,
        at_most_90=expected.at_most_90,
        at_most_95=expected.at_most_95,
        actual=actual,
    )


def _discovery(seen: Observation, decided: Mapping[str, Decided]) -> tuple[int, ...]:
    """Needed edges seen for the first time, by day of the window."""
    days = -(-seen.capture.hour_count // DAY_HOURS)
    found = [0] * days
    for edge in seen.edges:
        hours = active_hours(edge.evidence.activity)
        if hours and decided[edge.edge_id].disposition.allowed:
            found[min(hours[0] // DAY_HOURS, days - 1)] += 1
    return tuple(found)
