"""The JSON Schema of what is said about existing policies."""

from __future__ import annotations

from typing import Any

from recommender.model.confidence import Band
from recommender.model.existing import AdviceKind, ExistingUse, Opening, PolicyFate
from recommender.model.gap import Severity
from recommender.model.policy import Baseline, Direction
from recommender.report.schema_types import (
    COUNT,
    EDGE_ID,
    FLAG,
    TEXT,
    TEXTS,
    TIME,
    Schema,
    choice,
    list_of,
    nullable,
    record,
    reference,
)


def existing_schema() -> Schema:
    """The policies, their rules with their use, advice, what was left out, and changes against an earlier run."""
    advice = record(
        kind=choice(AdviceKind), policy=TEXT, path=TEXT, severity=choice(Severity), confidence=choice(Band), reason=TEXT
    )
    return record(
        use=choice(ExistingUse),
        note=TEXT,
        sentence=TEXT,
        policies=list_of(record(name=TEXT, fate=choice(PolicyFate), reason=TEXT, selects=COUNT, document=TEXT)),
        rules=list_of(_rule()),
        advice=list_of(advice),
        left_out=list_of(left_out_schema(group=TEXT)),
        covered_groups=TEXTS,
        lifted=list_of(record(group=TEXT, rule=TEXT, policies=TEXTS)),
        changes=list_of(record(source=TEXT, destination=TEXT, before=TEXT, after=TEXT)),
        changes_known=FLAG,
        how=TEXT,
    )


def left_out_schema(**more: Schema) -> Schema:
    """A rule that existing policies say already."""
    baselines: dict[str, Any] = {"enum": ["", *(item.value for item in Baseline)]}
    return record(
        direction=choice(Direction),
        baseline=baselines,
        peer=reference("peer"),
        ports=TEXTS,
        edges=list_of(EDGE_ID),
        policies=TEXTS,
        layer7=FLAG,
        by_name=FLAG,
        **more,
    )


def _rule() -> Schema:
    texts = "subjects unobserved scheduled used_ports"
    return record(
        policy=TEXT,
        path=TEXT,
        direction=choice(Direction),
        text=TEXT,
        opening=choice(Opening),
        ports=COUNT,
        unresolved=FLAG,
        known_peers=COUNT,
        used_peers=COUNT,
        used_outside=COUNT,
        edges=list_of(EDGE_ID),
        suspicious=list_of(EDGE_ID),
        connections=COUNT,
        last_used=nullable(TIME),
        **dict.fromkeys(texts.split(), TEXTS),
    )
