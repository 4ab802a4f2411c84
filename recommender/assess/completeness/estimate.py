"""How complete is a window: bounds always, estimates where there is enough to estimate from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from recommender.assess.completeness.births import births_within, born_in_window
from recommender.assess.completeness.bounds import dispersion_of, missing_mass_bound, new_edges_bound
from recommender.assess.completeness.incidence import fit_incidence
from recommender.assess.timing import DAY, SIX
from recommender.model.completeness import Completeness, NewEdges, Unseen

if TYPE_CHECKING:
    from recommender.assess.scoring import ScoredEdges

_HALF: Final = 0.5
ENOUGH_HOURS: Final = 24
ENOUGH_INCIDENCES: Final = 12
"""Below either, a window says how little it knows and nothing else (`scoring 7e`)."""
UNITS_AGREE: Final = 1.5
"""An estimate that moves by more when the unit of time changes rests on a wrong law (arXiv 2507.17093, scoring 7f)."""


def estimate_completeness(scored: ScoredEdges, days: float) -> Completeness:
    """What did the window miss, and how many needs will show for the first time within so many days?"""
    spans = scored.table.timing.six_hours[scored.allowed]
    unseen = unseen_part(len(spans), spans.sum(), (spans == 1).sum(), scored.table.window)
    if not unseen.enough:
        return Completeness(unseen=unseen, new_edges=None)
    ratio = _unit_ratio(scored, days)
    return Completeness(
        unseen=unseen, new_edges=expect_new_edges(scored, days), unit_ratio=ratio, warning=_warning(ratio)
    )


def expect_new_edges(scored: ScoredEdges, days: float) -> NewEdges:
    """Needs that exist unseen, by the law of incidences, and those that will be born."""
    existing = scored.law.new_edges(float(scored.weights.sum()), days * DAY / SIX)
    born = float((scored.weights * born_in_window(scored.table.timing, scored.spans)).sum())
    releases = births_within(born, scored.table.window, days)
    expected = existing + releases
    dispersion = dispersion_of(scored.table.window)
    return NewEdges(
        days=days,
        expected=expected,
        of_releases=releases,
        at_most_90=new_edges_bound(expected, 0.90, dispersion),
        at_most_95=new_edges_bound(expected, 0.95, dispersion),
    )


def unseen_part(edges: float, incidences: float, once: float, window: int, *, born: float = 0.0) -> Unseen:
    """What so many edges with so many incidences, some of them active once only, say of what is unseen.

    `born` needs that releases are expected to bring count as if they had been active once already: the bound of Good
    and Turing knows only what exists.
    """
    return Unseen(
        edges=round(edges),
        incidences=round(incidences),
        once=round(once),
        bound=missing_mass_bound(once + born, incidences),
        enough=bool(window >= ENOUGH_HOURS and incidences >= ENOUGH_INCIDENCES),
    )


def _unit_ratio(scored: ScoredEdges, days: float) -> float:
    """The estimate of existing needs by hours, over that by six hours; half an edge is added to both.

    So next to nothing agrees with next to nothing.
    """
    timing, window = scored.table.timing, scored.table.window
    hourly = fit_incidence(np.minimum(timing.hours, window), scored.weights, window)
    seen = float(scored.weights.sum())
    by_hours, by_spans = hourly.new_edges(seen, days * DAY), scored.law.new_edges(seen, days * DAY / SIX)
    return (by_hours + _HALF) / (by_spans + _HALF)


def _warning(ratio: float) -> str:
    if 1 / UNITS_AGREE <= ratio <= UNITS_AGREE:
        return ""
    factor = ratio if ratio > 1 else 1 / ratio
    more = "more" if ratio > 1 else "fewer"
    return (
        f"counted by the hour instead of by six hours, the estimate would be {factor:.1f} times {more} new edges; "
        "activity comes in bursts that the estimate does not know, so take the bounds instead"
    )
