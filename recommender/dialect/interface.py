"""What a dialect is: a way to say one policy in one policy API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.yaml_text import Node
    from recommender.model.manifest import DialectLoss
    from recommender.model.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One policy in one dialect."""

    body: Mapping[str, Node] | None
    """The manifest's structure; None if the dialect cannot say the policy at all."""
    losses: tuple[DialectLoss, ...] = ()


class PolicyDialect(Protocol):
    """Says a policy in one policy API."""

    def say(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The policy's manifest, each rule with its evidence as comments, and what could not be said exactly."""
        ...
