"""What a user without Spark is told, and what of a configuration is ours."""

import importlib.util
import shutil

import pytest

from recommender.errors import UsageError
from recommender.spark.session import spark_engine


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
