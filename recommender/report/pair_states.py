"""Groups by groups: what was seen, and what the policies let through although nobody was seen to use it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ALLOWED: Final = frozenset({"needed", "implicit"})
MOST_UNSEEN: Final = 20_000
"""Allowed pairs that nobody used and that are listed; beyond, only their number is told."""


def pair_states(view: dict[str, Any]) -> dict[str, Any]:
    """Per pair of ends the edges by what becomes of them, and the pairs that are open without an edge.

    An end is a group's display name, or an end outside of every group in words. Open means that the client's egress
    and the server's ingress both name the other or are not isolated, on whatever port; computed from the policies, not
    from the wider forms that a dialect may force.
    """
    seen: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for edge in view["edges"]:
        pair = edge["client_group"] or edge["client"]["text"], edge["server_group"] or edge["server"]["text"]
        seen[pair][_place(edge["disposition"])] += 1
    unseen = [pair for pair in _open_pairs(view) if pair not in seen]
    return {
        "seen": [[client, server, *counts] for (client, server), counts in sorted(seen.items())],
        "unseen": unseen[:MOST_UNSEEN],
        "unseen_count": len(unseen),
    }


def _place(disposition: str) -> int:
    """0 allowed, 1 allowed and marked, 2 denied."""
    return 0 if disposition in _ALLOWED else 1 if disposition == "review" else 2


def _open_pairs(view: dict[str, Any]) -> Iterable[tuple[str, str]]:
    names = [group["display"] for group in view["groups"]]
    groups_of = _groups_of_names(view)
    policies: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for policy in view["policies"]:
        for name in groups_of.get(policy["group"], ()) if policy["standing"] != "rejected" else ():
            policies[name].append(policy)
    sends = {name: _peers(policies[name], "egress", groups_of) for name in names}
    admits = {name: _peers(policies[name], "ingress", groups_of) for name in names}
    for client in names:
        peers = sends[client]
        for server in names if peers is None else sorted(peers):
            admitted = admits[server]
            if client != server and (admitted is None or client in admitted):
                yield client, server


def _groups_of_names(view: dict[str, Any]) -> dict[str, frozenset[str]]:
    """What a name in a rule or policy stands for: a group, or for a part of groups those that hold its members."""
    of_member = {member: group["display"] for group in view["groups"] for member in group["members"]}
    parts = {
        part["display"]: frozenset(of_member[member] for member in part["members"] if member in of_member)
        for part in view["peer_groups"]
    }
    return parts | {group["display"]: frozenset({group["display"]}) for group in view["groups"]}


def _peers(
    policies: list[dict[str, Any]], direction: str, groups_of: Mapping[str, frozenset[str]]
) -> frozenset[str] | None:
    """The groups that a direction names; None where nothing isolates it or everyone is named."""
    if not any(_isolates(policy, direction) for policy in policies):
        return None
    rules = [
        rule
        for policy in policies
        for rule in (*policy["rules"], *policy["left_out"])
        if rule["direction"] == direction
    ]
    if any(rule["peer"]["kind"] == "entity" and rule["peer"]["text"] in {"cluster", "all"} for rule in rules):
        return None
    named = (groups_of.get(rule["peer"]["text"], frozenset()) for rule in rules if rule["peer"]["kind"] == "group")
    return frozenset[str]().union(*named)


def _isolates(policy: dict[str, Any], direction: str) -> bool:
    return policy[f"isolate_{direction}"] or any(item["direction"] == direction for item in policy["isolated_by"])
