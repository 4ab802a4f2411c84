"""Traffic that an existing deny rule matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import EXPLICITLY_DENIED
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which edges did a deny rule match (hubble-quirks 18), or does one match by its text?"""
    for edge in context.edges.values():
        denied = edge.evidence.verdicts.explicitly_denied
        if denied:
            yield make_gap(
                EXPLICITLY_DENIED,
                subject=edge.key,
                reason=f"{counted(denied, 'connection')} of {edge.evidence.connections} matched by a deny rule",
                count=denied,
                examples=(f"hubble observe --uuid {uuid}" for uuid in edge.evidence.sample_uuids if _is_uuid(uuid)),
            )
    for item in context.existing.forbidden:
        edge = context.edges[item.edge_id]
        allowed = context.decided[item.edge_id].disposition.allowed
        if edge.evidence.verdicts.explicitly_denied or not (item.whole or allowed):
            continue
        extent = "" if item.whole else ", for some of its pods or addresses: these stay cut, the others are allowed"
        yield make_gap(
            EXPLICITLY_DENIED,
            subject=edge.key,
            reason=f"by its text a deny rule of {', '.join(item.policies)} matches it{extent}",
            count=edge.evidence.connections,
        )


def _is_uuid(text: str) -> bool:
    return all(character.isalnum() or character == "-" for character in text)
