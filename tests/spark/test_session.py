"""What a user without Spark is told, and what of a configuration is ours."""

import importlib.util
import shutil

import pytest

from recommender.errors import ReductionError, UsageError
from recommender.spark.session import _check_reach, spark_engine
from tests.spark import needs_spark


def started(tmp_path):
    with spark_engine(master="local[1]", memory="512m", scratch=str(tmp_path)):
        pytest.fail("there is no Spark")


def test_without_pyspark(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="pyspark and sqlglot") as caught:
        started(tmp_path)
    assert caught.value.hint == "pip install 'netpol-recommend[spark]'"


def test_without_java(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="needs Java 17") as caught:
        started(tmp_path)
    assert "openjdk-17-jre-headless" in caught.value.hint


def test_executors_elsewhere_need_a_folder_that_they_reach():
    _check_reach("yarn", shared=True)
    _check_reach("local[2]", shared=False)
    with pytest.raises(UsageError, match="executors of yarn") as caught:
        _check_reach("yarn", shared=False)
    assert "--spill-directory" in caught.value.hint


@pytest.mark.usefixtures("spark")
class TestOnSpark:
    pytestmark = needs_spark

    def test_what_spark_cannot_read_is_told_in_one_line(self, tmp_path):
        with (
            pytest.raises(ReductionError, match=r"Spark failed: .*PATH_NOT_FOUND") as caught,
            spark_engine(master="", memory="", scratch=str(tmp_path)) as engine,
        ):
            engine.read_text(f"file://{tmp_path}/nothing")
        assert "\n" not in caught.value.what
        assert "check the address" in caught.value.hint

    def test_tables_lie_in_the_scratch_folder_and_leave_nothing(self, tmp_path):
        with spark_engine(master="", memory="", scratch=str(tmp_path)) as engine:
            engine.execute("CREATE OR REPLACE TEMP TABLE one AS SELECT 1 AS a, [2, 3] AS b")
            engine.execute("CREATE OR REPLACE TEMP TABLE one AS SELECT a + 1 AS a, b FROM one")
            assert engine.execute("SELECT a, len(b) FROM one").fetchone() == (2, 2)
            assert len(list(tmp_path.glob("*/*-one"))) == 2
        assert list(tmp_path.iterdir()) == []

    def test_another_run_does_not_see_its_names(self, tmp_path):
        with spark_engine(master="", memory="", scratch=str(tmp_path)) as engine:
            engine.execute("CREATE OR REPLACE TEMP VIEW mine AS SELECT 1 AS a")
        with (
            pytest.raises(ReductionError, match="TABLE_OR_VIEW_NOT_FOUND"),
            spark_engine(master="", memory="", scratch=str(tmp_path)) as engine,
        ):
            engine.execute("SELECT a FROM mine")
