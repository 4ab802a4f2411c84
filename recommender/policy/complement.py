"""What is missing: policies without the parts that existing policies say already.

Policies only ever add up, so a part may be left out as long as the policy that says it stays; who that is stands with
it. Nothing is left out on a guess: `model.coverage` says what was judged to be covered.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from recommender.model.policy import Baseline, CidrPeer, Direction, FqdnPeer, LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recommender.model.coverage import Cover, PartKey, PolicyCoverage
    from recommender.model.edge import Edge
    from recommender.model.policy import Policy, PortRule, Rule

_NOT_COVERED: Final = None
_Piece = tuple[str, "PortRule"]
"""A prefix (empty unless the peer is addresses) and a port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complement:
    """The policies that have to be written, and the groups that need none."""

    policies: tuple[Policy, ...]
    covered: tuple[Policy, ...]
    """Existing policies say everything and isolate both directions."""
    lifted: tuple[tuple[Policy, Rule, tuple[str, ...]], ...]
    """Rules that are written although a layer-7 filter of these existing policies lies on some of what they allow."""


def complement(
    policies: Sequence[Policy], coverage: Mapping[str, PolicyCoverage], edges: Mapping[str, Edge]
) -> Complement:
    """Leave out what is covered.

    A direction that existing policies isolate is left to them unless rules are missing in it; one that they leave open
    is isolated by ours, whether rules are missing or not. `edges` are by id and hold those that rules rest on.
    """
    kept: list[Policy] = []
    covered: list[Policy] = []
    lifted: list[tuple[Policy, Rule, tuple[str, ...]]] = []
    for policy in policies:
        found = coverage.get(policy.name)
        rest = _without_covered(policy, found, edges) if found else policy
        (kept if rest.rules or rest.isolate_ingress or rest.isolate_egress else covered).append(rest)
        lifted.extend((policy, rule, names) for rule, names in (_lifted(policy, found) if found else ()))
    return Complement(policies=tuple(kept), covered=tuple(covered), lifted=tuple(lifted))


def _lifted(policy: Policy, coverage: PolicyCoverage) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    """Rules with the policies whose filter they lift: where it holds for some pods only, or beside a name's own DNS."""
    usable = _usable_parts(policy, coverage)
    names: dict[int, set[str]] = {}
    for (place, _, _), policies in coverage.lifted.items():
        names.setdefault(place, set()).update(policies)
    for key, cover in coverage.parts.items():
        if cover.layer7 and key not in usable:
            names.setdefault(key[0], set()).update(cover.policies)
    for place, found in sorted(names.items()):
        yield policy.rules[place], tuple(sorted(found))


def _without_covered(policy: Policy, coverage: PolicyCoverage, edges: Mapping[str, Edge]) -> Policy:
    rules: list[Rule] = []
    left_out: list[LeftOut] = []
    parts = _usable_parts(policy, coverage)
    for place, rule in enumerate(policy.rules):
        for cover, pieces in _by_cover(place, rule, parts).items():
            for part in _parts_of(rule, pieces, edges):
                if cover is _NOT_COVERED:
                    rules.append(part)
                else:
                    left_out.append(
                        LeftOut(rule=part, policies=cover.policies, layer7=cover.layer7, by_name=cover.by_name)
                    )
    rest = replace(
        policy,
        rules=tuple(sorted(rules, key=lambda rule: rule.sort_key)),
        left_out=tuple(sorted(left_out, key=lambda item: (item.rule.sort_key, item.policies))),
    )
    needed = {direction: bool(rest.rules_for(direction)) for direction in Direction}
    held = tuple(
        (direction, coverage.isolated_by[direction])
        for direction in Direction
        if not needed[direction] and coverage.isolated_by.get(direction)
    )
    directions = {direction for direction, _ in held}
    return replace(
        rest,
        isolated_by=held,
        isolate_ingress=policy.isolate_ingress and Direction.INGRESS not in directions,
        isolate_egress=policy.isolate_egress and Direction.EGRESS not in directions,
    )


def _usable_parts(policy: Policy, coverage: PolicyCoverage) -> Mapping[PartKey, Cover]:
    """The covered parts that may go: DNS stays beside a name that no existing DNS rule lets the proxy learn."""
    unlearned = any(
        rule.peer.name not in coverage.learned and (place, "", port) not in coverage.parts
        for place, rule in enumerate(policy.rules)
        if isinstance(rule.peer, FqdnPeer)
        for port in rule.ports
    )
    if not unlearned:
        return coverage.parts
    return {key: cover for key, cover in coverage.parts.items() if not _is_own_dns(policy.rules[key[0]])}


def _is_own_dns(rule: Rule) -> bool:
    return rule.baseline is Baseline.DNS and rule.direction is Direction.EGRESS


def _by_cover(place: int, rule: Rule, parts: Mapping[PartKey, Cover]) -> dict[Cover | None, list[_Piece]]:
    """The pieces of a rule by who covers them, nobody first."""
    found: dict[Cover | None, list[_Piece]] = {_NOT_COVERED: []}
    prefixes = rule.peer.cidrs if isinstance(rule.peer, CidrPeer) else ("",)
    for prefix in prefixes:
        for port in rule.ports:
            found.setdefault(parts.get((place, prefix, port)), []).append((prefix, port))
    return {cover: pieces for cover, pieces in found.items() if pieces}


def _parts_of(rule: Rule, pieces: Sequence[_Piece], edges: Mapping[str, Edge]) -> Iterator[Rule]:
    """The pieces as rules of their own, prefixes with the same ports together; the whole rule if none is missing."""
    ports_of: defaultdict[str, list[PortRule]] = defaultdict(list)
    for prefix, port in pieces:
        ports_of[prefix].append(port)
    prefixes_of: defaultdict[tuple[PortRule, ...], list[str]] = defaultdict(list)
    for prefix, several in ports_of.items():
        prefixes_of[tuple(several)].append(prefix)
    for ports, prefixes in sorted(prefixes_of.items()):
        peer = CidrPeer(cidrs=tuple(prefixes)) if isinstance(rule.peer, CidrPeer) else rule.peer
        if peer == rule.peer and ports == rule.ports:
            yield rule
            continue
        part = replace(rule, peer=peer, ports=ports)
        yield replace(part, edges=tuple(edge for edge in rule.edges if edge not in edges or _rests(part, edges[edge])))


def _rests(rule: Rule, edge: Edge) -> bool:
    """Whether this part of a rule still speaks of an edge."""
    if not any(port.protocol is edge.protocol and port.covers(edge.port) for port in rule.ports):
        return False
    if not isinstance(rule.peer, CidrPeer):
        return True
    networks = [ipaddress.ip_network(cidr) for cidr in rule.peer.cidrs]
    ingress = rule.direction is Direction.INGRESS
    addresses = edge.evidence.client_addresses if ingress else edge.evidence.server_addresses
    end = str(edge.client if ingress else edge.server).removeprefix("ip:")
    return any(_lies_in(address, networks) for address in (*addresses, end))


def _lies_in(text: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    return any(address in network for network in networks)
