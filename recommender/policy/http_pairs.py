"""Between which groups were HTTP requests seen, and were they seen well enough for rules on methods and paths?

A pair is a client group, a server group and a port, with all its allowed edges: a rule names groups, so it may be
narrowed only if every edge behind it can be. HTTP rules stand in the server's ingress, and there alone (ADR 0008).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from recommender.model.edge import Protocol
from recommender.model.http_rule import HttpPair
from recommender.policy.group_directory import key_of
from recommender.policy.http_choice import choose
from recommender.policy.http_obstacles import extent_obstacle, list_obstacle, place_obstacle, sight_obstacle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge, End
    from recommender.policy.dns_baseline import DnsPlan
    from recommender.policy.group_directory import GroupDirectory

_PairKey = tuple[tuple[str, ...], tuple[str, ...], int]


def http_pairs(
    edges: Iterable[Edge], *, directory: GroupDirectory, dns: DnsPlan, capture: Capture, written: bool
) -> tuple[HttpPair, ...]:
    """Every pair with HTTP requests among these allowed edges, each with its rules and what stands against them.

    `written` says whether the rules are asked for. Sorted; the order of the edges does not matter.
    """
    found: defaultdict[_PairKey, list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.protocol is Protocol.TCP:
            found[_key(edge.client, directory), _key(edge.server, directory), edge.port].append(edge)
    asked = [members for members in found.values() if any(edge.evidence.http for edge in members)]
    pairs = (_pair(members, directory, dns, capture) for members in asked)
    stated = (replace(pair, written=written and not pair.obstacle) for pair in pairs)
    return tuple(sorted(stated, key=lambda pair: pair.sort_key))


def _key(end: End, directory: GroupDirectory) -> tuple[str, ...]:
    group = directory.group_of(end)
    return ("group", *key_of(group)) if group else ("end", str(end))


def _name(end: End, directory: GroupDirectory) -> str:
    group = directory.group_of(end)
    return group.display if group else str(end)


def _pair(edges: Sequence[Edge], directory: GroupDirectory, dns: DnsPlan, capture: Capture) -> HttpPair:
    evidence = [edge.evidence.http for edge in edges if edge.evidence.http]
    without = [edge.evidence for edge in edges if not edge.evidence.http]
    choice = choose(kind for one in evidence for kind in one.kinds)
    pair = HttpPair(
        client=_name(edges[0].client, directory),
        server=_name(edges[0].server, directory),
        port=edges[0].port,
        edges=tuple(sorted(edge.edge_id for edge in edges)),
        requests=sum(one.requests for one in evidence),
        connections=sum(one.connections for one in evidence) + sum(one.connections - one.refused for one in without),
        requested=sum(one.requested for one in evidence),
        packets=sum(one.packets for one in evidence) + sum(one.connections for one in without),
        hours=sum(one.hours for one in evidence) + sum(one.active_hours for one in without),
        requested_hours=sum(one.requested_hours for one in evidence),
        existing=tuple(sorted({name for edge in edges for name in edge.evidence.policies})),
        rules=choice.rules,
        set_aside=choice.set_aside,
        set_aside_beyond=choice.set_aside_beyond + sum(one.cut.unserved_requests for one in evidence),
    )
    obstacle = (
        place_obstacle(edges, directory, dns)
        or sight_obstacle(pair, edges, capture)
        or list_obstacle(pair, edges, choice)
        or extent_obstacle(pair)
    )
    return replace(pair, obstacle=obstacle.reason, remedy=obstacle.remedy) if obstacle else pair
