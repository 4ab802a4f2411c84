from hypothesis import given
from hypothesis import strategies as st

from recommender.model.edge import Protocol, Workload, WorkloadEnd
from recommender.model.inventory import Inventory, InventoryPod, InventoryWorkload
from recommender.model.labels import LabelSet
from recommender.semantics.cluster_policies import policies_by_cluster
from recommender.semantics.connectivity import map_connectivity
from recommender.semantics.manifest_documents import ManifestDocument
from recommender.semantics.port_spans import EVERY_PORT, PortSpan, common, either, spans_text
from recommender.semantics.scene import scene_of_inventory, scene_of_report
from recommender.semantics.settings import SemanticsSettings
from tests.semantics.samples import app, cnp, np, to_port


def workload(name, *, labels=None, **other):
    sets = labels or [{"app": name}]
    return Workload(
        end=WorkloadEnd(namespace="shop", kind="Deployment", name=name),
        label_sets=tuple(
            LabelSet.parse([*(f"k8s:{k}={v}" for k, v in one.items()), "k8s:io.kubernetes.pod.namespace=shop"])
            for one in sets
        ),
        **other,
    )


def mapped(*documents, workloads=None):
    scene = scene_of_report(workloads or [workload("web"), workload("db")])
    sources = [ManifestDocument(path="p", cluster="", document=document) for document in documents]
    policies = policies_by_cluster(sources, scene.workloads, Inventory(), SemanticsSettings())
    found = map_connectivity(policies, scene)
    return {(_short(r.source), _short(r.destination)): r for r in found.reaches}, found


def _short(name):
    return name.rpartition("/")[2] if name.startswith("shop/") else name


def test_without_policies_everything_is_open():
    reaches, found = mapped()
    assert reaches["web", "db"].unrestricted
    assert reaches["world", "web"].unrestricted
    assert [names for _, names in found.not_isolated] == [found.workloads, found.workloads]


def test_ports_are_cut_exactly_where_a_deny_begins_and_ends():
    denying = cnp(
        ingressDeny=[{"toPorts": [{"ports": [{"port": "20", "endPort": 25, "protocol": "TCP"}]}]}],
        enableDefaultDeny={"ingress": False, "egress": False},
    )
    reaches, _ = mapped(denying)
    expected = "TCP/1-19, TCP/26-65535, UDP/*, SCTP/*, ICMPv4/*, ICMPv6/*"
    assert spans_text(reaches["web", "db"].ports) == expected


def test_named_ports_are_the_destinations_own_and_l7_is_marked():
    http = {"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{}]}}
    policy = cnp(ingress=[{"toPorts": [*to_port("sql"), http]}])
    reaches, _ = mapped(policy, workloads=[workload("web"), workload("db", named_ports=(("sql", "TCP", 5432),))])
    assert spans_text(reaches["web", "db"].ports) == "TCP/80 (L7), TCP/5432"
    assert spans_text(reaches["db", "web"].ports) == "TCP/80 (L7)"


def test_what_is_denied_is_not_listed():
    reaches, found = mapped(
        np("deny"), np("db", podSelector=app("db"), ingress=[{"from": [{"podSelector": app("web")}]}])
    )
    assert ("db", "web") not in reaches
    assert reaches["web", "db"].unrestricted
    assert ("db", "db") not in reaches
    assert ("host", "web") in reaches
    assert [len(names) for _, names in found.not_isolated] == [0, 2]


def test_narrow_outside_ends_stand_only_where_they_differ_from_the_world():
    block = {"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.0/25"]}}
    reaches, _ = mapped(np(egress=[{"to": [block], "ports": [{"port": 443}]}], policyTypes=["Egress"]))
    assert spans_text(reaches["web", "cidr:192.0.2.0/24"].ports) == "TCP/443"
    assert ("web", "cidr:192.0.2.0/25") not in reaches
    assert ("web", "world") not in reaches
    assert not any(source.startswith("cidr:") for source, _ in reaches)


def test_label_sets_that_get_different_ports_make_it_partial():
    old = workload("web", labels=[{"app": "web"}, {"app": "web-old"}])
    reaches, found = mapped(np("deny", podSelector=app("web")), workloads=[old, workload("db")])
    assert reaches["db", "web"].partial
    assert reaches["db", "web"].unrestricted
    assert found.not_isolated[0][1] == ("shop/Deployment/db", "shop/Deployment/web")


def test_the_order_of_workloads_does_not_matter():
    _, first = mapped(np())
    _, second = mapped(np(), workloads=[workload("db"), workload("web")])
    assert first == second


def test_an_inventory_gives_pods_templates_and_nodes():
    pod = InventoryPod(namespace="a", name="p-0", labels=(("app", "p"),), owner_kind="StatefulSet", owner_name="p")
    host = InventoryPod(namespace="a", name="n", labels=(), host_network=True, addresses=("192.0.2.1",))
    template = InventoryWorkload(namespace="a", kind="CronJob", name="job", template_labels=(("app", "job"),))
    scene = scene_of_inventory(Inventory(pods=(pod, host), workloads=(template,), digest="x"))
    assert [str(member.workload) for member in scene.members] == ["a/CronJob/job", "a/Pod/n", "a/StatefulSet/p"]
    assert [type(member.endpoint).__name__ for member in scene.members] == [
        "PodEndpoint",
        "EntityEndpoint",
        "PodEndpoint",
    ]
    assert scene.addresses == ()


ports = st.integers(1, 12)
span = st.builds(
    lambda low, length, proxied: PortSpan(protocol=Protocol.TCP, low=low, high=low + length, proxied=proxied),
    ports,
    st.integers(0, 3),
    st.booleans(),
)
disjoint = st.lists(span, max_size=3).map(
    lambda spans: tuple(
        one
        for n, one in enumerate(sorted(spans, key=lambda s: s.low))
        if all(one.low > o.high for o in sorted(spans, key=lambda s: s.low)[:n])
    )
)


def covered(spans):
    return {port for one in spans for port in range(one.low, one.high + 1)}


@given(disjoint, disjoint)
def test_spans_are_sets(first, second):
    assert covered(common(first, second)) == covered(first) & covered(second)
    assert covered(either([first, second])) == covered(first) | covered(second)
    assert common(first, EVERY_PORT) == first
