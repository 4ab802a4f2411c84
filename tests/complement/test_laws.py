"""Laws of the complement, for edges and existing policies drawn at random."""

from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.complement import take_up
from recommender.dialect import write
from recommender.model.connection import AddressEndpoint, Connection, EntityEndpoint, Outcome
from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Protocol
from recommender.model.entity import Entity
from recommender.model.existing import ExistingUse
from recommender.model.manifest import Dialect
from recommender.model.shared_baseline import BaselineForm
from recommender.semantics.judged_ends import pods_of
from tests.complement.random_policies import existing_policies
from tests.complement.scene import WORKLOADS, enforced, inventory_of, labelled, names_of, own_output, run
from tests.dialect.scene import provenance
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
    entity,
    fqdn,
    group,
)

DOUBLE_WEB = replace(
    WORKLOADS[0],
    label_sets=tuple(labelled(WEB, "app=web", f"version={one}").label_sets[0] for one in ("v1", "v2")),
)
CACHE, FAR = end("shop", "cache"), end("shop", "far")
KNOWN = (
    DOUBLE_WEB,
    *WORKLOADS[1:],
    labelled(CACHE, "io.cilium.k8s.policy.serviceaccount=cache"),
    replace(labelled(FAR, "app=far"), observed_locally=False),
)
GROUPS = (*SHOP_GROUPS, group(CACHE, labels={}, service_account="cache"), group(FAR))
"""One that NetworkPolicy cannot select, and one that gets no policy since its node never reported."""
POSSIBLE = (
    edge(WEB, DB, 5432),
    edge(WEB, DB, 443),
    edge(PROMETHEUS, WEB, 80),
    edge(PROMETHEUS, DB, 80),
    edge(DB, WEB, 80),
    edge(WEB, WEB, 80),
    edge(WEB, fqdn("api.example.com"), 443, server_addresses=("203.0.113.9",)),
    edge(WEB, address("203.0.113.20"), 443, server_addresses=("203.0.113.20",)),
    edge(WEB, address("203.0.113.99"), 443, server_addresses=("203.0.113.99",)),
    edge(PROMETHEUS, address("2001:db8::5"), 443, server_addresses=("2001:db8::5",)),
    edge(entity(Entity.WORLD), WEB, 443, client_addresses=("198.51.100.7",)),
    edge(entity(Entity.REMOTE_NODE), WEB, 80, client_addresses=("192.0.2.11",)),
    edge(WEB, entity(Entity.KUBE_APISERVER), 443, server_addresses=("192.0.2.10",)),
    edge(WEB, DB, 8, Protocol.ICMP),
    edge(WEB, CACHE, 80),
    edge(CACHE, DB, 5432),
    edge(FAR, DB, 5432),
    edge(WEB, FAR, 443),
    dns_edge(WEB),
    dns_edge(PROMETHEUS),
)
ENDPOINTS = (
    *(endpoint for workload in KNOWN for endpoint in pods_of(workload)),
    EntityEndpoint(entity=Entity.KUBE_APISERVER),
    EntityEndpoint(entity=Entity.REMOTE_NODE),
    AddressEndpoint(address="203.0.113.9", names=("api.example.com",)),
    AddressEndpoint(address="192.0.2.99", names=("api.example.com",)),
    *(
        AddressEndpoint(address=text)
        for text in ("203.0.113.20", "203.0.113.99", "198.51.100.7", "192.0.2.1", "2001:db8::5")
    ),
)
ASKED = (
    (Protocol.TCP, 80),
    (Protocol.TCP, 443),
    (Protocol.TCP, 5432),
    (Protocol.UDP, 53),
    (Protocol.ICMP, 8),
    (Protocol.TCP, 1),
)

edges_drawn = st.lists(st.sampled_from(POSSIBLE), min_size=1, unique_by=lambda one: one.edge_id)
SETTINGS = settings(max_examples=30, deadline=None)


def forbidden(edges, documents, dialect):
    """What the pipeline quarantines before it makes policies."""
    found = inventory_of(*documents)
    in_force = take_up(found, edges, KNOWN, names_of(GROUPS), use=ExistingUse.COMPLEMENT, dialect=dialect)
    return {
        edge_id: Decided(disposition=Disposition.QUARANTINED, reason="an existing deny rule matches it")
        for edge_id in in_force.forbidden_by
    }


def completed(result, edges, dialect):
    """The complete policies as manifests."""
    return write(
        result.complete,
        dialect,
        edges=assessed(edges),
        confidences={},
        provenance=provenance(dialect),
        groups=GROUPS,
    )


def drawn(edges, documents, dialect, **options):
    return run(
        edges,
        *documents,
        dialect=dialect,
        groups=GROUPS,
        workloads=KNOWN,
        decided=forbidden(edges, documents, dialect),
        **options,
    )


@given(edges_drawn, existing_policies(), st.sampled_from(Dialect), st.sampled_from(BaselineForm))
@SETTINGS
def test_what_is_needed_passes_by_existing_policies_and_manifests_together(edges, documents, dialect, baselines):
    result = drawn(edges, documents, dialect, baselines=baselines)
    assert result.proof.holds, result.proof.broken
    without = {FAR, *((CACHE,) if dialect is Dialect.KUBERNETES else ())}
    ends = {one.edge_id: {one.client, one.server} for one in edges}
    assert all(ends[denial.edge_id] & without for denial in result.proof.cut_by_existing)


@given(edges_drawn, existing_policies(), st.sampled_from([Dialect.CILIUM, Dialect.KUBERNETES]))
@SETTINGS
def test_nothing_passes_that_complete_policies_beside_the_existing_would_stop(edges, documents, dialect):
    result = drawn(edges, documents, dialect)
    missing = enforced(documents, result.written, KNOWN)
    complete = enforced(documents, completed(result, edges, dialect), KNOWN)
    for (source, destination), (protocol, port) in product(product(ENDPOINTS, repeat=2), ASKED):
        asked = Connection(source=source, destination=destination, protocol=protocol, port=port)
        ours, theirs = missing.judge(asked), complete.judge(asked)
        for one, other in ((ours.egress, theirs.egress), (ours.ingress, theirs.ingress)):
            assert one.outcome is not Outcome.ALLOWED or other.outcome is Outcome.ALLOWED, asked


@given(edges_drawn, existing_policies(), st.sampled_from(Dialect))
@settings(max_examples=15, deadline=None)
def test_applying_what_was_written_changes_nothing_in_the_next_run(edges, documents, dialect):
    first = drawn(edges, documents, dialect)
    again = drawn(edges, [*documents, *own_output(first)], dialect)
    assert again.written == first.written
    assert again.existing.changes == ()


@given(edges_drawn, existing_policies(), st.randoms())
@settings(max_examples=12, deadline=None)
def test_the_order_of_policies_and_edges_does_not_matter(edges, documents, random):
    first = drawn(edges, documents, Dialect.CILIUM)
    random.shuffle(edges)
    random.shuffle(documents)
    again = drawn(edges, documents, Dialect.CILIUM)
    assert (again.written, again.existing, again.proof) == (first.written, first.existing, first.proof)


assert {COREDNS, DB} <= {workload.end for workload in KNOWN}
