"""The policies of a report, and in which order they are safest to enforce."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.model.disposition import Disposition
from recommender.model.system_namespace import is_system_namespace
from recommender.model.verdict import Advice
from recommender.rollout.waves.plan import Candidate
from recommender.semantics.recorded_report import HINT

if TYPE_CHECKING:
    from collections.abc import Mapping

_CARE: Final = {item.value: place for place, item in enumerate(Advice)}
_ALLOWED: Final = frozenset(item.value for item in Disposition if item.allowed)


def candidates_of(view: Mapping[str, Any], *, where: str) -> tuple[Candidate, ...]:
    """The approved policies of a report (all that nobody rejected, if no decisions were given), safest first.

    Blast radius times the probability of a break; sensitive groups whose evidence does not suffice yet, and system
    namespaces, come last.

    Raises:
        UsageError: It is not what a run of this version writes.
    """
    wanted = {"approved"} if view.get("decisions") else {"approved", "pending"}
    try:
        groups = {group["display"]: group for group in view["groups"]}
        neighbours = _neighbours(view)
        found = [
            _candidate(policy, groups.get(policy["group"], {}), neighbours[policy["group"]])
            for policy in view["policies"]
            if policy.get("standing", "pending") in wanted and policy["manifests"]
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"is no recommendation.json of this version: {error!r}", where=where, hint=HINT) from error
    return tuple(sorted(_as_sets(found), key=_order))


def _as_sets(candidates: list[Candidate]) -> list[Candidate]:
    """The steps of a namespace's starter set add up to one policy, so the most careful advice is that of all."""
    worst: dict[tuple[str, str], Candidate] = {}
    for one in candidates:
        place = (one.cluster, one.namespace)
        if one.step and (place not in worst or _CARE[one.advice] > _CARE[worst[place].advice]):
            worst[place] = one
    return [
        replace(one, advice=most.advice, reason=most.reason, wait_days=most.wait_days)
        if one.step and (most := worst[(one.cluster, one.namespace)])
        else one
        for one in candidates
    ]


def _order(candidate: Candidate) -> tuple[bool, bool, float, str]:
    unproved = candidate.sensitive and candidate.advice != "enforce"
    return (is_system_namespace(candidate.namespace), unproved, round(candidate.risk, 6), candidate.item)


def _candidate(policy: Mapping[str, Any], group: Mapping[str, Any], neighbours: set[str]) -> Candidate:
    verdict = policy["verdict"]
    return Candidate(
        item=policy["item"],
        cluster=policy["cluster"],
        namespace=policy["namespace"],
        group=policy["group"],
        sensitive=bool(group.get("sensitive")),
        advice=verdict["advice"],
        reason=verdict["reason"],
        breakage=float(verdict["breakage"]),
        expected_new=float(verdict["expected_new"]) * 7 / float(verdict["days"]),
        wait_days=verdict["wait_days"],
        neighbours=len(neighbours),
        step=policy.get("step", ""),
        manifests=tuple((item["path"], item["text"]) for item in policy["manifests"]),
    )


def _neighbours(view: Mapping[str, Any]) -> defaultdict[str, set[str]]:
    """Of each group, the other ends of its allowed edges."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for edge in view["edges"]:
        if edge["disposition"] in _ALLOWED:
            client = edge["client_group"] or edge["client"]["text"]
            server = edge["server_group"] or edge["server"]["text"]
            found[client].add(server)
            found[server].add(client)
    for group, others in found.items():
        others.discard(group)
    return found
