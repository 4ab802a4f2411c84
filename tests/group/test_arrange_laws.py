"""What holds of groups at every granularity, whatever the workloads, their labels and the marks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.group import arrange_groups
from recommender.model.granularity import Granularity
from recommender.model.group import GroupOrigin
from tests.group.test_group_laws import captures, inventories, rows

MARKS = ("dev", "prod", "app=web", "component=db", "team=web", "zone=db")

granularities = st.sampled_from(Granularity)
marks = st.sets(st.sampled_from(MARKS))


def known_marks(chosen, workloads):
    """Those of the marks that match something; others are an error of their own."""
    words = {one.end.namespace for one in workloads}
    for one in workloads:
        words |= {f"{key}={value}" for labels, _ in rows(one) for key, value in labels.items()}
    return sorted(chosen & words)


def arrange(capture, inventory, granularity, chosen):
    found, edges = capture
    return arrange_groups(
        found,
        edges,
        inventory=inventory,
        granularity=granularity,
        sensitive=known_marks(chosen, found),
        with_finest=True,
    )


def selected_by(group, workloads):
    """Label sets of the group's namespace that its selector selects, by workload."""
    return {
        one.end: [group.selector.matches(*row) for row in rows(one)]
        for one in workloads
        if (one.end.cluster, one.end.namespace) == (group.cluster, group.namespace) and not one.host_network
    }


@settings(max_examples=150, deadline=None)
@given(captures(), inventories, granularities, marks)
def test_every_workload_is_in_one_group_and_no_selector_reaches_into_another(capture, inventory, granularity, chosen):
    found, _ = capture
    grouping, _ = arrange(capture, inventory, granularity, chosen)
    members = [member for group in grouping.groups for member in group.members]
    assert sorted(members) == sorted(one.end for one in found if not one.host_network)
    for group in grouping.groups:
        if group.selector is None:
            assert group.origin is GroupOrigin.UNSELECTABLE
            continue
        for end, hits in selected_by(group, found).items():
            assert all(hits) if end in group.members else not any(hits)


@settings(max_examples=150, deadline=None)
@given(captures(), inventories, granularities, marks)
def test_a_sensitive_group_is_the_one_of_the_workload_level(capture, inventory, granularity, chosen):
    found, _ = capture
    grouping, _ = arrange(capture, inventory, granularity, chosen)
    alone, _ = arrange(capture, inventory, Granularity.WORKLOAD, chosen)
    wanted = {(group.members, group.selector) for group in alone.groups if group.sensitive}
    assert {(group.members, group.selector) for group in grouping.groups if group.sensitive} == wanted
    assert {group for group in grouping.finest if group.sensitive} <= set(grouping.groups)
    if granularity is not Granularity.WORKLOAD:
        assert {group.members for group in grouping.finest} == {group.members for group in alone.groups}
    assert sum(len(one.members) for one in grouping.groups) == sum(not one.host_network for one in found)


@settings(max_examples=100, deadline=None)
@given(captures(), inventories, granularities, marks)
def test_names_are_unique_and_one_name_is_one_group(capture, inventory, granularity, chosen):
    grouping, _ = arrange(capture, inventory, granularity, chosen)
    for groups in (grouping.groups, grouping.finest):
        assert len({group.display for group in groups}) == len(groups)
    by_name = {group.display: group for group in grouping.groups}
    assert all(by_name.get(group.display, group) == group for group in grouping.finest)


@settings(max_examples=75, deadline=None)
@given(captures(), inventories, granularities, marks, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(capture, inventory, granularity, chosen, random):
    found, edges = capture
    expected = arrange(capture, inventory, granularity, chosen)
    shuffled, mixed = list(found), [*edges, *edges[:3]]
    random.shuffle(shuffled)
    random.shuffle(mixed)
    assert arrange((shuffled, mixed), inventory, granularity, chosen) == expected


@settings(max_examples=100, deadline=None)
@given(captures(), inventories)
def test_pods_that_a_namespace_policy_isolates_unseen_are_a_gap(capture, inventory):
    grouping, gaps = arrange(capture, inventory, Granularity.NAMESPACE, set())
    confessed = {gap.subject for gap in gaps if gap.code == "NPR208"}
    seen = {(end.namespace, end.kind, end.name) for group in grouping.groups for end in group.members}
    for group in grouping.groups:
        if group.origin is not GroupOrigin.NAMESPACE:
            continue
        for pod in inventory.pods:
            owner = (pod.namespace, pod.owner_kind, pod.owner_name)
            named = pod.namespace == group.namespace and pod.owner_name and owner not in seen
            if named and group.selector.matches(dict(pod.labels), pod.service_account):
                assert group.display in confessed
