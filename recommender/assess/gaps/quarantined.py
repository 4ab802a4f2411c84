"""Edges in quarantine, by reason and client."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from recommender.assess.codes import QUARANTINED
from recommender.assess.gaps.report import make_gap
from recommender.assess.quarantine.scan import SCAN
from recommender.assess.wording import counted
from recommender.model.disposition import Disposition
from recommender.model.edge import end_sort_key
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import Edge, End
    from recommender.model.gap import Gap


def detect(context: GapContext) -> Iterator[Gap]:
    """What is left out until a person releases it? One gap for each client and reason; scans are the gravest."""
    found: defaultdict[tuple[End, str], list[tuple[Edge, str]]] = defaultdict(list)
    for edge, decided in context.with_disposition(Disposition.QUARANTINED):
        # What a deny rule matched has a finding of its own.
        if not edge.evidence.verdicts.explicitly_denied:
            kind = SCAN if decided.reason.startswith(SCAN) else decided.reason
            found[edge.client, kind].append((edge, decided.reason))
    for (client, kind), edges in sorted(found.items(), key=lambda item: (end_sort_key(item[0][0]), item[0][1])):
        reasons = "; ".join(sorted({reason for _, reason in edges}))
        yield make_gap(
            QUARANTINED,
            subject=str(client),
            reason=f"{counted(len(edges), 'edge')}: {reasons}",
            severity=Severity.HIGH if kind == SCAN else Severity.MEDIUM,
            count=len(edges),
            examples=(edge.key for edge, _ in edges),
            facts=(kind,),
        )
