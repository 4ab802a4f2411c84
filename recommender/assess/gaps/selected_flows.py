"""Flows that were never looked at because somebody chose others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.codes import SELECTED_FLOWS
from recommender.assess.gaps.report import make_gap
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Was the dataset thinned out when it was stored, or this run told to keep to some kinds of records?"""
    if context.capture.selected_when_stored:
        yield make_gap(
            SELECTED_FLOWS,
            severity=Severity.HIGH,
            subject="dataset",
            reason="flows were left out by selection flags when the dataset was made; nobody can tell whose",
            action="Ingest again without selection flags: netpol-recommend ingest SOURCE… -o flows.parquet",
        )
    if context.capture.record_kinds:
        kinds = ", ".join(context.capture.record_kinds)
        yield make_gap(
            SELECTED_FLOWS,
            severity=Severity.MEDIUM,
            subject="selection flags",
            reason=f"this run kept to {kinds}; what other records show was not looked at",
            action="Run once more without these flags, and compare.",
            facts=context.capture.record_kinds,
        )
