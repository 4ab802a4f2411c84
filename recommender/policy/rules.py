"""Claims to rules: one rule a peer, its ports merged; names and addresses joined as far as the limits allow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from recommender.model.policy import CidrPeer, EntityPeer, FqdnPeer, GroupPeer, Rule
from recommender.model.widening import Widening, WideningKind
from recommender.policy.address_rules import address_rules
from recommender.policy.buckets import edges_of, gather
from recommender.policy.name_rules import name_rules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.policy.buckets import Bucket
    from recommender.policy.claims import Claim
    from recommender.policy.joining import Joining


def rules_of(claims: Iterable[Claim], joining: Joining) -> tuple[Rule, ...]:
    """The rules of one policy, sorted by `Rule.sort_key`, whatever the order of the claims."""
    buckets = gather(claims)
    rules = [
        *(_rule(bucket) for bucket in buckets if isinstance(bucket.peer, GroupPeer | EntityPeer)),
        *name_rules(buckets, joining),
        *address_rules(buckets, joining),
    ]
    return tuple(sorted((_with_ranges(rule, joining) for rule in rules), key=lambda rule: rule.sort_key))


def _rule(bucket: Bucket) -> Rule:
    peer = bucket.peer
    match peer:
        case EntityPeer(entity=entity):
            peer = EntityPeer(entity=entity, addresses=tuple(sorted(bucket.addresses)))
        case GroupPeer() | CidrPeer() | FqdnPeer():
            pass
        case _:
            assert_never(peer)
    direction, baseline, ports = bucket.kind
    return Rule(
        direction=direction, peer=peer, ports=ports, edges=edges_of([bucket]), baseline=baseline, http=bucket.http
    )


def _with_ranges(rule: Rule, joining: Joining) -> Rule:
    """Say of every range of ports what it opens."""
    found: list[Widening] = []
    used = {(edge.protocol, edge.port) for edge in (joining.edges[edge_id] for edge_id in rule.edges)}
    for port in rule.ports:
        if not port.end_port:
            continue
        seen = sum(protocol is port.protocol and port.covers(number) for protocol, number in used)
        opened = port.last - port.port + 1 - seen
        sentence = f"range {port} stands for the {seen} ports seen in it and opens {opened} more"
        found.append(Widening(kind=WideningKind.PORT_RANGE, seen=seen, opened=opened, sentence=sentence))
    return replace(rule, widenings=(*rule.widenings, *found)) if found else rule
