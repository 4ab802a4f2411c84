"""May this connection pass? One evaluator a policy API; replay of edges against written YAML."""

from __future__ import annotations

from recommender.semantics.evaluator import PolicySet
from recommender.semantics.release_trial import try_releases
from recommender.semantics.replay import replay
from recommender.semantics.settings import SemanticsSettings, settings_for

__all__ = ["PolicySet", "SemanticsSettings", "replay", "settings_for", "try_releases"]
