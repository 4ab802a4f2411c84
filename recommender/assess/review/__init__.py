"""Edges allowed and marked for a person: one reason a file."""
