"""Selection flags on the main job: what they leave out must not be cut by the policies."""

import pytest
from click.testing import CliRunner

from recommender import Selection, recommend
from recommender.cli.ingest import ingest
from recommender.model.selection import Condition
from recommender.store import open_dataset
from tests.pipeline.conftest import DEMO


def chosen(*conditions, **times):
    wanted = tuple(Condition(flag=flag, values=values) for flag, *values in conditions)
    return recommend(sorted(DEMO.glob("*.log.gz")), selection=Selection(wanted=wanted, **times))


def governed(result):
    return {item.policy.group.namespace for item in result.policies}


def codes(result):
    return {gap.code for gap in result.gaps}


@pytest.fixture(scope="module")
def whole():
    return recommend(sorted(DEMO.glob("*.log.gz")))


def test_only_workloads_with_all_their_flows_get_a_policy(whole):
    result = chosen(("namespace", "shop"))
    assert governed(result) == {"shop"}
    assert {item.edge.edge_id for item in result.edges} < {item.edge.edge_id for item in whole.edges}
    assert "NPR314" in codes(result)
    assert result.proof.holds


def test_no_needed_edge_of_the_whole_is_cut_by_policies_of_a_part(whole):
    """What was left out of a part still passes: its other end has no policy."""
    result = chosen(("to-port", "5432"))
    allowed = {item.edge.edge_id for item in whole.edges if item.decided.disposition.allowed}
    assert {item.edge.port for item in result.edges} == {5432}
    assert len(allowed) > len(result.edges)
    assert governed(result) == set()


def test_conditions_on_kinds_of_records_leave_policies_and_are_a_finding(whole):
    result = chosen(("verdict", "AUDIT"))
    assert governed(result) <= governed(whole)
    assert governed(result)
    assert "NPR114" in codes(result)


def test_workloads_outside_the_time_range_get_no_policy(whole):
    result = chosen(since="6h")
    assert len(result.policies) < len(whole.policies)
    assert "NPR314" in codes(result)


def test_without_selection_nothing_is_said_of_it(whole):
    assert not {"NPR114", "NPR314"} & codes(whole)


def test_a_dataset_that_was_thinned_out_when_stored_says_so(tmp_path):
    path = tmp_path / "flows.parquet"
    for flags in (["--since", "1d"], ["--namespace", "shop"]):
        arguments = [str(DEMO / "events-worker1.log.gz"), "-o", str(path), "-q", *flags]
        assert CliRunner().invoke(ingest, arguments, catch_exceptions=False).exit_code == 0
        assert open_dataset(path).selected == (flags[0] == "--namespace")
    assert "NPR114" in codes(recommend(path))
