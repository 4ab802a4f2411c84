"""The schema of completeness, verdicts and the backtest."""

from __future__ import annotations

from recommender.model.verdict import Advice
from recommender.report.schema_types import (
    COUNT,
    FLAG,
    SHARE,
    TEXT,
    TIME,
    Schema,
    choice,
    list_of,
    nullable,
    record,
    reference,
)

_AMOUNT: Schema = {"type": "number", "minimum": 0}


def unseen_schema() -> Schema:
    """Incidences and the bound of unseen activity."""
    return record(edges=COUNT, incidences=COUNT, once=COUNT, bound=SHARE, enough=FLAG)


def completeness_schema() -> Schema:
    """What the window may have missed."""
    new = record(days=_AMOUNT, expected=_AMOUNT, of_releases=_AMOUNT, at_most_90=COUNT, at_most_95=COUNT)
    return record(
        sentence=TEXT, unseen=reference("unseen"), new_edges=nullable(new), unit_ratio=nullable(_AMOUNT), warning=TEXT
    )


def verdict_schema() -> Schema:
    """What to do with one policy."""
    return record(
        advice=choice(Advice),
        breakage=SHARE,
        days=_AMOUNT,
        expected_new=_AMOUNT,
        reason=TEXT,
        wait_days=nullable(COUNT),
        wait=TEXT,
        unseen=reference("unseen"),
    )


def verdicts_schema() -> Schema:
    """All verdicts counted."""
    return record(sentence=TEXT, counts=list_of(reference("named_count")), expected_to_break=_AMOUNT)


def backtest_schema() -> Schema:
    """The first part of the window, judged by the rest."""
    bins = list_of(record(count=COUNT, predicted=SHARE, happened=SHARE))
    reliability = record(
        of=TEXT,
        count=COUNT,
        happened=SHARE,
        brier=SHARE,
        constant_brier=SHARE,
        ece=SHARE,
        auc=nullable(SHARE),
        bins=bins,
    )
    return record(
        sentence=TEXT,
        learned_days=COUNT,
        tested_days=_AMOUNT,
        cut_at=TIME,
        policies=COUNT,
        later_needed=COUNT,
        false_denials=list_of(reference("denial")),
        broken_policies=COUNT,
        rules=COUNT,
        unused_rules=list_of(record(policy=TEXT, rule=TEXT)),
        recurrence=nullable(reliability),
        breakage=nullable(reliability),
        bounds_checked=COUNT,
        bounds_held=COUNT,
        new_edges=record(
            expected=nullable(_AMOUNT), at_most_90=nullable(COUNT), at_most_95=nullable(COUNT), actual=COUNT
        ),
        discovery=list_of(COUNT),
    )
