from recommender.model.inventory import Inventory
from recommender.semantics import SemanticsSettings
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.group_connectivity import group_reach, group_width, reach_changes
from recommender.semantics.manifest_documents import ManifestDocument
from tests.complement.scene import WORKLOADS
from tests.policy.scene import SHOP_GROUPS
from tests.semantics.samples import app, cnp, to_port

GROUPS = SHOP_GROUPS[:3]
DB = {"matchLabels": {"tier": "data"}}


def by(*documents):
    read = [ManifestDocument(path="", cluster="", document=document) for document in documents]
    return policies_by_cluster(read, WORKLOADS, Inventory(), SemanticsSettings())


def reach(*documents):
    return {item.group: item for item in group_reach(GROUPS, by(*documents), WORKLOADS)}


WEB_TO_DB = cnp("web", endpointSelector=app("web"), egress=[{"toEndpoints": [DB], "toPorts": to_port("5432")}])


def test_without_policies_everybody_reaches_everything():
    web = reach()["shop/web"]
    assert web.groups == {"shop/db", "monitoring/prometheus"}
    assert (web.isolated, web.world, web.open_to_world, web.entities, web.external_peers) == (False, True, "all", 5, 0)


def test_an_isolated_group_reaches_what_its_rules_and_the_other_side_allow():
    found = reach(WEB_TO_DB)
    assert (found["shop/web"].isolated, found["shop/web"].groups, found["shop/web"].world) == (True, {"shop/db"}, False)
    closed = cnp("db", endpointSelector=DB, ingress=[{"fromEndpoints": [app("web")], "toPorts": to_port("5433")}])
    assert reach(WEB_TO_DB, closed)["shop/web"].groups == frozenset(), "no port is common to both sides"


def test_names_and_prefixes_are_counted_and_the_world_is_told_by_its_ports():
    outward = cnp(
        "web",
        endpointSelector=app("web"),
        egress=[{"toCIDR": ["203.0.113.0/24", "198.51.100.0/24"]}, {"toFQDNs": [{"matchName": "api.example.com"}]}],
        ingress=[{"fromEntities": ["world"], "toPorts": to_port("443")}],
    )
    web = reach(outward)["shop/web"]
    assert (web.external_peers, web.world, web.open_to_world) == (3, False, "TCP/443")


def test_the_width_is_the_sum_of_what_groups_reach():
    inward = cnp("db", endpointSelector=DB, ingress=[{"fromEntities": ["world"], "toPorts": to_port("443")}])
    for documents in ((), (WEB_TO_DB,), (WEB_TO_DB, inward)):
        found = group_reach(GROUPS, by(*documents), WORKLOADS)
        width = group_width(GROUPS, by(*documents), WORKLOADS)
        assert width.pairs == sum(len(item.groups) for item in found)
        assert width.to_world == sum(item.world for item in found)
        assert width.from_world == sum(bool(item.open_to_world) for item in found)
    assert (width.pairs, width.to_world, width.from_world) == (3, 2, 3)


def changes(before, after):
    return [
        (item.source, item.destination, item.before, item.after)
        for item in reach_changes(GROUPS, by(*before), by(*after), WORKLOADS)
    ]


def test_the_same_policies_in_other_words_are_no_change():
    other = cnp(
        "web-2",
        endpointSelector=app("web"),
        egress=[{"toEndpoints": [{"matchLabels": {"app.kubernetes.io/name": "db"}}], "toPorts": to_port("5432")}],
    )
    assert changes([WEB_TO_DB], [other]) == []


def test_pairs_and_outside_ends_that_differ_are_told():
    wider = cnp(
        "web",
        endpointSelector=app("web"),
        egress=[
            {"toEndpoints": [DB], "toPorts": [*to_port("5432"), *to_port("5433")]},
            {"toCIDR": ["203.0.113.0/24"], "toPorts": to_port("443")},
            {"toEntities": ["kube-apiserver"]},
        ],
    )
    assert changes([WEB_TO_DB], [wider]) == [
        ("shop/web", "cidr:203.0.113.0/24", "", "TCP/443"),
        ("shop/web", "kube-apiserver", "", "all"),
        ("shop/web", "shop/db", "TCP/5432", "TCP/5432-5433"),
    ]
    assert changes([wider], [WEB_TO_DB])[0] == ("shop/web", "cidr:203.0.113.0/24", "TCP/443", "")


def test_too_many_groups_are_left_alone(monkeypatch):
    monkeypatch.setattr("recommender.semantics.group_connectivity.MAX_GROUPS", 2)
    assert reach() == {}
    assert changes([WEB_TO_DB], []) == []
