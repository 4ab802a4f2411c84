import copy
from dataclasses import fields, is_dataclass, replace
from random import Random

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.model.capture import Capture
from recommender.model.completeness import Completeness, Unseen
from recommender.model.edge import Evidence, VerdictMix
from recommender.model.manifest import Dialect
from recommender.model.recommendation import Recommendation
from recommender.model.replay import Denial, ReplayProof
from recommender.report import SCHEMA_VERSION, build_view, render_html, render_summary, view_schema
from recommender.report.view_time import iso_time
from tests.report.sample import START, sample_recommendation


def shuffled(value, random):
    """The same values with every tuple that carries no order of its own in another order."""
    meant = {"parts", "examples", "bins"}
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        items = [shuffled(item, random) for item in value]
        random.shuffle(items)
        return tuple(items)
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return tuple(random.sample(value, len(value)))
    if is_dataclass(value):
        changes = {
            item.name: shuffled(getattr(value, item.name), random)
            for item in fields(value)
            if item.init and item.name not in meant
        }
        return replace(value, **changes)
    return value


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_order_of_the_parts_does_not_matter(seed):
    recommendation = sample_recommendation()
    other = shuffled(recommendation, Random(seed))
    assert build_view(other) == build_view(recommendation)


def test_the_view_follows_its_schema(view):
    schema = view_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(view)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda view: view.update(surprise=1),
        lambda view: view.pop("gaps"),
        lambda view: view["edges"][0]["evidence"].pop("refused"),
        lambda view: view["edges"][0].update(disposition="maybe"),
        lambda view: view["capture"].update(first_seen="yesterday"),
        lambda view: view["answers"]["reach"].pop("how"),
        lambda view: view.update(schema_version=2),
    ],
)
def test_the_schema_refuses_other_documents(view, spoil):
    document = copy.deepcopy(view)
    spoil(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(view_schema()).validate(document)


def test_nothing_of_the_recommendation_is_left_out(recommendation, view):
    assert view["schema_version"] == SCHEMA_VERSION
    names = {item.name for item in fields(recommendation)} - {"followed", "approved_proof"}
    assert names | {"decisions", "report_digest"} <= set(view)
    assert len(view["edges"]) == len(recommendation.edges)
    assert len(view["policies"]) == len(recommendation.policies)
    assert {item.name for item in fields(Capture)} <= set(view["capture"])
    evidence = view["edges"][0]["evidence"]
    assert {item.name for item in fields(Evidence)} == set(evidence)
    assert {item.name for item in fields(VerdictMix)} == set(evidence["verdicts"])


def test_rules_and_edges_name_each_other(view):
    for policy in view["policies"]:
        for rule in policy["rules"]:
            for edge_id in rule["edges"]:
                edge = next(item for item in view["edges"] if item["id"] == edge_id)
                assert policy["group"] in edge["allowed_by"]
            assert bool(rule["edges"]) != bool(rule["baseline"])


def test_times_are_utc_with_the_decimals_they_need():
    assert iso_time(START) == "2026-11-16T00:00:00Z"
    assert iso_time(START + 123_000_000) == "2026-11-16T00:00:00.123Z"
    assert iso_time(START + 1) == "2026-11-16T00:00:00.000000001Z"


def test_what_breaks_counts_from_the_proof(recommendation):
    broken = Denial(edge_id="0" * 12, edge="a -> b TCP/1", direction="egress", reason="no rule")
    proof = replace(recommendation.proof, broken=(broken,))
    answer = build_view(replace(recommendation, proof=proof))["answers"]
    assert (answer["breaks"]["needed"], answer["breaks"]["allowed"], answer["breaks"]["broken"]) == (17, 16, 1)
    assert answer["breaks"]["sentence"].startswith("1 of 17 needed edges would break.")
    assert answer["first"]["steps"][0]["section"] == "proof"


def test_trust_follows_the_findings_about_the_capture(recommendation):
    def verdict(*codes):
        gaps = tuple(gap for gap in recommendation.gaps if gap.code in codes)
        return build_view(replace(recommendation, gaps=gaps))["answers"]["trust"]["verdict"]

    assert verdict("NPR104", "NPR103") == "not yet"
    assert verdict("NPR103", "NPR401") == "with care"
    assert verdict("NPR401", "NPR501") == "yes"


def test_an_empty_run_can_still_be_shown():
    empty = Recommendation(
        tool_version="0.1.0",
        dialect=Dialect.KUBERNETES,
        input_digest="",
        settings=(),
        capture=Capture(first_seen=START, last_seen=START, flows=0),
        workloads=(),
        groups=(),
        edges=(),
        policies=(),
        kustomization=None,
        losses=(),
        gaps=(),
        proof=ReplayProof(edges=0, allowed=0),
        completeness=Completeness(
            unseen=Unseen(edges=0, incidences=0, once=0, bound=1.0, enough=False), new_edges=None
        ),
    )
    view = build_view(empty)
    jsonschema.Draft202012Validator(view_schema()).validate(view)
    assert "No policy was made." in render_html(view)
    assert render_summary(view).endswith(empty.proof.sentence + "\n")
