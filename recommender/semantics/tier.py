"""The order of judgement: tiers one after another, and how the rules inside one are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tier:
    """Where a policy stands in the order of judgement; tiers of a smaller order are asked first."""

    order: float
    name: str = ""
    """Empty for the tier of NetworkPolicy and Cilium's policies."""
    ordered: bool = True
    """Whether the first rule that matches decides; otherwise rules have no order, and deny beats allow."""


ADMIN: Final = Tier(order=1_000, name="Admin")
"""ClusterNetworkPolicy before all others (network-policy-api, "tiers"; in Calico the tier `kube-admin`)."""
NORMAL: Final = Tier(order=1_000_000, ordered=False)
"""NetworkPolicy, CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy."""
CALICO_DEFAULT: Final = Tier(order=1_000_000, name="default")
"""Calico's policies that name no tier, and NetworkPolicy where Calico reads it (Calico docs, "Tier")."""
BASELINE: Final = Tier(order=10_000_000, name="Baseline")
"""ClusterNetworkPolicy after all others (in Calico the tier `kube-baseline`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The rules of one tier in a table of rules."""

    tier: Tier
    rules: frozenset[int]
    """The numbers of its rules; in an ordered tier the lowest is asked first."""
