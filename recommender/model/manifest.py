"""Manifests: files in one dialect, and what the dialect could not say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from recommender.model.shared_baseline import SharedBaseline


MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
MANAGED_BY: Final = "netpol-recommend"
GROUP_ANNOTATION: Final = "netpol-recommend/group"
BASELINE_ANNOTATION: Final = "netpol-recommend/baseline"
CLUSTER_ANNOTATION: Final = "netpol-recommend/cluster"
"""What our manifests are known by when they come back in an inventory."""


class Dialect(StrEnum):
    """The policy API that manifests are written in."""

    CILIUM = "cilium"
    KUBERNETES = "kubernetes"
    CALICO = "calico"
    CLUSTER_NETWORK_POLICY = "cluster-network-policy"

    @property
    def knows_http(self) -> bool:
        """Whether its rules can name methods and paths."""
        return self is Dialect.CILIUM

    @property
    def selects_by_account(self) -> bool:
        """Whether a selector of this API can ask for a pod's service account."""
        return self in {Dialect.CILIUM, Dialect.CALICO}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One YAML file with one policy."""

    path: str
    """Relative to the output directory, such as `policies/shop/web-1a2b3c.yaml`."""
    policy: str
    """Name of the policy that it says."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialectLoss:
    """An intent that the dialect cannot say exactly, and what was written instead."""

    policy: str
    subject: str
    """The rule, in words."""
    wanted: str
    written: str
    """What stands in the manifest instead; `nothing` if it was left out."""
    wider: bool
    """Whether more is allowed than was seen."""
    edges: tuple[str, ...] = ()
    """Ids of edges that the manifest therefore denies (only where nothing was written)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a manifest says about its own making; no clock, so equal inputs give equal bytes."""

    tool_version: str
    input_digest: str
    """Of the stored flows."""
    window_text: str
    """The capture's window in words, such as `2025-11-03 to 2025-11-10 (7.0 days)`."""
    settings_digest: str
    dialect: Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """All files of one run in one dialect."""

    manifests: tuple[Manifest, ...]
    """Sorted by path."""
    kustomization: Manifest
    """Lists every manifest; names no policy itself."""
    losses: tuple[DialectLoss, ...]
    """Sorted by policy and subject."""
    baselines: tuple[SharedBaseline, ...] = ()
    """Those written once for all groups; their manifests stand among `manifests` too."""
