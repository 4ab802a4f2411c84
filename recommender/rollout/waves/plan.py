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
    """Everything applied, nothing denied: shadow policies, staged policies, or endpoints in audit mode."""
    INGRESS = "ingress"
    """Default deny for what comes in only."""
    FULL = "full"
    """Default deny in every direction that the policy isolates."""


class Audit(StrEnum):
    """How a wave finds out what its policies would deny."""

    SHADOW = "shadow policies"
    """Cilium's, with `enableDefaultDeny: false` and a name of their own."""
    STAGED = "staged policies"
    """Calico's `Staged…` kinds."""
    MODE = "audit mode"
    """The policies themselves, while Cilium keeps their endpoints in audit mode: their API has no audit of its own."""


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

    @property
    def staged(self) -> bool:
        """Whether it is of a kind that denies nothing whatever it says."""
        return str(self.document.get("kind")).startswith("Staged")

    @property
    def reference(self) -> dict[str, Any]:
        """What names it, and nothing else: as `kubectl delete -f` needs it."""
        metadata = self.document["metadata"]
        kept = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
        return {"apiVersion": self.document["apiVersion"], "kind": self.document["kind"], "metadata": kept}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A policy of the report, and what speaks for its place in the order."""

    item: str
    """`namespace/name`, behind the cluster's name where a run has several."""
    cluster: str
    """Empty if the run has one cluster."""
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
    environment: Environment | None
    """None: all of them."""
    stage: Stage
    audit: Audit | None
    """Of an audit wave."""
    cluster: str
    """Empty if the run has one cluster."""
    objects: tuple[PlannedObject, ...]
    """In the order in which they are applied, new ones first. The way back goes through them from the last to the
    first: it restores what was replaced, then deletes what is new."""
    guards: tuple[PlannedObject, ...]
    """Applied first and deleted last, also on the way back: they keep everything open while policies come or go that
    add up to one."""
    candidates: tuple[Candidate, ...]
    expected_new: float
    """Needs expected within the wait that nothing allows."""
    stop_above: int
    """Different needed connections denied during the wait beyond which the wave is taken back."""
    wait_days: int

    @property
    def place(self) -> str:
        """Its environment, in a word."""
        return str(self.environment or "all")

    @property
    def restored(self) -> tuple[PlannedObject, ...]:
        """What the way back puts in its old form, in that order."""
        return tuple(item for item in reversed(self.objects) if item.before)

    @property
    def removed(self) -> tuple[PlannedObject, ...]:
        """What the way back deletes, in that order."""
        return tuple(item for item in reversed(self.objects) if not item.before)


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
    in_force: tuple[str, ...]
    """Policies of the report that are there already as it has them."""
    leftovers: tuple[PlannedObject, ...]
    """Output of an earlier run that this one does not write any more: in force until somebody deletes it."""
    checked: int
    """Moments between two objects, there and back, at which every needed edge that passed before was found to pass."""
    moments: int
    """All of them; of very many only those at the ends of waves are judged."""
    edges: int
    """Needed edges that were judged at each."""
    held_off: int
    """Of them: denied by the texts of policies in force, which audit mode may hold off; judged without these."""
    denied: tuple[str, ...]
    """Keys of needed edges that neither the policies in force nor the report's pass, so that no moment can cut them."""

    @property
    def judged_text(self) -> str:
        """The moments that were judged, in words."""
        told = "1 moment" if self.checked == 1 else f"{self.checked:,} moments"
        return told if self.checked == self.moments else f"{told} of {self.moments:,} (the ends of waves)"
