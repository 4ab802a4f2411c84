"""Flows to edges: classes, orientation, connections, names and evidence, all in SQL over columns."""

from recommender.edges.engine import reduction_engine
from recommender.edges.observe import observe, observe_before

__all__ = ["observe", "observe_before", "reduction_engine"]
