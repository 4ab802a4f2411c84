"""Edges and groups to least-privilege policies."""

from recommender.policy.make_policies import make_policies

__all__ = ["make_policies"]
