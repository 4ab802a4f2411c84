"""Rules of existing policies that allow much more than was seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from recommender.assess.existing_codes import WIDE_RULE
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.existing import AdviceKind, PolicyFate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which existing rules could be narrowed: by their texts, else by what verdicts say of the match (quirk 58)?"""
    for item in context.existing.advice:
        if item.kind is AdviceKind.TIGHTEN:
            yield make_gap(
                WIDE_RULE,
                severity=item.severity,
                subject=f"{item.policy} {item.path}",
                reason=f"{item.reason} (confidence {item.confidence.value})",
            )
    judged = {policy.name for policy in context.existing.of_fate(PolicyFate.JUDGED)}
    connections: Counter[str] = Counter()
    for edge in context.edges.values():
        names = {name.replace("//", "/", 1) for name in edge.evidence.broad_policies} - judged
        connections.update(dict.fromkeys(names, edge.evidence.broad_matches))
    for name, count in sorted(connections.items()):
        yield make_gap(
            WIDE_RULE,
            subject=name,
            reason=f"{counted(count, 'connection')} allowed by a match without ports, without peers, or without both",
            count=count,
        )
