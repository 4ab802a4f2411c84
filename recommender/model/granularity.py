"""How many workloads one policy governs."""

from __future__ import annotations

from enum import StrEnum


class Granularity(StrEnum):
    """The level at which policies are written, coarsest first."""

    NAMESPACE = "namespace"
    """One policy for all pods of a namespace; system namespaces stay at the level of groups."""
    GROUP = "group"
    """One policy for a communication group."""
    WORKLOAD = "workload"
    """One policy for a workload, wherever a selector can tell it apart."""
