"""The fitted numbers: one data file, with where they come from."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

FILE = "coefficients.json"


class Provenance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the numbers were found."""

    command: str
    date: str
    simulator: str
    seeds: str
    edges: int
    policies: int
    metrics: dict[str, float]
    """On the clusters that they were fitted on; what they are worth elsewhere stands in docs/calibration.md."""


class LinearForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Log-odds = intercept + sum of weight · feature (`confidence.features.Feature`)."""

    intercept: float
    weights: dict[str, float]


class RuleForms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form where the capture shows whether servers answered, one of its own where it cannot."""

    answers_known: LinearForm
    answers_unknown: LinearForm


class BreakageForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much each clue says of where new needs show (`breakage.hidden_needs`); each mapping sums to 1."""

    outgoing: dict[str, float]
    incoming: dict[str, float]
    releases: dict[str, float]
    siblings: float
    """Share of the needs that siblings showed which is taken from the rest and given to who lacks them."""
    jobs: float
    """New needs that an unseen job brings."""


class Coefficients(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    provenance: Provenance
    rule: RuleForms
    breakage: BreakageForm


@cache
def coefficients() -> Coefficients:
    """The numbers that this release ships."""
    text = resources.files("recommender.assess").joinpath(FILE).read_bytes()
    return msgspec.json.decode(text, type=Coefficients)
