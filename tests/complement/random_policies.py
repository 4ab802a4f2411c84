"""Existing policies drawn at random: of every kind, allowing and denying, wide and narrow, isolating or not."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.policy.scene import COREDNS, DB, PROMETHEUS, WEB
from tests.semantics.samples import ccnp, cnp, np, to_port

PORTS = ("80", "443", "5432")
MEMBERS = (WEB, DB, PROMETHEUS, COREDNS)
LABELS = {
    WEB: ("app", "web"),
    DB: ("tier", "data"),
    PROMETHEUS: ("app", "prometheus"),
    COREDNS: ("k8s-app", "kube-dns"),
}
PREFIXES = ("203.0.113.0/24", "203.0.113.16/28", "198.51.100.0/24", "0.0.0.0/0", "2001:db8::/32")

members = st.sampled_from(MEMBERS)
versions = st.sampled_from([{}, {"version": "v1"}, {"version": "v2"}])
ports = st.lists(st.sampled_from(PORTS), min_size=1, max_size=2, unique=True)


@st.composite
def selectors(draw, member=None):
    """Labels of one member, or of everybody, sometimes of one version only."""
    chosen = member or draw(st.none() | members)
    key, value = LABELS[chosen] if chosen else ("", "")
    return {"matchLabels": {**({key: value} if chosen else {}), **draw(versions)}}


@st.composite
def cilium_peers(draw, side):
    kind = draw(st.sampled_from(["Endpoints", "Entities", "CIDR", "none"]))
    if kind == "Endpoints":
        member = draw(members)
        selector = draw(selectors(member))
        selector["matchLabels"]["k8s:io.kubernetes.pod.namespace"] = member.namespace
        return {f"{side}Endpoints": [selector]}
    if kind == "Entities":
        return {
            f"{side}Entities": [draw(st.sampled_from(["world", "cluster", "all", "remote-node", "kube-apiserver"]))]
        }
    return {f"{side}CIDR": [draw(st.sampled_from(PREFIXES))]} if kind == "CIDR" else {}


@st.composite
def cilium_rules(draw, side, *, deny):
    rule = draw(cilium_peers(side))
    if draw(st.booleans()) or not rule:
        items = [item for port in draw(ports) for item in to_port(port, draw(st.sampled_from(["TCP", "ANY"])))]
        if side == "to" and not deny and draw(st.booleans()):
            pattern = draw(st.sampled_from([{"matchPattern": "*"}, {"matchName": "api.example.com"}]))
            items = [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": [pattern]}}]
        if side == "from" and not deny and draw(st.booleans()):
            items = [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"method": "GET"}]}}]
        rule["toPorts"] = items
    elif side == "to" and not deny and draw(st.booleans()):
        rule = {"toFQDNs": [draw(st.sampled_from([{"matchName": "api.example.com"}, {"matchPattern": "*"}]))]}
    return rule


@st.composite
def cilium_policies(draw, name):
    sections = draw(
        st.lists(
            st.sampled_from(["ingress", "egress", "ingressDeny", "egressDeny"]), min_size=1, max_size=2, unique=True
        )
    )
    spec = {
        section: draw(
            st.lists(
                cilium_rules("from" if section.startswith("ingress") else "to", deny=section.endswith("Deny")),
                min_size=1,
                max_size=2,
            )
        )
        for section in sections
    }
    if draw(st.booleans()):
        spec["enableDefaultDeny"] = {"ingress": draw(st.booleans()), "egress": draw(st.booleans())}
    if draw(st.booleans()):
        return ccnp(name, endpointSelector=draw(selectors()), **spec)
    return cnp(name, namespace=draw(members).namespace, endpointSelector=draw(selectors()), **spec)


@st.composite
def network_policies(draw, name):
    def rule(side):
        found = {}
        if draw(st.booleans()):
            member = draw(members)
            namespaces = {"matchLabels": {"kubernetes.io/metadata.name": member.namespace}}
            selected = {"namespaceSelector": namespaces, "podSelector": draw(selectors(member))}
            found[side] = [draw(st.sampled_from([selected, {"ipBlock": {"cidr": draw(st.sampled_from(PREFIXES))}}]))]
        if draw(st.booleans()):
            found["ports"] = [{"port": int(port), "protocol": "TCP"} for port in draw(ports)]
        return found

    types = draw(st.lists(st.sampled_from(["Ingress", "Egress"]), min_size=1, max_size=2, unique=True))
    sections = {
        kind.lower(): [rule("from" if kind == "Ingress" else "to") for _ in range(draw(st.integers(0, 2)))]
        for kind in types
    }
    namespace = draw(members).namespace
    return np(name, namespace=namespace, podSelector=draw(selectors()), policyTypes=types, **sections)


@st.composite
def cluster_policies(draw, name):
    rule = {
        "action": draw(st.sampled_from(["Accept", "Deny", "Pass"])),
        "from": [{"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": draw(members).namespace}}}],
    }
    if draw(st.booleans()):
        rule["protocols"] = [{"tcp": {"destinationPort": {"number": int(draw(st.sampled_from(PORTS)))}}}]
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": {
            "tier": draw(st.sampled_from(["Admin", "Baseline"])),
            "priority": draw(st.integers(0, 5)),
            "subject": {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": draw(members).namespace}}},
            "ingress": [rule],
        },
    }


@st.composite
def existing_policies(draw):
    """Up to five policies with names of their own."""
    kinds = draw(st.lists(st.sampled_from([cilium_policies, network_policies, cluster_policies]), max_size=5))
    return [draw(kind(f"policy-{number}")) for number, kind in enumerate(kinds)]
