import pytest

from recommender.errors import InvalidPolicyError
from recommender.model.connection import Outcome
from recommender.model.edge import Protocol
from tests.semantics.samples import address, app, ccnp, cnp, connection, entity, pod, policies, to_port


def egress(*rules, destination, port=443, protocol=Protocol.TCP, **settings):
    judged = policies(cnp(egress=list(rules)), **settings)
    return judged.judge(connection(pod("web"), destination, port=port, protocol=protocol)).egress.outcome


ENTITY_PEERS = {
    "pod": pod("db", namespace="pay"),
    "far pod": pod("db", cluster="far"),
    "host": entity("host"),
    "remote-node": entity("remote-node"),
    "kube-apiserver": entity("kube-apiserver"),
    "health": entity("health"),
    "ingress": entity("ingress"),
    "init": entity("init"),
    "unmanaged": entity("unmanaged"),
    "ipv4": address("192.0.2.7"),
    "ipv6": address("2001:db8::7"),
}
NODES = {"host", "remote-node", "kube-apiserver"}
RESERVED = NODES | {"health", "ingress", "init", "unmanaged"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("all", set(ENTITY_PEERS)),
        ("none", set()),
        ("world", {"ipv4", "ipv6"}),
        ("world-ipv4", {"ipv4"}),
        ("world-ipv6", {"ipv6"}),
        ("cluster", {"pod"} | RESERVED),
        ("cluster-mesh", {"pod", "far pod"} | RESERVED),
        ("host", {"host"}),
        ("remote-node", {"remote-node", "kube-apiserver"}),
        ("kube-apiserver", {"kube-apiserver"}),
        ("health", {"health"}),
        ("ingress", {"ingress"}),
        ("init", {"init"}),
        ("unmanaged", {"unmanaged"}),
    ],
)
def test_entities(name, meant):
    allowed = {
        peer
        for peer, endpoint in ENTITY_PEERS.items()
        if egress({"toEntities": [name]}, destination=endpoint) is Outcome.ALLOWED
    }
    assert allowed == meant


def test_deny_beats_allow_whatever_the_width():
    rules = {
        "egress": [{"toCIDR": ["192.0.2.7/32"]}],
        "egressDeny": [{"toCIDR": ["192.0.0.0/16"], "toPorts": to_port("443")}],
    }
    judged = policies(cnp(**rules))
    assert judged.judge(connection(pod("web"), address("192.0.2.7"), port=443)).egress.outcome is Outcome.DENIED
    assert judged.judge(connection(pod("web"), address("192.0.2.7"), port=80)).egress.outcome is Outcome.ALLOWED


@pytest.mark.parametrize(
    "rule",
    [
        {"toEndpoints": []},
        {"toPorts": []},
        {"toPorts": [{"ports": []}]},
        {"toServices": [{"k8sService": {"serviceName": "db", "namespace": "shop"}}]},
        {"toNodes": [{}]},
        {"toGroups": [{"aws": {}}]},
        {"toCIDRSet": [{"cidrGroupRef": "partners"}]},
    ],
)
def test_rules_that_allow_nobody_still_isolate(rule):
    assert egress(rule, destination=pod("db")) is Outcome.DENIED


def test_a_denied_peer_that_only_a_cluster_can_resolve_denies_everyone():
    judged = policies(cnp(egress=[{"toEntities": ["all"]}], egressDeny=[{"toCIDRSet": [{"cidrGroupRef": "bad"}]}]))
    assert judged.judge(connection(pod("web"), pod("db"))).egress.outcome is Outcome.DENIED


def test_a_node_policy_governs_no_pod():
    document = ccnp(ingress=[{}])
    document["spec"]["nodeSelector"] = document["spec"].pop("endpointSelector")
    assert policies(document).judge(connection(pod("web"), pod("db"))).allowed


def test_default_deny_for_a_direction_without_rules_has_no_effect():
    judged = policies(cnp(ingress=[{}], enableDefaultDeny={"egress": True}))
    assert judged.judge(connection(pod("web"), address("192.0.2.7"))).allowed


def test_spec_and_specs_count_together():
    document = cnp(ingress=[{"fromEndpoints": [app("web")]}])
    document["specs"] = [{"endpointSelector": {}, "ingress": [{"fromEndpoints": [app("api")]}]}]
    judged = policies(document)
    outcomes = {name: judged.judge(connection(pod(name), pod("db"))).allowed for name in ("web", "api", "job")}
    assert outcomes == {"web": True, "api": True, "job": False}


def test_init_is_isolated_until_a_policy_selects_it():
    assert policies().judge(connection(pod("web"), entity("init"))).ingress.outcome is Outcome.DENIED
    opened = ccnp(ingress=[{"fromEntities": ["all"]}], endpointSelector={"matchLabels": {"reserved:init": ""}})
    assert policies(opened).judge(connection(pod("web"), entity("init"))).ingress.outcome is Outcome.ALLOWED


HTTP = {"http": [{"method": "GET"}]}
DNS = {"dns": [{"matchPattern": "*"}]}


@pytest.mark.parametrize(
    "spec",
    [
        {"ingress": []},
        {"ingress": [{"fromEntities": ["World"]}]},
        {"ingress": [{"from": []}]},
        {"ingress": [{"fromRequires": [{}]}]},
        {"ingress": [{"toFQDNs": [{"matchName": "a.example.com"}]}]},
        {"egressDeny": [{"toFQDNs": [{"matchName": "a.example.com"}]}]},
        {"egress": [{"toFQDNs": [{"matchName": "a.example.com"}], "toEntities": ["world"]}]},
        {"egress": [{"toCIDR": ["192.0.2.1"]}]},
        {"egress": [{"toCIDR": [""]}]},
        {"egress": [{"toCIDRSet": [{"except": ["192.0.2.0/25"]}]}]},
        {"egress": [{"toCIDRSet": [{"cidr": "192.0.2.0/24", "except": ["2001:db8::/64"]}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": 80}]}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": "65536"}]}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"protocol": "TCP"}]}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": "http_x_"}]}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": "80", "protocol": "HTTP"}]}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": "80", "endPort": 65536}]}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": str(n)} for n in range(1, 42)]}]}]},
        {"ingress": [{"icmps": [{"fields": [{"type": n} for n in range(1, 42)]}]}]},
        {"ingress": [{"icmps": [{"fields": [{"type": 256}]}]}]},
        {"ingress": [{"icmps": [{"fields": [{"type": 8, "family": "IPv5"}]}]}]},
        {"ingress": [{"icmps": [{"fields": [{"type": "PacketTooBig"}]}]}]},
        {"ingress": [{"icmps": [{"fields": [{"family": "IPv4"}]}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": "80", "protocol": "UDP"}], "rules": HTTP}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": "80"}], "rules": HTTP}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": "0", "protocol": "TCP"}], "rules": HTTP}]}]},
        {"ingress": [{"toPorts": [{"ports": [{"port": "53", "protocol": "UDP"}], "rules": DNS}]}]},
        {"egress": [{"toPorts": [{"rules": DNS}]}]},
        {"egress": [{"toPorts": [{"ports": [{"port": "53", "protocol": "SCTP"}], "rules": DNS}]}]},
        {"egress": [{"toPorts": [{"ports": [{"port": "53", "endPort": 54}], "rules": DNS}]}]},
        {"egress": [{"toPorts": [{"ports": [{"port": "53", "protocol": "TCP"}], "rules": {**HTTP, **DNS}}]}]},
        {"egress": [{"toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"path": "("}]}}]}]},
        {"egress": [{"toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}], "serverNames": [""]}]}]},
        {
            "egress": [
                {"toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}], "serverNames": ["a"], "rules": HTTP}]}
            ]
        },
        {"egressDeny": [{"toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": HTTP}]}]},
        {"ingress": [{}], "enableDefaultDeny": {"ingress": "false"}},
        {"ingress": [{}], "nodeSelector": {}},
        {"ingress": [{}], "podSelector": {}},
        {"ingress": [{}], "endpointSelector": None},
        {"ingress": [{}], "endpointSelector": None, "nodeSelector": {}},
    ],
)
def test_refusals(spec):
    with pytest.raises(InvalidPolicyError):
        policies(cnp(**spec))


@pytest.mark.parametrize(
    "spec",
    [
        {
            "ingress": [
                {"toPorts": [{"ports": [{"port": "80", "protocol": "tcp"}]}], "authentication": {"mode": "required"}}
            ]
        },
        {"egress": [{"toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": DNS}]}]},
        {"egress": [{"toCIDR": ["192.0.2.77/24"]}], "description": "host bits", "labels": []},
        {"ingress": [{"icmps": [{"fields": [{"type": "8"}, {"type": "EchoRequest", "family": "IPv6"}]}]}]},
    ],
)
def test_what_is_accepted(spec):
    policies(cnp(**spec))
