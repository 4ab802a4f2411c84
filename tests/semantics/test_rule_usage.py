import json

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Workload, WorkloadEnd
from recommender.model.inventory import Inventory, InventoryPod, InventoryWorkload
from recommender.model.policy import Direction
from recommender.semantics import PolicySet
from recommender.semantics.known_ends import known_ends
from recommender.semantics.manifest_documents import ManifestDocument
from recommender.semantics.reading import policy_name
from recommender.semantics.rule_usage import MAX_TEXT, rule_usage
from tests.semantics.replay_samples import DB, WEB, WEB_TO_DB, edge, label_set, workload
from tests.semantics.samples import app, cnp, to_port

SEEN = (workload("web"), workload("db"))
NEEDED, QUARANTINED = Disposition.NEEDED, Disposition.QUARANTINED


def usage(*documents, edges=(WEB_TO_DB,), disposition=NEEDED, workloads=SEEN, inventory=None):
    policies = PolicySet.parse(documents, namespaces={})
    return rule_usage(
        policies,
        [ManifestDocument(path=policy_name(one), cluster="", document=one) for one in documents],
        edges=edges,
        decided={one.edge_id: Decided(disposition=disposition) for one in edges},
        workloads=workloads,
        known=known_ends(workloads, inventory or Inventory(), cluster="default"),
    )


def ingress(*rules):
    return cnp("db", endpointSelector=app("db"), ingress=list(rules))


USED = {"fromEndpoints": [app("web")], "toPorts": to_port("5432")}


def test_each_rule_stands_with_its_use():
    used, unused = usage(ingress(USED, {"fromEndpoints": [app("job")]}))
    assert (used.path, used.direction, used.edges) == ("spec.ingress[0]", Direction.INGRESS, (WEB_TO_DB.edge_id,))
    assert (used.connections, used.used_ports, used.used_peers, used.known_peers) == (1, ("TCP/5432",), 1, 1)
    assert used.subjects == ("shop/Deployment/db",)
    assert (unused.edges, unused.last_used, unused.known_peers, unused.ports) == ((), 0, 0, 0)
    assert json.loads(used.text) == USED


def test_a_quarantined_edge_is_no_use():
    [rule] = usage(ingress(USED), disposition=QUARANTINED)
    assert (rule.edges, rule.suspicious) == ((), (WEB_TO_DB.edge_id,))


def test_what_a_deny_rule_stops_used_no_allow_rule():
    denying = cnp("no", endpointSelector=app("db"), ingressDeny=[{"fromEndpoints": [app("web")]}])
    [rule] = usage(ingress(USED), denying)
    assert rule.policy == "CiliumNetworkPolicy/shop/db"
    assert rule.edges == ()


def test_several_lists_of_ports_are_one_rule():
    [rule] = usage(ingress({"fromEndpoints": [app("web")], "toPorts": [*to_port("80"), *to_port("5432")]}))
    assert (rule.path, rule.ports, rule.used_ports) == ("spec.ingress[0]", 2, ("TCP/5432",))


def test_the_outside_is_counted_apart_from_workloads():
    outside = edge(WEB, WorkloadEnd(namespace="shop", kind="Deployment", name="db"), port=5432)
    [rule] = usage(ingress({"fromEntities": ["all"]}), edges=(outside,))
    assert (rule.used_peers, rule.used_outside) == (1, 0)


def test_rules_whose_peers_only_a_cluster_knows_are_marked():
    [rule] = usage(
        cnp("web", endpointSelector=app("web"), egress=[{"toServices": [{"k8sService": {"serviceName": "db"}}]}])
    )
    assert rule.unresolved


def test_a_long_rule_is_cut():
    [rule] = usage(ingress({"fromEndpoints": [app(f"name-{n}") for n in range(30)]}))
    assert len(rule.text) == MAX_TEXT


def test_ends_that_only_the_inventory_knows_are_unobserved_and_jobs_have_a_schedule():
    inventory = Inventory(
        pods=(
            InventoryPod(
                namespace="shop", name="idle-1", labels=(("app", "idle"),), owner_kind="Deployment", owner_name="idle"
            ),
        ),
        workloads=(
            InventoryWorkload(
                namespace="shop",
                kind="CronJob",
                name="month",
                template_labels=(("app", "month"),),
                schedule="0 1 1 * *",
            ),
        ),
    )
    policy = cnp("x", endpointSelector=app("idle"), ingress=[{"fromEndpoints": [app("month")]}])
    [rule] = usage(policy, inventory=inventory)
    assert rule.subjects == ("shop/Deployment/idle",)
    assert rule.unobserved == ("shop/CronJob/month", "shop/Deployment/idle")
    assert rule.scheduled == ("shop/CronJob/month (0 1 1 * *)",)


def test_pods_of_the_inventory_are_in_the_cluster_that_the_flows_name():
    seen = Workload(end=WEB, label_sets=(label_set("web", cluster="demo"),))
    pod = InventoryPod(namespace="shop", name="db-1", labels=(("app", "db"),), owner_kind="Deployment", owner_name="db")
    known = known_ends([seen], Inventory(pods=(pod,)), cluster="demo")
    assert {end.endpoint.cluster for end in known} == {"demo"}
    assert {end.display: end.observed for end in known} == {"shop/Deployment/db": False, "shop/Deployment/web": True}


def test_a_partly_selected_workload_was_not_fully_watched():
    [end] = known_ends([workload("web", partly_selected=True)], Inventory(), cluster="default")
    assert not end.observed
    assert DB.name == "db"
