"""The findings of replaying flows against manifests (NPR95x)."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.model.gap import Severity

DENIED: Final = _finding(
    "NPR951",
    "Needed connection that the manifests deny",
    (Severity.HIGH,),
    "Enforcing these manifests cuts it.",
    "Add a rule for it, or decide that nobody needs it: netpol-recommend explain says which rules were near.",
)
REQUEST_DENIED: Final = _finding(
    "NPR952",
    "Needed HTTP request that the manifests deny",
    (Severity.HIGH,),
    "The connection passes and the proxy answers the request with 403.",
    "Add the method and path to the HTTP rule, or take the HTTP rule out.",
)
STILL_OPEN: Final = _finding(
    "NPR953",
    "Suspicious contact that the manifests let through",
    (Severity.MEDIUM,),
    "What looks like a scan, a debug pod or an explicitly denied contact stays possible.",
    "Look at the rule that allows it, and narrow it unless the contact is wanted.",
)
UNGOVERNED: Final = _finding(
    "NPR954",
    "Workload that no policy isolates",
    (Severity.MEDIUM,),
    "Everything passes in that direction, needed or not.",
    "Give it a policy: netpol-recommend FLOWS recommends one.",
)
UNUSED_RULE: Final = _finding(
    "NPR955",
    "Rule that nothing used",
    (Severity.LOW,),
    "It lets through what nobody was seen to need in these flows.",
    "Ask its owner; take it out if the flows cover the rare needs (month's end, failover) too.",
)
IDLE_POLICY: Final = _finding(
    "NPR956",
    "Policy that selects none of the workloads",
    (Severity.LOW,),
    "It protects nobody, or its selector is misspelt and somebody is not protected.",
    "Compare its selector with the pods' labels: kubectl get pods -A --show-labels",
)
DENIED_ALREADY: Final = _finding(
    "NPR957",
    "Connection denied in the flows and by the manifests",
    (Severity.LOW,),
    "Where policies are enforced already, a need that they cut shows as this only; so does whoever probes.",
    "Ask the client's owner; a need has to be released in decisions.yaml for the next report.",
)

VERIFY: Final[tuple[Finding, ...]] = (
    DENIED,
    REQUEST_DENIED,
    STILL_OPEN,
    UNGOVERNED,
    UNUSED_RULE,
    IDLE_POLICY,
    DENIED_ALREADY,
)
"""Sorted by code."""
