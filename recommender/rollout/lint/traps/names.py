"""Names: DNS that is left out, and DNS names that nobody can learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.model.edge import Protocol
from recommender.model.gap import Severity
from recommender.model.policy import Direction
from recommender.rollout.lint.codes import DNS_MISSING, NAMES_UNLEARNED
from recommender.rollout.lint.manifest_set import Hit
from recommender.rollout.lint.overlap import may_select
from recommender.semantics.peers import NamedPeer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.lint.manifest_set import ManifestSet, SetRule
    from recommender.semantics.compiled import Section

_DNS: Final = 53
_WIRE: Final = (Protocol.UDP, Protocol.TCP)
_NAMES: Final = frozenset({"dns", "dns-tcp", "domain"})


def find(manifests: ManifestSet) -> Iterator[Hit]:
    """Asked of each selector together with all wider ones: what they say adds up."""
    for item in manifests.rules:
        yield from _unlearned(item, manifests)
    told: set[str] = set()
    for section in manifests.sections:
        if section.policy not in told and (hit := _without_dns(section, manifests)):
            told.add(section.policy)
            yield hit


def _unlearned(item: SetRule, manifests: ManifestSet) -> Iterator[Hit]:
    names = [peer.pattern.text for peer in item.rule.peers if isinstance(peer, NamedPeer)]
    missing: set[str] = set()
    for rules in _applying(item.section, manifests) if names else ():
        seen = [pattern for other in rules for pattern in other.rule.dns_names]
        missing.update(
            name for name in names if not any(p.covers(name.replace("**", "any").replace("*", "any")) for p in seen)
        )
    if missing:
        yield Hit(finding=NAMES_UNLEARNED, policy=item.section.policy, path=item.rule.path,
                  reason=f"no rules.dns lets the proxy see {', '.join(sorted(missing))}")  # fmt: skip


def _without_dns(section: Section, manifests: ManifestSet) -> Hit | None:
    """Of sections that isolate and allow something: default deny alone leaves DNS to others."""
    allowing = [rule for rule in section.rules if rule.peers and not rule.deny]
    if section.direction is not Direction.EGRESS or not section.isolates or not allowing or section.tier.ordered:
        return None
    if _serves_dns(section.policy, manifests):
        return None
    missing = [
        protocol.value
        for protocol in _WIRE
        if not all(any(_lets(item, protocol) for item in rules) for rules in _applying(section, manifests))
    ]
    if not missing:
        return None
    severity = Severity.HIGH if len(missing) == len(_WIRE) else Severity.MEDIUM
    return Hit(finding=DNS_MISSING, policy=section.policy, path="", severity=severity,
               reason=f"no rule for its pods allows {' and '.join(missing)} port {_DNS}")  # fmt: skip


def _serves_dns(policy: str, manifests: ManifestSet) -> bool:
    """Whether the pods of this policy are asked for names: they ask nobody but themselves and their upstream."""
    return any(
        item.section.policy == policy
        and item.section.direction is Direction.INGRESS
        and item.rule.peers
        and any(match.low == _DNS == match.high for match in item.rule.ports or ())
        for item in manifests.rules
    )


def _applying(section: Section, manifests: ManifestSet) -> Iterator[list[SetRule]]:
    """The egress rules beside a section, for each kind of pod that it selects; by selectors where pods are unknown."""
    rules = [item for item in manifests.rules_in_force if item.section.direction is Direction.EGRESS]
    known = manifests.judged
    labels = [known.identity(member.endpoint).labels for member in manifests.scene.members] if known else []
    selected = [one for one in labels if section.subject.selects(one)]
    for one in selected:
        yield [item for item in rules if item.section.subject.selects(one)]
    if not selected:
        yield [item for item in rules if may_select(item.section.subject, section.subject)]


def _lets(item: SetRule, protocol: Protocol) -> bool:
    if item.rule.deny or not item.rule.peers:
        return False
    return item.rule.ports is None or any(
        protocol in match.protocols and (match.name in _NAMES if match.name else match.low <= _DNS <= match.high)
        for match in item.rule.ports
    )
