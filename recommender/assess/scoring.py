"""All edges scored at once, as columns; words for them are found elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.assess.coefficients import coefficients
from recommender.assess.completeness.incidence import IncidenceLaw, fit_incidence
from recommender.assess.confidence.caps import lowest_cap
from recommender.assess.confidence.features import FeatureTable, measure_features
from recommender.assess.confidence.legitimacy import LogOdds, weigh
from recommender.assess.context import make_context
from recommender.assess.timing import DAY, SIX, span_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from recommender.assess.context import EdgeContext
    from recommender.model.capture import Capture
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.model.inventory import Inventory

HORIZON_DAYS: Final = 7.0
"""How far the scores look ahead, unless they are asked about another length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredEdges:
    """One row an edge, in the order of `EdgeContext.edges`."""

    context: EdgeContext
    table: FeatureTable
    log_odds: LogOdds
    caps: tuple[tuple[float, str], ...]
    """Limit of each confidence and its reason."""
    allowed: np.ndarray
    """Whether the manifests must let it through."""
    left_out: np.ndarray
    """Whether it is left out, though it might be needed: quarantined, or impossible to name."""
    probability: np.ndarray
    """That it is needed, after caps."""
    law: IncidenceLaw
    spans: int
    """Six-hour spans of the window."""

    def recurrence_within(self, days: float) -> np.ndarray:
        """Probability that each edge is seen again within so many days."""
        timing = self.table.timing
        idle = np.floor((self.table.window - 1 - timing.last) / SIX)
        active = np.minimum(timing.six_hours, self.spans)
        return self.law.recurrence(active, np.minimum(idle, self.spans), days * DAY / SIX)

    @property
    def recurrence(self) -> np.ndarray:
        """Probability that each edge is seen again within `HORIZON_DAYS` days."""
        return self.recurrence_within(HORIZON_DAYS)

    @property
    def weights(self) -> np.ndarray:
        """What each edge counts among the known needs: its probability if it is allowed, else nothing."""
        return np.where(self.allowed, self.probability, 0.0)


def score_edges(
    edges: Iterable[Edge],
    decided: Mapping[str, Decided],
    *,
    workloads: Iterable[Workload],
    capture: Capture,
    inventory: Inventory,
) -> ScoredEdges:
    """How sure are we of each edge, and will it be seen again?"""
    context = make_context(edges, workloads=workloads, capture=capture, inventory=inventory)
    table = measure_features(context)
    log_odds = weigh(table, coefficients().rule)
    decisions = [decided[edge_id] for edge_id in context.edges]
    caps = tuple(lowest_cap(edge, one, context) for edge, one in zip(table.edges, decisions, strict=True))
    probability = np.minimum(log_odds.probability, np.array([cap for cap, _ in caps]))
    allowed = np.array([one.disposition.allowed for one in decisions], bool)
    spans = span_count(table.window, SIX)
    law = fit_incidence(table.timing.six_hours, np.where(allowed, probability, 0.0), spans)
    return ScoredEdges(
        context=context,
        table=table,
        log_odds=log_odds,
        caps=caps,
        allowed=allowed,
        left_out=np.array([one.left_out for one in decisions], bool),
        probability=probability,
        law=law,
        spans=spans,
    )
