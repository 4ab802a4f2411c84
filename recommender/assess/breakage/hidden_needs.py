"""Where will new needs show? What each clue says of every policy, before the clues are weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.assess.breakage.cadence import most_releases
from recommender.assess.breakage.clustering import clustering, late_from
from recommender.assess.breakage.due_jobs import due_jobs
from recommender.assess.breakage.governance import mean_by
from recommender.assess.breakage.siblings import missing_needs
from recommender.assess.completeness.births import births_within, born_in_window
from recommender.assess.timing import DAY, SIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.assess.breakage.governance import Governance
    from recommender.assess.scoring import ScoredEdges

SIDE_CLUES: Final = ("own", "siblings", "namespace", "size", "even")
"""What divides the rare needs of one direction: the policy's own rare needs, those of its siblings and of its
namespace, how many needs it has at all, and nothing."""
RELEASE_CLUES: Final = (
    "own releases", "sibling releases", "own births", "sibling births", "namespace births", "even",
)  # fmt: skip
_MOST_ENDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenNeeds:
    """Expected new needs within the horizon, by kind, and the shares that clues give each policy.

    Each column of the shares sums to 1 over policies.
    """

    outgoing: float
    """Rare needs that exist unseen, at the clients' policies."""
    incoming: float
    born: float
    """Needs that a release brings, at either end."""
    outgoing_shares: np.ndarray
    """(policies, SIDE_CLUES)"""
    incoming_shares: np.ndarray
    release_shares: np.ndarray
    """(policies, RELEASE_CLUES)"""
    siblings: np.ndarray
    """Needs that siblings showed: part of the rare ones, but with a name."""
    jobs: np.ndarray
    """Jobs that are due."""
    clustering: float
    """Size of the negative binomial."""


def look_for_hidden_needs(governance: Governance, scored: ScoredEdges, days: float) -> HiddenNeeds:
    """What may show within so many days that no rule allows?"""
    horizon = days * DAY / SIX
    behind = scored.weights * scored.law.hidden_behind(scored.table.timing.six_hours, horizon)
    born = scored.weights * born_in_window(scored.table.timing, scored.spans)
    outgoing, incoming = governance.outgoing(behind), governance.incoming(behind)
    total = max(float(behind.sum()), 1e-12)
    ends = min((float(outgoing.sum()) + float(incoming.sum())) / total, _MOST_ENDS)
    late = scored.weights * (scored.table.timing.first > late_from(scored.table.window))
    all_late = governance.outgoing(late) + governance.incoming(late)
    size = governance.outgoing(scored.weights) + governance.incoming(scored.weights)
    return HiddenNeeds(
        outgoing=float(outgoing.sum()),
        incoming=float(incoming.sum()),
        born=ends * births_within(float(born.sum()), scored.table.window, days),
        outgoing_shares=_side_shares(governance, outgoing, governance.outgoing(scored.weights), governance.sends),
        incoming_shares=_side_shares(governance, incoming, governance.incoming(scored.weights), governance.receives),
        release_shares=_release_shares(governance, scored, governance.outgoing(born) + governance.incoming(born)),
        siblings=missing_needs(governance, scored, horizon),
        jobs=due_jobs(governance, scored, days),
        clustering=clustering(all_late, np.maximum(size - all_late, 0.0), window=scored.table.window),
    )


def _side_shares(governance: Governance, hidden: np.ndarray, size: np.ndarray, acts: np.ndarray) -> np.ndarray:
    clues = {
        "own": hidden,
        "siblings": mean_by(governance.kin, hidden, acts) * acts,
        "namespace": mean_by(governance.namespace, hidden, acts) * acts,
        "size": size,
        "even": acts.astype(float),
    }
    return _columns(clues, SIDE_CLUES)


def _release_shares(governance: Governance, scored: ScoredEdges, born: np.ndarray) -> np.ndarray:
    context = scored.context
    cadence = np.array(
        [most_releases(context.workload(end) for end in policy.group.members) for policy in governance.policies], float
    )
    everybody = governance.sends | governance.receives
    clues = {
        "own releases": cadence,
        "sibling releases": mean_by(governance.kin, cadence, everybody) * everybody,
        "own births": born,
        "sibling births": mean_by(governance.kin, born, everybody) * everybody,
        "namespace births": mean_by(governance.namespace, born, everybody) * everybody,
        "even": everybody.astype(float),
    }
    return _columns(clues, RELEASE_CLUES)


def _columns(clues: Mapping[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
    """Shares by clue; a clue that says nothing gives what `even` gives."""
    even = clues["even"]
    fallback = even / even.sum() if even.sum() > 0 else np.zeros(len(even))
    columns = []
    for name in names:
        total = clues[name].sum()
        columns.append(clues[name] / total if total > 0 else fallback)
    return np.column_stack(columns)
