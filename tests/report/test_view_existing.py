from dataclasses import replace
from random import Random

import jsonschema
import pytest

from recommender.model.confidence import Band
from recommender.model.existing import (
    Advice,
    AdviceKind,
    ExistingPolicies,
    ExistingPolicy,
    ExistingRule,
    ExistingUse,
    JudgedReach,
    Opening,
    PolicyFate,
    ReachChange,
)
from recommender.model.gap import Severity
from recommender.model.policy import Direction, LeftOut
from recommender.model.replay import Denial
from recommender.report import build_view, render_html, render_summary, view_schema
from recommender.report.json_form import render_json
from tests.report.page_text import PageText
from tests.report.sample import END, sample_recommendation
from tests.report.test_html import HOSTILE
from tests.report.test_report_view import shuffled

THEIRS = "CiliumNetworkPolicy/shop/theirs"


def existing_rule(**changes):
    given = {
        "policy": THEIRS,
        "path": "spec.ingress[0]",
        "direction": Direction.INGRESS,
        "text": '{"fromEntities":["world"]}',
        "opening": Opening.ANYWHERE,
        "ports": 0,
        "unresolved": False,
        "subjects": ("shop/Deployment/web",),
        "unobserved": (),
        "scheduled": (),
        "known_peers": 0,
        "used_peers": 0,
        "used_outside": 0,
        "used_ports": (),
        "edges": (),
        "suspicious": (),
        "connections": 0,
        "last_used": 0,
    }
    return ExistingRule(**(given | changes))


def reach_of(group, others, *, world=False, open_to_world=""):
    return JudgedReach(
        group=group,
        isolated=not world,
        groups=frozenset(others),
        entities=1,
        external_peers=2,
        world=world,
        open_to_world=open_to_world,
    )


def with_existing(theirs=THEIRS, text="{}", **changes):
    """The sample, its first policy resting on an existing one, its last group fully covered."""
    base = sample_recommendation()
    first, *others, last = base.policies
    rule = next(rule for rule in first.policy.rules if rule.edges)
    left = LeftOut(rule=rule, policies=(theirs,), layer7=True)
    rest = tuple(one for one in first.policy.rules if one is not rule)
    policy = replace(first.policy, rules=rest, left_out=(left,), isolated_by=((Direction.EGRESS, (theirs,)),))
    policy = replace(policy, isolate_egress=False)
    edge = next(item.edge for item in base.edges if item.edge.edge_id in rule.edges)
    denial = Denial(edge_id=edge.edge_id, edge=edge.key, direction="ingress", reason=f"allowed by {theirs}")
    displays = [group.display for group in base.groups]
    given = {
        "policies": (
            ExistingPolicy(name=theirs, fate=PolicyFate.JUDGED, selects=2, document=f'{{"a":"{text}"}}'),
            ExistingPolicy(name="NetworkPolicy/shop/bad", fate=PolicyFate.UNJUDGED, reason=text),
            ExistingPolicy(name="NetworkPolicy/shop/ours", fate=PolicyFate.REPLACED),
        ),
        "rules": (
            existing_rule(policy=theirs, text=text),
            existing_rule(path="spec.egress[0]", direction=Direction.EGRESS),
        ),
        "advice": (
            Advice(
                kind=AdviceKind.RETIRE,
                policy=theirs,
                path="spec.ingress[0]",
                severity=Severity.HIGH,
                confidence=Band.LOW,
                reason=f"no stored edge used it {text}",
            ),
        ),
        "covered": (replace(last.policy, rules=(), isolate_ingress=False, isolate_egress=False, left_out=(left,)),),
        "lifted": ((displays[0], text, (theirs,)),),
        "reach_before": tuple(
            reach_of(one, set(displays) - {one}, world=True, open_to_world="all") for one in displays
        ),
        "reach_after": tuple(reach_of(one, displays[:1], open_to_world="TCP/443") for one in displays[:2])
        + tuple(reach_of(one, ()) for one in displays[2:]),
        "changes": (ReachChange(source=displays[0], destination=displays[1], before="", after="TCP/443"),),
        "changes_known": True,
    }
    proof = replace(base.proof, existing=1, dependent=(denial,), attested=(denial,), open_by_existing=())
    return replace(
        base,
        policies=(replace(first, policy=policy), *others),
        existing=ExistingPolicies(**(given | changes)),
        proof=proof,
    )


@pytest.fixture(scope="module")
def full_view():
    return build_view(with_existing())


def test_it_follows_the_schema(full_view):
    jsonschema.Draft202012Validator(view_schema()).validate(full_view)


def test_the_texts_of_the_policies_are_kept(full_view):
    texts = {item["name"]: item["document"] for item in full_view["existing"]["policies"]}
    assert texts[THEIRS].startswith('{"a":')
    assert texts["NetworkPolicy/shop/ours"] == ""


def test_the_order_of_the_parts_does_not_matter(full_view):
    for seed in range(3):
        assert build_view(shuffled(with_existing(), Random(seed))) == full_view


def test_the_summary_counts_everything(full_view):
    text = render_summary(full_view)
    assert (
        "existing   3 policies: 1 judged, 2 rules not repeated, 1 group fully covered, 1 to retire, "
        "1 could not be judged, 1 of an earlier run, 1 pair changed\n" in text
    )


@pytest.mark.parametrize(
    ("existing", "said"),
    [
        (ExistingPolicies(), ""),
        (ExistingPolicies(use=ExistingUse.IGNORE, note="x"), "existing   left aside as told\n"),
        (ExistingPolicies(note="two clusters"), "existing   not taken into account: two clusters\n"),
    ],
)
def test_the_summary_of_other_runs(existing, said):
    text = render_summary(build_view(replace(sample_recommendation(), existing=existing)))
    assert (said in text) if said else ("existing" not in text)


def test_an_edge_names_whom_it_is_left_to(full_view):
    left = {edge["id"]: edge["left_to"] for edge in full_view["edges"] if edge["left_to"]}
    assert left == {key: [THEIRS] for item in full_view["existing"]["left_out"] for key in item["edges"]}
    assert left


def test_reach_is_told_by_the_evaluator(full_view):
    answer = full_view["answers"]["reach"]
    assert answer["by_existing"]
    groups = len(answer["groups"])
    assert answer["pairs_before"] == groups * (groups - 1)
    assert {item["groups_before"] for item in answer["groups"]} == {groups - 1}
    assert len(answer["open_to_world"]) == 2
    assert "let any address in on TCP/443" in answer["open_to_world"][0]["reason"]
    assert f"(by the existing policies: {groups - 1:.1f})" in answer["sentence"]
    assert "existing policies alone" in answer["how"]


def test_a_covered_group_is_not_called_ungoverned(full_view):
    [covered] = full_view["existing"]["covered_groups"]
    members = next(group["members"] for group in full_view["groups"] if group["display"] == covered)
    ungoverned = {item["workload"] for item in full_view["answers"]["reach"]["ungoverned"]}
    assert ungoverned.isdisjoint(members)


def test_where_pairs_were_not_judged_the_figures_say_so():
    answer = build_view(with_existing(reach_before=(), reach_after=()))["answers"]["reach"]
    assert not answer["by_existing"]
    assert "existing policies are not in these figures" in answer["how"]


def test_the_page_shows_what_a_person_needs(full_view):
    page = PageText(render_html(full_view))
    for text in (
        "Existing policies",
        "For a person to decide (1)",
        "Not seen is no proof",
        "Covered by existing policies (1)",
        "Not repeated (2)",
        "behind a layer-7 filter",
        "Filters that would be lifted (1)",
        "Against the earlier run (1)",
        "never in the window",
        "Passing by existing policies only (1)",
        "Taken on the flows' word (1)",
        "isolated by existing policies",
    ):
        assert text in page.text, text


def test_without_existing_policies_the_page_has_no_such_section():
    assert 'id="existing"' not in render_html(build_view(sample_recommendation()))


def test_no_change_against_an_earlier_run_is_said_too():
    page = PageText(render_html(build_view(with_existing(changes=()))))
    assert "allow exactly what the earlier run's policies in force allow" in page.text


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_texts_of_others_stay_text(text):
    view = build_view(with_existing(theirs=f"CiliumNetworkPolicy/shop/{text}", text=text))
    html = render_html(view)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "<h1>owned" not in html
    assert "\x1b" not in render_json(view) + render_summary(view)


def test_times_of_use_are_told():
    used = existing_rule(edges=("0" * 12,), last_used=END, connections=3)
    view = build_view(with_existing(rules=(used,)))
    assert view["existing"]["rules"][0]["last_used"].startswith("2026-11-23T00:00:00")
