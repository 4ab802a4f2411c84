"""Quarantined edges that other rules, or the lack of any, let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import STILL_OPEN
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which quarantined edges would the manifests let through nevertheless (found by the replay proof)?"""
    proof = context.proof
    if proof is None:
        return
    by_existing = {denial.edge for denial in proof.open_by_existing}
    ours = [edge for edge in proof.still_open if edge not in by_existing]
    if ours:
        yield make_gap(
            STILL_OPEN,
            subject="policies",
            reason=f"{counted(len(ours), 'quarantined edge')}: a rule for others allows it, or none governs it",
            count=len(ours),
            examples=sorted(ours),
            facts=sorted(ours),
        )
    if by_existing:
        yield make_gap(
            STILL_OPEN,
            subject="existing policies",
            reason=f"{counted(len(by_existing), 'quarantined edge')} allowed by existing policies alone",
            action="Narrow or remove the rules of these existing policies, or release the edges.",
            count=len(by_existing),
            examples=(f"{denial.edge}: {denial.reason}" for denial in proof.open_by_existing),
            facts=sorted(by_existing),
        )
