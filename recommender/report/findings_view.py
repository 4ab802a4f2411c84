"""What every form of the findings reads: the gaps of the view, the place of each, and what was checked beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from recommender.model.findings import REPORT_FILE, Check
from recommender.report.view_findings import gap_view

if TYPE_CHECKING:
    from recommender.model.findings import Findings

PROOF: Final = "proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsView:
    """The findings of a command as plain values, worst first."""

    tool_version: str
    checks: tuple[Check, ...]
    rows: tuple[dict[str, Any], ...]
    """As `gaps` in the view of a run, each with its `place` (`file`, `line`)."""


def findings_of(view: dict[str, Any]) -> FindingsView:
    """The findings of a run, out of its view; the replay proofs are checks, so that no run is without any line.

    The place of every one is the file that holds them all, since they are about a cluster, not about a line.
    """
    checks = [_proof_check("every needed edge passes the manifests", view["proof"])]
    approved = (view["decisions"] or {}).get("approved_proof")
    if approved is not None:
        checks.append(_proof_check("every needed edge passes the approved manifests alone", approved))
    place = {"file": REPORT_FILE, "line": 1}
    return FindingsView(
        tool_version=view["tool_version"],
        checks=tuple(checks),
        rows=tuple({**gap, "place": place} for gap in view["gaps"]),
    )


def placed_findings(findings: Findings) -> FindingsView:
    """The findings of a command that has no view of a run, in the same form."""
    return FindingsView(
        tool_version=findings.tool_version,
        checks=findings.checks,
        rows=tuple(
            {**gap_view(placed.gap, None), "place": {"file": placed.file, "line": placed.line}}
            for placed in findings.placed
        ),
    )


def _proof_check(name: str, proof: dict[str, Any]) -> Check:
    return Check(kind=PROOF, name=name, failure="" if proof["holds"] else "the replay proof fails")
