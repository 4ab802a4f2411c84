"""Name resolution that was not seen, or only in part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import DNS_UNSEEN
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.edge import AddressEnd, Edge, Protocol, WorkloadEnd
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

DNS_PORTS: Final = frozenset({53, 5353})
"""The service's port, and the target port of OpenShift's DNS pods (hubble-quirks 42)."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Was name resolution seen, over TCP too, and with answers that name outside addresses (hubble-quirks 39 to 42)?"""
    if not any(isinstance(edge.client, WorkloadEnd) for edge in context.edges.values()):
        return
    queries = [edge for edge in context.edges.values() if _is_dns(edge)]
    if not queries:
        yield make_gap(
            DNS_UNSEEN,
            subject="DNS",
            reason="no workload was seen asking any name server",
            severity=Severity.HIGH,
            action="Check that UDP 53 is captured (no allow list drops it), and which servers the pods use: "
            "kubectl -n kube-system get svc,pods -l k8s-app=kube-dns",
        )
        return
    yield from _answers(context, queries)
    if not any(edge.protocol is Protocol.TCP for edge in queries):
        yield make_gap(
            DNS_UNSEEN,
            subject="DNS over TCP",
            reason="DNS was seen over UDP only; large answers come over TCP, so the baseline rule allows both",
            severity=Severity.LOW,
            action="Nothing, as long as rules for DNS keep TCP 53.",
            count=len(queries),
        )


def _answers(context: GapContext, queries: list[Edge]) -> Iterator[Gap]:
    """Queries without a single answer that carries addresses: no DNS proxy, or nothing but NXDOMAIN."""
    nameless = [e for e in context.allowed() if isinstance(e.server, AddressEnd) and isinstance(e.client, WorkloadEnd)]
    if not context.capture.dns_answers:
        about = f"; {counted(len(nameless), 'edge')} to outside addresses without a name" if nameless else ""
        yield make_gap(
            DNS_UNSEEN,
            subject="DNS answers",
            reason=f"{counted(len(queries), 'edge')} to name servers, but no recorded answer holds an address{about}",
            severity=Severity.MEDIUM if nameless else Severity.LOW,
            count=len(nameless) or len(queries),
            examples=(edge.key for edge in nameless),
        )


def _is_dns(edge: Edge) -> bool:
    return edge.port in DNS_PORTS and edge.protocol in {Protocol.UDP, Protocol.TCP}
