"""Least-privilege network policies from Cilium/Hubble flow logs."""

__version__ = "0.1.0"
