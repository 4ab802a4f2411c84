from dataclasses import replace

import pandas as pd

from recommender.report.edge_table import COLUMNS, edge_table


def test_there_is_one_row_an_edge_with_what_became_of_it(recommendation):
    table = edge_table(recommendation)
    assert list(table.index) == [item.edge.edge_id for item in recommendation.edges]
    assert list(table.columns) == list(COLUMNS[1:])
    assert list(table["disposition"]) == [item.decided.disposition.value for item in recommendation.edges]
    assert list(table["port"]) == [item.edge.port for item in recommendation.edges]


def test_times_are_utc_timestamps(recommendation):
    table = edge_table(recommendation)
    first = recommendation.edges[0].edge.evidence.first_seen
    assert table["first_seen"].iloc[0] == pd.Timestamp(first, unit="ns", tz="UTC")
    assert (table["last_seen"] >= table["first_seen"]).all()


def test_an_empty_recommendation_has_an_empty_table_of_the_same_form(recommendation):
    table = edge_table(replace(recommendation, edges=()))
    assert table.empty
    assert list(table.columns) == list(COLUMNS[1:])
