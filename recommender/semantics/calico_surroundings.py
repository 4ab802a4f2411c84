"""What Calico's policies refer to: tiers, network sets, and the NetworkPolicies that share their tier."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from recommender.semantics.calico import CalicoTier
from recommender.semantics.calico_selector import NetworkSet
from recommender.semantics.peers import read_network
from recommender.semantics.tier import CALICO_DEFAULT, NORMAL, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.semantics.compiled import Section
    from recommender.semantics.document import Node
    from recommender.semantics.peers import Network

NETWORK_POLICY_ORDER: Final = 1000
"""Where NetworkPolicies stand among Calico's in the default tier (`conversion.K8sNetworkPolicyToCalico`)."""

DEFAULT_TIER: Final = CalicoTier(tier=CALICO_DEFAULT, denies=True)


def read_tier(document: Node, name: str) -> CalicoTier:
    """A Tier: where its policies stand, and what it does with what they select and do not decide.

    Source: Calico docs, "Tier". Without an order it comes last.

    Raises:
        InvalidPolicyError: Calico would refuse it.
    """
    document.known("apiVersion", "kind", "metadata", "spec", "status")
    spec = document.get("spec")
    if spec:
        spec.known("order", "defaultAction")
    order, action = (spec.get("order"), spec.get("defaultAction")) if spec else (None, None)
    if order and (not isinstance(order.value, int | float) or isinstance(order.value, bool)):
        raise order.refusal("must be a number")
    if action and action.text() not in {"Deny", "Pass"}:
        raise action.refusal(f'unsupported value "{action.value}"; supported are Deny and Pass')
    if name == CALICO_DEFAULT.name:
        return DEFAULT_TIER
    place = float(order.value) if order else float("inf")
    return CalicoTier(tier=Tier(order=place, name=name), denies=not action or action.text() == "Deny")


def read_network_set(document: Node, namespace: str) -> tuple[NetworkSet, tuple[Network, ...]]:
    """A NetworkSet or GlobalNetworkSet, and its addresses.

    Raises:
        InvalidPolicyError: Calico would refuse it.
    """
    document.known("apiVersion", "kind", "metadata", "spec")
    spec, labels = document.get("spec"), document.need("metadata").get("labels")
    if spec:
        spec.known("nets")
    networks = tuple(read_network(item) for item in spec.list_of("nets")) if spec else ()
    given = tuple(sorted(labels.text_map().items())) if labels else ()
    return NetworkSet(labels=given, namespace=namespace), networks


def in_calico_tiers(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Sections with NetworkPolicies put where Calico has them: in the default tier, among its own policies."""
    return tuple(
        replace(section, tier=CALICO_DEFAULT, priority=NETWORK_POLICY_ORDER, tie=section.policy)
        if section.tier == NORMAL
        else section
        for section in sections
    )
