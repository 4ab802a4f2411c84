"""One Spark for all tests of a process, started as the command line starts it."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def spark(tmp_path_factory) -> Iterator[None]:
    """While this runs, every engine is a session of one Spark."""
    # Java's first compiler is enough for a minute's work.
    os.environ.setdefault(
        "PYSPARK_SUBMIT_ARGS", "--conf spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 pyspark-shell"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recommender.spark.session import spark_engine  # noqa: PLC0415 - PySpark may not be installed

        with spark_engine(master="local[2]", memory="2048m", scratch=str(tmp_path_factory.mktemp("spark"))):
            yield
