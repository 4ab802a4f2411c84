import os
from datetime import UTC, datetime

import pytest

from recommender import recommend
from recommender.aside import MAY_FORK
from recommender.edges import observe, observe_before, reduction_engine
from recommender.ingest import decode, expand_sources, load_inventory
from recommender.model.selection import Selection
from recommender.settings import Settings
from recommender.store import open_dataset, write_flows
from tests.pipeline.conftest import DEMO

CUT = int(datetime(2026, 3, 12, tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The whole capture, and its first two days seen from its tables."""
    path = tmp_path_factory.mktemp("dataset") / "flows.parquet"
    sources = expand_sources([str(one) for one in sorted(DEMO.glob("*.log.gz"))])
    write_flows(decode(sources), path, selection=Selection())
    inventory = load_inventory([DEMO / "inventory.json"])
    with reduction_engine(memory_limit="1GiB", spill=path.parent / "spill") as connection:
        open_dataset(path).register(connection, Selection())
        whole = observe(connection, inventory=inventory)
        return whole, observe_before(connection, whole, inventory=inventory, until=CUT)


def test_the_earlier_part_knows_nothing_of_what_came_later(both):
    whole, earlier = both
    assert earlier.capture.last_seen < CUT <= whole.capture.last_seen
    assert earlier.capture.first_seen == whole.capture.first_seen
    assert earlier.capture.flows < whole.capture.flows
    assert all(edge.evidence.first_seen < CUT for edge in earlier.edges)
    counts = {edge.key: edge.evidence.connections for edge in whole.edges}
    assert all(edge.evidence.connections <= counts[edge.key] for edge in earlier.edges)
    assert sum(edge.evidence.connections for edge in earlier.edges) < 0.8 * sum(counts.values())


def test_activity_of_the_earlier_part_is_the_beginning_of_the_whole(both):
    whole, earlier = both
    hours = 48
    later = {edge.edge_id: edge.evidence.activity for edge in whole.edges}
    for edge in earlier.edges:
        assert later[edge.edge_id][: hours // 8].rstrip(b"\0") == edge.evidence.activity.rstrip(b"\0")


def test_every_edge_seen_before_the_cut_is_there(both):
    whole, earlier = both
    before = {edge.edge_id for edge in whole.edges if edge.evidence.first_seen < CUT}
    assert before == {edge.edge_id for edge in earlier.edges}


def test_the_demo_judges_itself(demo_recommendation):
    told = demo_recommendation.backtest
    assert told.cut.at == CUT
    assert told.later_needed >= 90
    assert len(told.denied) <= 2
    assert told.bounds_held >= 0.95 * told.bounds_checked
    assert told.recurrence.ece < 0.05
    found = sum(told.discovery)
    assert found == sum(one.decided.disposition.allowed for one in demo_recommendation.edges)


def test_every_score_of_the_demo_shows_its_parts(demo_recommendation):
    for item in demo_recommendation.edges:
        assert 0 <= item.confidence.value <= 1
        assert 0 <= item.recurrence <= 1
        assert all(part.sentence for part in item.confidence.parts)
    for item in demo_recommendation.policies:
        assert item.verdict.breakage == pytest.approx(1 - item.confidence.value, abs=1e-3)
        assert item.verdict.reason


def test_two_days_of_it_are_no_window_for_a_week(demo_recommendation):
    day = recommend(
        sorted(DEMO.glob("*.log.gz")),
        inventory=DEMO / "inventory.json",
        selection=Selection(until="2026-03-10T12:00:00Z"),
    )
    assert day.backtest is None
    assert day.completeness.new_edges is None
    assert {one.verdict.advice.value for one in day.policies} == {"observe longer"}
    assert demo_recommendation.completeness.new_edges is not None


@pytest.mark.skipif(not MAY_FORK, reason="work is done apart on Linux only")
def test_a_process_of_its_own_gives_the_same_answer(demo_recommendation, monkeypatch):
    monkeypatch.setattr("recommender.backtesting._WORTHWHILE", 0)
    started = []
    monkeypatch.setattr("recommender.aside.os.fork", lambda fork=os.fork: started.append(1) or fork())
    beside = recommend(sorted(DEMO.glob("*.log.gz")), Settings(jobs=2), inventory=DEMO / "inventory.json")
    assert started
    assert beside.backtest == demo_recommendation.backtest
