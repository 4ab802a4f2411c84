"""NPR321, NPR322: rules that allow more addresses or names than were seen, and names that stay exact."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, assert_never

from recommender.model.gap import Gap, Severity
from recommender.model.policy import FqdnPeer
from recommender.model.widening import NamePatterns, WideningKind
from recommender.policy.sibling_names import sibling_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.policy import Direction, Policy, PortRule, Rule
    from recommender.model.widening import Widening, WideningLimits


def widening_gaps(policies: Iterable[Policy], limits: WideningLimits) -> tuple[Gap, ...]:
    """One gap for every joined rule, and one for every family of names that was not joined, unless none should be.

    Ranges of ports have a gap of their own, which stands for both ends (NPR310).
    """
    found: list[Gap] = []
    for policy in policies:
        for rule in policy.rules:
            for widening in rule.widenings:
                match widening.kind:
                    case WideningKind.PORT_RANGE:
                        continue
                    case WideningKind.NAME_PATTERN:
                        found.append(_pattern_gap(policy, rule, widening))
                    case WideningKind.ADDRESS_PREFIXES:
                        found.append(_prefix_gap(policy, rule, widening))
                    case _:
                        assert_never(widening.kind)
        if limits.names is not NamePatterns.NEVER:
            found += _exact_gaps(policy)
    return tuple(found)


def _prefix_gap(policy: Policy, rule: Rule, widening: Widening) -> Gap:
    ports = ", ".join(str(port) for port in rule.ports[:3])
    return Gap(
        code="NPR321",
        title="Addresses joined into wider prefixes",
        severity=Severity.MEDIUM,
        subject=policy.group.display,
        reason=f"on {ports}: {widening.sentence}",
        impact="Their neighbours, which may belong to anybody, are allowed on these ports.",
        action="Get names for them through the DNS proxy, or allow the provider's published ranges; "
        "`--cidr-budget 0` writes exact addresses only.",
        count=widening.seen,
        examples=getattr(rule.peer, "cidrs", ())[:3],
        facts=_rule_facts(rule),
    )


def _pattern_gap(policy: Policy, rule: Rule, widening: Widening) -> Gap:
    return Gap(
        code="NPR322",
        title="Sibling DNS names",
        severity=Severity.MEDIUM,
        subject=policy.group.display,
        reason=widening.sentence,
        impact="Whoever can create a name that matches may be reached; the exact names would have cut new ones.",
        action="Check that all such names belong to the same service; `--fqdn-patterns never` keeps the exact names.",
        count=widening.seen,
        examples=rule.peer.names[:3] if isinstance(rule.peer, FqdnPeer) else (),
        facts=_rule_facts(rule),
    )


def _exact_gaps(policy: Policy) -> list[Gap]:
    """Families that stayed exact, so that nobody wonders why there is no pattern."""
    alike: defaultdict[tuple[Direction, tuple[PortRule, ...]], set[str]] = defaultdict(set)
    for rule in policy.rules:
        if isinstance(rule.peer, FqdnPeer) and not rule.peer.is_pattern:
            alike[rule.direction, rule.ports].add(rule.peer.name)
    return [
        Gap(
            code="NPR322",
            title="Sibling DNS names",
            severity=Severity.INFO,
            subject=policy.group.display,
            reason=f"{len(siblings.names)} names would fit {siblings.pattern} and stay exact: too few of them were new "
            "late in the capture to expect more, or a name that was kept out would fit as well",
            impact="A new name of the family is denied.",
            action="Nothing, if the names are fixed; `--fqdn-patterns siblings` joins them into the pattern.",
            count=len(siblings.names),
            examples=siblings.names[:3],
            facts=(direction.value, *map(str, ports), "exact", siblings.pattern),
        )
        for (direction, ports), names in alike.items()
        for siblings in sibling_names(names)
    ]


def _rule_facts(rule: Rule) -> tuple[str, ...]:
    """What tells a joined rule apart from others of its policy."""
    members = (rule.peer.name,) if isinstance(rule.peer, FqdnPeer) else getattr(rule.peer, "cidrs", ())
    return (rule.direction.value, *map(str, rule.ports), *members)
