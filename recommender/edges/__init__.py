"""Flows to edges: classes, orientation, connections, names and evidence, all in SQL over columns."""

from recommender.edges.engine import reduction_engine
from recommender.edges.observe import observe

__all__ = ["observe", "reduction_engine"]
