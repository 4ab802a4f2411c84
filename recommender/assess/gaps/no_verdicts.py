"""Workloads without policy verdicts in a direction."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.assess.codes import NO_VERDICTS
from recommender.assess.gaps.report import command_name, make_gap
from recommender.assess.wording import counted
from recommender.model.disposition import Disposition
from recommender.model.edge import WorkloadEnd
from recommender.model.gap import Severity
from recommender.model.policy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

_MOST: Final = 0.5


def detect(context: GapContext) -> Iterator[Gap]:
    """Where was audit not effective: no verdict in a direction, though there was traffic (hubble-quirks 16)?

    One gap for a capture without any verdict; otherwise one for each direction.
    """
    if not context.capture.verdict_flows:
        if context.edges:
            yield make_gap(
                NO_VERDICTS,
                subject="capture",
                reason="the capture holds no policy verdict at all: audit mode is off, or no policy governs any pod",
                severity=Severity.MEDIUM,
                count=len(context.workloads) or 1,
            )
        return
    with_traffic, with_verdicts = _coverage(context)
    for direction in Direction:
        missing = sorted(with_traffic[direction] - with_verdicts[direction])
        if missing:
            yield _gap(direction, missing, len(with_traffic[direction]))


def _coverage(
    context: GapContext,
) -> tuple[Mapping[Direction, set[WorkloadEnd]], Mapping[Direction, set[WorkloadEnd]]]:
    """Workloads with traffic, and with verdicts, in every direction; only those seen on their node."""
    traffic: defaultdict[Direction, set[WorkloadEnd]] = defaultdict(set)
    verdicts: defaultdict[Direction, set[WorkloadEnd]] = defaultdict(set)
    for edge_id, edge in context.edges.items():
        decided = context.decided.get(edge_id)
        if decided is not None and decided.disposition is Disposition.IMPLICIT:
            continue
        for end, seen, direction in (
            (edge.client, edge.evidence.egress_verdicts, Direction.EGRESS),
            (edge.server, edge.evidence.ingress_verdicts, Direction.INGRESS),
        ):
            if not isinstance(end, WorkloadEnd) or not _governed(end, context):
                continue
            traffic[direction].add(end)
            if seen:
                verdicts[direction].add(end)
    return traffic, verdicts


def _governed(end: WorkloadEnd, context: GapContext) -> bool:
    workload = context.workloads.get(end)
    return workload is None or (workload.observed_locally and not workload.host_network)


def _gap(direction: Direction, missing: list[WorkloadEnd], total: int) -> Gap:
    namespaces = sorted({end.namespace for end in missing})
    name = command_name(namespaces[0], "NAMESPACE")
    where = f"in {name}" if len(namespaces) == 1 else f"in each of {len(namespaces)} namespaces, such as {name},"
    return make_gap(
        NO_VERDICTS,
        subject=direction.value,
        reason=f"no {direction} verdict for {len(missing)} of {counted(total, 'workload')} with {direction} traffic",
        severity=Severity.MEDIUM if len(missing) >= _MOST * total else Severity.LOW,
        action=f"Turn audit mode on first (cilium config set policy-audit-mode true), then apply a CiliumNetworkPolicy "
        f"{where} with endpointSelector {{}} and enableDefaultDeny {direction}: true; "
        f"verdicts appear in: hubble observe --namespace {name} --type policy-verdict",
        count=len(missing),
        examples=map(str, missing),
    )
