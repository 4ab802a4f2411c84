"""The engine that reduces flows: its limits, and what its failures mean to the user."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from recommender.errors import ReductionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def reduction_engine(*, memory_limit: str, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection that stays within the memory limit and spills into the folder.

    Raises:
        ReductionError: the limit cannot be set.
    """
    with duckdb.connect() as connection:
        with reduction_errors():
            connection.execute("SET memory_limit = ?", [memory_limit])
            connection.execute("SET temp_directory = ?", [str(spill)])
        yield connection


@contextmanager
def reduction_errors() -> Iterator[None]:
    """Turn failures of DuckDB into a ReductionError that says what to do.

    Raises:
        ReductionError: in their place.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ReductionError(
            f"the flows do not fit into the memory: {_first_line(error)}",
            hint="a larger --memory-limit, or more free space in the temporary directory (TMPDIR)",
        ) from error
    except duckdb.InternalException as error:
        raise ReductionError(
            f"DuckDB {duckdb.__version__} failed at a fault of its own: {_first_line(error)}",
            hint="another version of it (pip install --upgrade duckdb)",
        ) from error
    except duckdb.Error as error:
        raise ReductionError(
            f"reducing the flows failed: {_first_line(error)}",
            hint="check the free space in the temporary directory (TMPDIR), or ingest the captures again",
        ) from error


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
