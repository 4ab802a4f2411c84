"""What might a person do about existing rules: retire what nothing used, tighten what is much wider than its use?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.confidence import Band
from recommender.model.existing import Advice, AdviceKind, Opening, PolicyFate
from recommender.model.gap import Severity
from recommender.model.policy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recommender.model.capture import Capture
    from recommender.model.existing import ExistingPolicy, ExistingRule

FEW_DAYS: Final = 7.0
"""Window below which not even a weekly need had its chance."""
MANY_DAYS: Final = 28.0
"""Window from which on most monthly needs had theirs."""
MANY_PORTS: Final = 50
"""Ports from which on a rule is as good as open."""
FEW_PORTS: Final = 5
MANY_PEERS: Final = 10
"""Workloads from which on a selector may be too wide; below, a team is listed one by one anyway."""
USED_SHARE: Final = 0.2
_SHOWN: Final = 3


def advise(
    rules: Iterable[ExistingRule], policies: Iterable[ExistingPolicy], *, capture: Capture
) -> tuple[Advice, ...]:
    """Advice about existing rules and policies, most severe first.

    A rule is for retirement if no stored edge used it (quarantined ones are no use), unless its use could not have been
    seen: no pod that it governs was recorded as its own node's, or its peers are known to the running cluster only.
    Nothing is ever removed by itself.
    """
    selects = {policy.name: policy.selects for policy in policies if policy.fate is PolicyFate.JUDGED}
    found = [_idle(name) for name, workloads in selects.items() if not workloads]
    for rule in rules:
        if selects[rule.policy]:
            found.extend(_of_rule(rule, capture))
    return tuple(sorted(found, key=lambda item: (item.severity.rank, item.kind, item.policy, item.path)))


def _idle(policy: str) -> Advice:
    return Advice(
        kind=AdviceKind.RETIRE,
        policy=policy,
        path="",
        severity=Severity.LOW,
        confidence=Band.MEDIUM,
        reason="it selects no pod that the flows or the inventory know",
    )


def _of_rule(rule: ExistingRule, capture: Capture) -> Iterator[Advice]:
    if rule.unresolved or not set(rule.subjects) - set(rule.unobserved):
        return
    if not rule.edges:
        yield _retire(rule, capture)
    elif excess := tuple(_excess(rule)):
        wide = rule.opening in {Opening.ANYWHERE, Opening.CLUSTER} or not rule.ports
        yield Advice(
            kind=AdviceKind.TIGHTEN,
            policy=rule.policy,
            path=rule.path,
            severity=Severity.MEDIUM if wide else Severity.LOW,
            confidence=_confidence(rule, capture),
            reason="; ".join(excess),
        )


def _retire(rule: ExistingRule, capture: Capture) -> Advice:
    reasons = [f"no stored edge used it within {capture.days:.1f} days"]
    if rule.suspicious:
        reasons = [f"only quarantined traffic used it within {capture.days:.1f} days (edges: {len(rule.suspicious)})"]
    reasons.append(_opens(rule))
    if rule.scheduled:
        reasons.append(f"jobs are among its ends and may not have run: {_listed(rule.scheduled)}")
    if rule.unobserved:
        reasons.append(f"ends whose traffic was not fully recorded: {_listed(rule.unobserved)}")
    severity = _severity(rule)
    if rule.suspicious and severity.rank > Severity.MEDIUM.rank:
        severity = Severity.MEDIUM
    return Advice(
        kind=AdviceKind.RETIRE,
        policy=rule.policy,
        path=rule.path,
        severity=severity,
        confidence=_confidence(rule, capture),
        reason="; ".join(reasons),
    )


def _severity(rule: ExistingRule) -> Severity:
    """By how much it opens: an unused way in from anywhere is worse than one for a single peer."""
    every_port = not rule.ports
    match rule.opening:
        case Opening.ANYWHERE:
            return Severity.HIGH if rule.direction is Direction.INGRESS or every_port else Severity.MEDIUM
        case Opening.CLUSTER:
            return Severity.MEDIUM
        case Opening.NAMESPACE:
            return Severity.MEDIUM if every_port else Severity.LOW
        case Opening.CHOSEN:
            return Severity.LOW if every_port else Severity.INFO
        case _:
            assert_never(rule.opening)


def _opens(rule: ExistingRule) -> str:
    ports = "every port" if not rule.ports else f"{rule.ports} port{'s' if rule.ports > 1 else ''}"
    match rule.opening:
        case Opening.ANYWHERE:
            return f"it opens {ports} to any address outside"
        case Opening.CLUSTER:
            return f"it opens {ports} to the whole cluster"
        case Opening.NAMESPACE:
            return f"it opens {ports} to a whole namespace"
        case Opening.CHOSEN:
            return f"it opens {ports} to chosen peers"
        case _:
            assert_never(rule.opening)


def _excess(rule: ExistingRule) -> Iterator[str]:
    """What it opens beyond its use, in words."""
    if (not rule.ports or rule.ports >= MANY_PORTS) and len(rule.used_ports) <= FEW_PORTS:
        ports = "every port" if not rule.ports else f"{rule.ports} ports"
        yield f"it opens {ports}; used: {', '.join(rule.used_ports)}"
    if rule.opening is Opening.ANYWHERE and not rule.used_outside:
        yield "it opens to any address outside; nobody outside used it"
    if rule.known_peers >= MANY_PEERS and rule.used_peers <= USED_SHARE * rule.known_peers:
        yield f"it names {rule.known_peers} known workloads as peers; {rule.used_peers} used it"


def _confidence(rule: ExistingRule, capture: Capture) -> Band:
    """How sure we are that nothing needs it: by the length of the window, and whether all its ends were watched."""
    if capture.days < FEW_DAYS or rule.scheduled or rule.unobserved:
        return Band.LOW
    return Band.HIGH if capture.days >= MANY_DAYS else Band.MEDIUM


def _listed(names: tuple[str, ...]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
