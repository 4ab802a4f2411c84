"""Text that goes into SQL: literals, file lists, and the joining of predicates.

A DuckDB view cannot hold bound parameters, so every value and path in a view passes through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

NOTHING = "false"
EVERYTHING = "true"


def quoted(text: str) -> str:
    """Give a SQL string literal; in DuckDB the quote is the only character that must be escaped."""
    return "'" + text.replace("'", "''") + "'"


def parquet_scan(files: Sequence[Path | str], *, row_numbers: bool = False, file_names: bool = False) -> str:
    """Give the table function that reads these files and no others.

    Paths are made absolute and URIs are taken as they are. Glob characters are escaped, and no column is derived from
    folders named `key=value`.
    """
    places = (file if isinstance(file, str) else str(file.absolute()) for file in files)
    names = ", ".join(quoted(_without_globs(place)) for place in places)
    numbers = ", file_row_number = true" if row_numbers else ""
    sources = ", filename = true" if file_names else ""
    return f"read_parquet([{names}], hive_partitioning = false{numbers}{sources})"


def _without_globs(path: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def any_of(predicates: Iterable[str]) -> str:
    """Join with OR; nothing at all is false."""
    return _joined(" OR ", predicates, NOTHING)


def all_of(predicates: Iterable[str]) -> str:
    """Join with AND; nothing at all is true."""
    return _joined(" AND ", predicates, EVERYTHING)


def none_of(predicates: Iterable[str]) -> str:
    """No predicate holds; one that is null, for want of the field, does not hold."""
    return all_of(f"NOT coalesce({predicate}, false)" for predicate in predicates)


def _joined(operator: str, predicates: Iterable[str], otherwise: str) -> str:
    parts = list(predicates)
    return f"({operator.join(parts)})" if parts else otherwise
