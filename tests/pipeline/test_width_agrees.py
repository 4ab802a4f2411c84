"""What the findings count as open is what the evaluator lets through, by the manifests as written."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.model.connection import Connection
from recommender.model.granularity import Granularity
from recommender.model.inventory import Inventory
from recommender.model.manifest import Dialect
from recommender.model.policy import PortRule
from recommender.policy.width import count_open
from recommender.semantics import SemanticsSettings
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.judged_ends import clients_of, servers_of
from recommender.semantics.manifest_documents import read_manifests
from tests.pipeline.made_up import MARKS, PORTS, STARTER, clusters, grouped, known_marks, made_for, said
from tests.policy.scene import edge


@settings(max_examples=100, deadline=None)
@given(cluster=clusters(), level=st.sampled_from([*Granularity, STARTER]), marks=st.sets(st.sampled_from(MARKS)))
def test_the_count_is_the_evaluators(cluster, level, marks):
    workloads, edges, _ = cluster
    grouping = grouped(workloads, edges, level, known_marks(marks, workloads))
    made = made_for(grouping, workloads, edges, level)
    written = said(made, grouping, edges, level, Dialect.CILIUM)
    policies = policies_by_cluster(read_manifests(written.manifests), workloads, Inventory(), SemanticsSettings())
    known = {one.end: one for one in workloads}
    expected = Counter()
    for client in known:
        for server in known:
            for protocol, port in PORTS:
                tried = edge(client, server, port, protocol)
                ((source,), (destination,)) = clients_of(tried, known), servers_of(tried, known)
                one = Connection(source=source, destination=destination, protocol=protocol, port=port)
                expected[server.namespace] += policies.judge(one).allowed
    homes = {end: end.namespace for end in known}
    found = count_open(made.policies, homes, (PortRule(protocol=protocol, port=port) for protocol, port in PORTS))
    assert +found == +expected
