"""How sure are we: what becomes of each edge, how confident we are of it, and what nobody could see."""

from recommender.assess.breakage.judge import Judged, judge_policies
from recommender.assess.breakage.verdict import Thresholds
from recommender.assess.completeness.estimate import estimate_completeness
from recommender.assess.confidence.explain import edge_confidences
from recommender.assess.decide import decide
from recommender.assess.existing_advice import advise
from recommender.assess.gaps import find_gaps
from recommender.assess.reliability import reliability
from recommender.assess.scoring import HORIZON_DAYS, score_edges

__all__ = [
    "HORIZON_DAYS",
    "Judged",
    "Thresholds",
    "advise",
    "decide",
    "edge_confidences",
    "estimate_completeness",
    "find_gaps",
    "judge_policies",
    "reliability",
    "score_edges",
]
