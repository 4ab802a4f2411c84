"""Findings about what the inventory promises and the flows do not show."""

from __future__ import annotations

from typing import Final

from recommender.assess.finding import Finding
from recommender.assess.finding import finding as _finding
from recommender.model.gap import Severity

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO

UNSCRAPED: Final = _finding(
    "NPR607",
    "Scrape targets that nothing scraped",
    (_MEDIUM,),
    "Their collector gets no rule, so their metrics and alerts fall silent once policies are enforced.",
    "See whether the targets are up in the collector, and capture on its node and theirs: "
    "kubectl get servicemonitors,podmonitors -A",
)
UNUSED_PORTS: Final = _finding(
    "NPR608",
    "Declared ports that nothing used",
    (_INFO,),
    "Who calls them, if anybody does, was not seen and gets no rule.",
    "Ask their owners what the ports are for; remove those that are left over.",
)
UNDECLARED_PORTS: Final = _finding(
    "NPR609",
    "Used ports that nothing declares",
    (_LOW,),
    "Rules open them although no container says that it listens there: forgotten, or not meant to be reached.",
    "Check what listens there, and declare the port in the pod template: kubectl -n NAMESPACE get pods -o yaml",
)
UNCALLED_WEBHOOK: Final = _finding(
    "NPR610",
    "Webhooks and aggregated APIs that nothing called",
    (_HIGH, _LOW),
    "If the API server's call is cut, what it guards fails: objects can no longer be created, or an API is gone.",
    "Create an object that it guards while capturing, so that the call from the API server is seen.",
)
UNUSED_ROUTE: Final = _finding(
    "NPR611",
    "Backends of an Ingress or a Gateway that nothing called",
    (_MEDIUM,),
    "The gateway gets no rule for them, so what they serve answers with 503 once policies are enforced.",
    "Call each route while capturing, or remove it: kubectl get ingress,httproutes -A",
)
UNSEEN_REPLICAS: Final = _finding(
    "NPR612",
    "Replicas that were not seen",
    (_LOW,),
    "Pods that differ in their labels, or what only further replicas do (joining, replication), may be missing.",
    "Check that their nodes are observed; scale out once while capturing.",
)
UNMANAGED: Final = _finding(
    "NPR613",
    "Pods that Cilium does not manage",
    (_HIGH,),
    "They started before Cilium did: no policy holds them, and peers cannot name them.",
    "Restart them: kubectl -n NAMESPACE delete pod NAME",
)
UNPROBED: Final = _finding(
    "NPR614",
    "Probes that were not seen",
    (_HIGH, _INFO),
    "Where a pod's own node needs rules (--own-node rules), they get none and the kubelet restarts the pods; otherwise "
    "probes pass without a rule.",
    "Check that traces are exported, and capture again; without own-node rules: nothing.",
)

INVENTORY: Final[tuple[Finding, ...]] = (
    UNSCRAPED,
    UNUSED_PORTS,
    UNDECLARED_PORTS,
    UNCALLED_WEBHOOK,
    UNUSED_ROUTE,
    UNSEEN_REPLICAS,
    UNMANAGED,
    UNPROBED,
)
"""Sorted by code."""
