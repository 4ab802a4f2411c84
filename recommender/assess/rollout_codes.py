"""Findings about putting the policies into force: incidents and mistakes that others went through (ADR 51)."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.model.gap import Severity

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO

ONE_DNS_PROTOCOL: Final = _finding(
    "NPR801",
    "DNS over one protocol only",
    (_HIGH,),
    "Clients ask over UDP, and over TCP when an answer is too large: with one of them cut, names fail now and then.",
    "Allow both UDP and TCP to this name server, or let the pods ask the cluster's DNS.",
)
MOVED: Final = _finding(
    "NPR802",
    "Workload that moved to another namespace",
    (_HIGH, _LOW),
    "Rules name namespaces: clients that knew it at the old place and were not seen at the new one, such as collectors "
    "of metrics, are cut.",
    "Let each of them connect at the new place while capturing, and leave out the days before the move: --since.",
)
UNCONNECTED_NAMES: Final = _finding(
    "NPR803",
    "Outside names that were asked for, and no connection to them",
    (_MEDIUM,),
    "A call to an outside API that is rare, or over a connection older than the window, gets no rule and is cut.",
    "Make the calls while capturing, or add the names by hand: toFQDNs with matchName.",
)
CNI: Final = _finding(
    "NPR804",
    "Network plugin that does not enforce the policies",
    (_HIGH, _MEDIUM),
    "Policies that are not enforced look applied and protect nothing.",
    "Use a dialect that the plugin enforces (--dialect), or another plugin; then test that denied calls fail.",
)
NO_STAGING: Final = _finding(
    "NPR805",
    "No environment before production was seen",
    (_MEDIUM, _LOW),
    "These policies would be tried in production first.",
    "Apply them in a development or staging cluster first, with audit mode on, then enforced, before production.",
)
APPLY_ORDER: Final = _finding(
    "NPR806",
    "Order in which to apply",
    (_HIGH, _LOW),
    "A default deny that comes before the rules it depends on cuts traffic until they follow; what lies in a namespace "
    "that does not exist is refused.",
    "Apply the shared rules first: kubectl apply -f policies/_cluster/, then kubectl apply -k policies/",
)
NO_ROLLBACK: Final = _finding(
    "NPR807",
    "Way back",
    (_MEDIUM, _INFO),
    "If something breaks, what was in force before has to come back within minutes.",
    "Save what is in force, and try the way back first: kubectl get netpol,cnp,ccnp -A -o yaml > before.yaml; "
    "back: kubectl delete -k policies/ && kubectl apply -f before.yaml",
)
CUT_OFF: Final = _finding(
    "NPR808",
    "Cut off from the outside",
    (_LOW,),
    "These groups were not seen to reach any address outside, and may not once the policies are enforced.",
    "Ask their owners for calls to outside APIs, licence servers and package mirrors that happen rarely.",
)

ROLLOUT: Final[tuple[Finding, ...]] = (
    ONE_DNS_PROTOCOL,
    MOVED,
    UNCONNECTED_NAMES,
    CNI,
    NO_STAGING,
    APPLY_ORDER,
    NO_ROLLBACK,
    CUT_OFF,
)
"""Sorted by code."""
