"""Name servers that a policy lets be asked over UDP or TCP only."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.assess.gaps.dns_unseen import DNS_PORTS
from recommender.assess.gaps.report import make_gap
from recommender.assess.rollout_codes import ONE_DNS_PROTOCOL
from recommender.assess.wording import counted
from recommender.model.edge import Protocol
from recommender.model.policy import CidrPeer, Direction, EntityPeer, FqdnPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.policy import Peer, Policy

_BOTH = frozenset({Protocol.UDP, Protocol.TCP})


def detect(context: GapContext) -> Iterator[Gap]:
    """Which policies let a name server be asked over one of UDP and TCP only (RFC 7766 asks for both)?

    The cluster's own DNS always gets both; this is about other name servers. One finding.
    """
    policies = context.plan.policies if context.plan else ()
    found = sorted({text for policy in policies if policy.isolate_egress for text in _halves(policy)})
    if found:
        yield make_gap(
            ONE_DNS_PROTOCOL,
            subject="policies",
            reason=f"{counted(len(found), 'rule')} for a name server on one of UDP and TCP",
            count=len(found),
            examples=found,
            facts=found,
        )


def _halves(policy: Policy) -> Iterator[str]:
    protocols: defaultdict[tuple[str, int], set[Protocol]] = defaultdict(set)
    for rule in policy.rules_for(Direction.EGRESS):
        for port in rule.ports:
            if port.port in DNS_PORTS and port.protocol in _BOTH and not port.end_port:
                for name in _names(rule.peer):
                    protocols[name, port.port].add(port.protocol)
    for (name, number), seen in protocols.items():
        if len(seen) == 1:
            yield f"{policy.group.display} to {name} {next(iter(seen))}/{number}"


def _names(peer: Peer) -> tuple[str, ...]:
    match peer:
        case GroupPeer(group=group):
            return (group.display,)
        case EntityPeer(entity=entity):
            return (entity.value,)
        case FqdnPeer(name=name):
            return (name,)
        case CidrPeer(cidrs=cidrs):
            return cidrs
