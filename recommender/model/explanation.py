"""Why a connection passes or does not: what decided at each end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.connection import Outcome
    from recommender.model.policy import Direction


class Basis(StrEnum):
    """What one direction's answer rests on."""

    RULE = "rule"
    """Rules matched; their action is the answer."""
    DEFAULT_DENY = "default-deny"
    """Policies isolate the endpoint in this direction and no rule of theirs matched."""
    ALWAYS_ISOLATED = "always-isolated"
    """`reserved:init`: denied both ways until a policy selects it."""
    OWN_NODE = "own-node"
    """A pod's own node reaches it whatever isolates it (kubelet probes)."""
    PASSED = "passed"
    """A Pass handed it over beyond the tier that isolates the endpoint, and nothing decided after that."""
    NOT_ISOLATED = "not-isolated"
    """Policies have rules for the endpoint, but none of them turns on default deny in this direction."""
    NOT_SELECTED = "not-selected"
    """No policy selects the endpoint in this direction: default allow."""
    SAME_POD = "same-pod"
    """A pod's connection to itself never leaves its network namespace."""
    NO_SUBJECT = "no-subject"
    """This end is nothing that a policy can select."""


class RuleAction(StrEnum):
    """What a rule does with what it matches."""

    ALLOW = "allow"
    DENY = "deny"
    PASS = "pass"  # noqa: S105 - an action of ClusterNetworkPolicy
    """Hands over to the next tier."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RuleReference:
    """One rule of one policy."""

    policy: str
    """`Kind/namespace/name`."""
    path: str
    """Where it stands in the policy's document, such as `spec.egress[2]`."""
    action: RuleAction
    tier: str = ""
    """`Admin`, `Baseline` or a tier of Calico's; empty for the tier of NetworkPolicy and Cilium's policies."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class NearMiss:
    """A rule that names the other end, but does not let this connection pass."""

    rule: RuleReference
    reason: str
    """In words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionExplanation:
    """One direction's answer and why."""

    direction: Direction
    outcome: Outcome
    basis: Basis
    redirect: bool = False
    """Allowed, and sent to the L7 proxy."""
    rules: tuple[RuleReference, ...] = ()
    """The rules that decided."""
    passed_by: tuple[RuleReference, ...] = ()
    """Rules that matched first in their tier and handed over."""
    isolated_by: tuple[str, ...] = ()
    """Policies that turn on default deny for this end in this direction."""
    rules_of_end: int = 0
    """How many rules apply to this end in this direction."""
    near_misses: tuple[NearMiss, ...] = ()
    """Only where default deny decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Both directions."""

    egress: DirectionExplanation
    ingress: DirectionExplanation
