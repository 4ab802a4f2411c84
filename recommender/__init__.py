"""Least-privilege network policies from Cilium/Hubble flow logs.

>>> import recommender
>>> result = recommender.recommend("flows.parquet")  # doctest: +SKIP
>>> result.proof.holds  # doctest: +SKIP
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["Recommendation", "Selection", "Settings", "__version__", "edge_table", "recommend", "write_report"]

if TYPE_CHECKING:
    from recommender.api import edge_table, recommend, write_report
    from recommender.model.recommendation import Recommendation
    from recommender.model.selection import Selection
    from recommender.settings import Settings

_HOMES = {
    "edge_table": "recommender.api",
    "recommend": "recommender.api",
    "write_report": "recommender.api",
    "Recommendation": "recommender.model.recommendation",
    "Selection": "recommender.model.selection",
    "Settings": "recommender.settings",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used, so that `--help` stays fast."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - only when a public name is used

    return getattr(importlib.import_module(_HOMES[name]), name)
