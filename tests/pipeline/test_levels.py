"""Every level, in every dialect, on simulated clusters whose needs are known: nothing needed breaks, all are isolated.

The manifests as written are judged against the truth, for all label sets of the window and those of one more rollout.
"""

import json
from dataclasses import replace
from itertools import product

import jsonschema
import pytest
import yaml

from benchmarks.quality.clusters import LabelStyle, Scenario
from benchmarks.quality.endpoints import describe
from benchmarks.quality.judge import judge
from recommender import Settings, recommend
from recommender.ingest import decode, expand_sources
from recommender.model.disposition import Disposition
from recommender.model.existing import ExistingUse
from recommender.model.granularity import Granularity
from recommender.model.group import GroupOrigin
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.selection import Selection
from recommender.model.shared_baseline import BaselineForm
from recommender.model.single_sightings import SingleSightings
from recommender.model.starter_step import StarterStep
from recommender.model.system_namespace import is_system_namespace
from recommender.report import build_view, render_html, render_json
from recommender.report.schema import view_schema
from recommender.settings import STARTER_DIALECTS
from recommender.store import write_flows

TINY = Scenario(size="tiny", seed=21, days=2, style=LabelStyle.PLAIN, events="sparse")
SMALL = Scenario(size="small", seed=22, days=1.5, style=LabelStyle.HELM, events="full", rate=0.6)
LEVELS = {
    "namespace": Settings(granularity=Granularity.NAMESPACE),
    "group": Settings(),
    "workload": Settings(granularity=Granularity.WORKLOAD),
    "mixed": Settings(granularity=Granularity.NAMESPACE, sensitive=("ns-0",)),
    "starter": Settings(minimum_viable=True),
    "starter, mixed": Settings(minimum_viable=True, sensitive=("ns-0", "kube-system")),
}
COMBINATIONS = [
    (dialect, level)
    for dialect, level in product(Dialect, LEVELS)
    if dialect in STARTER_DIALECTS or not LEVELS[level].minimum_viable
]
FURTHER = [dialect for dialect in Dialect if dialect is not Dialect.CILIUM]
STRICT = {"l7": Layer7.HTTP, "single_sightings": SingleSightings.QUARANTINE}
OPTIONS = {
    "inline": {"baselines": BaselineForm.INLINE, "existing": ExistingUse.IGNORE, **STRICT},
    "by name": {"existing": ExistingUse.BY_NAME, **STRICT},
}


@pytest.fixture(scope="session")
def captured(tmp_path_factory):
    """A scenario's dataset, inventory and truth, each made once."""
    made = {}

    def of(scenario):
        if scenario not in made:
            place = tmp_path_factory.mktemp(scenario.name)
            simulation = scenario.simulation()
            simulation.write(place / "capture")
            simulation.write_inventory(place / "inventory.json")
            sources = expand_sources([str(place / "capture" / "events-*")])
            write_flows(decode(sources), place / "flows.parquet", selection=Selection())
            made[scenario] = (place, describe(scenario, simulation.cluster, simulation.truth))
        return made[scenario]

    return of


def figures(result, truth):
    documents = [one for item in result.manifests for one in yaml.safe_load_all(item.text) if one]
    return judge(documents, truth)


def listed(result):
    """Workloads that the report names as not isolated, with the reason why not."""
    ungoverned = {item["workload"] for item in build_view(result)["answers"]["reach"]["ungoverned"]}
    unsaid = {loss.policy for loss in result.losses if "the whole policy" in loss.subject}
    left = {item.policy.group for item in result.policies if item.policy.name in unsaid}
    return ungoverned | {str(member) for group in left for member in group.members}


@pytest.mark.parametrize(
    ("scenario", "dialect", "level"),
    [(TINY, *one) for one in COMBINATIONS] + [(SMALL, Dialect.CILIUM, level) for level in LEVELS],
    ids=str,
)
def test_a_level_breaks_nothing_and_isolates_everyone_or_says_why_not(captured, scenario, dialect, level):
    place, truth = captured(scenario)
    # Judged alone, so complete without the policies that the inventory holds.
    settings = replace(LEVELS[level], dialect=dialect, existing=ExistingUse.IGNORE)
    result = recommend(place / "flows.parquet", settings, inventory=place / "inventory.json")
    found = figures(result, truth)
    assert result.proof.holds, result.proof.sentence
    assert found.seen.missing == ()
    assert found.rolled.missing == ()
    assert (found.idle, found.invalid) == ((), ())
    check_isolation(result, found, dialect, level)
    check_report(result, level)


@pytest.mark.parametrize(("dialect", "level"), COMBINATIONS)
def test_every_level_completes_what_is_there_and_the_starter_set_is_written_whole(captured, dialect, level):
    place, _ = captured(TINY)
    result = recommend(
        place / "flows.parquet", replace(LEVELS[level], dialect=dialect), inventory=place / "inventory.json"
    )
    # No Cilium policy is in force where Calico is, and a ClusterNetworkPolicy would not stand beside one.
    assert bool(result.existing.count) is (dialect in {Dialect.CILIUM, Dialect.KUBERNETES})
    assert result.proof.holds, result.proof.sentence
    assert all(item.policy.left_out == item.policy.isolated_by == () for item in result.policies if item.policy.step)
    written = {(item.policy.step, item.policy.group.namespace) for item in result.policies if item.policy.step}
    whole = {group.namespace for group in result.groups if group.origin is GroupOrigin.NAMESPACE}
    if level.startswith("starter"):
        assert written >= {
            (step, name) for step in (StarterStep.DENY_INGRESS, StarterStep.SAME_NAMESPACE) for name in whole
        }


@pytest.mark.parametrize(
    ("dialect", "level", "options"),
    [*product([Dialect.CILIUM], LEVELS, OPTIONS), *((dialect, "mixed", "by name") for dialect in FURTHER)],
)
def test_every_level_keeps_its_promise_beside_the_other_settings(captured, dialect, level, options):
    place, _ = captured(TINY)
    chosen = replace(LEVELS[level], dialect=dialect, **OPTIONS[options])
    result = recommend(place / "flows.parquet", chosen, inventory=place / "inventory.json")
    assert result.proof.holds, result.proof.sentence
    held = {item.edge.edge_id for item in result.edges if item.decided.disposition is Disposition.QUARANTINED}
    assert held
    assert {one.edge_id for one in result.quarantine.edges} == held
    # A deny rule that is in force already wins over a release.
    assert all(one.allows or result.existing.forbidden for one in result.quarantine.edges if one.manifests)
    # What passes though it is held is told, and nothing else of it passes.
    assert bool(result.proof.still_open) is any(gap.code == "NPR406" for gap in result.gaps)
    assert dialect is Dialect.CILIUM or not any(pair.written for pair in result.http_pairs)
    shared = chosen.baselines is BaselineForm.SHARED and not chosen.minimum_viable
    assert bool(result.baselines) is (dialect is Dialect.CILIUM and shared)
    jsonschema.validate(json.loads(render_json(build_view(result))), view_schema())


def check_isolation(result, found, dialect, level):
    """Everyone seen is isolated in both directions, or named in the report with the reason why not."""
    seen = {str(item.end) for item in result.workloads}
    if dialect is Dialect.CLUSTER_NETWORK_POLICY:
        check_denied(result, seen)
        return
    left = set(found.isolated.missing) & seen
    assert left <= listed(result)
    if level == "namespace" or (dialect is Dialect.CILIUM and not level.startswith("starter")):
        assert left == set()
    if dialect is Dialect.CILIUM:
        assert all(is_system_namespace(end.split("/")[0]) for end in left)


def check_denied(result, seen):
    """This API has denials in place of a default: everyone has a policy, which says what it cannot deny."""
    governed = {str(member) for item in result.policies for member in item.policy.group.members}
    assert seen - governed <= listed(result)
    open_to_nodes = {loss.policy for loss in result.losses if "ingress from what is no pod" in loss.subject}
    unsaid = {loss.policy for loss in result.losses if "the whole policy" in loss.subject}
    assert open_to_nodes | unsaid == {item.policy.name for item in result.policies}


def check_report(result, level):
    """The report can be made of it, and says how much wider than seen it is."""
    starter = level.startswith("starter")
    view = build_view(result)
    jsonschema.validate(json.loads(render_json(view)), view_schema())
    page = render_html(view)
    assert all(item.policy.name in page for item in result.policies)
    assert {setting["name"]: setting["value"] for setting in view["settings"]}["minimum_viable"] == str(starter).lower()
    assert any(gap.code == "NPR318" for gap in result.gaps) is (level not in {"group", "workload"})
    steps = {item.policy.step for item in result.policies} - {None}
    assert steps >= {step for step in StarterStep if starter and step.number in {1, 2, 3, 5, 6}}
    assert bool(steps) is starter
