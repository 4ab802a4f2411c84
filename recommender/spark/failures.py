"""What Spark's failures mean to the user."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from recommender.errors import ReductionError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_SUCH_PLACE: Final = ("PATH_NOT_FOUND", "UnsupportedFileSystem", "ClassNotFoundException", "AccessDenied")


@contextmanager
def spark_errors() -> Iterator[None]:
    """Turn failures of Spark, its file systems and the connection to it into a ReductionError.

    Raises:
        ReductionError: in their place.
    """
    from py4j.protocol import Py4JError, Py4JNetworkError  # noqa: PLC0415 - comes with PySpark
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (PySparkException, Py4JError, Py4JNetworkError) as error:
        raise ReductionError(f"Spark failed: {_first_line(error)}", hint=_hint(str(error))) from error


def _hint(text: str) -> str:
    if any(sign in text for sign in _NO_SUCH_PLACE):
        return "check the address, the packages (spark.jars.packages) and the credentials that Spark has for it"
    return "Spark's own log tells more; more memory is spark.driver.memory and spark.executor.memory"


def _first_line(error: BaseException) -> str:
    """What failed; py4j tells which call of its own it was first, and Java's error in the next line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = next((line.removeprefix(": ") for line in lines if line.startswith(": ")), next(iter(lines), ""))
    return told[:400] or type(error).__name__
