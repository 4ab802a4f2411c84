"""Spark as an engine of the reduction.

Each table that a statement makes is written to Parquet files in a folder of the run and read from there. Later plans
begin at these files, so nothing is computed twice, their sizes tell Spark which tables are small enough to send to
every executor, and an executor that is lost takes nothing with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from recommender.spark.columns import for_spark, from_spark
from recommender.spark.dialect import spark_text, translated
from recommender.spark.failures import spark_errors
from recommender.spark.paths import spark_path

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True, slots=True)
class SparkRows:
    """A query that runs when its rows are asked for."""

    frame: DataFrame

    def to_arrow_table(self) -> pa.Table:
        """All rows as columns.

        Raises:
            ReductionError: Spark could not compute them.
        """
        with spark_errors():
            return from_spark(self.frame.toArrow())

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows as tuples.

        Raises:
            ReductionError: Spark could not compute them.
        """
        columns = self.to_arrow_table().columns
        return list(zip(*(column.to_pylist() for column in columns), strict=True))

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row as a tuple; None if there is none.

        Raises:
            ReductionError: Spark could not compute them.
        """
        return next(iter(self.fetchall()), None)


class SparkEngine:
    """Runs the reduction's statements on a Spark session of its own; see `recommender.model.sql_engine.SqlEngine`.

    A view is bound to what it reads when it is made, so a table that takes another's place does not change it.
    """

    def __init__(self, session: SparkSession, *, folder: str) -> None:
        self._session = session
        self._folder = folder.rstrip("/")
        self._made = 0

    def execute(self, statement: str, /) -> SparkRows:
        """Make or drop a table or view, or give the rows of a query.

        Raises:
            ReductionError: Spark could not run it.
        """
        tree = translated(statement)
        match tree:
            case exp.Create():
                return self._create(tree)
            case exp.Drop():
                self.unregister(next(tree.find_all(exp.Table)).name)
                return self._nothing()
            case _:
                return SparkRows(self._frame(tree))

    def sql(self, query: str, /) -> SparkRows:
        """The rows of a query.

        Raises:
            ReductionError: Spark could not run it.
        """
        return self.execute(query)

    def read_text(self, path: str) -> str:
        """The whole of a small file, wherever Spark can read.

        Raises:
            ReductionError: Spark could not read it.
        """
        with spark_errors():
            ((text,),) = self._session.read.text(spark_path(path), wholetext=True).collect()
        return str(text)

    def register(self, name: str, table: pa.Table, /) -> None:
        """Give a small table a name that statements can read it by.

        Raises:
            ReductionError: Spark could not take it.
        """
        with spark_errors():
            self._session.createDataFrame(for_spark(table)).createOrReplaceTempView(name)

    def unregister(self, name: str, /) -> None:
        """Take the name away again; what was made of it stays."""
        self._session.catalog.dropTempView(name)

    def _create(self, tree: exp.Create) -> SparkRows:
        name = tree.this.name
        frame = self._frame(tree.expression)
        with spark_errors():
            if tree.kind == "TABLE":
                files = f"{self._folder}/{self._made:04}-{name}"
                self._made += 1
                frame.write.parquet(files)
                frame = self._session.read.schema(frame.schema).parquet(files)
            frame.createOrReplaceTempView(name)
        return self._nothing()

    def _frame(self, tree: exp.Expression) -> DataFrame:
        with spark_errors():
            for scan in list(tree.find_all(exp.ReadParquet)):
                files = [spark_path(literal.this) for literal in scan.expressions[0].expressions]
                view = f"parquet_{self._made:04}"
                self._made += 1
                self._session.read.parquet(*files).createTempView(view)
                scan.parent.replace(exp.to_table(view))
            return self._session.sql(spark_text(tree))

    def _nothing(self) -> SparkRows:
        return SparkRows(self._session.sql("SELECT 1 AS nothing WHERE false"))
