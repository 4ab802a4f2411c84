"""What people decided already, so that it is not told again as news."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.model.decision import Decisions, EdgeChoice, EdgeDecision, FindingChoice, FindingDecision, Signed
from recommender.review import read_decisions
from recommender.semantics.recorded_report import HINT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from recommender.rollout.policy_side import PolicySide

FILE: Final = "decisions.yaml"
"""Where `netpol-recommend review` saves, in the report's directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The decisions that count on the day on which a store ends."""

    source: str = ""
    """The file; empty if there is none and only the report's own record counts."""
    edges: Mapping[str, EdgeDecision] = field(default_factory=dict)
    """By edge key."""
    findings: Mapping[str, FindingDecision] = field(default_factory=dict)
    """By fingerprint."""

    def excluded(self, edge: str) -> str:
        """By whom an edge was left out on purpose; empty if it was not."""
        decision = self.edges.get(edge)
        return decision.signed.by if decision and decision.choice is EdgeChoice.EXCLUDE else ""

    def wanted(self, edge: str) -> bool:
        """Whether somebody released or forced an edge: it is needed, whatever the flows make of it."""
        decision = self.edges.get(edge)
        return decision is not None and decision.choice in {EdgeChoice.RELEASE, EdgeChoice.FORCE}

    def accepted(self, fingerprint: str) -> str:
        """By whom a finding was accepted; empty if it was not."""
        decision = self.findings.get(fingerprint)
        return decision.signed.by if decision and decision.choice is FindingChoice.ACCEPT else ""


def settled(side: PolicySide, path: Path | None, *, day: date) -> Settled:
    """The decisions of the report as recorded, and of a file, which has the last word.

    Args:
        side: The report.
        path: A decisions file; by default the one in the report's directory, if there is one.
        day: On which the store ends: what has expired by then does not count.

    Raises:
        UsageError: A decisions file that cannot be read.
    """
    found = path or side.beside(FILE)
    given = read_decisions(found) if found else Decisions()
    recorded = _recorded(side)
    counting = [one for one in (*recorded.edges, *given.edges) if one.signed.counts_on(day)]
    accepted = [one for one in (*recorded.findings, *given.findings) if one.signed.counts_on(day)]
    return Settled(
        source=str(found) if found else "",
        edges={one.edge: one for one in counting},
        findings={one.fingerprint: one for one in accepted},
    )


def _recorded(side: PolicySide) -> Decisions:
    """As the recommendation.json hands them on."""
    told: Mapping[str, Any] = (side.view or {}).get("decisions") or {}
    try:
        return Decisions(
            edges=tuple(
                EdgeDecision(edge=one["edge"], choice=EdgeChoice(one["decision"]), signed=_signed(one))
                for one in told.get("edges", ())
            ),
            findings=tuple(
                FindingDecision(fingerprint=one["finding"], choice=FindingChoice(one["decision"]), signed=_signed(one))
                for one in told.get("findings", ())
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"is no recommendation.json: {error!r}", where=side.path, hint=HINT) from error


def _signed(told: Mapping[str, Any]) -> Signed:
    expires = told.get("expires")
    return Signed(
        reviewer=str(told.get("reviewer") or ""),
        note=str(told.get("note") or ""),
        expires=date.fromisoformat(expires) if expires else None,
    )
