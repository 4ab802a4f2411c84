"""Flows to edges: classes, orientation, connections, names and evidence, all in SQL over columns."""

from recommender.edges.observe import observe

__all__ = ["observe"]
