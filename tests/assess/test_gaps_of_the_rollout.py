"""What stands between the policies and putting them into force."""

import pytest

from recommender.assess import find_gaps
from recommender.model.cni import Cni
from recommender.model.cni_plugins import plugin_named
from recommender.model.edge import Protocol
from recommender.model.enforcement_plan import EnforcementPlan
from recommender.model.entity import Entity
from recommender.model.gap import Severity
from recommender.model.group import Group, GroupOrigin
from recommender.model.inventory import Inventory, InventoryPolicy, InventoryWorkload
from recommender.model.lookups import UnconnectedNames
from recommender.model.manifest import Dialect, Manifest
from recommender.model.policy import Baseline, CidrPeer, Direction, EntityPeer, FqdnPeer, Policy, PortRule, Rule
from recommender.model.shared_baseline import SharedBaseline
from tests.assess.builders import DAY, DB, START, WEB, WORLD, capture, edge, end, needed, workload

MANIFEST = Manifest(path="policies/shop/web.yaml", policy="web", text="")


def group(of=WEB):
    return Group(name=of.name, namespace=of.namespace, members=(of,), origin=GroupOrigin.WORKLOAD, selector=None)


def policy(*rules, of=WEB, **parts):
    return Policy(name=of.name, group=group(of), rules=tuple(rules), **parts)


def egress(peer, *ports):
    return Rule(direction=Direction.EGRESS, peer=peer, ports=ports, edges=("e",))


def plan(*policies, dialect=Dialect.CILIUM, **parts):
    return EnforcementPlan(dialect=dialect, policies=policies, manifests=(MANIFEST,), **parts)


def gaps(code, *edges, of=None, workloads=(), unconnected=(), **inventory):
    found = find_gaps(
        capture=capture(),
        edges=edges,
        decided=needed(*edges),
        workloads=workloads,
        groups=(),
        inventory=Inventory(**({"digest": "d"} | inventory)),
        plan=of,
        unconnected=unconnected,
    )
    return [gap for gap in found if gap.code == code]


class TestDnsProtocols:
    server = CidrPeer(cidrs=("192.0.2.53/32",))
    udp, tcp = PortRule(protocol=Protocol.UDP, port=53), PortRule(protocol=Protocol.TCP, port=53)

    @pytest.mark.parametrize("port", [udp, tcp])
    def test_one_of_them(self, port):
        (gap,) = gaps("NPR801", of=plan(policy(egress(self.server, port))))
        assert (gap.severity, gap.facts) == (Severity.HIGH, (f"shop/web to 192.0.2.53/32 {port}",))

    def test_both_in_one_rule_or_two(self):
        assert gaps("NPR801", of=plan(policy(egress(self.server, self.tcp, self.udp)))) == []
        assert gaps("NPR801", of=plan(policy(egress(self.server, self.tcp), egress(self.server, self.udp)))) == []

    def test_an_open_egress_needs_no_rule(self):
        assert gaps("NPR801", of=plan(policy(egress(self.server, self.udp), isolate_egress=False))) == []


BEFORE = {"first_seen": START, "last_seen": START + 3 * DAY}
AFTER = {"first_seen": START + 3 * DAY, "last_seen": START + 7 * DAY}


class TestMoved:
    old, new = end("api", namespace="legacy"), end("api", namespace="payments")
    prometheus = end("prometheus", "StatefulSet", "monitoring")

    def test_a_collector_that_was_left_behind(self):
        scrape = edge(self.prometheus, self.old, 9090, **BEFORE)
        calls = edge(WEB, self.old, 8080, **BEFORE), edge(WEB, self.new, 8080, **AFTER)
        (gap,) = gaps("NPR802", scrape, *calls)
        assert (gap.severity, gap.subject) == (Severity.HIGH, "legacy/Deployment/api -> payments")
        assert gap.facts == ("monitoring/StatefulSet/prometheus -> payments/Deployment/api TCP/9090",)

    def test_what_it_called_itself_counts_too(self):
        (gap,) = gaps("NPR802", edge(self.old, DB, **BEFORE), edge(WEB, self.new, 8080, **AFTER))
        assert gap.facts == ("payments/Deployment/api -> shop/StatefulSet/db TCP/5432",)

    def test_everything_came_along(self):
        (gap,) = gaps("NPR802", edge(WEB, self.old, **BEFORE), edge(WEB, self.new, **AFTER))
        assert (gap.severity, gap.facts) == (Severity.LOW, ())

    def test_side_by_side_is_not_moved(self):
        assert gaps("NPR802", edge(WEB, self.old), edge(WEB, self.new)) == []


class TestUnconnectedNames:
    def item(self, client=WEB, count=1):
        return UnconnectedNames(client=client, count=count, names=("pay.example.com",))

    def test_of_a_workload(self):
        (gap,) = gaps("NPR803", unconnected=[self.item()])
        assert (gap.subject, gap.facts) == (str(WEB), ("pay.example.com",))

    def test_of_resolvers_and_of_clients_that_ask_for_everything(self):
        dns = end("coredns", namespace="kube-system")
        assert gaps("NPR803", edge(WEB, dns, 53), unconnected=[self.item(client=dns), self.item(count=21)]) == []


class TestCni:
    @pytest.mark.parametrize(
        ("name", "version", "dialect", "severities"),
        [
            ("flannel", "", Dialect.KUBERNETES, [Severity.HIGH]),
            ("cilium", "", Dialect.CILIUM, []),
            ("calico", "", Dialect.CILIUM, [Severity.HIGH]),
            ("calico", "3.29", Dialect.CALICO, []),
            ("weave", "", Dialect.KUBERNETES, [Severity.MEDIUM]),
            ("aws-vpc-cni", "1.13.4", Dialect.KUBERNETES, [Severity.HIGH]),
            ("aws-vpc-cni", "v1.14", Dialect.KUBERNETES, [Severity.MEDIUM]),
            ("aws-vpc-cni", "1.21.1", Dialect.CLUSTER_NETWORK_POLICY, [Severity.HIGH]),
            ("antrea", "", Dialect.CLUSTER_NETWORK_POLICY, [Severity.MEDIUM]),
            ("calico", "3.31.4", Dialect.CLUSTER_NETWORK_POLICY, [Severity.HIGH]),
            ("calico", "3.32", Dialect.CLUSTER_NETWORK_POLICY, []),
            ("cilium", "1.15.7", Dialect.CILIUM, [Severity.MEDIUM]),
            ("ovn-kubernetes", "", Dialect.CLUSTER_NETWORK_POLICY, [Severity.MEDIUM]),
        ],
    )
    def test_by_dialect_and_version(self, name, version, dialect, severities):
        cni = Cni(plugin=plugin_named(name), version=version, origin="--cni")
        assert [gap.severity for gap in gaps("NPR804", of=plan(policy(), dialect=dialect, cni=cni))] == severities

    def test_what_is_missing_is_said_with_its_sources(self):
        cni = Cni(plugin=plugin_named("calico"), version="3.31.4", origin="--cni")
        (gap,) = gaps("NPR804", of=plan(policy(), dialect=Dialect.CLUSTER_NETWORK_POLICY, cni=cni))
        says = "calico 3.31.4 (--cni) ignores policies of the dialect cluster-network-policy"
        assert gap.reason == f"{says}; it does from 3.32 on"
        assert gap.examples == ("https://github.com/kubernetes-sigs/network-policy-api/pull/376",)

    @pytest.mark.parametrize(
        ("running", "found"),
        [
            ((), []),
            (("kube-flannel-ds",), ["flannel"]),
            (("kube-flannel-ds", "cilium"), []),
            (("aws-node",), ["aws-vpc-cni"]),
            (("anetd",), ["gke-dataplane-v2"]),
            (("coredns",), []),
        ],
    )
    def test_by_the_agents_of_the_inventory(self, running, found):
        agents = tuple(InventoryWorkload(namespace="kube-system", kind="DaemonSet", name=name) for name in running)
        result = find_gaps(
            capture=capture(),
            edges=(),
            decided={},
            workloads=(),
            groups=(),
            inventory=Inventory(workloads=agents, digest="d"),
            plan=plan(policy()),
        )
        assert [gap.subject for gap in result if gap.code == "NPR804"] == found


class TestStaging:
    def test_production_alone(self):
        prod = end("web", namespace="shop-prod")
        (gap,) = gaps("NPR805", of=plan(policy(of=prod)), workloads=[workload(prod)])
        assert (gap.severity, gap.examples) == (Severity.MEDIUM, ("shop-prod",))

    def test_nobody_says_what_it_is(self):
        (gap,) = gaps("NPR805", of=plan(policy()), workloads=[workload(WEB)])
        assert gap.severity is Severity.LOW

    def test_with_staging_beside(self):
        both = [workload(end("web", namespace=name)) for name in ("shop-prod", "shop-staging")]
        assert gaps("NPR805", of=plan(policy()), workloads=both) == []


class TestOrder:
    def test_a_namespace_that_is_not_there(self):
        (gap,) = gaps("NPR806", of=plan(policy()), namespaces=(("kube-system", ()),))
        assert (gap.severity, gap.facts) == (Severity.HIGH, ("shop",))
        assert gap.action.endswith("kubectl create namespace shop")
        assert gaps("NPR806", of=plan(policy()), namespaces=(("shop", ()),)) == []
        assert gaps("NPR806", of=plan(policy())) == []

    def test_shared_rules_come_first(self):
        shared = SharedBaseline(
            kind=Baseline.DNS,
            cluster="",
            name="netpol-recommend-dns",
            clients=("shop/web",),
            servers=(),
            edges=(),
            manifest=Manifest(path="policies/_cluster/baseline-dns.yaml", policy="dns", text=""),
        )
        (gap,) = gaps("NPR806", of=plan(policy(), policy(of=DB), baselines=(shared,)))
        assert (gap.severity, gap.count, gap.examples) == (Severity.LOW, 1, ("policies/_cluster/baseline-dns.yaml",))
        assert "kubectl apply -f policies/_cluster/" in gap.action


class TestWayBack:
    held = InventoryPolicy(kind="NetworkPolicy", namespace="shop", name="old")

    @pytest.mark.parametrize(
        ("inventory", "severity"),
        [({"digest": ""}, Severity.MEDIUM), ({}, Severity.INFO), ({"policies": (held,)}, Severity.INFO)],
    )
    def test_what_is_in_force_now(self, inventory, severity):
        (gap,) = gaps("NPR807", of=plan(policy()), **inventory)
        assert gap.severity is severity
        assert "before.yaml" in gap.action


@pytest.mark.parametrize(
    "peer", [CidrPeer(cidrs=("203.0.113.0/24",)), FqdnPeer(name="a.example.com"), EntityPeer(entity=Entity.WORLD)]
)
def test_groups_that_reach_nothing_outside(peer):
    outward = policy(egress(peer, PortRule(protocol=Protocol.TCP, port=443)))
    inward = policy(egress(EntityPeer(entity=Entity.HOST), PortRule(protocol=Protocol.TCP, port=443)), of=DB)
    (gap,) = gaps("NPR808", of=plan(outward, inward))
    assert (gap.facts, gap.reason) == (
        ("shop/db",),
        "1 of 2 groups with an isolated egress reach nothing outside",
    )
    assert gaps("NPR808", of=plan(outward, policy(of=DB, isolate_egress=False))) == []


def test_without_a_plan_nothing_is_said_of_the_rollout():
    found = find_gaps(
        capture=capture(),
        edges=[edge(WEB, WORLD)],
        decided={},
        workloads=[workload(WEB)],
        groups=(),
        inventory=Inventory(),
    )
    assert not [gap.code for gap in found if gap.code.startswith("NPR8")]
