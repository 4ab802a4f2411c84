"""What flows say of existing policies whose texts are not known.

`egress_allowed_by` and `ingress_allowed_by` name the policies of the agent's realised state when a verdict was given
(hubble-quirks 59): true then, but not a proof for the day on which our policies are applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.model.coverage import Cover
from recommender.model.policy import CidrPeer, Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.coverage import PartKey, PolicyCoverage
    from recommender.model.edge import Edge, Evidence
    from recommender.model.policy import Policy, PortRule, Rule


def named_parts(
    policy: Policy, edges: Mapping[str, Edge], *, trusted: frozenset[str], known: PolicyCoverage | None = None
) -> dict[PartKey, Cover]:
    """The parts of a policy of which every verdict in the window said that a trusted policy allows them.

    A part needs an edge, every edge of it needs a verdict on the part's side for every connection that one was given
    for, and all of these must be allows. Peers of addresses are left alone: which of the addresses a verdict was about
    is not kept; so are ranges of ports, most of which no verdict was about. What is covered by texts already (`known`)
    is not repeated here.

    Args:
        policy: The complete policy.
        edges: By id.
        trusted: Names (`Kind/namespace/name`) that flows may vouch for.
        known: What was judged by texts.
    """
    found: dict[PartKey, Cover] = {}
    for place, rule in enumerate(policy.rules):
        if isinstance(rule.peer, CidrPeer) or rule.http:
            continue
        for port in rule.ports:
            if port.end_port:
                continue
            key = (place, "", port)
            names = _vouching(rule, port, edges, trusted)
            if names and not (known and key in known.parts):
                found[key] = Cover(policies=names, by_name=True)
    return found


def _vouching(rule: Rule, port: PortRule, edges: Mapping[str, Edge], trusted: frozenset[str]) -> tuple[str, ...]:
    """The policies that allowed all edges of this port; empty if one verdict says otherwise or none names a policy."""
    behind = [edges[edge] for edge in rule.edges if edge in edges]
    behind = [edge for edge in behind if (edge.protocol, edge.port) == (port.protocol, port.port)]
    names: set[str] = set()
    for edge in behind:
        own = allowed_by(edge.evidence, rule.direction) & trusted
        if not own or not _always_allowed(edge.evidence, rule.direction):
            return ()
        names |= own
    return tuple(sorted(names))


def allowed_by(evidence: Evidence, direction: Direction) -> frozenset[str]:
    """The policies that flows name as allowing in a direction, written as policies are named elsewhere."""
    names = evidence.egress_policies if direction is Direction.EGRESS else evidence.ingress_policies
    return frozenset(full_name(name) for name in names)


def full_name(reference: str) -> str:
    """`Kind/namespace/name` of a reference in a flow, without the empty namespace of cluster-wide kinds."""
    return reference.replace("//", "/", 1)


def _always_allowed(evidence: Evidence, direction: Direction) -> bool:
    if direction is Direction.EGRESS:
        return 0 < evidence.egress_allowed == evidence.egress_verdicts
    return 0 < evidence.ingress_allowed == evidence.ingress_verdicts
