import re

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.group import form_groups
from recommender.group.volatile import valid_key, valid_value
from recommender.model.edge import AddressEnd, Edge, EntityEnd, Protocol, Workload, WorkloadEnd
from recommender.model.entity import Entity
from recommender.model.group import GroupOrigin
from recommender.model.inventory import Inventory, InventoryPod, InventoryWorkload
from tests.group.sample import EVIDENCE, label_set

NAMESPACES = ("dev", "prod")
KEYS = ("app", "component", "team", "version", "job-name", "app.kubernetes.io/name", "zone", "bad key")
VALUES = ("web", "db", "v1", "7d4b9c6f58", "<b>", "")
NAMES = ("web-v1", "web-v2", "web", "db", "report-28391015", "report-28391016")
ACCOUNTS = ("default", "web", "")

namespaces = st.sampled_from(NAMESPACES)
labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=4)


@st.composite
def workloads(draw):
    ends = st.builds(
        WorkloadEnd,
        cluster=st.sampled_from(["", "east"]),
        namespace=namespaces,
        kind=st.sampled_from(["Deployment", "Job", "LabelSet", "Pod"]),
        name=st.sampled_from(NAMES),
    )
    found = []
    for end in draw(st.lists(ends, unique=True, max_size=10)):
        account = draw(st.sampled_from(ACCOUNTS))
        sets = [label_set(one, namespace=end.namespace, account=account) for one in draw(st.lists(labels, max_size=3))]
        host_network = draw(st.integers(0, 9)) == 0
        distinct = {one.digest: one for one in sets}
        found.append(Workload(end=end, label_sets=tuple(distinct.values()), host_network=host_network))
    return found


@st.composite
def captures(draw):
    found = draw(workloads())
    outside = [EntityEnd(entity=Entity.WORLD), AddressEnd(address="192.0.2.1"), AddressEnd(address="192.0.2.2")]
    ends = st.sampled_from([*(one.end for one in found), *outside])
    edges = st.builds(
        Edge,
        client=ends,
        server=ends,
        protocol=st.just(Protocol.TCP),
        port=st.sampled_from([80, 443]),
        evidence=st.just(EVIDENCE),
    )
    return found, draw(st.lists(edges, max_size=25))


pairs = labels.map(lambda found: tuple(sorted(found.items())))
inventories = st.builds(
    Inventory,
    pods=st.lists(
        st.builds(
            InventoryPod,
            namespace=namespaces,
            name=st.sampled_from(["p0", "p1", "p2"]),
            labels=pairs,
            service_account=st.sampled_from(ACCOUNTS),
            owner_kind=st.just("Deployment"),
            owner_name=st.sampled_from(["web", "unseen", ""]),
        ),
        max_size=3,
    ).map(tuple),
    workloads=st.lists(
        st.builds(
            InventoryWorkload,
            namespace=namespaces,
            kind=st.just("Deployment"),
            name=st.sampled_from(["web", "ghost"]),
            template_labels=pairs,
        ),
        max_size=2,
    ).map(tuple),
    digest=st.just("d"),
)


def rows(one):
    return [(found.pod_labels, found.service_account) for found in one.label_sets]


@settings(max_examples=100, deadline=None)
@given(captures(), inventories, st.booleans())
def test_every_workload_is_in_exactly_one_group(capture, inventory, accounts):
    found, edges = capture
    groups, gaps = form_groups(found, edges, inventory=inventory, accounts=accounts)
    members = [member for group in groups for member in group.members]
    assert sorted(members) == sorted(one.end for one in found if not one.host_network)
    assert sum(gap.code == "NPR205" for gap in gaps) == sum(one.host_network for one in found)
    for group in groups:
        assert {(end.cluster, end.namespace) for end in group.members} == {(group.cluster, group.namespace)}


@settings(max_examples=100, deadline=None)
@given(captures(), inventories, st.booleans())
def test_every_selector_names_its_members_and_nobody_else(capture, inventory, accounts):
    found, edges = capture
    groups, _ = form_groups(found, edges, inventory=inventory, accounts=accounts)
    for group in groups:
        assert (group.selector is None) == (group.origin is GroupOrigin.UNSELECTABLE) == (group.proof is None)
        if group.selector is None:
            continue
        assert group.selector.requirements or group.selector.service_account
        matched = 0
        for one in found:
            if (one.end.cluster, one.end.namespace) != (group.cluster, group.namespace) or one.host_network:
                continue
            hits = [group.selector.matches(*row) for row in rows(one)]
            assert all(hits) if one.end in group.members else not any(hits)
            matched += sum(hits)
        assert group.proof.members_matched == matched > 0


@settings(max_examples=100, deadline=None)
@given(captures(), inventories)
def test_a_selector_that_reaches_unseen_pods_is_a_gap(capture, inventory):
    found, edges = capture
    groups, gaps = form_groups(found, edges, inventory=inventory)
    confessed = {gap.subject for gap in gaps if gap.code == "NPR203"}
    described = [(pod.namespace, f"{pod.owner_kind}/{pod.owner_name}", pod) for pod in inventory.pods if pod.owner_name]
    for group in groups:
        own = {f"{end.kind}/{end.name}" for end in group.members}
        for namespace, owner, pod in described:
            if group.selector and namespace == group.namespace and owner not in own:
                reached = group.selector.matches(dict(pod.labels), pod.service_account)
                assert not reached or group.display in confessed


@settings(max_examples=100, deadline=None)
@given(captures(), inventories, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(capture, inventory, random):
    found, edges = capture
    expected = form_groups(found, edges, inventory=inventory)
    shuffled, mixed = list(found), [*edges, *edges[:3]]
    random.shuffle(shuffled)
    random.shuffle(mixed)
    groups, gaps = form_groups(shuffled, mixed, inventory=inventory)
    assert (groups, gaps) == expected
    assert [group.cohesion for group in groups] == [group.cohesion for group in expected[0]]


@settings(max_examples=100, deadline=None)
@given(captures(), inventories)
def test_selectors_are_valid_stable_and_names_unique(capture, inventory):
    found, edges = capture
    groups, _ = form_groups(found, edges, inventory=inventory)
    names = [(group.cluster, group.namespace, group.name) for group in groups]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?", group.name) for group in groups)
    for group in groups:
        if group.selector is None:
            continue
        for requirement in group.selector.requirements:
            assert valid_key(requirement.key)
            assert bool(requirement.values) != requirement.absent
            assert all(map(valid_value, requirement.values))
            assert requirement.key not in {"job-name", "version", "bad key"}
            assert "7d4b9c6f58" not in requirement.values
