"""Confidence of edges and policies: first form, not yet calibrated; every part in plain words."""

from recommender.assess.confidence.edge import edge_confidence
from recommender.assess.confidence.policy import policy_confidence

__all__ = ["edge_confidence", "policy_confidence"]
