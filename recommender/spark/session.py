"""A Spark session for the reduction: Spark's own configuration, and what the answers depend on."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import uuid
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from recommender.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from recommender.spark.engine import SparkEngine

_ORIGIN: Final = "--engine spark"
_SHUFFLES: Final = "spark.sql.shuffle.partitions"
_ANSWERS: Final = {
    # Times have nanoseconds, which Spark's timestamps lack: they are read as whole numbers.
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    # Numbers that do not fit are an error, as in DuckDB, and not another number.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
"""Settings of a session that change what a statement means."""
_ONE_MACHINE: Final = {
    # Nobody else needs to reach a Spark that lives in this process.
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
}


@contextmanager
def spark_engine(*, master: str, memory: str, scratch: str, shared: bool = False) -> Iterator[SparkEngine]:
    """Spark as an engine of the reduction; it leaves nothing behind.

    Args:
        master: Spark's master URL; empty for the one of Spark's own configuration, `local[*]` if that names none.
        memory: of a Spark that is started in this process, such as `2048m`; elsewhere Spark's configuration says.
        scratch: a folder for the tables that statements make: a path or a URI.
        shared: whether executors on other machines reach the scratch folder.

    Raises:
        UsageError: PySpark or Java is not there, or executors on other machines could not reach the scratch folder.
        ReductionError: Spark does not start.
    """
    _check_installed()
    with _without_warnings():
        import pyspark.sql  # noqa: F401, PLC0415 - may not be installed

    from recommender.spark.engine import SparkEngine  # noqa: PLC0415 - as above
    from recommender.spark.failures import spark_errors  # noqa: PLC0415

    folder = f"{_uri(scratch)}/netpol-recommend-{uuid.uuid4()}"
    with spark_errors(), _without_warnings():
        session, started = _session(master, memory)
    try:
        _check_reach(session.sparkContext.master, shared=shared)
        yield SparkEngine(session, folder=folder)
    except BaseException:
        with suppress(Exception):  # what failed first is what is told
            _remove(session, folder)
        raise
    else:
        with spark_errors():
            _remove(session, folder)
    finally:
        if started:
            with suppress(Exception):  # of a Spark that has died already
                session.stop()


def _check_reach(master: str, *, shared: bool) -> None:
    if not shared and not master.startswith("local"):
        raise UsageError(
            f"the executors of {master} do not reach this machine's temporary files",
            where=_ORIGIN,
            hint="--spill-directory with a place that they reach, such as s3a://bucket/scratch",
        )


def _check_installed() -> None:
    missing = [name for name in ("pyspark", "sqlglot") if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"this needs {' and '.join(missing)}, which is not installed",
            where=_ORIGIN,
            hint="pip install 'netpol-recommend[spark]'",
        )
    home = os.environ.get("JAVA_HOME")
    if not (home or shutil.which("java")):
        raise UsageError(
            "Spark needs Java 17 or newer, and there is no `java`",
            where=_ORIGIN,
            hint="apt-get install openjdk-17-jre-headless, or JAVA_HOME=/path/to/it",
        )


@contextmanager
def _without_warnings() -> Iterator[None]:
    """PySpark, as it is imported and started, warns of pandas 3, of which the reduction uses nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _session(master: str, memory: str) -> tuple[SparkSession, bool]:
    """A session with a configuration and names of its own, and whether Spark was started for it."""
    from pyspark.sql import SparkSession  # noqa: PLC0415

    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # failures are told once, by us
    running = SparkSession.getActiveSession()
    if running is not None:
        return _configured(running.newSession()), False
    builder = SparkSession.builder.appName("netpol-recommend").config("spark.ui.showConsoleProgress", "false")
    builder = builder.config("spark.log.level", "ERROR")
    if master:
        builder = builder.master(master)
    if master.startswith("local"):
        for name, value in {**_ONE_MACHINE, "spark.driver.memory": memory}.items():
            builder = builder.config(name, value)
    return _configured(builder.getOrCreate()), True


def _configured(session: SparkSession) -> SparkSession:
    for name, value in _ANSWERS.items():
        session.conf.set(name, value)
    context = session.sparkContext
    if context.master.startswith("local") and not context.getConf().contains(_SHUFFLES):
        session.conf.set(_SHUFFLES, str(context.defaultParallelism))  # the default is made for many machines
    return session


def _uri(folder: str) -> str:
    return f"file:{folder}" if folder.startswith("/") else folder.rstrip("/")


def _remove(session: SparkSession, folder: str) -> None:
    """Delete what the run wrote, on whatever file system."""
    machine = session.sparkContext._jvm  # noqa: SLF001 - PySpark has no other way to Hadoop's file systems
    configuration = session.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001
    recursive = True
    path = machine.org.apache.hadoop.fs.Path(folder)
    path.getFileSystem(configuration).delete(path, recursive)
