"""The JSON Schema of the view's answers."""

from __future__ import annotations

from recommender.model.disposition import Disposition
from recommender.report.schema_types import COUNT, FLAG, TEXT, TEXTS, Schema, choice, list_of, nullable, record


def answers_schema() -> Schema:
    """Four answers, each with `how` it was obtained."""
    step = record(text=TEXT, action=TEXT, code=TEXT, section={"enum": ["proof", "findings", "review"]})
    return record(
        trust=record(
            verdict={"enum": ["yes", "with care", "not yet"]}, sentence=TEXT, high=COUNT, medium=COUNT, how=TEXT
        ),
        breaks=_breaks(),
        reach=_reach(),
        first=record(steps=list_of(step), how=TEXT),
    )


def _breaks() -> Schema:
    return record(
        sentence=TEXT,
        needed=COUNT,
        allowed=COUNT,
        broken=COUNT,
        broken_requests=COUNT,
        narrowed_pairs=COUNT,
        unsaid=COUNT,
        denied_on_purpose=COUNT,
        by_disposition=list_of(record(disposition=choice(Disposition), edges=COUNT)),
        by_reason=list_of(record(disposition=choice(Disposition), reason=TEXT, edges=COUNT)),
        how=TEXT,
    )


def _reach() -> Schema:
    group = record(
        group=TEXT,
        governed=FLAG,
        groups=COUNT,
        groups_before=COUNT,
        groups_by_hops=COUNT,
        workload_pairs=nullable(COUNT),
        entities=COUNT,
        external_peers=COUNT,
        world=FLAG,
    )
    return record(
        sentence=TEXT,
        before=record(groups=COUNT, entities=COUNT, external_peers=COUNT, world=FLAG),
        by_existing=FLAG,
        pairs_before=COUNT,
        pairs_after=COUNT,
        workload_pairs_before=nullable(COUNT),
        workload_pairs_after=nullable(COUNT),
        groups=list_of(group),
        open_to_world=list_of(record(group=TEXT, reason=TEXT)),
        ungoverned=list_of(record(workload=TEXT, reason=TEXT)),
        still_open=TEXTS,
        how=TEXT,
    )
