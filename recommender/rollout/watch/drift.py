"""What is new since the approved recommendation, from a replay of the store against its policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from recommender import __version__
from recommender.assess.gaps.report import make_gap
from recommender.assess.quarantine.dropped_only import REASON as ONLY_DENIED
from recommender.errors import UsageError
from recommender.model.capture import utc_text
from recommender.model.disposition import Disposition
from recommender.model.findings import Check, Findings
from recommender.report.wording import counted
from recommender.rollout.places import Places
from recommender.rollout.watch.codes import (
    KNOWN_OUTSIDE,
    NEW_DENIED,
    NEW_OUTSIDE,
    NEW_SUSPICIOUS,
    NEW_UNGOVERNED,
    SHORT_STORE,
    UNUSED_LONG,
)
from recommender.rollout.watch.settled import Settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.model.findings import PlacedGap
    from recommender.rollout.policy_side import PolicySide
    from recommender.rollout.verify.verification import TriedEdge, Verification

SCHEMA_VERSION: Final = 2
_OUTSIDE: Final = frozenset({NEW_OUTSIDE.code, NEW_DENIED.code})
_DAY: Final = 24 * 3600 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What is new, and what would be if nobody had decided about it."""

    findings: Findings
    decided: tuple[tuple[PlacedGap, str], ...]
    """(finding, by whom) that decisions exclude or accept: told as that, and in no exit code."""


def drift(side: PolicySide, found: Verification, *, unused_days: int, settled: Settled | None = None) -> Drift:
    """The findings about what changed after the report, worst first.

    Args:
        side: The report.
        found: Its policies against the store.
        unused_days: Days without use, before the store's last flow, from which a rule is told.
        settled: What people decided.

    Raises:
        UsageError: There is no report to compare with.
    """
    if side.view is None:
        raise UsageError("is no report", where=side.path, hint="give the directory of the approved report: --report")
    settled = settled or Settled()
    told = [(item, "") for item in (*_rules(found, unused_days), *_workloads(side, found))]
    told += [(item, settled.excluded(item.gap.subject)) for item in _edges(side, found, settled)]
    by_whom = [(item, by or settled.accepted(item.gap.fingerprint)) for item, by in told]
    by_whom.sort(key=lambda one: (one[0].gap.sort_key, one[0].file, one[0].line))
    placed = tuple(item for item, by in by_whom if not by)
    outside = sum(item.gap.code in _OUTSIDE for item in placed)
    failure = f"{counted(outside, 'new connection')} outside the approved policies" if outside else ""
    return Drift(
        findings=Findings(
            tool_version=__version__,
            checks=(Check(kind="drift", name="no new connection is outside the approved policies", failure=failure),),
            placed=placed,
        ),
        decided=tuple((item, by) for item, by in by_whom if by),
    )


def _edges(side: PolicySide, found: Verification, settled: Settled) -> Iterator[PlacedGap]:
    places = Places.of(found.sources)
    known = {edge.key: edge for edge in side.report.edges}
    since = _last_seen(side)
    for item in found.tried:
        key, earlier = item.edge.key, known.get(item.edge.key)
        needed = item.needed or settled.wanted(key)
        if not needed:
            if item.decided.disposition is Disposition.QUARANTINED and earlier is None:
                yield _suspicious(item, places)
        elif item.verdict.all_pass:
            continue
        elif earlier is None:
            yield places.placed(make_gap(NEW_OUTSIDE, subject=key, reason=_told(item)), *_holding(item))
        elif utc_text(item.edge.evidence.last_seen) > since:
            reason = f"{_told(item)}; the report: {earlier.disposition} {earlier.reason}".rstrip()
            yield places.placed(make_gap(KNOWN_OUTSIDE, subject=key, reason=reason), *_holding(item))


def _suspicious(item: TriedEdge, places: Places) -> PlacedGap:
    """What was only ever denied, and not by a deny rule or as part of a scan, may as well be a need that fails now."""
    if item.decided.reason == ONLY_DENIED and not item.verdict.all_pass:
        return places.placed(make_gap(NEW_DENIED, subject=item.edge.key, reason=_told(item)), *_holding(item))
    state = "passes" if item.verdict.any_passes else "is denied"
    reason = f"{item.decided.reason}; it {state}"
    gap = make_gap(NEW_SUSPICIOUS, subject=item.edge.key, reason=reason, count=item.edge.evidence.connections)
    return places.placed(gap, "", "")


def _told(item: TriedEdge) -> str:
    evidence = item.edge.evidence
    seen = f"{evidence.connections} connections from {utc_text(evidence.first_seen)} to {utc_text(evidence.last_seen)}"
    return f"{seen}; {item.verdict.explanation}"


def _holding(item: TriedEdge) -> tuple[str, str]:
    by = (*item.verdict.forbidden_by, *item.verdict.held_by)
    return (by[0] if by else "", "")


def _last_seen(side: PolicySide) -> str:
    """When the report's window ended, to the second."""
    capture = (side.view or {}).get("capture", {})
    return f"{str(capture.get('last_seen', ''))[:19]}Z"


def _rules(found: Verification, unused_days: int) -> Iterator[PlacedGap]:
    places = Places.of(found.sources)
    if found.capture.days < unused_days:
        reason = f"it holds {found.capture.days:.1f} days, and {unused_days} are asked for"
        yield places.placed(make_gap(SHORT_STORE, subject="store", reason=reason), "", "")
        return
    before = found.capture.last_seen - unused_days * _DAY
    for rule in found.rules:
        if rule.last_used >= before:
            continue
        last = f"last used {utc_text(rule.last_used)}" if rule.edges else "never used"
        gap = make_gap(
            UNUSED_LONG,
            subject=f"{rule.policy} {rule.path}",
            reason=f"{last}: {rule.text}",
            examples=(*rule.scheduled, *rule.unobserved),
        )
        yield places.placed(gap, rule.policy, rule.path)


def _workloads(side: PolicySide, found: Verification) -> Iterator[PlacedGap]:
    """Those that no policy isolates in any direction; what the report left so on purpose is told there."""
    known = {str(workload.end) for workload in side.report.workloads}
    names = [name for name, _ in found.ungoverned]
    for name in sorted(set(names)):
        if names.count(name) > 1 and name not in known:
            yield Places.of(found.sources).placed(
                make_gap(NEW_UNGOVERNED, subject=name, reason="the report does not know it"), "", ""
            )


def drift_view(side: PolicySide, found: Verification, drifted: Drift, settled: Settled) -> dict[str, Any]:
    """The same as plain JSON values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "report": side.path,
        "report_window_ends": _last_seen(side),
        "decisions": settled.source,
        "window": found.capture.window_text,
        "counts": {
            "edges": len(found.tried),
            "needed": found.needed,
            "rules": len(found.rules),
            "decided": len(drifted.decided),
        },
        "findings": [_finding_view(placed) for placed in drifted.findings.placed],
        "decided": [{**_finding_view(placed), "by": by} for placed, by in drifted.decided],
    }


def _finding_view(placed: PlacedGap) -> dict[str, Any]:
    gap = placed.gap
    return {
        "code": gap.code,
        "title": gap.title,
        "severity": gap.severity.value,
        "fingerprint": gap.fingerprint,
        "subject": gap.subject,
        "reason": gap.reason,
        "action": gap.action,
        "file": placed.file,
        "line": placed.line,
    }
