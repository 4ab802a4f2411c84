"""Edges and groups to least-privilege policies."""

from recommender.policy.complement import complement
from recommender.policy.http_gaps import http_gaps
from recommender.policy.make_policies import make_policies, policy_name
from recommender.policy.named_cover import full_name, named_parts
from recommender.policy.starter_set import make_starter_set, starter_names
from recommender.policy.width_gaps import width_gaps

__all__ = [
    "complement",
    "full_name",
    "http_gaps",
    "make_policies",
    "make_starter_set",
    "named_parts",
    "policy_name",
    "starter_names",
    "width_gaps",
]
