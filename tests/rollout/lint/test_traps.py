import pytest

from tests.rollout.lint.scene import (
    calico,
    cilium,
    cluster_network_policy,
    clusterwide,
    codes,
    examined,
    kubernetes,
    namespace,
    pod,
    service,
)

WEB = {"matchLabels": {"app": "web"}}
DB = {"matchLabels": {"app": "db"}}
IN_WEB = {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "web"}}
ANY_NAMESPACE = {"matchExpressions": [{"key": "k8s:io.kubernetes.pod.namespace", "operator": "Exists"}]}
DNS = {
    "toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"}}],
    "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": [{"matchPattern": "*"}]}}],
}
FQDN = {"toFQDNs": [{"matchName": "api.example.com"}], "toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}]}
TO_DB = {"toEndpoints": [DB]}
HTTP = {
    "fromEndpoints": [WEB],
    "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"method": "GET"}]}}],
}
PLAIN = {"fromEndpoints": [WEB], "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}]}
SSH = {"fromEndpoints": [WEB], "toPorts": [{"ports": [{"port": "22", "protocol": "TCP"}]}]}


def ingress(*rules, **more):
    return cilium({"endpointSelector": DB, "ingress": list(rules), **more})


def egress(*rules, **more):
    return cilium({"endpointSelector": WEB, "egress": list(rules), **more})


def np(**spec):
    return kubernetes({"podSelector": DB, **spec})


@pytest.mark.parametrize(
    ("code", "trap", "sound"),
    [
        ("NPR901", ingress({"fromEndpoints": [WEB], "fromEntities": ["host"]}), ingress(PLAIN)),
        ("NPR902", ingress({}, PLAIN), ingress(PLAIN)),
        ("NPR903", np(ingress=[{}]), np(ingress=[{"from": [{"podSelector": WEB}]}])),
        (
            "NPR904",
            np(ingress=[{"from": [{"namespaceSelector": WEB}, {"podSelector": WEB}]}]),
            np(ingress=[{"from": [{"namespaceSelector": WEB, "podSelector": WEB}]}]),
        ),
        ("NPR905", egress(DNS, {"toCIDR": ["10.0.0.0/8"]}), egress(DNS, {"toCIDR": ["203.0.113.0/24"]})),
        ("NPR906", egress(FQDN, TO_DB), egress(FQDN, DNS)),
        (
            "NPR907",
            np(ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"name": "web"}}}]}]),
            np(ingress=[{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "web"}}}]}]),
        ),
        (
            "NPR908",
            ingress({"fromEndpoints": [{"matchLabels": {"kubernetes.io/metadata.name": "web"}}]}),
            ingress({"fromEndpoints": [{"matchLabels": {"io.kubernetes.pod.namespace": "web"}}]}),
        ),
        ("NPR909", np(egress=[{}]), np(egress=[{}], policyTypes=["Egress"])),
        (
            "NPR910",
            np(egress=[{"to": [{"podSelector": WEB}]}], policyTypes=["Ingress"]),
            np(egress=[{"to": [{"podSelector": WEB}]}], policyTypes=["Ingress", "Egress"]),
        ),
        (
            "NPR913",
            clusterwide({"endpointSelector": {}, "ingress": [PLAIN]}),
            clusterwide({"endpointSelector": {}, "ingress": [PLAIN], "enableDefaultDeny": {"ingress": False}}),
        ),
        ("NPR914", ingress(PLAIN, {"fromEndpoints": [WEB]}), ingress(PLAIN, SSH)),
        ("NPR915", ingress(PLAIN, ingressDeny=[{"fromEndpoints": [WEB]}]), ingress(PLAIN, ingressDeny=[SSH])),
        ("NPR916", ingress(HTTP, PLAIN), ingress(HTTP, SSH)),
        (
            "NPR917",
            cilium({"endpointSelector": {"matchLabels": {"pod-template-hash": "5d9f"}}, "ingress": [PLAIN]}),
            ingress(PLAIN),
        ),
        (
            "NPR918",
            cilium({"endpointSelector": DB, "ingressDeny": [SSH]}),
            cilium({"endpointSelector": DB, "ingressDeny": [SSH], "enableDefaultDeny": {"ingress": False}}),
        ),
        (
            "NPR919",
            ingress({"toPorts": [{"ports": [{"port": "90", "endPort": 80, "protocol": "TCP"}]}]}),
            ingress({"toPorts": [{"ports": [{"port": "80", "endPort": 90, "protocol": "TCP"}]}]}),
        ),
        (
            "NPR920",
            ingress({"icmps": [{"fields": [{"type": 0}]}]}),
            ingress({"icmps": [{"fields": [{"type": 8}]}]}),
        ),
        (
            "NPR921",
            egress(DNS, egressDeny=[{"toEntities": ["world"]}]),
            egress(DNS, egressDeny=[{"toCIDR": ["203.0.113.0/24"]}]),
        ),
        (
            "NPR923",
            np(policyTypes=["Egress"], egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]),
            np(
                policyTypes=["Egress"],
                egress=[
                    {
                        "to": [
                            {
                                "ipBlock": {
                                    "cidr": "0.0.0.0/0",
                                    "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
                                }
                            }
                        ]
                    }
                ],
            ),
        ),
        ("NPR924", egress({**TO_DB, "toPorts": [{"ports": [{"port": "5432"}]}]}), egress(TO_DB, DNS)),
        (
            "NPR927",
            np(ingress=[{"ports": [{"port": 1024, "endPort": 65535}]}]),
            np(ingress=[{"ports": [{"port": 8080}]}]),
        ),
        ("NPR928", ingress(HTTP, enableDefaultDeny={"ingress": False}), ingress(HTTP)),
        (
            "NPR904",
            ingress({"fromEndpoints": [IN_WEB, WEB]}),
            ingress({"fromEndpoints": [{"matchLabels": {**IN_WEB["matchLabels"], "app": "web"}}]}),
        ),
        ("NPR904", ingress({"fromEndpoints": [IN_WEB, WEB]}), ingress({"fromEndpoints": [IN_WEB, IN_WEB, {}]})),
        ("NPR913", ingress({"fromEntities": ["cluster"]}), ingress({"fromEntities": ["host"]})),
        (
            "NPR917",
            ingress({"fromEndpoints": [{"matchLabels": {"topology.kubernetes.io/zone": "a"}}]}),
            ingress({"fromEndpoints": [{"matchLabels": {"app.kubernetes.io/name": "a"}}]}),
        ),
        (
            "NPR917",
            ingress({"fromEndpoints": [{"matchLabels": {"k8s:kubernetes.io/arch": "a"}}]}),
            ingress({"fromEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "a"}}]}),
        ),
        ("NPR913", ingress({"fromEndpoints": [ANY_NAMESPACE]}), ingress({"fromEndpoints": [{}]})),
        (
            "NPR907",
            ingress({"fromEndpoints": [{"matchLabels": {"k8s:io.cilium.k8s.namespace.labels.name": "web"}}]}),
            ingress({"fromEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "web"}}]}),
        ),
    ],
)
def test_the_trap_is_told_and_the_way_out_is_not(tmp_path, code, trap, sound):
    assert code in codes(tmp_path, trap)
    assert code not in codes(tmp_path, sound)


FROM_WEB = {"action": "Allow", "source": {"selector": "app == 'web'"}}
DENY_WEB = {**FROM_WEB, "action": "Deny"}
PODS = {"pods": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}, "podSelector": {}}}


def from_named(text):
    return {"action": "Allow", "source": {"namespaceSelector": text}}


@pytest.mark.parametrize(
    ("code", "trap", "sound"),
    [
        ("NPR903", calico(ingress=[{"action": "Allow"}]), calico(ingress=[FROM_WEB])),
        ("NPR903", calico(ingress=[{"action": "Allow"}]), calico(ingress=[{"action": "Allow", "protocol": "TCP"}])),
        ("NPR907", calico(ingress=[from_named("name == 'a'")]),
         calico(ingress=[from_named("projectcalico.org/name == 'a'")])),
        ("NPR910", calico(types=["Ingress"], egress=[{"action": "Allow"}]),
         calico(types=["Egress"], egress=[FROM_WEB])),
        ("NPR913", calico("GlobalNetworkPolicy", selector="all()", ingress=[FROM_WEB]),
         calico("GlobalNetworkPolicy", selector="app == 'db'", ingress=[FROM_WEB])),
        ("NPR917", calico(selector="pod-template-hash == 'x'", ingress=[FROM_WEB]), calico(ingress=[FROM_WEB])),
        ("NPR918", calico(ingress=[DENY_WEB]), calico(ingress=[DENY_WEB, {"action": "Pass"}])),
        ("NPR905", calico(egress=[{"action": "Allow", "destination": {"nets": ["10.96.0.0/16"]}}]),
         calico(egress=[{"action": "Allow", "destination": {"nets": ["203.0.113.0/24"]}}])),
        ("NPR913", cluster_network_policy({"namespaces": {}}, "Deny"), cluster_network_policy(PODS, "Deny")),
        ("NPR913", cluster_network_policy({"namespaces": {}}, "Deny"),
         cluster_network_policy({"namespaces": {}}, "Accept")),
        ("NPR907", cluster_network_policy({"namespaces": {"matchLabels": {"name": "a"}}}, "Accept"),
         cluster_network_policy(PODS, "Accept")),
    ],
)  # fmt: skip
def test_traps_of_other_apis(tmp_path, code, trap, sound):
    cluster = (service("db", {"app": "db"}, (5432, 5432), address="10.96.0.9"),)
    assert code in codes(tmp_path, trap, inventory=cluster)
    assert code not in codes(tmp_path, sound, inventory=cluster)


def test_default_deny_that_is_said_is_no_finding(tmp_path):
    assert "NPR902" not in codes(tmp_path, ingress({}, enableDefaultDeny={"ingress": True}))


def test_a_dns_server_needs_no_dns(tmp_path):
    asks = {"to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}], "ports": [{"port": 443}]}
    serves = {"from": [{"podSelector": WEB}], "ports": [{"port": 53, "protocol": "UDP"}]}
    assert "NPR924" in codes(tmp_path, np(ingress=[], egress=[asks], policyTypes=["Ingress", "Egress"]))
    assert "NPR924" not in codes(tmp_path, np(ingress=[serves], egress=[asks], policyTypes=["Ingress", "Egress"]))


@pytest.mark.parametrize(
    ("rules", "severity"), [([{}], "info"), ([{}, PLAIN], "medium")], ids=["default deny", "beside others"]
)
def test_an_empty_rule_of_cilium_is_default_deny_or_nothing(tmp_path, rules, severity):
    assert [item[2] for item in examined(tmp_path, ingress(*rules)) if item[0] == "NPR902"] == [severity]


def test_dns_over_one_protocol_is_half_a_trap(tmp_path):
    udp = {"toEntities": ["cluster"], "toPorts": [{"ports": [{"port": "53", "protocol": "UDP"}]}]}
    assert [item[2] for item in examined(tmp_path, egress(udp)) if item[0] == "NPR924"] == ["medium"]


class TestWithInventory:
    CLUSTER = (
        namespace("shop"),
        pod("web-0", address="10.244.0.1", app="web"),
        pod("db-0", address="10.244.0.2", app="db", ports=[("sql", 5432)]),
    )

    def test_who_is_nobody(self, tmp_path):
        gone = cilium({"endpointSelector": {"matchLabels": {"app": "gone"}}, "ingress": [PLAIN]})
        nobody = ingress({"fromEndpoints": [{"matchLabels": {"app": "gone"}}]})
        assert "NPR911" in codes(tmp_path, gone, inventory=self.CLUSTER)
        assert "NPR912" in codes(tmp_path, nobody, inventory=self.CLUSTER)
        assert not {"NPR911", "NPR912"} & set(codes(tmp_path, ingress(PLAIN), inventory=self.CLUSTER))

    def test_entities_are_somebody(self, tmp_path):
        assert "NPR912" not in codes(tmp_path, ingress({"fromEntities": ["host"]}), inventory=self.CLUSTER)

    def test_own_addresses_are_named(self, tmp_path):
        found = examined(tmp_path, egress(DNS, {"toCIDR": ["10.244.0.0/24"]}), inventory=self.CLUSTER)
        assert ("NPR905", "high") in {(item[0], item[2]) for item in found}
        assert "NPR905" not in codes(tmp_path, egress(DNS, {"toCIDR": ["10.9.0.0/16"]}), inventory=self.CLUSTER)

    def test_a_named_port_that_no_server_has(self, tmp_path):
        def named(name):
            return ingress({"fromEndpoints": [WEB], "toPorts": [{"ports": [{"port": name, "protocol": "TCP"}]}]})

        assert "NPR922" in codes(tmp_path, named("http"), inventory=self.CLUSTER)
        assert "NPR922" not in codes(tmp_path, named("sql"), inventory=self.CLUSTER)

    @pytest.mark.parametrize(
        ("port", "target", "asked", "told"),
        [
            (80, 5432, 80, True),
            (80, "sql", 80, True),
            (80, 5432, 5432, False),
            (80, 80, 80, False),
            (80, 5432, 81, False),
            (5432, 8080, 5432, False),
        ],
        ids=["number", "name", "the pod's port", "the same port", "nobody's port", "declared all the same"],
    )
    def test_the_port_of_a_service_is_not_the_pods(self, tmp_path, port, target, asked, told):
        cluster = (*self.CLUSTER, service("db", {"app": "db"}, (port, target)))
        incoming = np(ingress=[{"from": [{"podSelector": WEB}], "ports": [{"port": asked}]}])
        outgoing = egress({**TO_DB, "toPorts": [{"ports": [{"port": str(asked), "protocol": "TCP"}]}]}, DNS)
        for document in (incoming, outgoing):
            found = [item for item in examined(tmp_path, document, inventory=cluster) if item[0] == "NPR922"]
            assert bool(found) is told

    def test_policies_in_force_count_for_dns(self, tmp_path):
        in_force = cilium({"endpointSelector": {}, "egress": [DNS]}, name="dns")
        assert "NPR906" in codes(tmp_path, egress(FQDN), inventory=self.CLUSTER)
        assert not {"NPR906", "NPR924"} & set(codes(tmp_path, egress(FQDN), inventory=(*self.CLUSTER, in_force)))


class TestPlugin:
    def test_flannel_ignores_everything(self, tmp_path):
        assert ("NPR926", "high") in {(i[0], i[2]) for i in examined(tmp_path, np(ingress=[]), cni="flannel")}

    def test_calico_ignores_policies_of_cilium_only(self, tmp_path):
        assert "NPR926" in codes(tmp_path, ingress(PLAIN), cni="calico")
        assert "NPR926" not in codes(tmp_path, np(ingress=[]), cni="calico")

    def test_fields_that_a_plugin_passes_over(self, tmp_path):
        ranged = np(ingress=[{"ports": [{"port": 80, "endPort": 90}]}])
        assert "NPR926" in codes(tmp_path, ranged, cni="weave")
        assert "NPR926" not in codes(tmp_path, ranged, cni="cilium")
        assert "NPR926" in codes(tmp_path, ranged, cni="cilium@1.15.7")
        assert "NPR926" not in codes(tmp_path, ranged, cni="cilium@1.16.0")

    def test_what_has_to_be_switched_on_is_told_quietly(self, tmp_path):
        assert ("NPR926", "low") in {(i[0], i[2]) for i in examined(tmp_path, np(ingress=[]), cni="aws-vpc-cni")}

    def test_the_plugin_is_known_by_its_daemon_set(self, tmp_path):
        flannel = {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": "kube-flannel-ds", "namespace": "kube-flannel"},
            "spec": {"template": {"metadata": {"labels": {"app": "flannel"}}, "spec": {}}},
        }
        assert "NPR926" in codes(tmp_path, np(ingress=[]), inventory=[flannel])


def test_default_deny_in_an_earlier_file_than_its_allows(tmp_path):
    import yaml  # noqa: PLC0415 - only here two files are wanted

    deny = kubernetes({"podSelector": {}, "policyTypes": ["Ingress"]}, name="deny")
    allow = np(ingress=[{"from": [{"podSelector": WEB}]}])
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "z.yaml").write_text(yaml.safe_dump(allow))
    assert "NPR925" in codes(tmp_path, deny)
    (tmp_path / "k8s" / "z.yaml").write_text(yaml.safe_dump(deny))
    assert "NPR925" not in codes(tmp_path, allow)


@pytest.mark.parametrize(("order", "told"), [("fifo", False), ("legacy", True)])
def test_a_kustomization_has_an_order_of_its_own(tmp_path, order, told):
    import yaml  # noqa: PLC0415 - as above

    deny = kubernetes({"podSelector": {}, "policyTypes": ["Ingress"]}, name="deny")
    allow = np(ingress=[{"from": [{"podSelector": WEB}]}])
    listed = {"kind": "Kustomization", "resources": ["z.yaml", "all.yaml"], "sortOptions": {"order": order}}
    (tmp_path / "k8s").mkdir()
    (tmp_path / "k8s" / "z.yaml").write_text(yaml.safe_dump(allow))
    (tmp_path / "k8s" / "kustomization.yaml").write_text(yaml.safe_dump(listed))
    assert ("NPR925" in codes(tmp_path, deny)) is told


def test_findings_stand_at_their_line(tmp_path):
    text = "# first\n---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
    text += "metadata: {name: p, namespace: shop}\nspec:\n"
    text += "  endpointSelector: {}\n  ingress:\n    - fromEntities: [host]\n    - {}\n"
    assert [(item[0], item[3]) for item in examined(tmp_path, text)] == [("NPR902", 10)]


def test_one_policy_that_is_refused_hides_no_other(tmp_path):
    broken = cilium({"endpointSelector": DB}, name="broken")
    assert {"NPR901", "NPR918"} <= set(codes(tmp_path, broken, cilium({"endpointSelector": DB, "ingressDeny": [SSH]})))
