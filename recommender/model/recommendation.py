"""The recommendation: everything a run found out; what the report shows and the API returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recommender.model.decision import Decisions, FindingChoice, Followed, Standing
from recommender.model.existing import ExistingPolicies
from recommender.model.release import Quarantine

if TYPE_CHECKING:
    from collections.abc import Collection

    from recommender.model.backtest import Backtest
    from recommender.model.capture import Capture
    from recommender.model.completeness import Completeness
    from recommender.model.confidence import Confidence
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.model.gap import Gap, Severity
    from recommender.model.group import Group
    from recommender.model.http_rule import HttpPair
    from recommender.model.manifest import Dialect, DialectLoss, Manifest
    from recommender.model.policy import Policy
    from recommender.model.replay import ReplayProof
    from recommender.model.shared_baseline import SharedBaseline
    from recommender.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedEdge:
    """An edge, what becomes of it, and how sure we are."""

    edge: Edge
    decided: Decided
    confidence: Confidence
    recurrence: float
    """Probability that it is seen again within seven days, 0 to 1; says nothing of whether it is needed."""
    client_group: str = ""
    """`Group.display`, empty if the client is no pod."""
    server_group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedPolicy:
    """A policy, its manifests, how sure we are of it and what to do with it."""

    policy: Policy
    confidence: Confidence
    verdict: Verdict
    manifests: tuple[Manifest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingValue:
    """One setting, its value and where it came from."""

    name: str
    value: str
    origin: str
    """`default`, the file's path, the environment variable's name, or the flag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What one run recommends and everything a reviewer needs to judge it."""

    tool_version: str
    dialect: Dialect
    input_digest: str
    """Of the stored flows: independent of their order, repeats and files."""
    settings: tuple[SettingValue, ...]
    capture: Capture
    workloads: tuple[Workload, ...]
    groups: tuple[Group, ...]
    edges: tuple[AssessedEdge, ...]
    policies: tuple[AssessedPolicy, ...]
    baselines: tuple[SharedBaseline, ...] = ()
    """Sorted by cluster and kind."""
    quarantine: Quarantine = field(default_factory=Quarantine)
    kustomization: Manifest | None
    http_pairs: tuple[HttpPair, ...] = ()
    """Pairs of groups between which HTTP requests were seen, sorted: whether and how they are narrowed to them."""
    losses: tuple[DialectLoss, ...]
    gaps: tuple[Gap, ...]
    proof: ReplayProof
    """Of everything that is written, approved or not."""
    existing: ExistingPolicies = field(default_factory=ExistingPolicies)
    """What was made of policies that are there already."""
    completeness: Completeness
    """What the window may have missed."""
    backtest: Backtest | None = None
    """How true the scores were on the last part of the window; None if it is too short to be cut in two."""
    followed: Followed = field(default_factory=lambda: Followed(decisions=Decisions(), items={}, findings={}))
    """What people decided, and what became of it."""
    approved_proof: ReplayProof | None = None
    """Of the approved manifests alone; None without a decisions file."""

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """All manifests that are written: shared baselines first, then in the order of the policies."""
        baselines = (baseline.manifest for baseline in self.baselines if self._is_written(baseline.item))
        own = (manifest for assessed in self.governing for manifest in assessed.manifests)
        return (*baselines, *own)

    @property
    def governing(self) -> tuple[AssessedPolicy, ...]:
        """The policies that nobody rejected."""
        return tuple(assessed for assessed in self.policies if self._is_written(assessed.policy.item))

    @property
    def holds(self) -> bool:
        """Whether everything needed passes: by all that is written, and by what is approved of it alone."""
        return self.proof.holds and (self.approved_proof is None or self.approved_proof.holds)

    def worst_reaches(self, severity: Severity | None, *, ignored: Collection[str] = ()) -> bool:
        """Whether any gap that nobody accepted and whose code is not ignored is at least this severe.

        Never if no severity is given.
        """
        accepted = {item for item, said in self.followed.findings.items() if said.choice is FindingChoice.ACCEPT}
        return severity is not None and any(
            gap.severity.rank <= severity.rank and gap.code not in ignored and gap.fingerprint not in accepted
            for gap in self.gaps
        )

    def _is_written(self, item: str) -> bool:
        return self.followed.standing(item) is not Standing.REJECTED
