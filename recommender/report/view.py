"""The one document that every form of the report reads."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from recommender.report.json_form import compact_pieces
from recommender.report.view_answers import answers_view
from recommender.report.view_baselines import baselines_view
from recommender.report.view_capture import capture_view
from recommender.report.view_decisions import decisions_view, finding_decision_view
from recommender.report.view_edges import edges_view
from recommender.report.view_existing import existing_view
from recommender.report.view_findings import gaps_view, losses_view, proof_view
from recommender.report.view_groups import groups_view, peer_groups_view, workloads_view
from recommender.report.view_held import held_view
from recommender.report.view_http import http_pairs_view
from recommender.report.view_members import doings
from recommender.report.view_policies import manifest_view, policies_view
from recommender.report.view_scores import backtest_view, completeness_view, verdicts_view

if TYPE_CHECKING:
    from recommender.model.recommendation import Recommendation, SettingValue

SCHEMA_VERSION = 1
"""Raised when a field is renamed, removed or changes its meaning; new fields do not raise it."""

_OF_FIGURES: Final = frozenset({"edges", "policies"})
"""Long entries of the view, all of whose measures are made by `figure`."""


def build_view(recommendation: Recommendation) -> dict[str, Any]:
    """What does this run say, as plain JSON values?

    The same recommendation gives an equal document whatever the order of its parts; `schema.view_schema` describes it.
    Text from the capture stands here as it was; the forms make it harmless where they show it.
    """
    done = doings(recommendation.groups, recommendation.edges)
    view: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": recommendation.tool_version,
        "dialect": recommendation.dialect.value,
        "input_digest": recommendation.input_digest,
        "settings": [_setting_view(setting) for setting in sorted(recommendation.settings, key=lambda s: s.name)],
        "answers": answers_view(recommendation),
        "capture": capture_view(recommendation.capture),
        "workloads": workloads_view(recommendation.workloads, recommendation.groups),
        "groups": groups_view(recommendation.groups, recommendation.policies, done),
        "peer_groups": peer_groups_view(recommendation.groups, recommendation.policies, done),
        "edges": edges_view(recommendation),
        "policies": policies_view(recommendation),
        "baselines": baselines_view(recommendation.baselines, recommendation.followed),
        "http_pairs": http_pairs_view(recommendation.http_pairs),
        "quarantine": held_view(recommendation.quarantine.edges),
        "kustomization": manifest_view(recommendation.kustomization) if recommendation.kustomization else None,
        "losses": losses_view(recommendation.losses),
        "gaps": gaps_view(recommendation.gaps, partial(finding_decision_view, recommendation.followed)),
        "existing": existing_view(recommendation),
        "proof": proof_view(recommendation.proof),
        "completeness": completeness_view(recommendation.completeness),
        "verdicts": verdicts_view(recommendation.policies),
        "backtest": backtest_view(recommendation.backtest) if recommendation.backtest else None,
        "decisions": decisions_view(recommendation),
    }
    return {**view, "report_digest": _digest(view)}


def _digest(view: dict[str, Any]) -> str:
    """Of everything that the report says: what a decisions file names as the report that it was made on."""
    digest = hashlib.blake2b(digest_size=16)
    for piece in compact_pieces(view, depth=2, known_below=_OF_FIGURES):
        digest.update(piece.encode())
    return digest.hexdigest()


def _setting_view(setting: SettingValue) -> dict[str, str]:
    return {"name": setting.name, "value": setting.value, "origin": setting.origin}
