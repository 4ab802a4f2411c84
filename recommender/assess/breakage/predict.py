"""The probability that enforcing a policy denies something needed: clues weighed, then added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.assess.breakage.hidden_needs import RELEASE_CLUES, SIDE_CLUES

if TYPE_CHECKING:
    from recommender.assess.breakage.governance import Governance
    from recommender.assess.breakage.hidden_needs import HiddenNeeds
    from recommender.assess.coefficients import BreakageForm
    from recommender.assess.scoring import ScoredEdges

_NEARLY: Final = 0.999
"""No edge is left out with the certainty that it is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedNeeds:
    """New needs that each policy is expected to show within the horizon, by where the expectation comes from."""

    rare: np.ndarray
    """Like the rare needs seen so far."""
    siblings: np.ndarray
    """Shown by siblings already."""
    releases: np.ndarray
    """Brought by releases."""
    jobs: np.ndarray
    """Called by jobs that are due and were not seen."""
    left_out: np.ndarray
    """-ln of the probability that no edge that the policy leaves out is needed after all."""
    clustering: float

    @property
    def total(self) -> np.ndarray:
        """All new needs, without the edges left out."""
        return np.asarray(self.rare + self.siblings + self.releases + self.jobs)

    def survival(self, scale: float = 1.0) -> np.ndarray:
        """Ln of the probability that each policy breaks nothing, if needs that exist unseen were fewer by a factor.

        A negative binomial of size k shows nothing with probability (k / (k + mu))^k. What is born later cannot be
        watched for, so releases do not shrink with the factor.
        """
        k = self.clustering
        expected = scale * (self.rare + self.siblings + self.jobs) + self.releases
        return np.asarray(-k * np.log1p(expected / k) - self.left_out)

    @property
    def breakage(self) -> np.ndarray:
        """Probability that each policy denies something needed within the horizon."""
        return np.asarray(-np.expm1(self.survival()))


def weigh_clues(needs: HiddenNeeds, form: BreakageForm, governance: Governance, scored: ScoredEdges) -> ExpectedNeeds:
    """Weigh the clues: what is expected of the whole cluster is divided, and never grows by being divided."""
    outgoing = needs.outgoing_shares @ np.array([form.outgoing[clue] for clue in SIDE_CLUES])
    incoming = needs.incoming_shares @ np.array([form.incoming[clue] for clue in SIDE_CLUES])
    releases = needs.release_shares @ np.array([form.releases[clue] for clue in RELEASE_CLUES])
    rare = needs.outgoing * outgoing + needs.incoming * incoming
    whole = needs.outgoing + needs.incoming
    named = min(float(needs.siblings.sum()), whole) * form.siblings
    siblings = named * needs.siblings / max(float(needs.siblings.sum()), 1e-12)
    odds = np.where(scored.left_out, scored.probability * scored.recurrence, 0.0)
    missed = -np.log1p(-np.minimum(odds, _NEARLY))
    return ExpectedNeeds(
        rare=rare * (1 - named / max(whole, 1e-12)),
        siblings=siblings,
        releases=needs.born * releases,
        jobs=form.jobs * needs.jobs,
        left_out=governance.either(missed),
        clustering=needs.clustering,
    )
