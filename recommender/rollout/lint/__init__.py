"""Traps in manifests, ours or anybody's: rules with codes, explanations and fixes."""
