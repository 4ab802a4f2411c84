import pytest

from recommender.errors import UsageError
from recommender.group import arrange_groups, form_groups
from recommender.model.gap import Severity
from recommender.model.granularity import Granularity
from recommender.model.group import GroupOrigin, Requirement
from recommender.model.inventory import Inventory, InventoryPod, InventoryWorkload
from tests.group.sample import NO_INVENTORY, codes, edge, group_of, workload

WEB = workload("web", {"app": "web"})
API = workload("api", {"app": "api"})
VAULT = workload("vault", {"app": "vault"})
DNS = workload("coredns", {"k8s-app": "kube-dns"}, namespace="kube-system")
METRICS = workload("metrics", {"k8s-app": "metrics"}, namespace="kube-system")


def arrange(workloads, edges=(), *, granularity=Granularity.NAMESPACE, sensitive=(), inventory=NO_INVENTORY, **more):
    return arrange_groups(workloads, edges, inventory=inventory, granularity=granularity, sensitive=sensitive, **more)


def selectors(grouping):
    return {group.display: str(group.selector) for group in grouping.groups}


def gap_of(gaps, code):
    (found,) = [gap for gap in gaps if gap.code == code]
    return found


def canaries():
    """Two sides of one rollout, merged into one role by default."""
    client = workload("client", {"app": "client"})
    stable = workload("web-stable", {"app": "web", "slot": "a"})
    canary = workload("web-canary", {"app": "web", "slot": "b"})
    return [client, stable, canary], [
        edge(client, stable),
        edge(client, canary),
        edge(stable, client),
        edge(canary, client),
    ]


class TestGroupLevel:
    def test_it_is_the_default_and_what_form_groups_gives(self):
        workloads, edges = canaries()
        grouping, gaps = arrange_groups(workloads, edges, inventory=NO_INVENTORY)
        assert (grouping.groups, gaps) == form_groups(workloads, edges, inventory=NO_INVENTORY)
        assert grouping.finest == ()

    def test_a_sensitive_side_of_a_rollout_leaves_its_role(self):
        workloads, edges = canaries()
        _, stable, canary = workloads
        grouping, _ = arrange(workloads, edges, granularity=Granularity.GROUP, sensitive=["slot=a"])
        assert group_of(grouping.groups, stable).members == (stable.end,)
        assert group_of(grouping.groups, stable).sensitive
        assert not group_of(grouping.groups, canary).sensitive
        assert group_of(grouping.finest, stable) == group_of(grouping.groups, stable)


class TestWorkloadLevel:
    def test_roles_that_a_selector_can_split_are_split(self):
        workloads, edges = canaries()
        merged, _ = arrange(workloads, edges, granularity=Granularity.GROUP)
        split, gaps = arrange(workloads, edges, granularity=Granularity.WORKLOAD)
        assert [len(group.members) for group in merged.groups] == [1, 2]
        assert selectors(split) == {
            "shop/client": "app=client",
            "shop/web-canary": "slot=b",
            "shop/web-stable": "slot=a",
        }
        assert gaps == ()
        assert split.finest == ()

    def test_workloads_that_nothing_tells_apart_share_a_group_and_are_named(self):
        one, two = (workload(name, {"app": "web", "pod-template-hash": name}) for name in ("one", "two"))
        grouping, gaps = arrange([one, two, API], granularity=Granularity.WORKLOAD)
        assert group_of(grouping.groups, one).members == (one.end, two.end)
        found = gap_of(gaps, "NPR206")
        assert found.severity is Severity.MEDIUM
        assert found.examples == ("Deployment/one", "Deployment/two")
        assert "NPR201" not in codes(gaps)

    def test_runs_of_one_job_are_one_workload(self):
        runs = [workload(f"report-2839101{number}", {"app": "report"}, kind="Job") for number in (5, 6)]
        grouping, gaps = arrange([*runs, API], granularity=Granularity.WORKLOAD)
        assert len(grouping.groups) == 2
        assert "NPR206" not in codes(gaps)

    def test_ownerless_label_sets_are_told_apart_by_what_they_lack(self):
        plain = workload("a1", {"app": "web"}, kind="LabelSet")
        other = workload("b2", {"app": "web", "component": "api"}, kind="LabelSet")
        grouping, _ = arrange([plain, other], granularity=Granularity.WORKLOAD)
        assert {str(group.selector) for group in grouping.groups} == {"app=web,!component", "component=api"}


class TestNamespaceLevel:
    def test_all_pods_of_a_namespace_are_one_group(self):
        grouping, gaps = arrange([WEB, API])
        (group,) = grouping.groups
        assert (group.display, group.origin, str(group.selector)) == (
            "shop/all-pods",
            GroupOrigin.NAMESPACE,
            "every pod",
        )
        assert group.members == (API.end, WEB.end)
        assert (group.proof.members_matched, group.proof.others_checked) == (2, 0)
        assert gap_of(gaps, "NPR208").severity is Severity.MEDIUM

    def test_what_no_selector_names_is_governed_with_its_namespace(self):
        nameless = workload("nameless", {})
        _, by_group = arrange([WEB, nameless], granularity=Granularity.GROUP)
        grouping, gaps = arrange([WEB, nameless])
        assert "NPR202" in codes(by_group)
        assert "NPR202" not in codes(gaps)
        assert nameless.end in grouping.groups[0].members

    def test_system_namespaces_keep_their_groups(self):
        grouping, gaps = arrange([WEB, DNS, METRICS])
        assert list(selectors(grouping)) == ["kube-system/coredns", "kube-system/metrics", "shop/all-pods"]
        found = gap_of(gaps, "NPR207")
        assert (found.subject, found.severity, found.count) == ("kube-system", Severity.INFO, 2)

    @pytest.mark.parametrize("granularity", Granularity)
    def test_a_namespace_that_kubernetes_would_refuse_gets_no_policy(self, granularity):
        strange = workload("web", {"app": "web"}, namespace="../../etc")
        grouping, gaps = arrange([strange, API], granularity=granularity)
        assert group_of(grouping.groups, strange).origin is GroupOrigin.UNSELECTABLE
        assert "does not accept" in gap_of(gaps, "NPR202").reason

    def test_clusters_stay_apart(self):
        far = workload("web", {"app": "web"}, cluster="east")
        grouping, _ = arrange([WEB, far])
        assert list(selectors(grouping)) == ["shop/all-pods", "east/shop/all-pods"]

    def test_pods_that_only_the_inventory_knows_are_named(self):
        unseen = InventoryWorkload(
            namespace="shop", kind="CronJob", name="month-end", template_labels=(("app", "month-end"),)
        )
        seen = InventoryPod(
            namespace="shop", name="web-1", labels=(("app", "web"),), owner_kind="Deployment", owner_name="web"
        )
        inventory = Inventory(workloads=(unseen,), pods=(seen,), digest="d")
        _, gaps = arrange([WEB, API], inventory=inventory)
        found = gap_of(gaps, "NPR208")
        assert (found.severity, found.examples) == (Severity.HIGH, ("CronJob/month-end",))
        _, gaps = arrange([WEB, API], inventory=Inventory(pods=(seen,), digest="d"))
        assert "NPR208" not in codes(gaps)

    @pytest.mark.parametrize("change", [{"observed_locally": False}, {"partly_selected": True}])
    def test_what_must_not_be_isolated_is_left_out(self, change):
        far = workload("far", {"app": "far"}, **change)
        grouping, _ = arrange([WEB, API, far])
        assert selectors(grouping) == {"shop/all-pods": "app!=far", "shop/far": "app=far"}
        assert not group_of(grouping.groups, far).sensitive

    def test_a_namespace_keeps_groups_where_no_selector_can_leave_them_out(self):
        far = workload("far", {}, observed_locally=False)
        grouping, gaps = arrange([WEB, API, far])
        assert [group.origin for group in grouping.groups] == [
            GroupOrigin.WORKLOAD,
            GroupOrigin.UNSELECTABLE,
            GroupOrigin.WORKLOAD,
        ]
        assert gap_of(gaps, "NPR207").severity is Severity.LOW


class TestSensitive:
    def test_it_stands_alone_and_no_other_selector_selects_it(self):
        grouping, gaps = arrange([WEB, API, VAULT, DNS], sensitive=["app=vault", "app=api"])
        assert selectors(grouping) == {
            "kube-system/coredns": "k8s-app=kube-dns",
            "shop/all-pods": "app!=api|vault",
            "shop/api": "app=api",
            "shop/vault": "app=vault",
        }
        rest = group_of(grouping.groups, WEB)
        assert (rest.proof.members_matched, rest.proof.others_checked) == (1, 2)
        assert "NPR206" not in codes(gaps)
        assert {group.display for group in grouping.finest} == {
            "kube-system/coredns",
            "shop/api",
            "shop/vault",
            "shop/web",
        }

    def test_a_namespace_marks_all_its_workloads(self):
        pay = workload("pay", {"app": "pay"}, namespace="payments")
        grouping, _ = arrange([WEB, API, pay, DNS], sensitive=["payments", "kube-system"])
        assert {group.display for group in grouping.groups if group.sensitive} == {
            "payments/pay",
            "kube-system/coredns",
        }
        assert group_of(grouping.groups, WEB).origin is GroupOrigin.NAMESPACE

    def test_one_requirement_that_the_rest_never_meets_is_enough(self):
        vault = workload("vault", {"tier": "data", "app": "x", "pii": "yes"})
        cache = workload("cache", {"tier": "data", "app": "y", "pii": "yes"})
        web, api = (workload(name, {"tier": "front", "app": value}) for name, value in (("web", "x"), ("api", "y")))
        grouping, _ = arrange([vault, cache, web, api], sensitive=["pii=yes"])
        assert selectors(grouping) == {
            "shop/all-pods": "tier!=data",
            "shop/cache": "app=y,tier=data",
            "shop/vault": "app=x,tier=data",
        }

    def test_a_namespace_whose_sensitive_part_cannot_be_left_out_falls_to_groups(self):
        vault = workload("vault", {"tier": "data", "app": "x", "mark": "yes"})
        cache = workload("cache", {"tier": "data", "app": "y"})
        web = workload("web", {"tier": "front", "app": "x"})
        twin = workload("twin", {"tier": "front", "app": "y", "mark": "yes"})
        inventory = Inventory(
            pods=(
                InventoryPod(
                    namespace="shop",
                    name="vault-0",
                    labels=(("tier", "data"), ("app", "x"), ("mark", "yes"), ("secret", "true")),
                    owner_kind="Deployment",
                    owner_name="vault",
                ),
            ),
            digest="d",
        )
        grouping, gaps = arrange([vault, cache, web, twin], sensitive=["secret=true"], inventory=inventory)
        assert group_of(grouping.groups, vault).sensitive
        assert all(group.origin is not GroupOrigin.NAMESPACE for group in grouping.groups)
        assert gap_of(gaps, "NPR207").examples == ("shop/vault",)

    def test_absence_is_left_out_by_presence(self):
        plain = workload("plain", {"app": "web"})
        api = workload("api", {"app": "web", "component": "api"})
        job = workload("job", {"app": "web", "component": "job"})
        grouping, _ = arrange([plain, api, job], sensitive=["shop"], granularity=Granularity.WORKLOAD)
        assert str(group_of(grouping.groups, plain).selector) == "app=web,!component"
        inventory = Inventory(
            pods=(
                InventoryPod(
                    namespace="shop",
                    name="plain-0",
                    labels=(("app", "web"), ("secret", "true")),
                    owner_kind="Deployment",
                    owner_name="plain",
                ),
            ),
            digest="d",
        )
        grouping, _ = arrange([plain, api, job], sensitive=["secret=true"], inventory=inventory)
        rest = group_of(grouping.groups, api)
        assert rest.origin is GroupOrigin.NAMESPACE
        assert rest.selector.requirements == (Requirement(key="component", values=()),)

    def test_one_that_no_selector_names_stays_with_the_rest_and_is_a_gap(self):
        nameless = workload("nameless", {}, namespace="payments")
        pay = workload("pay", {"app": "pay"}, namespace="payments")
        grouping, gaps = arrange([nameless, pay, WEB], sensitive=["payments"])
        assert group_of(grouping.groups, pay).sensitive
        home = group_of(grouping.groups, nameless)
        assert home.origin is GroupOrigin.NAMESPACE
        assert (str(home.selector), home.sensitive) == ("app!=pay", False)
        assert gap_of(gaps, "NPR206").severity is Severity.HIGH

    def test_one_that_shares_its_labels_weighs_more(self):
        one, two = (workload(name, {"app": "pay", "pod-template-hash": name}) for name in ("one", "two"))
        _, gaps = arrange([one, two, WEB], sensitive=["app=pay"])
        assert gap_of(gaps, "NPR206").severity is Severity.HIGH

    def test_names_stay_unique_over_levels(self):
        workloads, edges = canaries()
        web = workload("web", {"app": "shop", "slot": "c"})
        grouping, _ = arrange([*workloads, web], edges, granularity=Granularity.GROUP, sensitive=["app=shop"])
        names = [group.display for group in grouping.groups]
        assert len(set(names)) == len(names)
        governing = {group.display: group for group in grouping.groups}
        for group in grouping.finest:
            assert governing.get(group.display, group) == group


class TestMarks:
    @pytest.mark.parametrize(
        ("value", "near"),
        [("shoop", "`shop`"), ("app=wbe", "`app=web`"), ("tier", "key=value"), ("kube-systm", "`kube-system`")],
    )
    def test_one_that_matches_nothing_is_an_error_with_the_nearest_word(self, value, near):
        with pytest.raises(UsageError, match="is no namespace and no label") as caught:
            arrange([WEB, DNS], sensitive=[value], told_by="settings.toml")
        assert near in str(caught.value)
        assert str(caught.value).startswith("settings.toml: ")

    def test_labels_count_on_the_namespace_too(self):
        labels = {"app": "web", "io.cilium.k8s.namespace.labels.pci": "true"}
        grouping, _ = arrange([workload("web", labels), API], sensitive=["pci=true"])
        assert group_of(grouping.groups, WEB).sensitive
        inventory = Inventory(namespaces=(("shop", (("pci", "true"),)),), digest="d")
        grouping, _ = arrange([WEB], sensitive=["pci=true"], inventory=inventory)
        assert group_of(grouping.groups, WEB).sensitive

    def test_what_only_the_inventory_knows_is_a_gap(self):
        inventory = Inventory(namespaces=(("payments", ()),), digest="d")
        grouping, gaps = arrange([WEB], sensitive=["payments"], inventory=inventory)
        assert not any(group.sensitive for group in grouping.groups)
        found = gap_of(gaps, "NPR206")
        assert (found.severity, found.subject) == (Severity.HIGH, "sensitive: payments")
