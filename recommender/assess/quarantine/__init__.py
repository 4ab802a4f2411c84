"""Edges left out until a person releases them: one reason a file."""
