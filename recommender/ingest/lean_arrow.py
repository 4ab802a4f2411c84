"""Arrow without pandas, in processes that have no use for it.

pyarrow imports pandas as soon as it makes an array of Python values, to find out whether they are pandas' own: memory
and start-up time for nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class _NoPandas:
    """Says that pandas is not installed."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> None:
        """Refuse pandas; leave all else to others."""
        del path, target
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def leave_pandas_out() -> None:
    """Let pyarrow know no pandas for the life of this process; for a process of our own, not for a library.

    Nothing happens if pandas is there already.
    """
    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([])  # It asks once and remembers the answer.
    finally:
        sys.meta_path.remove(_NoPandas)
