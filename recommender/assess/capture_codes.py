"""Findings about what an export leaves out or distorts, without a loss counter saying so."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.model.gap import Severity

_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW

STRIPPED_FIELDS: Final = _finding(
    "NPR115",
    "Fields missing from the export",
    (_HIGH, _MEDIUM, _LOW),
    "What these fields would have said is guessed or not known; the examples name each field's part.",
    "Take them into the exporter's field mask (hubble.export.static.fieldMask, or the dynamic export's fieldMask), or "
    "leave the mask out, and capture again.",
)
AGGREGATED_EXPORT: Final = _finding(
    "NPR116",
    "Aggregated export",
    (_MEDIUM,),
    "Each record keeps the time of its first event only, and replies count like requests: hours, regularity and "
    "answers are told with less certainty.",
    "Export without aggregation for the time of the audit: leave hubble-export-fieldaggregate unset.",
)
FILTERED_EXPORT: Final = _finding(
    "NPR117",
    "Only some kinds of records were exported",
    (_HIGH, _LOW),
    "Policies made of a part of the records deny what the other part would have shown.",
    "Take the verdict and event filters out of the exporter's allowList and denyList, keep bpf-events-trace-enabled "
    "on, and capture again.",
)
CLOCK_SKEW: Final = _finding(
    "NPR118",
    "Clocks of nodes differ",
    (_HIGH, _MEDIUM, _LOW),
    "Beyond five seconds DNS answers are joined to the wrong connections, beyond ten minutes one connection counts as "
    "two; scans and schedules are told by time, too.",
    "Synchronise the nodes' clocks (chronyc tracking, timedatectl timesync-status on each) and capture again.",
)
OLDER_CONNECTIONS: Final = _finding(
    "NPR119",
    "Connections older than the window",
    (_MEDIUM, _LOW),
    "No policy was asked about them, and what their clients open when they connect anew (another port, another "
    "replica, name resolution) was not seen.",
    "Restart the clients during the capture: kubectl -n NAMESPACE rollout restart deployment NAME",
)
MISSING_OPENINGS: Final = _finding(
    "NPR120",
    "Openings of connections are missing",
    (_MEDIUM,),
    "The source samples, or the datapath drops events without counting them (rate limit): as large a share of "
    "rare connections may be missing altogether.",
    "Raise or unset bpf-events-default-rate-limit, check that monitor-aggregation-flags holds syn, and capture with "
    "Cilium's own exporter.",
)

CAPTURE: Final[tuple[Finding, ...]] = (
    STRIPPED_FIELDS,
    AGGREGATED_EXPORT,
    FILTERED_EXPORT,
    CLOCK_SKEW,
    OLDER_CONNECTIONS,
    MISSING_OPENINGS,
)
"""Sorted by code."""
