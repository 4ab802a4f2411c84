"""What was needed passes and what was not seen does not, by the evaluator's reading of the text as written."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dialect import excluded_by_losses
from recommender.model.connection import AddressEndpoint, Connection, EntityEndpoint, PodEndpoint
from recommender.model.disposition import Disposition
from recommender.model.edge import EntityEnd, FqdnEnd, Protocol, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.manifest import Dialect
from recommender.semantics import PolicySet, SemanticsSettings, settings_for
from tests.dialect.scene import written
from tests.policy.scene import (
    COREDNS,
    DB,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    address,
    dns_edge,
    edge,
    end,
    entity,
    fqdn,
    group,
    policies,
    shop_edges,
)

PODS = {
    member: tuple((requirement.key, requirement.values[0]) for requirement in one.selector.requirements)
    for one in SHOP_GROUPS
    for member in one.members
}
NAMES = {"203.0.113.9": ("api.example.com",)}


def endpoint(end, addresses):
    if isinstance(end, WorkloadEnd):
        labels = PODS.get(end, (("app", end.name),))
        cluster = end.cluster or "default"
        return PodEndpoint(namespace=end.namespace, name=f"{end.name}-0", labels=labels, cluster=cluster)
    if end == entity(Entity.WORLD):
        return AddressEndpoint(address=addresses[0])
    if isinstance(end, EntityEnd):
        return EntityEndpoint(entity=end.entity)
    text = addresses[0] if isinstance(end, FqdnEnd) else end.address
    return AddressEndpoint(address=text, names=NAMES.get(text, ()))


def connection(one):
    return Connection(
        source=endpoint(one.client, one.evidence.client_addresses),
        destination=endpoint(one.server, one.evidence.server_addresses),
        protocol=one.protocol,
        port=one.port,
    )


def enforced(result, cluster="default", settings=None):
    documents = [yaml.safe_load(manifest.text) for manifest in result.manifests]
    chosen = replace(settings or SemanticsSettings(), local_cluster=cluster)
    return PolicySet.parse(documents, namespaces={"shop": {}, "monitoring": {}, "kube-system": {}}, settings=chosen)


def allowed_in(edges, groups, dialect, reading=None):
    """The edges that should pass, and the policies as a cluster would read them."""
    made = policies(edges, groups)
    result = written(made.policies, dialect, edges=edges)
    decided = dict(made.decided) | excluded_by_losses(result.losses)
    needed = [one for one in edges if decided[one.edge_id].disposition is not Disposition.EXCLUDED]
    return needed, enforced(result, settings=reading)


READINGS = [(dialect, settings_for(dialect)) for dialect in Dialect] + [
    (Dialect.CLUSTER_NETWORK_POLICY, SemanticsSettings(baseline_opens_isolated=True))
]
"""Each dialect by the reading that proves it; ClusterNetworkPolicy also by Cilium's."""


@pytest.mark.parametrize(("dialect", "reading"), READINGS)
def test_every_kind_of_peer_passes(dialect, reading):
    needed, cluster = allowed_in(shop_edges(), SHOP_GROUPS, dialect, reading)
    assert len(needed) >= len(shop_edges()) - 1
    for one in needed:
        assert cluster.judge(connection(one)).allowed, one.key


_FAR = [
    entity(Entity.WORLD),
    entity(Entity.REMOTE_NODE),
    entity(Entity.KUBE_APISERVER),
    address("203.0.113.1"),
    address("203.0.113.0"),
    address("2001:db8::1"),
    fqdn("api.example.com"),
    end("shop", "stranger"),
]
_NEAR = [WEB, DB, PROMETHEUS, COREDNS]
_PAIRS = st.tuples(st.sampled_from(_NEAR), st.sampled_from([*_NEAR, *_FAR])) | st.tuples(
    st.sampled_from([*_NEAR, *_FAR]), st.sampled_from(_NEAR)
)
_PORTS = st.sampled_from([(Protocol.TCP, 80), (Protocol.UDP, 53), (Protocol.SCTP, 3868), (Protocol.ICMP, 8)])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(_PAIRS, _PORTS), max_size=25), st.sampled_from(READINGS))
def test_whatever_was_needed_passes(drawn, said):
    dialect, reading = said
    edges = {
        one.edge_id: one
        for (client, server), (protocol, port) in drawn
        for one in [
            edge(client, server, port, protocol, server_addresses=("203.0.113.9",), client_addresses=("203.0.113.9",))
        ]
    }
    needed, cluster = allowed_in(list(edges.values()), SHOP_GROUPS, dialect, reading)
    for one in needed:
        assert cluster.judge(connection(one)).allowed, one.key


_TCP_EDGES = st.sets(st.tuples(st.sampled_from(_NEAR), st.sampled_from(_NEAR), st.sampled_from([80, 443])))


@settings(max_examples=25, deadline=None)
@given(_TCP_EDGES, st.sampled_from(READINGS))
def test_pods_reach_what_was_seen_and_nothing_else(drawn, said):
    dialect, reading = said
    edges = [edge(client, server, port) for client, server, port in sorted(drawn)]
    _, cluster = allowed_in([*edges, dns_edge(WEB)], SHOP_GROUPS, dialect, reading)
    for client, server in itertools.permutations(_NEAR, 2):
        for port in (53, 80, 443):
            one = edge(client, server, port)
            dns = server == COREDNS and port == 53
            assert cluster.judge(connection(one)).allowed == ((client, server, port) in drawn or dns), one.key


def test_with_several_clusters_each_obeys_its_own_policies_only():
    members = [end("shop", name, cluster=where) for where in ("east", "west") for name in ("web", "db")]
    groups = [group(member) for member in members]
    local, across = edge(members[0], members[1], 5432), edge(members[0], members[3], 5432)
    made = policies([local, across], groups)
    result = written(made.policies, Dialect.CILIUM, edges=[local, across])
    east = enforced(result, "east")
    assert east.judge(connection(local)).allowed
    assert east.judge(connection(across)).egress.outcome == "allowed"
    west = enforced(result, "west")
    assert west.judge(connection(across)).ingress.outcome == "allowed"
    assert not west.judge(connection(edge(members[1], members[3], 5432))).allowed
