"""Edges that pass without a rule: one reason a file."""
