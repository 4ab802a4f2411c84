"""A replay as findings: one an edge that is denied or stays open, a workload, a rule, a policy."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender import __version__
from recommender.assess.gaps.report import make_gap
from recommender.model.findings import Check, Findings, PlacedGap
from recommender.rollout.places import Places
from recommender.rollout.verify.codes import (
    DENIED,
    DENIED_ALREADY,
    IDLE_POLICY,
    REQUEST_DENIED,
    STILL_OPEN,
    UNGOVERNED,
    UNUSED_RULE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.rollout.verify.verification import Verification


def findings_of_replay(found: Verification) -> Findings:
    """Everything that a replay tells, worst first; its proof is a check of its own."""
    denied = len(found.denied) + len(found.denied_requests)
    failure = f"{denied} would be denied" if denied else ""
    return Findings(
        tool_version=__version__,
        checks=(Check(kind="proof", name="every needed edge and request passes the manifests", failure=failure),),
        placed=tuple(sorted(_placed(found), key=lambda item: (item.gap.sort_key, item.file, item.line))),
    )


def _placed(found: Verification) -> Iterator[PlacedGap]:
    places = Places.of(found.sources)
    for item in found.denied:
        by = (*item.verdict.forbidden_by, *item.verdict.held_by)
        gap = make_gap(
            DENIED,
            subject=item.edge.key,
            reason=item.verdict.explanation,
            count=item.edge.evidence.connections,
            examples=by,
        )
        yield places.placed(gap, *((by[0], "") if by else ("", "")))
    for denial in found.denied_requests:
        yield places.placed(make_gap(REQUEST_DENIED, subject=denial.edge, reason=denial.reason), "", "")
    for item in found.still_open:
        by = tuple(name for names in item.verdict.allowed_by for name in names)
        reason = f"{item.decided.reason}; allowed by {', '.join(by) or 'default, since nothing isolates its ends'}"
        gap = make_gap(STILL_OPEN, subject=item.edge.key, reason=reason, count=item.edge.evidence.connections)
        yield places.placed(gap, by[0] if by else "", "")
    for item in found.denied_already:
        gap = make_gap(DENIED_ALREADY, subject=item.edge.key, reason=item.verdict.explanation,
                       count=item.edge.evidence.connections)  # fmt: skip
        by = (*item.verdict.forbidden_by, *item.verdict.held_by)
        yield places.placed(gap, by[0] if by else "", "")
    directions = defaultdict(list)
    for name, direction in found.ungoverned:
        directions[name].append(direction.value)
    for name, open_ways in directions.items():
        ways = " and ".join(open_ways)
        yield places.placed(make_gap(UNGOVERNED, subject=name, reason=f"open in {ways}", facts=open_ways), "", "")
    for rule in found.unused:
        suspicious = f"; {len(rule.suspicious)} suspicious contacts did" if rule.suspicious else ""
        gap = make_gap(
            UNUSED_RULE,
            subject=f"{rule.policy} {rule.path}",
            reason=f"no edge of {len(found.tried)} used it{suspicious}: {rule.text}",
            examples=(*rule.scheduled, *rule.unobserved),
        )
        yield places.placed(gap, rule.policy, rule.path)
    for name in found.idle:
        yield places.placed(make_gap(IDLE_POLICY, subject=name, reason="no known pod has its labels"), name, "")
