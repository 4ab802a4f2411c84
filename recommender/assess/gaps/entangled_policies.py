"""What was written and existing policies depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.existing_codes import ENTANGLED
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.replay import ReplayProof, RequestProof


def detect(context: GapContext) -> Iterator[Gap]:
    """Which needed edges pass, or are cut, by existing policies only, and which of their filters does a rule lift?"""
    if context.proof:
        yield from _of_proof(context.proof)
    existing = context.existing
    for group, rule, policies in existing.lifted:
        yield make_gap(
            ENTANGLED,
            severity=Severity.MEDIUM,
            subject=group,
            reason=f"its rule {rule} lies beside a layer-7 filter of {', '.join(policies)} and lifts it for some pods",
            action="Let the filter hold for all pods of the group, or review the rule before it is applied.",
            facts=(rule, *policies),
        )
    if existing.isolation:
        yield make_gap(
            ENTANGLED,
            severity=Severity.INFO,
            subject="isolation",
            reason=f"{counted(len(existing.isolation), 'direction')} of groups isolated by existing policies alone: "
            "deleting these opens them",
            count=len(existing.isolation),
            examples=(f"{group} {direction}: {', '.join(names)}" for group, direction, names in existing.isolation),
            facts=(f"{group} {direction}" for group, direction, _ in existing.isolation),
        )


def _of_requests(proof: RequestProof) -> Iterator[Gap]:
    if proof.cut_by_existing:
        yield make_gap(
            ENTANGLED,
            severity=Severity.HIGH,
            subject="needed requests behind filters of existing policies",
            reason=f"methods and paths that HTTP rules of existing policies deny: {len(proof.cut_by_existing)}",
            action="Add them to the HTTP rules of these policies by hand.",
            count=len(proof.cut_by_existing),
            examples=(f"{denial.edge}: {denial.reason}" for denial in proof.cut_by_existing),
            facts=sorted({f"{denial.edge}: {denial.reason}" for denial in proof.cut_by_existing}),
        )
    if proof.opened_by_existing:
        yield make_gap(
            ENTANGLED,
            severity=Severity.MEDIUM,
            subject="HTTP rules that existing policies open",
            reason=f"{counted(len(proof.opened_by_existing), 'edge')} whose HTTP rules narrow nothing while existing "
            "policies let every request through",
            action="Take back what allows these connections today, above all what gave the visibility (see NPR317).",
            count=len(proof.opened_by_existing),
            examples=proof.opened_by_existing,
            facts=proof.opened_by_existing,
        )


def _of_proof(proof: ReplayProof) -> Iterator[Gap]:
    yield from _of_requests(proof.http)
    if proof.cut_by_existing:
        yield make_gap(
            ENTANGLED,
            severity=Severity.HIGH,
            subject="needed edges at pods without a policy of ours",
            reason=f"{counted(len(proof.cut_by_existing), 'needed edge')} denied by existing policies, "
            "and no manifest could be made that allows them",
            action="Add the rules to these policies by hand, or see to it that the pods get one (NPR202, NPR302).",
            count=len(proof.cut_by_existing),
            examples=(f"{denial.edge}: {denial.reason}" for denial in proof.cut_by_existing),
            facts=sorted({denial.edge for denial in proof.cut_by_existing}),
        )
    if proof.attested:
        yield make_gap(
            ENTANGLED,
            severity=Severity.MEDIUM,
            subject="policies known by name only",
            reason=f"{counted(len(proof.attested), 'needed edge')} left to policies that flows name, as of the last "
            "verdict in the window; whether they still stand as they did is not known",
            action="Give their texts in the inventory, or run with --existing complement, which writes the rules.",
            count=len(proof.attested),
            examples=(denial.edge for denial in proof.attested),
            facts=sorted({denial.edge for denial in proof.attested}),
        )
    if proof.dependent:
        yield make_gap(
            ENTANGLED,
            severity=Severity.INFO,
            subject="existing policies",
            reason=f"{counted(len(proof.dependent), 'needed edge')} not repeated in what was written: "
            "existing policies allow them, and deleting these would cut them",
            count=len(proof.dependent),
            examples=(f"{denial.edge}: {denial.reason}" for denial in proof.dependent),
        )
