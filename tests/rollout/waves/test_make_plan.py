"""Plans of the demo's report, and of starter sets and other dialects, each moment judged."""

from dataclasses import replace

import pytest

from recommender import recommend, write_report
from recommender.errors import UsageError
from recommender.model.granularity import Granularity
from recommender.model.manifest import Dialect
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.policy_side import read_side
from recommender.rollout.waves.make_plan import Environments, make_plan
from recommender.rollout.waves.plan import Environment, Stage
from recommender.rollout.waves.proof import PrefixProof, moments
from recommender.semantics.reading import policy_name
from recommender.settings import Settings
from tests.pipeline.conftest import DEMO

FLOWS = sorted(DEMO.glob("*.log.gz"))
GIVEN = ["dev=shop-dev", "staging=team-*"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    made = {}

    def make(**settings):
        key = tuple(sorted(settings.items()))
        if key not in made:
            directory = tmp_path_factory.mktemp("report") / "demo"
            write_report(recommend(FLOWS, Settings(**settings), inventory=DEMO / "inventory.json"), directory)
            made[key] = read_side(directory)
        return made[key]

    return make


def enforcing(plan):
    return [wave for wave in plan.waves if wave.stage is not Stage.AUDIT]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"dialect": Dialect.KUBERNETES},
        {"minimum_viable": True, "dialect": Dialect.KUBERNETES},
        {"minimum_viable": True},
        {"granularity": Granularity.NAMESPACE, "dialect": Dialect.CALICO},
    ],
    ids=["cilium", "kubernetes", "starter set", "starter set of cilium", "calico"],
)
def test_no_needed_edge_is_denied_at_any_moment(report, settings):
    side = report(**settings)
    plan = make_plan(side, environments=Environments.parse(GIVEN), production="stage", wave_size=5)
    proof = PrefixProof.of(side.report, picture_of((side,)))
    assert len(proof.asked) > 30
    every = list(moments(enforcing(plan)))
    assert len(every) >= sum(len(wave.objects) for wave in enforcing(plan))
    assert [cut for moment in every for cut in proof.cuts(moment)] == []


def test_the_check_finds_a_default_deny_before_its_allows(report):
    side = report()
    plan = make_plan(side, environments=Environments(), production="stage")
    waves = [wave for wave in enforcing(plan) if wave.stage is not Stage.SHARED]
    proof = PrefixProof.of(side.report, picture_of((side,)))
    cuts = [cut.edge for moment in moments(waves) for cut in proof.cuts(moment)]
    assert any("TCP/53" in edge or "UDP/53" in edge for edge in cuts)


def test_without_guards_a_starter_set_cuts(report):
    side = report(minimum_viable=True, dialect=Dialect.KUBERNETES)
    plan = make_plan(side, environments=Environments(), production="stage")
    assert any(wave.guards for wave in plan.waves)
    proof = PrefixProof.of(side.report, picture_of((side,)))
    bare = [replace(wave, guards=()) for wave in enforcing(plan)]
    assert any(True for moment in moments(bare) for _ in proof.cuts(moment))


def test_order_of_environments_stages_and_risk(report):
    plan = make_plan(report(), environments=Environments.parse(GIVEN), production="stage")
    steps = [(wave.environment, wave.stage) for wave in plan.waves]
    assert steps[0] == (Environment.DEV, Stage.SHARED)
    order = list(dict.fromkeys(steps[1:]))
    assert order == [
        (Environment.DEV, Stage.INGRESS),
        (Environment.DEV, Stage.FULL),
        (Environment.STAGING, Stage.AUDIT),
        (Environment.STAGING, Stage.INGRESS),
        (Environment.STAGING, Stage.FULL),
        (Environment.PRODUCTION, Stage.AUDIT),
        (Environment.PRODUCTION, Stage.INGRESS),
        (Environment.PRODUCTION, Stage.FULL),
    ]
    production = [one for wave in plan.waves if wave.name.split("-", 1)[1].startswith("production-full")
                  for one in wave.candidates]  # fmt: skip
    usual = [one.risk for one in production if not one.namespace.startswith("kube-")]
    assert usual == sorted(usual)
    assert [one.namespace for one in production[len(usual) :]] == ["kube-system"] * (len(production) - len(usual))


def test_production_takes_only_what_its_verdict_allows(report):
    plan = make_plan(report(), environments=Environments())
    production = [wave for wave in plan.waves if wave.stage in {Stage.INGRESS, Stage.FULL}]
    assert all(one.advice == "enforce" for wave in production for one in wave.candidates)
    assert {item.candidate.advice for item in plan.waiting} <= {"stage", "observe longer"}
    assert plan.waiting


def test_the_ingress_wave_isolates_ingress_alone(report):
    side = report()
    plan = make_plan(side, environments=Environments(), production="stage")
    wave = next(wave for wave in plan.waves if wave.stage is Stage.INGRESS)
    for item in wave.objects:
        assert item.document["spec"]["enableDefaultDeny"]["egress"] is False


def test_the_way_back_is_what_the_wave_before_left(report):
    plan = make_plan(report(), environments=Environments(), production="stage")
    first = {policy_name(item.document): item for wave in plan.waves if wave.stage is Stage.INGRESS
             for item in wave.objects}  # fmt: skip
    full = [item for wave in plan.waves if wave.stage is Stage.FULL for item in wave.objects]
    assert full
    for item in full:
        assert item.before == first[policy_name(item.document)].text
    assert all(not item.before for item in first.values())


def test_stop_rule_and_wait_follow_the_estimate(report):
    plan = make_plan(report(), environments=Environments(), production="stage")
    for wave in plan.waves:
        if wave.candidates:
            assert wave.stop_above >= int(wave.expected_new)
            assert 1 <= wave.wait_days <= 14
            weekly = sum(one.expected_new for one in wave.candidates)
            assert wave.expected_new == pytest.approx(weekly * wave.wait_days / 7, abs=0.01)


@pytest.mark.parametrize("text", ["test=shop", "dev=", "shop", "dev=a,,b"])
def test_environments_that_say_nothing_are_refused(text):
    with pytest.raises(UsageError, match="names no environment"):
        Environments.parse([text])


def test_environments_are_told_by_pattern():
    found = Environments.parse(["dev=a,b-*", "staging=c"])
    names = {"a": Environment.DEV, "b-1": Environment.DEV, "c": Environment.STAGING, "d": Environment.PRODUCTION}
    assert {name: found.of(name) for name in names} == names
