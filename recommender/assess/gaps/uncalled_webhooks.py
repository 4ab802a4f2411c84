"""Webhooks and aggregated APIs that the API server was not seen to call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recommender.assess.gaps.asked_pods import unanswered
from recommender.assess.gaps.report import make_gap
from recommender.assess.inventory_codes import UNCALLED_WEBHOOK
from recommender.assess.wording import counted
from recommender.model.declared_use import UseKind
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """Which of them lead to pods that nobody asked? One finding for those that must answer, one for the others."""
    uses = list(unanswered(UseKind.WEBHOOK, context.allowed(), context))
    for required, severity in ((True, Severity.HIGH), (False, Severity.LOW)):
        missing = sorted(
            {f"{use.source} at {use.namespaces[0]}/{use.service}" for use in uses if use.required is required}
        )
        if missing:
            yield make_gap(
                UNCALLED_WEBHOOK,
                subject="required" if required else "optional",
                reason=f"{counted(len(missing), 'service')} behind a webhook or an aggregated API never called",
                severity=severity,
                count=len(missing),
                examples=missing,
                facts=missing,
            )
