"""What is held back at any level can be released: its YAML lets the edge pass, and isolates nobody anew."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recommender.dialect import write_releases
from recommender.model.granularity import Granularity
from recommender.model.group import GroupOrigin
from recommender.model.inventory import Inventory
from recommender.model.manifest import Dialect
from recommender.model.policy import GroupPeer
from recommender.semantics import settings_for, try_releases
from recommender.settings import STARTER_DIALECTS
from tests.pipeline.made_up import MARKS, STARTER, clusters, grouped, known_marks, made_for, said
from tests.policy.scene import assessed


@pytest.mark.parametrize("dialect", list(Dialect))
@settings(max_examples=80, deadline=None)
@given(
    cluster=clusters(),
    level=st.sampled_from([*Granularity, STARTER]),
    marks=st.sets(st.sampled_from(MARKS)),
    held=st.sets(st.integers(0, 13)),
)
def test_a_release_lets_its_edge_pass_and_isolates_only_what_the_run_isolates(dialect, cluster, level, marks, held):
    workloads, edges, _ = cluster
    assume(level != STARTER or dialect in STARTER_DIALECTS)
    kept_out = sorted((one for place, one in enumerate(edges) if place in held), key=lambda one: one.sort_key)
    grouping = grouped(workloads, edges, level, known_marks(marks, workloads), accounts=dialect.selects_by_account)
    made = made_for(grouping, workloads, edges, level, kept_out)
    written = said(made, grouping, edges, level, dialect)
    releases = write_releases(made.releases, dialect, edges=assessed(edges, made.decided), policies=made.policies)
    assert [one.edge_id for one in releases] == [one.edge_id for one in kept_out]
    proofs = try_releases(
        releases,
        kept_out,
        workloads=workloads,
        manifests=written.manifests,
        inventory=Inventory(),
        settings=settings_for(dialect),
    )
    assert all(proof.allows for release, proof in zip(releases, proofs, strict=True) if release.manifests)
    governed = {member for policy in made.policies for member in policy.group.members}
    for policy in (policy for release in made.releases for policy in release.policies):
        assert governed.issuperset(policy.group.members)
        peers = [rule.peer.group for rule in policy.rules if isinstance(rule.peer, GroupPeer) and not rule.baseline]
        # Releasing one edge of a sensitive workload must not let a whole namespace in.
        assert not policy.group.sensitive or all(peer.origin is not GroupOrigin.NAMESPACE for peer in peers)
