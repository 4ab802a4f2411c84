"""Findings about what a window of this time of the month, without a deployment, cannot show."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.model.gap import Severity

NO_RESTART: Final = _finding(
    "NPR504",
    "No start of a pod in the window",
    (Severity.MEDIUM, Severity.LOW),
    "What a workload needs only when it starts (migrations, credentials, elections, caches to fill) was not seen, and "
    "its next deployment fails once policies are enforced.",
    "Restart them during the capture: kubectl -n NAMESPACE rollout restart deployment NAME",
)
NO_MONTH_END: Final = _finding(
    "NPR505",
    "No turn of a month in the window",
    (Severity.LOW,),
    "Invoices, closings and monthly reports run around it; what they talk to was not seen.",
    "Let the window hold the last day of a month and the first of the next, or run these jobs by hand while capturing.",
)

CALENDAR: Final[tuple[Finding, ...]] = (NO_RESTART, NO_MONTH_END)
"""Sorted by code."""
