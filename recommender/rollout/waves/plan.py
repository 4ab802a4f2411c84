"""A plan of waves, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Stage(StrEnum):
    """What a wave does with its policies."""

    SHARED = "shared rules"
    """Allow rules that many groups share; they isolate nobody."""
    AUDIT = "audit"
    """Everything applied, nothing denied: audit mode, or staged policies."""
    INGRESS = "ingress"
    """Default deny for what comes in only."""
    FULL = "full"
    """Default deny in every direction that the policy isolates."""


class Environment(StrEnum):
    """Where a break costs how much, cheapest first."""

    DEV = "dev"
    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedObject:
    """One manifest as a wave applies it."""

    file: str
    """Relative to the wave's folder, such as `manifests/shop/web-1a2b3c.yaml`."""
    document: Mapping[str, Any]
    text: str
    before: str = ""
    """Text of the object that it replaces; empty if there is none, and the way back is to delete it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A policy of the report, and what speaks for its place in the order."""

    item: str
    """`namespace/name`."""
    namespace: str
    group: str
    sensitive: bool
    advice: str
    """Of its verdict: `enforce`, `stage` or `observe longer`."""
    reason: str
    breakage: float
    """Probability that enforcing it denies something needed within a week."""
    expected_new: float
    """Needs expected to show within a week that no rule allows."""
    wait_days: int | None
    neighbours: int
    """Other groups that it has needed connections with: who notices when it breaks."""
    step: str
    """Of the starter set; empty for complete policies."""
    manifests: tuple[tuple[str, str], ...]
    """(path, text)."""

    @property
    def risk(self) -> float:
        """Blast radius times the probability of a break."""
        return self.breakage * (1 + self.neighbours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Policies that are applied together."""

    name: str
    """Its folder, such as `03-staging-ingress-1`."""
    environment: Environment
    stage: Stage
    objects: tuple[PlannedObject, ...]
    """In the order in which they are applied."""
    guards: tuple[PlannedObject, ...]
    """Applied first and deleted last: they keep everything open while policies come that add up to one."""
    candidates: tuple[Candidate, ...]
    expected_new: float
    """Needs expected within the wait that nothing allows."""
    stop_above: int
    """Different needed connections denied during the wait beyond which the wave is taken back."""
    wait_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A policy that is in no wave of an environment yet."""

    candidate: Candidate
    environment: Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlan:
    """All waves in order."""

    dialect: str
    report_digest: str
    waves: tuple[Wave, ...]
    waiting: tuple[Waiting, ...]
    checked: int
    """Moments between two objects at which every needed edge that passed before was found to pass."""
    moments: int
    """All of them; of very many only those at the ends of waves are judged."""
    edges: int
    """Needed edges that were judged at each."""

    @property
    def judged_text(self) -> str:
        """The moments that were judged, in words."""
        told = "1 moment" if self.checked == 1 else f"{self.checked:,} moments"
        return told if self.checked == self.moments else f"{told} of {self.moments:,} (the ends of waves)"
