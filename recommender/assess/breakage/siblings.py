"""What siblings need and a policy was not seen to need: its next new needs, as far as anybody can name them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import betaln

from recommender.assess.breakage.governance import NOBODY
from recommender.assess.roles import role_of_end

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from recommender.assess.breakage.governance import Governance
    from recommender.assess.scoring import ScoredEdges
    from recommender.model.edge import Edge

    Token = Hashable
    """Direction, role of the far end, protocol and port: the same need wherever it is."""

_PRIOR_ALIKE: Final = (1.4, 2.0)
"""Pairs of siblings that share a need, of pairs (`scoring 7c`: .7), counted before any is seen."""
_BUSY_SPANS: Final = 4
_BUSY_SHARE: Final = 0.15
"""A need this busy would have shown in every sibling that has it."""


@dataclass(slots=True, kw_only=True)
class _Shown:
    """Who of a family shows a need."""

    policies: dict[int, float] = field(default_factory=dict)
    """Policy to its active spans."""


def missing_needs(governance: Governance, scored: ScoredEdges, horizon: float) -> np.ndarray:
    """Expected needs of each policy that only its siblings have shown yet, and that it shows in the next spans.

    A sibling's need is its own with the probability that busy needs turn out to be shared in this cluster, less what
    its silence so far says against it; it then happens at the rate at which the siblings show it.
    """
    families = _families(governance, scored)
    alike = _alike(governance, families, scored.spans)
    expected = np.zeros(governance.count)
    members = _members(governance.kin)
    silent = np.ones(governance.count, bool)
    for (kin, _), shown in families.items():
        value = _worth(shown, alike, scored, horizon)
        showing = list(shown.policies)
        silent[showing] = False
        expected[members[kin][silent[members[kin]]]] += value
        silent[showing] = True
    return expected


def _families(governance: Governance, scored: ScoredEdges) -> Mapping[tuple[int, Token], _Shown]:
    sizes = np.bincount(governance.kin, minlength=1) if governance.count else np.zeros(1, int)
    families: defaultdict[tuple[int, Token], _Shown] = defaultdict(_Shown)
    spans = scored.table.timing.six_hours
    for place in np.flatnonzero(scored.allowed):
        edge = scored.table.edges[place]
        for owner, token in _tokens(edge, int(governance.sender[place]), int(governance.receiver[place]), governance):
            kin = int(governance.kin[owner])
            if sizes[kin] > 1:
                shown = families[kin, token].policies
                shown[owner] = max(shown.get(owner, 0.0), float(spans[place]))
    return families


def _tokens(edge: Edge, sender: int, receiver: int, governance: Governance) -> list[tuple[int, Token]]:
    found: list[tuple[int, Token]] = []
    if sender != NOBODY:
        found.append((sender, ("to", role_of_end(edge.server, governance.roles), edge.protocol, edge.port)))
    if receiver != NOBODY:
        found.append((receiver, ("from", role_of_end(edge.client, governance.roles), edge.protocol, edge.port)))
    return found


def _alike(governance: Governance, families: Mapping[tuple[int, Token], _Shown], spans: int) -> float:
    """Share of pairs of siblings in which a busy need of the one is shown by the other, too."""
    agreed, pairs = _PRIOR_ALIKE
    sizes = np.bincount(governance.kin, minlength=1) if governance.count else np.zeros(1, int)
    busy_from = max(_BUSY_SPANS, _BUSY_SHARE * spans)
    for (kin, _), shown in families.items():
        busy = sum(active >= busy_from for active in shown.policies.values())
        agreed += busy * (len(shown.policies) - 1)
        pairs += busy * (int(sizes[kin]) - 1)
    return agreed / pairs


def _worth(shown: _Shown, alike: float, scored: ScoredEdges, horizon: float) -> float:
    """Probability that a sibling which has not shown the need will, within the horizon."""
    law, spans = scored.law, scored.spans
    active = sum(shown.policies.values())
    a, b = law.a + active, law.b + spans * len(shown.policies) - active
    whole = betaln(a, b)
    quiet = float(np.exp(betaln(a, b + spans) - whole))
    still = float(np.exp(betaln(a, b + spans + horizon) - whole))
    has_it = alike * quiet / (alike * quiet + 1 - alike)
    return has_it * (1 - still / quiet) if quiet > 0 else 0.0


def _members(kin: np.ndarray) -> dict[int, np.ndarray]:
    """The policies of each kin, in order."""
    if not kin.size:
        return {}
    order = np.argsort(kin, kind="stable")
    labels, first = np.unique(kin[order], return_index=True)
    return {int(label): found for label, found in zip(labels, np.split(order, first[1:]), strict=True)}
