"""What would let an edge out of quarantine: policies to add, and the same as written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.manifest import Manifest
    from recommender.model.policy import Policy

RELEASE_LABEL = "netpol-recommend/release"
"""Label on every object that belongs to one release; its value is the edge's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The policies that would allow one quarantined edge, added to those of the run."""

    edge_id: str
    policies: tuple[Policy, ...]
    """One a governed end, egress before ingress: they add one rule and isolate nothing by themselves."""
    obstacle: str = ""
    """Why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRelease:
    """A release in one dialect."""

    edge_id: str
    file: str
    """Path of the file, relative to the output directory, that holds the manifests."""
    manifests: tuple[Manifest, ...]
    """In the order of the release's policies; empty exactly if there is an obstacle."""
    obstacle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseProof:
    """What the evaluator says of a release added to the manifests of the run."""

    edge_id: str
    allows: bool
    """Whether the edge then passes."""
    opens: tuple[str, ...] = ()
    """Ids of other quarantined edges that the same manifests let through, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEdge:
    """A quarantined edge and its way out."""

    edge_id: str
    edge: str
    """`Edge.key`."""
    reason: str
    """Why it was quarantined."""
    file: str
    manifests: tuple[Manifest, ...]
    obstacle: str
    allows: bool
    opens: tuple[str, ...]
    """`Edge.key` of the others."""

    @property
    def command(self) -> str:
        """What a person types in the output directory to apply this release alone; empty if there is none."""
        return f"kubectl apply -f '{self.file}' -l {RELEASE_LABEL}={self.edge_id}" if self.manifests else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """What is kept out of the manifests until a person releases it."""

    edges: tuple[HeldEdge, ...] = ()
    """In the order of `Edge.sort_key`."""
    files: tuple[Manifest, ...] = ()
    """The same as files, one a client, sorted by path."""
