"""Base policies and a release allow the edge, and nothing else beyond what its selectors cannot tell apart."""

from itertools import product

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dialect import write_releases
from recommender.model.connection import Connection, PodEndpoint
from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Protocol
from recommender.model.inventory import Inventory
from recommender.model.manifest import Dialect
from recommender.semantics import PolicySet, settings_for, try_releases
from recommender.semantics.manifest_documents import ManifestDocument
from tests.dialect.scene import written
from tests.policy.scene import (
    COREDNS,
    DB,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    address,
    assessed,
    dns_edge,
    edge,
    end,
    fqdn,
    group,
    policies,
    workload,
)

HELD = Decided(disposition=Disposition.QUARANTINED, reason="part of a scan")
TWIN = end("shop", "web-twin")
PODS = [WEB, TWIN, DB, PROMETHEUS, COREDNS]
LABELS = {
    WEB: ("k8s:app=web",),
    TWIN: ("k8s:app=web",),
    DB: ("k8s:app.kubernetes.io/name=db", "k8s:tier=data"),
    PROMETHEUS: ("k8s:app=prometheus",),
    COREDNS: ("k8s:k8s-app=kube-dns",),
}
PORTS = (22, 53, 80, 5432)


def workloads():
    return [
        workload(member, labels=(*labels, f"k8s:io.kubernetes.pod.namespace={member.namespace}"))
        for member, labels in LABELS.items()
    ]


def groups():
    """The shop, in which one selector names two workloads."""
    web = group(WEB)
    both = type(web)(
        name="web",
        namespace="shop",
        members=(WEB, TWIN),
        origin=web.origin,
        selector=web.selector,
        proof=web.proof,
    )
    return (both, *SHOP_GROUPS[1:])


def run(needed, held, dialect):
    """The run's manifests, the releases and their proofs."""
    edges = [*needed, *held]
    decided = {one.edge_id: HELD for one in held}
    made = policies(edges, groups(), decided=decided, workloads=workloads())
    manifests = written(made.policies, dialect, edges=edges).manifests
    releases = write_releases(made.releases, dialect, edges=assessed(edges, decided), policies=made.policies)
    proofs = try_releases(
        releases,
        held,
        workloads=workloads(),
        manifests=manifests,
        inventory=Inventory(),
        settings=settings_for(dialect),
    )
    return manifests, releases, proofs


def passing(manifests):
    """Every (client, server, port) between the pods that passes, by the evaluator alone."""
    documents = [yaml.safe_load(manifest.text) for manifest in manifests]
    cluster = PolicySet.parse(documents, namespaces={"shop": {}, "monitoring": {}, "kube-system": {}})
    return {
        (client, server, port)
        for client, server in product(PODS, PODS)
        for port in PORTS
        if cluster.judge(
            Connection(
                source=_pod(client, "client"), destination=_pod(server, "server"), protocol=Protocol.TCP, port=port
            )
        ).allowed
    }


def _pod(member, role):
    labels = tuple(sorted(tuple(label.removeprefix("k8s:").split("=")) for label in LABELS[member]))
    return PodEndpoint(namespace=member.namespace, name=f"{member.name}-{role}", labels=labels)


def alike(member):
    return [WEB, TWIN] if member in {WEB, TWIN} else [member]


triples = st.sets(st.tuples(st.sampled_from(PODS), st.sampled_from(PODS), st.sampled_from([22, 80, 5432])), max_size=8)


@settings(max_examples=40, deadline=None)
@given(triples, triples, st.sampled_from(list(Dialect)))
def test_a_release_opens_its_edge_and_what_its_selectors_cannot_tell_apart_and_nothing_else(needed, held, dialect):
    held = held - needed
    needed_edges = [*(edge(*one) for one in sorted(needed)), dns_edge(WEB)]
    held_edges = [edge(*one) for one in sorted(held)]
    manifests, releases, proofs = run(needed_edges, held_edges, dialect)
    before = passing(manifests)
    by_id = {one.edge_id: one for one in held_edges}
    for release, proof in zip(releases, proofs, strict=True):
        one = by_id[release.edge_id]
        after = passing([*manifests, *release.manifests])
        own = {(client, server, one.port) for client, server in product(alike(one.client), alike(one.server))}
        assert after - before <= own
        assert (one.client, one.server, one.port) in after
        assert before <= after
        assert proof.allows
        newly = {edge(*triple).edge_id for triple in after - before} & set(by_id)
        assert set(proof.opens) == newly - {one.edge_id}


@pytest.mark.parametrize("dialect", list(Dialect))
def test_names_and_addresses_outside_are_proved_too(dialect):
    held = [
        edge(WEB, fqdn("drop.example.net"), 443, server_addresses=("203.0.113.9",)),
        edge(WEB, address("203.0.113.20"), 4444),
        edge(PROMETHEUS, fqdn("drop.example.net"), 443, server_addresses=("203.0.113.9",)),
    ]
    _, releases, proofs = run([edge(WEB, DB, 5432), dns_edge(WEB), dns_edge(PROMETHEUS)], held, dialect)
    assert all(release.manifests for release in releases)
    assert [proof.allows for proof in proofs] == [True] * 3
    assert [proof.opens for proof in proofs] == [()] * 3


def test_an_existing_deny_rule_wins_over_a_release():
    held = edge(WEB, DB, 22)
    manifests, releases, _ = run([dns_edge(WEB)], [held], Dialect.CILIUM)
    denial = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "never", "namespace": "shop"},
        "spec": {
            "endpointSelector": {"matchLabels": {"app": "web"}},
            "egressDeny": [{"toPorts": [{"ports": [{"port": "22", "protocol": "TCP"}]}]}],
        },
    }
    existing = [ManifestDocument(path="never", cluster="", document=denial)]
    (proof,) = try_releases(
        releases, [held], workloads=workloads(), manifests=manifests, inventory=Inventory(), existing=existing
    )
    assert not proof.allows


def test_a_release_that_does_not_fit_is_not_proved():
    manifests, releases, _ = run([dns_edge(WEB)], [edge(WEB, DB, 22)], Dialect.CILIUM)
    others = [edge(WEB, DB, 23)]
    moved = [type(releases[0])(edge_id=others[0].edge_id, file="f", manifests=releases[0].manifests)]
    (proof,) = try_releases(moved, others, workloads=workloads(), manifests=manifests, inventory=Inventory())
    assert not proof.allows
