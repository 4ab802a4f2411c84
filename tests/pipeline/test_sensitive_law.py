"""Policies add up, so the law that keeps sensitive workloads tight is checked with the evaluator.

Whatever the granularity of the rest, a sensitive workload may receive and send what it may where everything is at the
level of workloads, and nothing else.
"""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recommender.model.connection import AddressEndpoint, Connection, EntityEndpoint, Outcome
from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd
from recommender.model.entity import Entity
from recommender.model.granularity import Granularity
from recommender.model.group import GroupOrigin, Selector
from recommender.model.inventory import Inventory
from recommender.model.isolation import may_be_isolated
from recommender.model.manifest import Dialect
from recommender.model.policy import Direction
from recommender.semantics import SemanticsSettings
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.judged_ends import pods_of
from recommender.semantics.manifest_documents import read_manifests
from recommender.settings import STARTER_DIALECTS
from tests.group.sample import workload
from tests.pipeline.made_up import MARKS, OUTSIDE, PORTS, STARTER, clusters, grouped, known_marks, written_for
from tests.policy.scene import edge


def has_policy(group, workloads, dialect):
    """Not what no selector names or only far nodes saw (NPR302), nor what only an account names, in most APIs."""
    members = [one for one in workloads if one.end in group.members]
    governed = may_be_isolated(members, any_local=any(one.observed_locally for one in workloads))
    named = group.selector is not None and (dialect.selects_by_account or not group.selector.service_account)
    return governed and named


def recommended(workloads, edges, level, marks, dialect):
    """The groups of one level, its manifests and their proof."""
    grouping = grouped(workloads, edges, level, marks, accounts=dialect.selects_by_account)
    return grouping, *written_for(grouping, workloads, edges, level, dialect)


def connections(workloads, ends):
    """Every connection with one of these ends, named: (client, server, connection)."""
    outside = [(str(end), _outside(end)) for end in OUTSIDE]
    pods = [(str(one.end), pod) for one in workloads for pod in pods_of(one)]
    names = {str(end) for end in ends}
    for (client, source), (server, destination) in (
        *product(pods, pods),
        *product(pods, outside),
        *product(outside, pods),
    ):
        if names & {client, server} and source is not destination:
            for protocol, port in PORTS:
                yield client, server, Connection(source=source, destination=destination, protocol=protocol, port=port)


def answers(workloads, written, ends):
    """The connections with one of these ends that pass, and those that these ends' own policies let through."""
    policies = policies_by_cluster(read_manifests(written.manifests), workloads, Inventory(), SemanticsSettings())
    names = {str(end) for end in ends}
    passing, own_side = set(), set()
    for client, server, one in connections(workloads, ends):
        judgement = policies.judge(one)
        if judgement.allowed:
            passing.add((client, server, one))
        if client in names and judgement.egress.outcome is Outcome.ALLOWED:
            own_side.add((client, server, one, Direction.EGRESS))
        if server in names and judgement.ingress.outcome is Outcome.ALLOWED:
            own_side.add((client, server, one, Direction.INGRESS))
    return passing, own_side


def _outside(end):
    match end:
        case EntityEnd(entity=Entity.WORLD):
            return AddressEndpoint(address="203.0.113.30")
        case EntityEnd(entity=entity):
            return EntityEndpoint(entity=entity)
        case AddressEnd(address=address):
            return AddressEndpoint(address=address)
        case FqdnEnd(name=name):
            return AddressEndpoint(address="203.0.113.9", names=(name,))


@pytest.mark.parametrize("dialect", list(Dialect))
@settings(max_examples=120, deadline=None)
@given(
    cluster=clusters(),
    level=st.sampled_from([Granularity.NAMESPACE, Granularity.GROUP, STARTER]),
    marks=st.sets(st.sampled_from(MARKS), min_size=1),
)
def test_a_sensitive_workload_may_do_what_it_may_at_the_level_of_workloads(dialect, cluster, level, marks):
    workloads, edges, _ = cluster
    assume(level != STARTER or dialect in STARTER_DIALECTS)
    chosen = known_marks(marks, workloads)
    grouping, mixed, proof = recommended(workloads, edges, level, chosen, dialect)
    apart, alone, precise = recommended(workloads, edges, Granularity.WORKLOAD, (), dialect)
    assert proof.holds, proof.broken
    assert precise.holds, precise.broken
    sayable = [group for group in grouping.groups if group.sensitive and has_policy(group, workloads, dialect)]
    ends = {member for group in sayable for member in group.members}
    (before, own_before), (after, own_after) = (answers(workloads, one, ends) for one in (alone, mixed))
    assert own_after == own_before
    # What no selector names has no policy of its own at the level of workloads, but one of its namespace's elsewhere:
    # the other end may deny more. It may not allow more, except where the API had to write an entity as any peer.
    closed = {str(end) for group in apart.groups if has_policy(group, workloads, dialect) for end in group.members}
    closed |= {str(end) for end in OUTSIDE}
    assert all(not {client, server} <= closed for client, server, _ in before - after)
    assert after <= before or any(loss.wider for loss in mixed.losses)


@pytest.mark.parametrize("dialect", list(Dialect))
@settings(max_examples=120, deadline=None)
@given(cluster=clusters(), level=st.sampled_from([*Granularity, STARTER]), marks=st.sets(st.sampled_from(MARKS)))
def test_the_replay_proof_holds_at_every_level(dialect, cluster, level, marks):
    workloads, edges, _ = cluster
    assume(level != STARTER or dialect in STARTER_DIALECTS)
    _, written, proof = recommended(workloads, edges, level, known_marks(marks, workloads), dialect)
    assert proof.holds, proof.broken
    assert proof.idle_policies == ()
    assert not any(loss.written == "nothing" and loss.edges and dialect is Dialect.CILIUM for loss in written.losses)


def test_a_namespace_policy_that_selected_sensitive_pods_too_would_open_them():
    """Without the exclusion the law fails, so the tests above can."""
    workloads = web, vault, other = [workload(name, {"app": name}) for name in ("web", "vault", "other")]
    edges = [edge(web.end, other.end, 443), edge(web.end, vault.end, 8080)]
    grouping = grouped(workloads, edges, Granularity.NAMESPACE, ["app=vault"])
    careless = tuple(
        replace(one, selector=Selector(requirements=())) if one.origin is GroupOrigin.NAMESPACE else one
        for one in grouping.groups
    )
    tight, _ = written_for(grouping, workloads, edges, Granularity.NAMESPACE, Dialect.CILIUM)
    loose, _ = written_for(replace(grouping, groups=careless), workloads, edges, Granularity.NAMESPACE, Dialect.CILIUM)
    (closed, own_closed), (opened, own_opened) = (answers(workloads, one, {vault.end}) for one in (tight, loose))
    assert closed < opened
    assert own_closed < own_opened
