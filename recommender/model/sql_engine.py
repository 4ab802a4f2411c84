"""What runs the SQL of the reduction: DuckDB's own connection, or Spark behind the same four methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class SqlResult(Protocol):
    """The rows that a query gave."""

    def fetchall(self) -> list[Any]:
        """All rows as tuples."""

    def fetchone(self) -> Any:
        """The first row as a tuple; None if there is none."""


class SqlRelation(Protocol):
    """The rows that a query gave, as columns."""

    def to_arrow_table(self) -> pa.Table:
        """All rows as columns."""


class SqlEngine(Protocol):
    """Runs statements in DuckDB's dialect and keeps the tables and views that they make.

    `recommender.spark.dialect` says what the statements may be made of.
    """

    def execute(self, statement: str, /) -> SqlResult:
        """Make or drop a table or view, or give the rows of a query."""

    def sql(self, query: str, /) -> SqlRelation | None:
        """The rows of a query, as columns if they are wanted so."""

    def register(self, name: str, table: pa.Table, /) -> object:
        """Give a small table a name that statements can read it by."""

    def unregister(self, name: str, /) -> object:
        """Take the name away again."""
