"""Plans of the demo's report, and of starter sets and other dialects, each moment judged."""

import json
from dataclasses import replace

import pytest
import yaml

from recommender import recommend, write_report
from recommender.errors import UsageError
from recommender.model.connection import Connection
from recommender.model.edge import Protocol
from recommender.model.granularity import Granularity
from recommender.model.manifest import Dialect
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.policy_side import read_side
from recommender.rollout.waves.environments import Environments
from recommender.rollout.waves.files import plan_files
from recommender.rollout.waves.make_plan import make_plan
from recommender.rollout.waves.plan import Audit, Environment, Stage
from recommender.rollout.waves.proof import Moment, PrefixProof, moments
from recommender.rollout.waves.prove_plan import Proved, different
from recommender.rollout.waves.variants import variants
from recommender.semantics.manifest_documents import ManifestDocument
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


@pytest.fixture
def unproved(monkeypatch):
    """Plans whose moments the test judges itself, or not at all."""
    nothing = Proved(checked=0, moments=0, edges=0)
    monkeypatch.setattr("recommender.rollout.waves.make_plan.prove", lambda *_, **__: nothing)


def enforcing(plan):
    return [wave for wave in plan.waves if wave.stage is not Stage.AUDIT]


def cuts(side, waves, before=()):
    """Every cut at every moment, there and back; each set of objects is asked once."""
    proof = PrefixProof.of(side.report, picture_of((side,)), before)
    assert len(proof.asked) > 30
    return [cut for moment in different(list(moments(waves, before))) for cut in proof.cuts(moment)]


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
@pytest.mark.usefixtures("unproved")
def test_no_needed_edge_is_denied_at_any_moment_there_or_back(report, settings):
    side = report(**settings)
    plan = make_plan(side, environments=Environments.parse(GIVEN), production="stage", wave_size=20)
    every = list(moments(plan.waves))
    told = {moment.after for moment in every}
    for wave in plan.waves:
        for item in wave.objects:
            assert item.staged or {f"{wave.name}: {item.file}"} <= told
            assert item.staged or {f"{wave.name} back: {item.file} {did}" for did in ("restored", "deleted")} & told
    assert cuts(side, plan.waves) == []


@pytest.mark.usefixtures("unproved")
def test_the_way_back_in_another_order_cuts(report):
    """What makes the order of the way back matter: a guard that is away before the policies that add up."""
    side = report(minimum_viable=True, dialect=Dialect.KUBERNETES)
    plan = make_plan(side, environments=Environments(), production="stage")
    wave = next(wave for wave in plan.waves if wave.guards and wave.stage is Stage.FULL)
    assert cuts(side, [wave]) == []
    bare = replace(wave, guards=())
    back = [moment for moment in moments([bare]) if " back: " in moment.after]
    proof = PrefixProof.of(side.report, picture_of((side,)))
    assert any(True for moment in back for _ in proof.cuts(moment))


@pytest.mark.usefixtures("unproved")
def test_the_check_finds_a_default_deny_before_its_allows(report):
    side = report()
    plan = make_plan(side, environments=Environments(), production="stage")
    waves = [wave for wave in enforcing(plan) if wave.stage is not Stage.SHARED]
    edges = [cut.edge for cut in cuts(side, waves)]
    assert any("TCP/53" in edge or "UDP/53" in edge for edge in edges)


@pytest.mark.usefixtures("unproved")
def test_without_guards_a_starter_set_cuts(report):
    side = report(minimum_viable=True, dialect=Dialect.KUBERNETES)
    plan = make_plan(side, environments=Environments(), production="stage")
    assert any(wave.guards for wave in plan.waves)
    proof = PrefixProof.of(side.report, picture_of((side,)))
    bare = [replace(wave, guards=()) for wave in enforcing(plan)]
    assert any(True for moment in moments(bare) for _ in proof.cuts(moment))


@pytest.mark.usefixtures("unproved")
def test_order_of_environments_stages_and_risk(report):
    plan = make_plan(report(), environments=Environments.parse(GIVEN), production="stage")
    steps = [(wave.environment, wave.stage) for wave in plan.waves]
    assert steps[0] == (None, Stage.SHARED)
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


@pytest.mark.usefixtures("unproved")
def test_production_takes_only_what_its_verdict_allows(report):
    plan = make_plan(report(), environments=Environments())
    production = [wave for wave in plan.waves if wave.stage in {Stage.INGRESS, Stage.FULL}]
    assert all(one.advice == "enforce" for wave in production for one in wave.candidates)
    assert {item.candidate.advice for item in plan.waiting} <= {"stage", "observe longer"}
    assert plan.waiting


@pytest.mark.usefixtures("unproved")
def test_the_ingress_wave_isolates_ingress_alone(report):
    side = report()
    plan = make_plan(side, environments=Environments(), production="stage")
    wave = next(wave for wave in plan.waves if wave.stage is Stage.INGRESS)
    for item in wave.objects:
        assert item.document["spec"]["enableDefaultDeny"]["egress"] is False


@pytest.mark.usefixtures("unproved")
def test_the_way_back_is_what_the_wave_before_left(report):
    plan = make_plan(report(), environments=Environments(), production="stage")
    first = {policy_name(item.document): item for wave in plan.waves if wave.stage is Stage.INGRESS
             for item in wave.objects}  # fmt: skip
    full = [item for wave in plan.waves if wave.stage is Stage.FULL for item in wave.objects]
    assert full
    for item in full:
        assert item.before == first[policy_name(item.document)].text
    assert all(not item.before for item in first.values())


@pytest.mark.usefixtures("unproved")
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


def test_environments_by_cluster():
    found = Environments.parse(["dev=try-*/*,staging=shop"])
    assert found.of("shop", "try-1") is Environment.DEV
    assert found.of("shop", "live") is Environment.STAGING


@pytest.mark.usefixtures("unproved")
def test_shadows_isolate_nobody_and_replace_nothing(report):
    """The audit of Cilium's policies by itself, in a cluster without any: everything passes at every moment."""
    side = report()
    plan = make_plan(side, environments=Environments(), production="stage")
    audit = next(wave for wave in plan.waves if wave.stage is Stage.AUDIT)
    assert audit.audit is Audit.SHADOW
    assert not audit.restored
    assert not audit.guards
    for item in audit.objects:
        assert item.document["metadata"]["name"].endswith("-shadow")
        assert item.document["spec"]["enableDefaultDeny"] == {"ingress": False, "egress": False}
        assert "http" not in item.text
    picture = replace(picture_of((side,)), existing=())
    last = [moment for moment in moments([audit]) if " back: " not in moment.after][-1]
    policies = picture.judged(last.documents)
    pods = [member.endpoint for member in picture.scene.members]
    stranger = Connection(source=pods[0], destination=pods[-1], protocol=Protocol.TCP, port=4444)
    assert policies.judge(stranger).allowed
    enforced = picture.judged(side.files.documents)
    assert not enforced.judge(stranger).allowed


def test_deny_rules_and_rules_of_layer_7_have_no_part_in_a_shadow():
    policy = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "endpointSelector": {},
            "ingressDeny": [{"fromEntities": ["world"]}],
            "ingress": [{"toPorts": [{"ports": [{"port": "80"}], "rules": {"http": [{"method": "GET"}]}}]}],
            "egress": [{"toPorts": [{"ports": [{"port": "53"}], "rules": {"dns": [{"matchName": "a.example"}]}}]}],
        },
    }
    (made,) = variants("policies/shop/web.yaml", yaml.safe_dump(policy), Stage.AUDIT, {})
    assert "ingressDeny" not in made.document["spec"]
    assert made.document["spec"]["ingress"] == [{"toPorts": [{"ports": [{"port": "80"}]}]}]
    assert made.document["spec"]["egress"][0]["toPorts"][0]["rules"] == {"dns": [{"matchPattern": "*"}]}
    denying = {**policy, "spec": {"endpointSelector": {}, "ingressDeny": [{"fromEntities": ["world"]}]}}
    assert not list(variants("policies/shop/web.yaml", yaml.safe_dump(denying), Stage.AUDIT, {}))


def after(side, *earlier):
    """The side as a run after an earlier rollout sees it: (document, fate) of what stands."""
    existing = [{"name": policy_name(one), "fate": fate, "document": json.dumps(one)} for one, fate in earlier]
    described = {**side.view["existing"], "policies": [*side.view["existing"]["policies"], *existing]}
    return replace(side, view={**side.view, "existing": described})


def named(document, name):
    return {**document, "metadata": {**document["metadata"], "name": name}}


def test_the_way_back_restores_what_an_earlier_run_left(report):
    """An earlier form of one policy, and one that this run does not write any more: both stand at the beginning."""
    side = report()
    plan = make_plan(side, environments=Environments(), production="stage")
    item = next(item for wave in plan.waves if wave.stage is Stage.FULL for item in wave.objects)
    name = policy_name(item.document)
    earlier = {**item.document, "spec": {**item.document["spec"], "description": "of the week before"}}
    gone = named(earlier, "old")
    plan = make_plan(after(side, (earlier, "replaced"), (gone, "leftover")), environments=Environments(),
                     production="stage")  # fmt: skip
    files = plan_files(plan)
    assert not any(policy_name(one.document) == name for wave in plan.waves if wave.stage is Stage.INGRESS
                   for one in wave.objects), "its egress would stand open again"  # fmt: skip
    full = next(wave for wave in plan.waves if wave.stage is Stage.FULL
                and any(policy_name(one.document) == name for one in wave.objects))  # fmt: skip
    assert yaml.safe_load(files[f"{full.name}/rollback/{item.file.removeprefix('manifests/')}"]) == earlier
    assert f"name: {item.document['metadata']['name']}\n" not in files.get(f"{full.name}/rollback/delete.yaml", "")
    assert [yaml.safe_load(one.text) for one in plan.leftovers] == [gone]
    assert "kubectl delete -n" in files["README.md"]
    start = next(moments(plan.waves, [earlier, gone]))
    assert {name, policy_name(gone)} <= {one.path for one in start.documents}


@pytest.mark.usefixtures("unproved")
def test_what_is_there_already_is_in_no_wave(report):
    side = report()
    plan = make_plan(side, environments=Environments(), production="stage")
    item = next(item for wave in plan.waves if wave.stage is Stage.FULL for item in wave.objects)
    ingress = next(one for wave in plan.waves if wave.stage is Stage.INGRESS for one in wave.objects
                   if policy_name(one.document) == policy_name(item.document))  # fmt: skip
    same = make_plan(after(side, (item.document, "replaced")), environments=Environments(), production="stage")
    assert len(same.in_force) == 1
    files = [one.file for wave in same.waves for one in wave.objects]
    assert item.file not in files
    assert "In force already" in plan_files(same)["README.md"]
    half = make_plan(after(side, (ingress.document, "replaced")), environments=Environments(), production="stage")
    assert not half.in_force
    assert item.file not in [one.file for wave in half.waves for one in wave.objects if wave.stage is Stage.INGRESS]
    assert item.file in [one.file for wave in half.waves for one in wave.objects if wave.stage is Stage.FULL]


@pytest.mark.usefixtures("unproved")
def test_each_dialect_audits_in_its_own_way(report):
    ways = {}
    for dialect in (Dialect.CILIUM, Dialect.KUBERNETES, Dialect.CALICO):
        settings = {} if dialect is Dialect.CILIUM else {"dialect": dialect}
        settings |= {"granularity": Granularity.NAMESPACE} if dialect is Dialect.CALICO else {}
        plan = make_plan(report(**settings), environments=Environments(), production="stage")
        files = plan_files(plan)
        (audit,) = [wave for wave in plan.waves if wave.stage is Stage.AUDIT]
        ways[dialect] = (audit.audit, f"{audit.name}/audit-mode.sh" in files)
    assert ways == {
        Dialect.CILIUM: (Audit.SHADOW, False),
        Dialect.KUBERNETES: (Audit.MODE, True),
        Dialect.CALICO: (Audit.STAGED, False),
    }


@pytest.mark.usefixtures("unproved")
def test_a_starter_set_goes_as_its_most_careful_step(report):
    """Default deny of a namespace would be enforced without the allow rules that wait."""
    side = report(minimum_viable=True, dialect=Dialect.KUBERNETES)
    first = next(policy for policy in side.view["policies"] if policy["step"])
    space = first["namespace"]
    policies = [
        {**policy, "verdict": {**policy["verdict"], "advice": "enforce" if policy is first else "stage"}}
        for policy in side.view["policies"]
    ]
    plan = make_plan(replace(side, view={**side.view, "policies": policies}), environments=Environments())
    assert not [one for wave in enforcing(plan) for one in wave.candidates if one.namespace == space]
    assert {item.candidate.advice for item in plan.waiting if item.candidate.namespace == space} == {"stage"}
    text = plan_files(plan)["README.md"]
    assert len([line for line in text.splitlines() if line.startswith("- `") and f"`{space}/" in line]) < 5


def test_policies_that_audit_mode_holds_off_hide_no_cut(report):
    """A default deny of the capture stands in the inventory: by its text nothing passes before the rollout."""
    side = report()
    spec = {"endpointSelector": {}, "ingress": [{}], "egress": [{}]}
    metadata = {"name": "audit-default-deny", "namespace": "shop"}
    deny = {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": metadata, "spec": spec}
    standing = (*side.report.existing, ManifestDocument(path=policy_name(deny), cluster="", document=deny))
    held = replace(side, report=replace(side.report, existing=standing))
    picture = picture_of((held,))
    proof = PrefixProof.of(held.report, picture, (), held.files.documents)
    assert len(proof.held_off) > 20
    early = Moment(after="default deny first", documents=(ManifestDocument(
        path="CiliumNetworkPolicy/shop/first", cluster="", document=named(deny, "first")),))  # fmt: skip
    cut = {cut.edge for cut in proof.cuts(early)}
    assert {edge.key for edge, _ in proof.held_off if "shop/" in edge.key} & cut
    plan = make_plan(held, environments=Environments(), production="stage")
    assert plan.held_off == len(proof.held_off)
    assert "audit mode holds these policies off" in " ".join(plan_files(plan)["README.md"].split())


@pytest.mark.usefixtures("unproved")
def test_clusters_get_waves_of_their_own_and_no_paths(report):
    """Names of clusters are chosen by others."""
    side = report()
    policies = side.view["policies"]
    names = ["east", "../../west"]
    several = [{**policy, "cluster": names[place % 2]} for place, policy in enumerate(policies)]
    plan = make_plan(replace(side, view={**side.view, "policies": several}), production="stage",
                     environments=Environments.parse(["dev=east/*"]))  # fmt: skip
    assert {wave.cluster for wave in plan.waves if wave.candidates} == set(names)
    for wave in plan.waves:
        assert len({one.cluster for one in wave.candidates}) <= 1
        assert {one.cluster for one in wave.candidates} <= {wave.cluster}
        if wave.candidates:
            assert (wave.environment is Environment.DEV) == (wave.cluster == "east")
    assert not [path for path in plan_files(plan) if ".." in path]


@pytest.mark.usefixtures("unproved")
def test_the_way_back_from_any_point_meets_no_moment_that_the_way_there_did_not(report):
    """Of a wave that replaces some objects and adds others; guards aside, which only open."""
    side = report()
    shared = [yaml.safe_load(one["manifest"]["text"]) for one in side.view["baselines"]]
    assert len(shared) > 2
    later = after(side, ({**shared[0], "specs": shared[0]["specs"][:1]}, "replaced"))
    plan = make_plan(later, environments=Environments(), production="stage")
    mixed = [wave for wave in plan.waves if wave.restored and wave.removed]
    assert mixed
    for wave in mixed:
        start = {policy_name(yaml.safe_load(item.before)): "before" for item in wave.restored}
        there = [dict(start)]
        for item in wave.objects:
            there.append({**there[-1], policy_name(item.document): "after"})
        for stopped in there:
            state = dict(stopped)
            for item in wave.restored:
                state[policy_name(item.document)] = "before"
                assert state in there
            for item in wave.removed:
                state.pop(policy_name(item.document), None)
                assert state in there
            assert state == start
