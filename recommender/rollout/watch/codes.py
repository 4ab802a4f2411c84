"""The findings of watching for drift (NPR97x)."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.model.gap import Severity

NEW_OUTSIDE: Final = _finding(
    "NPR971",
    "New connection outside the approved policies",
    (Severity.HIGH,),
    "It is denied where they are enforced; where they are audited it would be.",
    "Ask its owner; run netpol-recommend on the newer flows and approve what it adds, or leave it denied.",
)
KNOWN_OUTSIDE: Final = _finding(
    "NPR972",
    "Known connection outside the approved policies",
    (Severity.MEDIUM,),
    "The report left it out, and it goes on; by now it looks needed.",
    "Look at the reason in the report, and release it or leave it denied.",
)
NEW_SUSPICIOUS: Final = _finding(
    "NPR973",
    "New suspicious contact",
    (Severity.MEDIUM,),
    "Somebody scans, debugs by hand, or tries what policies deny.",
    "Find out who it was; the flows hold the pod and the time.",
)
UNUSED_LONG: Final = _finding(
    "NPR974",
    "Rule unused for long",
    (Severity.LOW,),
    "It keeps open what nobody was seen to need.",
    "Ask its owner; reject it in decisions.yaml unless a rare need is behind it.",
)
NEW_UNGOVERNED: Final = _finding(
    "NPR975",
    "Workload without policy",
    (Severity.MEDIUM,),
    "No policy isolates it: everything passes, needed or not.",
    "Run netpol-recommend on the newer flows; it recommends a policy.",
)
SHORT_STORE: Final = _finding(
    "NPR976",
    "Store too short to call rules unused",
    (Severity.INFO,),
    "What was not used in a shorter time may be used at the end of the month.",
    "Keep more days in the store, or ask for fewer with --unused-days.",
)
NEW_DENIED: Final = _finding(
    "NPR977",
    "New connection that is denied",
    (Severity.HIGH,),
    "Either it is a need that nobody told, and it fails now, or somebody probes.",
    "Ask the client's owner at once; release it in decisions.yaml for the next report, or exclude it.",
)

WATCH: Final[tuple[Finding, ...]] = (
    NEW_OUTSIDE,
    KNOWN_OUTSIDE,
    NEW_SUSPICIOUS,
    UNUSED_LONG,
    NEW_UNGOVERNED,
    SHORT_STORE,
    NEW_DENIED,
)
"""Sorted by code."""
