"""What would allow each quarantined edge, should a person release it?"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from recommender.model.policy import Baseline, Direction, FqdnPeer, Policy
from recommender.model.release import Release
from recommender.model.widening import DynamicPorts, NamePatterns, WideningLimits
from recommender.policy.claims import baseline_claims, claims_of
from recommender.policy.dynamic_ports import DynamicPortPlan
from recommender.policy.group_directory import key_of
from recommender.policy.joining import Joining
from recommender.policy.peer_naming import Refusal
from recommender.policy.rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from recommender.model.edge import Edge, End
    from recommender.model.policy import Rule
    from recommender.policy.claims import Claim
    from recommender.policy.group_directory import GroupKey
    from recommender.policy.level import Level

_NOTHING_MORE: Final = WideningLimits(names=NamePatterns.NEVER, ports=DynamicPorts.EXACT, cidr_budget=0.0)
_AS_SEEN: Final = DynamicPortPlan(pairs={})
"""A release allows what was seen: no pattern, no range, no prefix."""
NOT_GOVERNED: Final = "neither end gets a policy, so nothing stops it"
MOST_WRITTEN: Final = 1000
"""Releases a client: nobody releases a port scan one by one, and each is written, read and judged."""
_TOO_MANY: Final = f"more than {MOST_WRITTEN:,} edges of this client wait; the answered ones were written first"


def releases_of(
    quarantined: Iterable[Edge], level: Level, precise: Level | None, *, governed: AbstractSet[GroupKey]
) -> tuple[Release, ...]:
    """One release an edge, in the order of `Edge.sort_key`.

    It holds the rules that the edge would have got, had it been needed: egress at its client and ingress at its server,
    each in a policy of its own that isolates nothing, so that adding it can only allow; only for the groups that are
    `governed`, since nothing stops it at the others. What sensitive groups get is as it is at the level of workloads,
    `precise`. Of a client with very many, `MOST_WRITTEN` get theirs.
    """
    lookups = {**_lookups(level), **_lookups_of_sensitive(level, precise)}
    edges = sorted(quarantined, key=lambda one: one.sort_key)
    surplus = _surplus(edges)
    found: list[Release] = []
    for edge in edges:
        if edge.edge_id in surplus:
            found.append(Release(edge_id=edge.edge_id, policies=(), obstacle=_TOO_MANY))
            continue
        claims = _claims(edge, level, precise)
        if isinstance(claims, Refusal):
            found.append(Release(edge_id=edge.edge_id, policies=(), obstacle=claims.reason))
            continue
        policies = _policies(edge, [claim for claim in claims if key_of(claim.subject) in governed], lookups)
        found.append(Release(edge_id=edge.edge_id, policies=policies, obstacle="" if policies else NOT_GOVERNED))
    return tuple(found)


def _surplus(edges: Sequence[Edge]) -> frozenset[str]:
    """Ids of the edges beyond the first `MOST_WRITTEN` of their client, answered ones before others."""
    of_client: Counter[End] = Counter()
    surplus: set[str] = set()
    for edge in sorted(edges, key=lambda one: (not one.evidence.answered, one.sort_key)):
        of_client[edge.client] += 1
        if of_client[edge.client] > MOST_WRITTEN:
            surplus.add(edge.edge_id)
    return frozenset(surplus)


def _claims(edge: Edge, level: Level, precise: Level | None) -> Sequence[Claim] | Refusal:
    """What the edge would have asked for: of sensitive groups as the precise level has it, of others as theirs."""
    asked = _asked(edge, level)
    if precise is None or isinstance(asked, Refusal) or not level.touches_sensitive(edge):
        return asked
    exact = _asked(edge, precise)
    if isinstance(exact, Refusal):
        return exact
    loose = (claim for claim in asked if key_of(claim.subject) not in level.sensitive)
    return (*loose, *(claim for claim in exact if key_of(claim.subject) in level.sensitive))


def _asked(edge: Edge, level: Level) -> Sequence[Claim] | Refusal:
    return claims_of(edge, directory=level.directory, dns=level.dns, needs=level.needs, dynamic=_AS_SEEN)


def _lookups(level: Level) -> Mapping[GroupKey, tuple[Rule, ...]]:
    """The DNS rules of each group's egress: a policy that names a peer by DNS brings them, for the proxy's sake."""
    claims: defaultdict[GroupKey, list[Claim]] = defaultdict(list)
    for claim in baseline_claims(directory=level.directory, dns=level.dns):
        if claim.direction is Direction.EGRESS:
            claims[key_of(claim.subject)].append(claim)
    return {key: rules_of(found, Joining(limits=_NOTHING_MORE)) for key, found in claims.items()}


def _lookups_of_sensitive(level: Level, precise: Level | None) -> Mapping[GroupKey, tuple[Rule, ...]]:
    sensitive = level.sensitive
    return {key: rules for key, rules in _lookups(precise).items() if key in sensitive} if precise else {}


def _policies(edge: Edge, claims: Sequence[Claim], lookups: Mapping[GroupKey, tuple[Rule, ...]]) -> tuple[Policy, ...]:
    joining = Joining(limits=_NOTHING_MORE, edges={edge.edge_id: edge})
    policies = []
    for direction in (Direction.EGRESS, Direction.INGRESS):
        asked = [claim for claim in claims if claim.direction is direction]
        if not asked:
            continue
        rules = rules_of(asked, joining)
        if any(isinstance(rule.peer, FqdnPeer) for rule in rules):
            own = lookups.get(key_of(asked[0].subject), ())
            rules = (*(rule for rule in own if rule.baseline is Baseline.DNS), *rules)
        policies.append(
            Policy(
                name=f"release-{edge.edge_id}-{direction.value}",
                group=asked[0].subject,
                rules=tuple(sorted(rules, key=lambda rule: rule.sort_key)),
                isolate_ingress=False,
                isolate_egress=False,
            )
        )
    return tuple(policies)
