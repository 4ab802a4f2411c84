"""Edges and groups to least-privilege policies."""

from recommender.policy.http_gaps import http_gaps
from recommender.policy.make_policies import make_policies

__all__ = ["http_gaps", "make_policies"]
