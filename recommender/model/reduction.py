"""What may reduce flows to edges."""

from __future__ import annotations

from enum import StrEnum


class ReductionEngine(StrEnum):
    """The engine that runs the reduction's statements; both give the same edges."""

    DUCKDB = "duckdb"
    """In this process, within a memory limit, spilling to disk."""
    SPARK = "spark"
    """On Apache Spark, for more flows than one machine is good for."""
