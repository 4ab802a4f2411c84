"""What did people decide, and what follows from it?"""

from recommender.review.edge_decisions import EdgeOutcome, obey_edges
from recommender.review.findings import decision_gaps
from recommender.review.judge import follow
from recommender.review.placing import is_approved, is_rejected, place
from recommender.review.read import parse_decisions, read_decisions

__all__ = [
    "EdgeOutcome",
    "decision_gaps",
    "follow",
    "is_approved",
    "is_rejected",
    "obey_edges",
    "parse_decisions",
    "place",
    "read_decisions",
]
