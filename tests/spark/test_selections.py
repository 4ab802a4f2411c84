"""Every selection flag, asked of both engines in one statement, over a dataset in one file."""

from __future__ import annotations

import duckdb
import pytest

from recommender.store import open_dataset, write_flows
from recommender.store.selection import flow_predicate
from tests.spark import needs_spark
from tests.store.rows import EVERYTHING, batch, event, only, without
from tests.store.test_selection import CASES, ENDPOINTS, FLOWS, LABEL_SETS

HOSTILE = [("uuid", ["a\\' OR true --"], ""), ("uuid", ["\\"], ""), ("from-pod", ["x/\\' OR 1=1"], "")]
pytestmark = needs_spark


@pytest.mark.usefixtures("spark")
def test_spark_selects_the_same_flows(tmp_path):
    from recommender.spark.session import spark_engine  # noqa: PLC0415 - PySpark may not be installed

    flows = batch(FLOWS.values(), endpoints=ENDPOINTS, label_sets=LABEL_SETS, events=[event(1)])
    write_flows([flows], tmp_path / "flows.parquet", selection=EVERYTHING, single_file=True)
    dataset = open_dataset(tmp_path / "flows.parquet")
    cases = [case for case in (*CASES, *HOSTILE) if case[0] != "http-path"]
    predicates = [
        flow_predicate(selection(flag, *values), newest=0) for flag, values, _ in cases for selection in (only, without)
    ]
    columns = ", ".join(f"coalesce({predicate}, false) AS case_{place}" for place, predicate in enumerate(predicates))
    query = f"SELECT uuid, {columns} FROM flows ORDER BY uuid"
    with duckdb.connect() as connection:
        dataset.register(connection, EVERYTHING)
        expected = connection.execute(query).fetchall()
    with spark_engine(master="", memory="", scratch=str(tmp_path)) as engine:
        dataset.register(engine, EVERYTHING)
        found = engine.execute(query).fetchall()
    assert len(expected) == len(FLOWS)
    assert found == expected
