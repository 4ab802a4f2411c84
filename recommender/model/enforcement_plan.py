"""What is about to be enforced, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.cni import Cni
    from recommender.model.manifest import Dialect, Manifest
    from recommender.model.policy import Policy
    from recommender.model.shared_baseline import SharedBaseline


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforcementPlan:
    """The policies of a run as written, and the cluster's means to enforce them."""

    dialect: Dialect
    policies: tuple[Policy, ...]
    """Complete intents, sorted by group: what they say and what existing policies or shared baselines say for them."""
    manifests: tuple[Manifest, ...]
    baselines: tuple[SharedBaseline, ...] = ()
    cni: Cni | None = None
    """None if nobody said which it is."""
