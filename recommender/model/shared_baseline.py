"""Baselines that are written once, for all groups that they cover."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.manifest import Manifest
    from recommender.model.policy import Baseline


class BaselineForm(StrEnum):
    """Where the rules of baselines stand."""

    SHARED = "shared"
    """In one cluster-wide file a baseline, where the dialect has such a thing."""
    INLINE = "inline"
    """In each group's own policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedBaseline:
    """One baseline of one cluster, as written."""

    kind: Baseline
    cluster: str
    name: str
    """Of the object."""
    clients: tuple[str, ...]
    """Displays of the groups that may send by it, sorted."""
    servers: tuple[str, ...]
    """Displays of the groups and entities that it lets them reach, sorted."""
    edges: tuple[str, ...]
    """Ids of the edges that it rests on, sorted."""
    manifest: Manifest

    @property
    def item(self) -> str:
        """`[cluster/]_cluster/name`: what decisions call it; no namespace is called so."""
        return "/".join(part for part in (self.cluster, "_cluster", self.name) if part)
