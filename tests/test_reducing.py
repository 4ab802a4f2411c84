import subprocess
import sys

import pytest

from recommender.errors import UsageError
from recommender.model.reduction import ReductionEngine
from recommender.model.selection import Condition, Selection
from recommender.reducing import is_uri, java_size, opened
from recommender.settings import Settings


@pytest.mark.parametrize(
    ("size", "expected"), [("2GiB", "2048m"), ("512MB", "488m"), ("1.5 GiB", "1536m"), ("1TB", "953674m"), ("1B", "1m")]
)
def test_java_takes_sizes_in_its_own_words(size, expected):
    assert java_size(size) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("s3a://bucket/flows.parquet", True),
        ("hdfs://namenode:8020/flows", True),
        ("flows.parquet", False),
        ("-", False),
    ],
)
def test_a_uri_names_a_file_system(place, expected):
    assert is_uri(place) is expected


@pytest.mark.parametrize("side", ["wanted", "unwanted"])
def test_spark_refuses_expressions_that_it_would_read_otherwise(tmp_path, side):
    selection = Selection(**{side: (Condition(flag="http-path", values=("^/page$",)),)})
    settings = Settings(engine=ReductionEngine.SPARK)
    with (
        pytest.raises(UsageError, match="regular expressions") as caught,
        opened(tmp_path, settings=settings, selection=selection, scratch=tmp_path),
    ):
        pass
    assert caught.value.where == "--http-path"


def test_duckdb_spills_to_folders_only(tmp_path):
    settings = Settings(spill_directory="s3a://bucket/scratch")
    with (
        pytest.raises(UsageError, match="a folder of this machine") as caught,
        opened(tmp_path, settings=settings, selection=Selection(), scratch=tmp_path),
    ):
        pass
    assert caught.value.where == "s3a://bucket/scratch"


def test_nobody_waits_for_what_only_spark_needs():
    code = (
        "import recommender.pipeline, sys; sys.exit(bool({'pyspark', 'sqlglot', 'py4j', 'fsspec'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
