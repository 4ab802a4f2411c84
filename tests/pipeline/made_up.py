"""Small made-up clusters with hardly any labels, and what every level makes of them."""

from __future__ import annotations

from hypothesis import strategies as st

from recommender.dialect import excluded_by_losses, write
from recommender.group import arrange_groups
from recommender.model.disposition import Decided, Disposition
from recommender.model.dns_scope import DnsScope
from recommender.model.edge import AddressEnd, EntityEnd, FqdnEnd, Protocol
from recommender.model.entity import Entity
from recommender.model.granularity import Granularity
from recommender.model.inventory import Inventory
from recommender.model.shared_baseline import BaselineForm
from recommender.policy import make_policies, make_starter_set
from recommender.semantics import replay
from tests.dialect.scene import provenance
from tests.group.sample import workload
from tests.policy.scene import CAPTURE, NEEDED, assessed, edge

NAMESPACES = ("shop", "payments", "kube-system")
MARKS = ("payments", "kube-system", "app=web", "tier=data")
PORTS = ((Protocol.TCP, 443), (Protocol.TCP, 8080), (Protocol.UDP, 53), (Protocol.TCP, 53), (Protocol.ICMP, 8))
OUTSIDE = (
    EntityEnd(entity=Entity.WORLD),
    EntityEnd(entity=Entity.REMOTE_NODE),
    EntityEnd(entity=Entity.KUBE_APISERVER),
    AddressEnd(address="203.0.113.7"),
    AddressEnd(address="10.9.8.7"),
    FqdnEnd(name="api.example.com"),
)
ADDRESSES = {"fqdn:api.example.com": ("203.0.113.9",), "entity:world": ("203.0.113.30",)}
STARTER = "starter"
HELD = Decided(disposition=Disposition.QUARANTINED, reason="part of a scan")

labels = st.dictionaries(
    st.sampled_from(["app", "tier", "k8s-app"]), st.sampled_from(["web", "data", "dns"]), max_size=3
)


@st.composite
def clusters(draw):
    """Workloads with hardly any labels, so that many cannot be told apart, and what they need."""
    places = draw(st.lists(st.tuples(st.sampled_from(NAMESPACES), st.sampled_from("abcde")), unique=True, max_size=8))
    accounts = draw(st.booleans())
    workloads = []
    for namespace, name in places:
        kind = draw(st.sampled_from(["Deployment", "Deployment", "Pod", "LabelSet", "CronJob"]))
        account = draw(st.sampled_from(["default", "own"])) if accounts else "default"
        # A CoreDNS by name in kube-system, so that some clusters have a DNS server.
        called = "coredns" if (namespace, name) == ("kube-system", "a") else name
        local = draw(st.integers(0, 7)) > 0
        workloads.append(
            workload(called, draw(labels), kind=kind, namespace=namespace, account=account, observed_locally=local)
        )
    inside = [one.end for one in workloads]
    if not inside:
        return [], [], accounts
    pairs = st.one_of(
        st.tuples(st.sampled_from(inside), st.sampled_from(inside)),
        st.tuples(st.sampled_from(inside), st.sampled_from(OUTSIDE)),
        st.tuples(st.sampled_from(OUTSIDE[:4]), st.sampled_from(inside)),
    )
    found = {}
    for (client, server), (protocol, port) in draw(st.lists(st.tuples(pairs, st.sampled_from(PORTS)), max_size=14)):
        one = edge(
            client,
            server,
            port,
            protocol,
            client_addresses=ADDRESSES.get(str(client), ()),
            server_addresses=ADDRESSES.get(str(server), ()),
        )
        found[one.edge_id] = one
    return workloads, list(found.values()), accounts


def known_marks(chosen, workloads):
    words = {one.end.namespace for one in workloads}
    words |= {f"{key}={value}" for one in workloads for row in one.label_sets for key, value in row.pod_labels.items()}
    return sorted(set(chosen) & words)


def grouped(workloads, edges, level, marks, *, accounts=True):
    return arrange_groups(
        workloads,
        edges,
        inventory=Inventory(),
        granularity=Granularity.NAMESPACE if level == STARTER else level,
        sensitive=marks,
        with_finest=level == STARTER,
        accounts=accounts,
    )[0]


def made_for(grouping, workloads, edges, level, held=()):
    decided = {one.edge_id: NEEDED for one in edges} | {one.edge_id: HELD for one in held}
    given = {"workloads": workloads, "capture": CAPTURE, "inventory": Inventory()}
    if level == STARTER:
        return make_starter_set(grouping, edges, decided, **given)
    return make_policies(grouping.groups, edges, decided, dns_scope=DnsScope.ALL, finest=grouping.finest, **given)


def said(made, grouping, edges, level, dialect):
    return write(
        made.policies,
        dialect,
        edges=assessed(edges, made.decided),
        confidences={},
        provenance=provenance(dialect),
        groups=grouping.groups,
        baselines=BaselineForm.INLINE if level == STARTER else BaselineForm.SHARED,
    )


def written_for(grouping, workloads, edges, level, dialect):
    """The manifests of one level, and the replay proof of them."""
    made = made_for(grouping, workloads, edges, level)
    written = said(made, grouping, edges, level, dialect)
    fates = {**made.decided, **excluded_by_losses(written.losses)}
    return written, replay(edges, fates, workloads=workloads, manifests=written.manifests, inventory=Inventory())
