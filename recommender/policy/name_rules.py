"""Rules for DNS names: one a name, or one a pattern where siblings keep appearing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, assert_never

from recommender.model.policy import FqdnPeer, Rule
from recommender.model.widening import NamePatterns, Widening, WideningKind
from recommender.policy.buckets import edges_of
from recommender.policy.sibling_names import sibling_names
from recommender.policy.turnover import Turnover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from recommender.policy.buckets import Bucket, SameKind
    from recommender.policy.joining import Joining


def name_rules(buckets: Iterable[Bucket], joining: Joining) -> Iterator[Rule]:
    """Join siblings that were asked for on exactly the same ports; all other names stay exact."""
    alike: defaultdict[SameKind, dict[str, Bucket]] = defaultdict(dict)
    for bucket in buckets:
        if isinstance(bucket.peer, FqdnPeer):
            alike[bucket.kind][bucket.peer.name] = bucket
    for by_name in alike.values():
        left = dict(by_name)
        for siblings in sibling_names(by_name):
            members = [by_name[name] for name in siblings.names]
            turnover = turnover_of(members, joining)
            safe = not any(siblings.matches(name) for name in joining.kept_out)
            if safe and is_joined(turnover, joining.limits.names):
                yield _pattern_rule(siblings.pattern, siblings.names, members, turnover)
                left = {name: bucket for name, bucket in left.items() if name not in siblings.names}
        for name, bucket in left.items():
            yield _rule(FqdnPeer(name=name, addresses=tuple(sorted(bucket.addresses))), [bucket])


def turnover_of(members: Iterable[Bucket], joining: Joining) -> Turnover:
    """When was each member seen for the first time?"""
    first = [min(joining.edges[edge].evidence.first_seen for edge in bucket.edges) for bucket in members]
    return Turnover.of(first, until=joining.until)


def is_joined(turnover: Turnover, names: NamePatterns) -> bool:
    """Whether siblings with this turnover become a pattern."""
    match names:
        case NamePatterns.NEVER:
            return False
        case NamePatterns.GROWING:
            return turnover.is_growing
        case NamePatterns.SIBLINGS:
            return True
        case _:
            assert_never(names)


def _pattern_rule(pattern: str, names: tuple[str, ...], members: Sequence[Bucket], turnover: Turnover) -> Rule:
    addresses = tuple(sorted({address for bucket in members for address in bucket.addresses}))
    sentence = (
        f"pattern {pattern} stands for the {len(names)} names seen and any other that it matches; "
        f"{turnover.late} of them were new in the second half of {turnover.hours:.0f} hours"
    )
    widening = Widening(kind=WideningKind.NAME_PATTERN, seen=len(names), opened=None, sentence=sentence)
    return _rule(FqdnPeer(name=pattern, addresses=addresses, names=names), members, widening)


def _rule(peer: FqdnPeer, buckets: Sequence[Bucket], *widenings: Widening) -> Rule:
    direction, baseline, ports = buckets[0].kind
    return Rule(
        direction=direction, peer=peer, ports=ports, edges=edges_of(buckets), baseline=baseline, widenings=widenings
    )
