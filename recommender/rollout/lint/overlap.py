"""Which rule says at least what another says? By their compiled form, so that it holds in every cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recommender.semantics.peers import Anyone, CidrPeer, NamedPeer, SelectedPeer
from recommender.semantics.selectors import Operator, Selector

if TYPE_CHECKING:
    from recommender.rollout.lint.manifest_set import SetRule
    from recommender.semantics.peers import Peer
    from recommender.semantics.ports import PortMatch, PortMatches
    from recommender.semantics.selectors import LabelSelector, Requirement


def covers(wide: SetRule, narrow: SetRule) -> bool:
    """Whether every connection that the narrow rule matches is matched by the wide one too; False if in doubt."""
    return (
        wide.section.direction is narrow.section.direction
        and wide.section.tier == narrow.section.tier
        and not wide.section.tier.ordered
        and selects_all_of(wide.section.subject, narrow.section.subject)
        and bool(narrow.rule.peers)
        and all(any(_peer_covers(peer, other) for peer in wide.rule.peers) for other in narrow.rule.peers)
        and _ports_cover(wide.rule.ports, narrow.rule.ports)
    )


def selects_all_of(wide: LabelSelector, narrow: LabelSelector) -> bool:
    """Whether whatever the narrow selector selects is selected by the wide one: it asks for nothing more."""
    if isinstance(wide, Selector) and isinstance(narrow, Selector):
        return all(_asked(requirement, narrow) for requirement in wide.requirements)
    return wide == narrow


def _asked(requirement: Requirement, narrow: Selector) -> bool:
    """Whether the narrow selector asks for it too; a label of any source is there if one of Kubernetes is."""
    if requirement in narrow.requirements:
        return True
    source, _, key = requirement.key.partition(":")
    positive = requirement.operator in {Operator.IN, Operator.EXISTS}
    return source == "any" and positive and replace(requirement, key=f"k8s:{key}") in narrow.requirements


def may_select(wide: LabelSelector, narrow: LabelSelector) -> bool:
    """The same, but labels of any source and those of Kubernetes count as equal: to look for rules that may help."""
    if isinstance(wide, Selector) and isinstance(narrow, Selector):
        return _of_any_source(wide) <= _of_any_source(narrow)
    return wide == narrow


def _of_any_source(selector: Selector) -> frozenset[Requirement]:
    return frozenset(
        replace(one, key=one.key.replace("k8s:", "any:", 1) if one.key.startswith("k8s:") else one.key)
        for one in selector.requirements
    )


def _peer_covers(wide: Peer, narrow: Peer) -> bool:
    match wide, narrow:
        case Anyone(), _:
            return True
        case SelectedPeer(), SelectedPeer():
            return selects_all_of(wide.selector, narrow.selector)
        case CidrPeer(), CidrPeer():
            inside = wide.network.version == narrow.network.version and narrow.network.subnet_of(wide.network)  # type: ignore[arg-type]  # of one version
            return inside and all(exception in narrow.exceptions for exception in wide.exceptions)
        case NamedPeer(), NamedPeer():
            return wide.pattern == narrow.pattern
        case _:
            return False


def _ports_cover(wide: PortMatches | None, narrow: PortMatches | None) -> bool:
    if wide is None:
        return True
    return narrow is not None and bool(narrow) and all(any(_port_covers(one, two) for one in wide) for two in narrow)


def _port_covers(wide: PortMatch, narrow: PortMatch) -> bool:
    if not narrow.protocols <= wide.protocols:
        return False
    if wide.name or narrow.name:
        return wide.name == narrow.name
    return wide.low <= narrow.low and narrow.high <= wide.high
