"""Guarding what was reached: what is new since the approved recommendation."""
