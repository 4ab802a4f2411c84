"""Where policies and their rules stand in the files that a user gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.model.findings import PlacedGap
from recommender.semantics.rule_text import rule_text, sources_by_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.model.gap import Gap
    from recommender.semantics.policy_files import PolicySource


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Files and lines by policy and path."""

    _sources: Mapping[str, tuple[PolicySource, ...]]
    _first: str
    """The file that stands for what belongs to none."""

    @classmethod
    def of(cls, sources: Iterable[PolicySource]) -> Places:
        """The places of these documents."""
        found = sources_by_policy(sources)
        files = sorted(source.document.path for several in found.values() for source in several)
        return cls(_sources=found, _first=files[0] if files else "policies")

    def placed(self, gap: Gap, policy: str, path: str) -> PlacedGap:
        """A finding at a rule of a policy, at the policy itself, or, where that is not known, at the first file."""
        text = rule_text(self._sources, policy, path) if policy else None
        if text is None:
            return PlacedGap(gap=gap, file=self._first)
        return PlacedGap(gap=gap, file=text.file, line=text.line)
