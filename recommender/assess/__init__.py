"""How sure are we: what becomes of each edge, how confident we are of it, and what nobody could see."""

from recommender.assess.confidence import edge_confidence, policy_confidence
from recommender.assess.decide import decide
from recommender.assess.existing_advice import advise
from recommender.assess.gaps import find_gaps

__all__ = ["advise", "decide", "edge_confidence", "find_gaps", "policy_confidence"]
