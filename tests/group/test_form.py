from recommender.group import form_groups
from recommender.model.group import GroupOrigin
from recommender.model.inventory import Inventory, InventoryPod, InventoryWorkload
from tests.group.sample import NO_INVENTORY, codes, edge, group_of, workload

CLIENT = workload("client", {"app": "client"})
OTHER = workload("other", {"app": "other"})


def form(workloads, edges=(), inventory=NO_INVENTORY):
    return form_groups(workloads, edges, inventory=inventory)


def test_nothing_gives_nothing():
    assert form([]) == ((), ())


def test_workloads_that_only_share_an_app_label_stay_apart():
    web = workload("shop-web", {"app": "shop", "component": "web"})
    fraud = workload("shop-fraud", {"app": "shop", "component": "fraud"})
    groups, gaps = form([web, fraud], [edge(CLIENT, web), edge(CLIENT, fraud)])
    assert [str(group.selector) for group in groups] == ["component=fraud", "component=web"]
    assert {group.origin for group in groups} == {GroupOrigin.WORKLOAD}
    assert gaps == ()


def test_same_role_labels_but_different_owners_stay_apart_when_a_label_tells_them_apart():
    one = workload("shop-web", {"app": "shop", "process": "web"})
    two = workload("shop-worker", {"app": "shop", "process": "worker"})
    groups, _ = form([one, two, CLIENT, OTHER], [edge(CLIENT, one), edge(CLIENT, two)])
    assert len(groups) == 4


def test_namespaces_and_clusters_stay_apart():
    places = [("", "dev"), ("", "prod"), ("east", "prod")]
    webs = [workload("web", {"app": "web"}, namespace=namespace, cluster=cluster) for cluster, namespace in places]
    groups, gaps = form(webs)
    assert [(group.cluster, group.namespace, group.name) for group in groups] == [
        ("", "dev", "web"),
        ("", "prod", "web"),
        ("east", "prod", "web"),
    ]
    assert gaps == ()


def rollout(**second):
    first = workload("web-v1", {"app": "web", "component": "api", "slot": "a"})
    other = workload("web-v2", {"app": "web", "component": "api", "slot": "b"} | second)
    sibling = workload("web-db", {"app": "web", "component": "db"})
    return first, other, sibling


def test_canary_sides_with_like_behaviour_are_one_group():
    first, second, sibling = rollout()
    edges = [edge(CLIENT, first), edge(CLIENT, second), edge(first, sibling, 5432), edge(second, sibling, 5432)]
    groups, gaps = form([first, second, sibling, CLIENT], edges)
    web = group_of(groups, first)
    assert web.members == (first.end, second.end)
    assert web.origin is GroupOrigin.SHARED_LABELS
    assert str(web.selector) == "component=api"
    assert (web.name, web.cohesion) == ("web", 1.0)
    assert web.likeness == (1.0, 1.0)
    assert group_of(groups, sibling).likeness == (None,)
    assert group_of(groups, sibling).members == (sibling.end,)
    assert "NPR201" not in codes(gaps)


def test_canary_sides_that_behave_differently_stay_apart():
    first, second, sibling = rollout()
    edges = [edge(CLIENT, first, 80), edge(OTHER, first, 81), edge(second, sibling, 5432), edge(second, OTHER, 9000)]
    # Each feature is held by another workload too, so that it counts.
    edges += [edge(sibling, OTHER, 9000), edge(CLIENT, OTHER, 80), edge(OTHER, CLIENT, 81)]
    groups, _ = form([first, second, sibling, CLIENT, OTHER], edges)
    assert group_of(groups, first).members == (first.end,)
    assert group_of(groups, second).members == (second.end,)


def test_canary_sides_without_any_traffic_stay_apart():
    first, second, sibling = rollout()
    groups, _ = form([first, second, sibling])
    assert len(groups) == 3


def test_canary_sides_are_not_merged_when_no_selector_names_both_exactly():
    first = workload("web-v1", {"app": "web", "slot": "a"})
    second = workload("web-v2", {"app": "web", "slot": "b"})
    blocker = workload("admin", {"app": "web", "slot": "c", "secret": "x"})
    edges = [edge(CLIENT, first), edge(CLIENT, second)]
    groups, _ = form([first, second, blocker, CLIENT], edges)
    # `slot in (a, b)` still names both, and only both.
    assert str(group_of(groups, first).selector) == "slot=a|b"
    groups, _ = form([first, workload("web-v2", {"app": "web", "rack": "b"}), blocker, CLIENT], edges)
    assert group_of(groups, first).members == (first.end,)


def test_identical_labels_are_one_group_and_a_gap():
    one, two = workload("web", {"app": "web"}), workload("batch", {"app": "web"})
    groups, gaps = form([one, two, OTHER])
    group = group_of(groups, one)
    assert group.members == (two.end, one.end)
    assert group.origin is GroupOrigin.INDISTINGUISHABLE
    assert codes(gaps) == ["NPR201"]
    assert set(gaps[0].examples) == {"Deployment/batch", "Deployment/web"}


def test_a_debug_pod_with_a_workloads_labels_is_never_silently_one_role():
    web, pod = workload("web", {"app": "web"}), workload("web-debug", {"app": "web"}, kind="Pod")
    groups, gaps = form([web, pod], [edge(CLIENT, web), edge(CLIENT, pod)])
    assert group_of(groups, pod).origin is GroupOrigin.INDISTINGUISHABLE
    assert codes(gaps) == ["NPR201"]


def test_service_accounts_tell_identical_labels_apart():
    one = workload("web", {"app": "web"}, account="web")
    two = workload("batch", {"app": "web"}, account="batch")
    groups, gaps = form([one, two])
    assert [str(group.selector) for group in groups] == ["app=web,serviceaccount=batch", "app=web,serviceaccount=web"]
    assert {group.origin for group in groups} == {GroupOrigin.SERVICE_ACCOUNT}
    assert gaps == ()


def test_unlabelled_workload_with_its_own_service_account():
    runner = workload("runner", {}, account="runner")
    groups, gaps = form([runner, OTHER])
    group = group_of(groups, runner)
    assert group.origin is GroupOrigin.SERVICE_ACCOUNT
    assert str(group.selector) == "serviceaccount=runner"
    assert gaps == ()


def test_unlabelled_workload_with_a_shared_service_account_gets_no_selector():
    runner = workload("runner", {})
    groups, gaps = form([runner, OTHER])
    group = group_of(groups, runner)
    assert (group.origin, group.selector, group.proof) == (GroupOrigin.UNSELECTABLE, None, None)
    assert codes(gaps) == ["NPR202"]
    assert "kubectl -n shop patch deployment runner" in gaps[0].action


def test_unlabelled_strangers_of_one_account_are_not_lumped_together():
    one, two = workload("one", {}, account="jobs"), workload("two", {}, account="jobs")
    groups, gaps = form([one, two, CLIENT, OTHER], [edge(one, CLIENT, 1), edge(two, OTHER, 2)])
    assert group_of(groups, one).members == (one.end,)
    assert codes(gaps) == ["NPR202", "NPR202"]


def test_labels_contained_in_anothers_are_told_by_what_they_lack():
    plain = workload("shop", {"app": "shop"})
    worker = workload("shop-worker", {"app": "shop", "component": "worker"})
    for edges in ([edge(CLIENT, plain, 1), edge(worker, OTHER, 2)], [edge(CLIENT, plain), edge(CLIENT, worker)]):
        groups, gaps = form([plain, worker, CLIENT, OTHER], edges)
        assert group_of(groups, plain).origin is GroupOrigin.WORKLOAD
        assert str(group_of(groups, plain).selector) == "app=shop,!component"
        assert str(group_of(groups, worker).selector) == "component=worker"
        assert gaps == ()


def test_a_key_that_comes_and_goes_elsewhere_is_not_asked_to_be_absent():
    plain = workload("shop", {"app": "shop"})
    worker = workload("shop-worker", {"app": "shop", "component": "worker"})
    flighty = workload("other", {"app": "other"}, {"app": "other", "component": "x"})
    groups, _ = form([plain, worker, flighty], [edge(CLIENT, plain, 1), edge(worker, OTHER, 2)])
    assert group_of(groups, plain).origin is GroupOrigin.UNSELECTABLE


def test_without_known_owners_contained_labels_join_if_behaviour_is_alike():
    plain = workload("shop", {"app": "shop"}, kind="LabelSet")
    worker = workload("shop-worker", {"app": "shop", "component": "worker"}, kind="LabelSet")
    groups, gaps = form([plain, worker, CLIENT], [edge(CLIENT, plain), edge(CLIENT, worker)])
    assert group_of(groups, plain).members == (plain.end, worker.end)
    assert str(group_of(groups, plain).selector) == "app=shop"
    assert codes(gaps) == ["NPR201"]


def test_stateful_set_is_not_named_by_its_pods():
    redis = workload(
        "redis",
        *({"app": "redis", "statefulset.kubernetes.io/pod-name": f"redis-{n}"} for n in range(3)),
        kind="StatefulSet",
    )
    groups, _ = form([redis, OTHER])
    group = group_of(groups, redis)
    assert str(group.selector) == "app=redis"
    assert group.proof.members_matched == 3
    assert "statefulset.kubernetes.io/pod-name" in dict(group.proof.dropped_keys)


def test_cron_runs_are_one_group_with_and_without_their_owner():
    runs = [{"app": "report", "job-name": f"report-2839101{n}"} for n in range(3)]
    owned = workload("report", *runs, kind="CronJob")
    groups, _ = form([owned])
    assert str(groups[0].selector) == "app=report"

    jobs = [workload(run["job-name"], run, kind="Job") for run in runs]
    groups, gaps = form([*jobs, CLIENT], [edge(job, CLIENT) for job in jobs])
    group = group_of(groups, jobs[0])
    assert (group.name, len(group.members), group.origin) == ("report", 3, GroupOrigin.SHARED_LABELS)
    assert gaps == ()


def test_a_label_that_changed_in_a_rollout_is_not_used():
    web = workload("web", {"app": "web", "flavour": "sweet"}, {"app": "web", "flavour": "sour"})
    other = workload("rival", {"app": "web", "flavour": "salty", "part": "x"})
    groups, _ = form([web, other, OTHER])
    assert str(group_of(groups, web).selector) == "app=web,!part"
    # `flavour` is steady on the other one, yet anything else is better.
    assert str(group_of(groups, other).selector) == "part=x"


def test_host_network_gets_a_gap_and_no_group():
    node = workload("exporter", {"app": "exporter"}, kind="DaemonSet", host_network=True)
    groups, gaps = form([node, OTHER], [edge(OTHER, node), edge(node, OTHER)])
    assert all(node.end not in group.members for group in groups)
    assert codes(gaps) == ["NPR205"]


def test_workload_without_any_label_set_is_unselectable():
    groups, gaps = form([workload("ghost", kind="Pod"), OTHER])
    assert [group.origin for group in groups] == [GroupOrigin.UNSELECTABLE, GroupOrigin.WORKLOAD]
    assert codes(gaps) == ["NPR202"]


def test_hostile_labels_name_nothing():
    evil = workload(
        "evil", {"app": "<script>alert(1)</script>", "x\n- key": "y", "ok": "z"}, kind="LabelSet", account="a b"
    )
    groups, _ = form([evil, OTHER])
    group = group_of(groups, evil)
    assert str(group.selector) == "ok=z"
    assert group.name == "z"
    assert set(dict(group.proof.dropped_keys)) == {"app", "x\n- key"}


def test_inventory_pods_of_others_ask_for_more_keys():
    web = workload("web", {"app": "web", "component": "front"})
    admin = InventoryWorkload(
        namespace="shop", kind="Deployment", name="admin", template_labels=(("app", "web"), ("component", "admin"))
    )
    groups, gaps = form([web], inventory=Inventory(workloads=(admin,), digest="d"))
    assert str(groups[0].selector) == "component=front"
    assert groups[0].proof.others_checked == 1
    assert gaps == ()


def test_inventory_pods_that_cannot_be_left_out_are_a_gap():
    web = workload("web", {"app": "web"})
    pod = InventoryPod(
        namespace="shop",
        name="admin-1",
        labels=(("app", "web"), ("component", "admin")),
        service_account="default",
        owner_kind="Deployment",
        owner_name="admin",
    )
    groups, gaps = form([web], inventory=Inventory(pods=(pod,), digest="d"))
    assert str(groups[0].selector) == "app=web"
    assert codes(gaps) == ["NPR203"]
    assert gaps[0].examples == ("Deployment/admin",)


def test_inventory_pods_of_the_owner_itself_are_members():
    web = workload("web", {"app": "web"})
    pods = tuple(
        InventoryPod(
            namespace="shop", name=f"web-{n}", labels=(("app", app),), owner_kind="Deployment", owner_name="web"
        )
        for n, app in enumerate(["web", "renamed"])
    )
    assert form([web], inventory=Inventory(pods=pods[:1], digest="d"))[1] == ()
    _, gaps = form([web], inventory=Inventory(pods=pods, digest="d"))
    assert codes(gaps) == ["NPR204"]


def test_selector_never_uses_a_label_that_only_the_inventory_knows():
    web = workload("web", {"app": "web"}, pods=("web-0",))
    pod = InventoryPod(namespace="shop", name="web-0", labels=(("app", "web"), ("hidden", "x")), owner_name="")
    rival = InventoryPod(namespace="shop", name="rival", labels=(("app", "web"),), owner_name="")
    groups, gaps = form([web], inventory=Inventory(pods=(pod, rival), digest="d"))
    assert str(groups[0].selector) == "app=web"
    assert codes(gaps) == ["NPR203"]


def test_selector_is_the_same_when_replicas_come_and_go():
    def run(count):
        sets = [{"app": "web", "part": "a", "pod-template-hash": f"7d4b9c6f5{n}"} for n in range(count)]
        groups, _ = form([workload("web", *sets), OTHER])
        return [(group.name, group.selector) for group in groups]

    assert run(1) == run(2) == run(5)


def test_runs_known_only_by_labels_are_one_role_if_they_behave_alike():
    runs = [workload(f"run-{n}", {"app": "etl", "part": f"p{n}"}, kind="LabelSet") for n in range(3)]
    groups, gaps = form([*runs, CLIENT, OTHER], [edge(run, CLIENT) for run in runs])
    group = group_of(groups, runs[0])
    assert (group.name, str(group.selector), group.origin) == ("etl", "app=etl", GroupOrigin.SHARED_LABELS)
    assert gaps == ()

    apart = [edge(run, CLIENT, port) for port, run in enumerate(runs)] + [edge(OTHER, CLIENT, n) for n in range(3)]
    groups, _ = form([*runs, CLIENT, OTHER], apart)
    assert len(groups) == 5


def test_only_the_alike_sides_of_a_rollout_are_merged():
    sides = [workload(f"web-v{n}", {"app": "web", "slot": f"s{n}"}) for n in range(4)]
    edges = [edge(CLIENT, side, port) for side in sides[:3] for port in (80, 81)]
    edges += [edge(sides[3], OTHER, 9), edge(CLIENT, OTHER, 9)]
    groups, _ = form([*sides, CLIENT, OTHER], edges)
    assert group_of(groups, sides[0]).members == tuple(side.end for side in sides[:3])
    assert str(group_of(groups, sides[0]).selector) == "slot=s0|s1|s2"
    assert str(group_of(groups, sides[3]).selector) == "slot=s3"


def test_an_unlabelled_workload_joins_one_group_by_behaviour_if_a_selector_names_both():
    web = workload("web", {"app": "web", "zone": "z"})
    plain = workload("plain", {"zone": "z"})
    groups, gaps = form([web, plain, CLIENT], [edge(CLIENT, web), edge(CLIENT, plain)])
    assert group_of(groups, plain).members == (plain.end, web.end)
    assert str(group_of(groups, web).selector) == "zone=z"
    assert codes(gaps) == ["NPR201"]

    second = workload("second", {"app": "second", "zone": "z"})
    edges = [edge(CLIENT, one) for one in (web, plain, second)]
    groups, gaps = form([web, plain, second, CLIENT], edges)
    assert group_of(groups, plain).origin is GroupOrigin.UNSELECTABLE
    assert str(group_of(groups, web).selector) == "app=web"
    assert codes(gaps) == ["NPR202"]


def test_a_hostile_owner_name_never_becomes_a_command():
    evil = workload("x; rm -rf $(HOME)\n", {}, cluster="")
    _, gaps = form([evil, OTHER])
    assert "kubectl" not in gaps[0].action
    assert "\n" not in gaps[0].examples[0]


def test_a_template_without_a_service_account_runs_as_default():
    web = workload("web", {"app": "web"}, account="web")
    ghost = InventoryWorkload(namespace="shop", kind="Deployment", name="ghost", template_labels=(("app", "web"),))
    groups, gaps = form([web], inventory=Inventory(workloads=(ghost,), digest="d"))
    assert str(groups[0].selector) == "app=web,serviceaccount=web"
    assert gaps == ()


def without_accounts(workloads, inventory=NO_INVENTORY):
    groups, gaps = form_groups(workloads, (), inventory=inventory, accounts=False)
    return {group.name: group for group in groups}, gaps


def described(*workloads):
    """An inventory that knows these workloads' templates."""
    return Inventory(
        workloads=tuple(
            InventoryWorkload(
                namespace=one.end.namespace,
                kind=one.end.kind,
                name=one.end.name,
                template_labels=tuple(sorted((one.label_sets[0].pod_labels or {"pod": one.end.name}).items())),
            )
            for one in workloads
        ),
        digest="d",
    )


def test_without_accounts_what_only_they_tell_apart_is_one_group():
    one = workload("web", {"app": "web"}, account="web")
    two = workload("batch", {"app": "web"}, account="batch")
    groups, gaps = without_accounts([one, two, OTHER])
    (shared,) = [group for group in groups.values() if one.end in group.members]
    assert shared.members == (two.end, one.end)
    assert (str(shared.selector), shared.origin) == ("app=web", GroupOrigin.INDISTINGUISHABLE)
    assert codes(gaps) == ["NPR201"]


def test_without_accounts_the_unlabelled_are_named_by_what_they_lack_if_the_inventory_knows_the_rest():
    runner, mixer = workload("runner", {}, account="runner"), workload("mixer", {}, account="mixer")
    seen = [runner, mixer, workload("other", {"app": "other"})]
    idle = workload("idle", {"app": "idle"})
    (shared,) = [one for one in without_accounts(seen, described(*seen, idle))[0].values() if len(one.members) > 1]
    assert (str(shared.selector), shared.origin) == ("!app", GroupOrigin.LACK)
    assert {end.name for end in shared.members} == {"runner", "mixer"}
    apart, _ = without_accounts(seen)
    assert {str(apart[name].selector) for name in ("runner", "mixer")} == {
        "serviceaccount=runner",
        "serviceaccount=mixer",
    }
    nameless = workload("nameless", {"zone": "a"})
    still, _ = without_accounts(seen, described(*seen, nameless))
    assert still["runner"].origin is GroupOrigin.SERVICE_ACCOUNT


def test_the_unlabelled_of_a_shared_account_get_a_name_by_what_they_lack():
    runner = workload("runner", {})
    groups, gaps = form_groups([runner, OTHER], (), inventory=described(OTHER, runner))
    found = group_of(groups, runner)
    assert (str(found.selector), found.origin) == ("!app,serviceaccount=default", GroupOrigin.LACK)
    assert gaps == ()


def test_an_unlabelled_job_that_was_not_seen_must_not_be_swept_in():
    runner = workload("runner", {}, account="runner")
    job = InventoryWorkload(namespace="shop", kind="CronJob", name="idle", template_labels=())
    known = described(OTHER)
    groups, _ = without_accounts([runner, OTHER], Inventory(workloads=(*known.workloads, job), digest="d"))
    assert groups["runner"].origin is GroupOrigin.SERVICE_ACCOUNT
    groups, _ = without_accounts([runner, OTHER], known)
    assert groups["runner"].origin is GroupOrigin.LACK
