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

    bodies: tuple[Mapping[str, Node], ...]
    """The structures of its manifests, in the order in which to apply them; none if the dialect cannot say it."""
    losses: tuple[DialectLoss, ...] = ()
    remarks: tuple[str, ...] = ()
    """What a reader of the manifests must know of the dialect, for their headers."""


class PolicyDialect(Protocol):
    """Says a policy in one policy API."""

    def say(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """The policy's manifests, each rule with its evidence as comments, and what could not be said exactly."""
        ...

    def add(self, policy: Policy, *, evidence: EvidenceText, several_clusters: bool) -> Said:
        """Manifests that let the policy's rules pass beside those of the run, and close nothing that these leave open.

        Its rules are of directions in which the policies of the run isolate its group already.
        """
        ...
