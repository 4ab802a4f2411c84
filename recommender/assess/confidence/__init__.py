"""Confidence of edges: features weighed by a fitted form, limits, and every part in plain words."""
