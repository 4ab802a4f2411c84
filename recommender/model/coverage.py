"""What policies in force already allow of a policy that we would write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.policy import Direction, PortRule

PartKey = tuple[int, str, "PortRule"]
"""A rule's place in `Policy.rules`, one prefix where its peer is addresses (else the empty text), and one port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Who allows one part of a rule already, for all pods of the group and of the peer."""

    policies: tuple[str, ...]
    """`Kind/namespace/name`, sorted."""
    layer7: bool = False
    """Some of it passes a layer-7 filter only: a plain rule beside it would lift that."""
    by_name: bool = False
    """Only the flows say so; the policies' texts are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCoverage:
    """What existing policies already say of one policy."""

    parts: Mapping[PartKey, Cover]
    isolated_by: Mapping[Direction, tuple[str, ...]] = field(default_factory=dict)
    """Policies that deny by default, only for directions in which every pod of the group is held by one."""
    learned: frozenset[str] = frozenset()
    """DNS names of the policy's rules that existing DNS rules let the proxy learn for every pod of the group."""
    lifted: Mapping[PartKey, tuple[str, ...]] = field(default_factory=dict)
    """Parts that are not covered, but whose writing lifts a layer-7 filter of these policies for some pods."""
