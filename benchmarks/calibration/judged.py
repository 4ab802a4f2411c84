"""Policies of a simulated window, and what the week after does to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.calibration.world import LONGEST, Truth
from recommender.assess.breakage.governance import Governance, govern
from recommender.assess.scoring import ScoredEdges, score_edges
from recommender.group import form_groups
from recommender.model.policy import Baseline, Direction, GroupPeer
from recommender.policy import make_policies

if TYPE_CHECKING:
    from benchmarks.calibration.examples import Example
    from benchmarks.calibration.world import Key
    from recommender.model.edge import End
    from recommender.model.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedWindow:
    """An example, scored as the program scores it, with the truth of its edges and policies."""

    example: Example
    scored: ScoredEdges
    governance: Governance
    needed: np.ndarray
    """As `Example.needed`, in the order of the scores."""
    again: np.ndarray
    new_edges: int
    """Needs that show in the next week, of which no edge was allowed."""
    denied: np.ndarray
    """How many of the next week's needs each policy would deny."""
    active: np.ndarray
    """Which policies have needs that happen in the next week."""
    unseen_share: np.ndarray
    """Of the next week's active (edge, hour) at each policy, the share on needs that no edge was allowed of."""


def judge_window(example: Example) -> JudgedWindow:
    """Make policies as the main job does, and hold the next week's needs against them."""
    observation = example.observation
    groups, _ = form_groups(observation.workloads, observation.edges, inventory=example.inventory)
    made = make_policies(
        groups,
        observation.edges,
        example.decided,
        workloads=observation.workloads,
        capture=observation.capture,
        inventory=example.inventory,
    )
    scored = score_edges(
        observation.edges,
        made.decided,
        workloads=observation.workloads,
        capture=observation.capture,
        inventory=example.inventory,
    )
    order = {edge.edge_id: place for place, edge in enumerate(observation.edges)}
    places = [order[edge_id] for edge_id in scored.context.edges]
    governance = govern(made.policies, scored)
    new, denied, active, unseen = _next_week(example, scored, governance)
    return JudgedWindow(
        example=example,
        scored=scored,
        governance=governance,
        needed=example.needed[places],
        again=example.again[places],
        new_edges=new,
        denied=denied,
        active=active,
        unseen_share=unseen,
    )


def _next_week(
    example: Example, scored: ScoredEdges, governance: Governance
) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    owner: dict[End, int] = {
        member: number for number, policy in enumerate(governance.policies) for member in policy.group.members
    }
    seen = {_key(edge) for edge, allowed in zip(scored.table.edges, scored.allowed, strict=True) if allowed}
    passing = {_by_policy(key, owner) for key in seen}
    dns = {number for number, policy in enumerate(governance.policies) if _asks_dns(policy)}
    new, denied = 0, np.zeros(governance.count, int)
    active, unseen = np.zeros(governance.count), np.zeros(governance.count)
    for key, traffic in zip(example.recording.keys, example.recording.traffic, strict=True):
        hours = int(traffic.hours[LONGEST:].sum())
        if traffic.truth is not Truth.NEED or not hours:
            continue
        new += key not in seen
        client, server, _, port = key
        ends = {owner[end] for end in (client, server) if end in owner}
        for number in ends:
            active[number] += hours
            unseen[number] += hours * (key not in seen)
        if _by_policy(key, owner) in passing:
            continue
        # The DNS baseline may let clients ask that were not seen asking.
        if port == 53 and owner.get(client) in dns:
            ends -= {owner[client]}
        for number in ends:
            denied[number] += 1
    return new, denied, active > 0, unseen / np.maximum(active, 1)


def _key(edge: object) -> Key:
    return (edge.client, edge.server, edge.protocol, edge.port)  # type: ignore[attr-defined]


def _by_policy(key: Key, owner: dict[End, int]) -> tuple[object, ...]:
    client, server, protocol, port = key
    return (owner.get(client, client), owner.get(server, server), protocol, port)


def _asks_dns(policy: Policy) -> bool:
    return any(
        rule.baseline is Baseline.DNS and rule.direction is Direction.EGRESS and isinstance(rule.peer, GroupPeer)
        for rule in policy.rules
    )
