import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.model.existing import PolicyFate
from recommender.model.inventory import Inventory, InventoryPolicy
from recommender.model.manifest import Dialect
from recommender.semantics import SemanticsSettings
from recommender.semantics.existing_set import read_existing, without_names
from recommender.semantics.manifest_documents import ManifestDocument
from recommender.semantics.unresolved_peers import unresolved_allows, unresolved_denies
from tests.semantics.calico_samples import calico
from tests.semantics.samples import app, ccnp, cnp, np
from tests.semantics.test_cluster_network_policy import rule, tiered


def policy(document, **changes):
    metadata = document.get("metadata", {})
    given = {
        "kind": document["kind"],
        "namespace": metadata.get("namespace", ""),
        "name": metadata.get("name", "x"),
        "document": json.dumps(document),
    }
    return InventoryPolicy(**(given | changes))


def read(*documents, own=()):
    inventory = Inventory(policies=tuple(policy(document) for document in documents))
    return read_existing(inventory, own_names=frozenset(own), settings=SemanticsSettings())


def fates(found):
    return {item.name: item.fate for item in found.policies}


ALLOW = cnp("a", ingress=[{"fromEntities": ["all"]}])
MARKS = {"labels": {"app.kubernetes.io/managed-by": "netpol-recommend"}}
GROUP = {"annotations": {"netpol-recommend/group": "shop/web"}}


def with_metadata(document, **metadata):
    return {**document, "metadata": {**document["metadata"], **metadata}}


def test_every_kind_that_the_evaluator_knows_is_judged():
    cluster_policy = {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": "tier"},
        "spec": {
            "tier": "Admin",
            "priority": 1,
            "subject": {"namespaces": {}},
            "ingress": [{"action": "Accept", "from": [{"namespaces": {}}]}],
        },
    }
    found = read(ALLOW, np("n"), ccnp("wide", egress=[{}]), cluster_policy)
    assert set(fates(found).values()) == {PolicyFate.JUDGED}
    assert [document.path for document in found.judged] == sorted(fates(found))


def test_every_policy_keeps_its_text_whatever_becomes_of_it():
    refused = cnp("refused", ingress=[{"fromNothing": []}])
    found = read(ALLOW, refused, with_metadata(cnp("own", egress=[{}]), **MARKS, **GROUP))
    texts = {item.name: json.loads(item.document)["spec"] for item in found.policies}
    assert texts["CiliumNetworkPolicy/shop/refused"] == refused["spec"]
    assert texts["CiliumNetworkPolicy/shop/a"] == ALLOW["spec"]
    assert texts["CiliumNetworkPolicy/shop/own"] == {"endpointSelector": {}, "egress": [{}]}


def test_our_marks_need_both_the_label_and_an_annotation():
    assert fates(read(with_metadata(ALLOW, **MARKS))) == {"CiliumNetworkPolicy/shop/a": PolicyFate.JUDGED}
    assert fates(read(with_metadata(ALLOW, **GROUP))) == {"CiliumNetworkPolicy/shop/a": PolicyFate.JUDGED}
    found = read(with_metadata(ALLOW, **MARKS, **GROUP))
    assert fates(found) == {"CiliumNetworkPolicy/shop/a": PolicyFate.REPLACED}
    assert [document.path for document in found.own] == ["CiliumNetworkPolicy/shop/a"]


def test_own_output_that_is_not_written_any_more_is_told_apart():
    found = read(with_metadata(ALLOW, **MARKS, **GROUP), with_metadata(cnp("b", egress=[{}]), **MARKS, **GROUP))
    settled = found.settled({"CiliumNetworkPolicy/shop/a"}, {})
    assert [item.fate for item in settled] == [PolicyFate.REPLACED, PolicyFate.LEFTOVER]


def test_an_annotation_that_names_another_cluster_hides_nothing():
    hidden = with_metadata(
        cnp("a", ingressDeny=[{"fromEntities": ["all"]}]), annotations={"netpol-recommend/cluster": "elsewhere"}
    )
    assert [document.cluster for document in read(hidden).judged] == [""]


def test_a_namespaced_policy_without_its_namespace_is_in_default_and_may_be_there_twice():
    bare = {**np("n"), "metadata": {"name": "n"}}
    found = read(bare, np("n", namespace="default"))
    assert sorted(item.fate for item in found.policies) == [PolicyFate.JUDGED, PolicyFate.UNJUDGED]


def test_a_policy_without_a_text_is_not_judged():
    inventory = Inventory(policies=(InventoryPolicy(kind="NetworkPolicy", namespace="shop", name="old"),))
    [item] = read_existing(inventory, own_names=frozenset(), settings=SemanticsSettings()).policies
    assert item.fate is PolicyFate.UNJUDGED


def test_what_is_applied_replaces_what_bears_its_name():
    kept = without_names(
        [
            ManifestDocument(path=name, cluster="", document={})
            for name in ("NetworkPolicy/shop/a", "NetworkPolicy/shop/b")
        ],
        [ManifestDocument(path="f", cluster="", document=np("a"))],
    )
    assert [document.path for document in kept] == ["NetworkPolicy/shop/b"]


UNRESOLVED = [
    ("ingress", {"fromNodes": [{"matchLabels": {"a": "b"}}]}),
    ("egress", {"toServices": [{"k8sService": {"serviceName": "x"}}]}),
    ("egress", {"toGroups": [{"aws": {}}]}),
    ("egress", {"toCIDRSet": [{"cidrGroupRef": "partners"}]}),
]


@pytest.mark.parametrize(("section", "rule"), UNRESOLVED)
def test_peers_that_only_a_running_cluster_knows_are_told(section, rule):
    document = cnp("a", **{section: [{"toEndpoints": [app("x")]} if section == "egress" else {}, rule]})
    assert unresolved_allows(document) == {f"spec.{section}[1]"}
    assert unresolved_denies(document) == ""
    denying = cnp("a", **{f"{section}Deny": [rule]})
    assert unresolved_denies(denying) == f"spec.{section}Deny[0]"
    several = {**cnp("a"), "specs": [denying["spec"]]}
    del several["spec"]
    assert unresolved_denies(several) == f"specs[0].{section}Deny[0]"


def test_nodes_by_label_in_a_cluster_network_policy():
    def document(action, nodes):
        return {
            "kind": "ClusterNetworkPolicy",
            "spec": {"egress": [{"action": action, "to": [{"nodes": nodes}]}]},
        }

    chosen = {"matchLabels": {"pool": "gpu"}}
    assert unresolved_denies(document("Deny", chosen)) == "spec.egress[0]"
    assert unresolved_denies(document("Deny", {})) == ""
    assert unresolved_allows(document("Accept", chosen)) == {"spec.egress[0]"}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 70000)
    | st.text(max_size=6)
    | st.sampled_from(["0.0.0.0/0", "80", "all"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            [
                "ingress", "egress", "ingressDeny", "fromEndpoints", "toPorts", "ports", "port", "rules", "dns",
                "from", "podSelector", "endpointSelector", "matchLabels", "matchExpressions", "policyTypes", "cidr",
                "toCIDRSet",
                "enableDefaultDeny", "tier", "subject", "action", "protocols", "nodes", "toFQDNs", "matchPattern",
            ]
        )
        | st.text(max_size=4),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip
heads = st.sampled_from([cnp("x"), np("x"), ccnp("x"), {**np("x"), "apiVersion": "projectcalico.org/v3"}])


@given(heads, json_values, st.dictionaries(st.sampled_from(["labels", "annotations"]), json_values))
@settings(max_examples=300, deadline=None)
def test_whatever_stands_in_a_policy_it_is_judged_or_named(head, spec, metadata):
    document = {**head, "spec": spec, "metadata": {**head["metadata"], **metadata}}
    found = read(document, ALLOW)
    assert len(found.policies) == 2
    assert any(item.path == "CiliumNetworkPolicy/shop/a" for item in found.judged)


@pytest.mark.parametrize(
    ("dialect", "judged"),
    [
        (Dialect.CILIUM, {"NetworkPolicy", "CiliumNetworkPolicy", "ClusterNetworkPolicy"}),
        (Dialect.KUBERNETES, {"NetworkPolicy", "CiliumNetworkPolicy", "ClusterNetworkPolicy"}),
        (Dialect.CALICO, {"NetworkPolicy", "ClusterNetworkPolicy", "NetworkPolicy.projectcalico.org"}),
        (Dialect.CLUSTER_NETWORK_POLICY, {"ClusterNetworkPolicy"}),
    ],
)
def test_what_can_have_no_part_with_the_dialect_is_not_judged(dialect, judged):
    documents = [ALLOW, np("n"), calico("c"), tiered("t", ingress=[rule("Accept")])]
    inventory = Inventory(policies=tuple(policy(document) for document in documents))
    found = read_existing(inventory, own_names=frozenset(), settings=SemanticsSettings(), dialect=dialect)
    assert {item.path.partition("/")[0] for item in found.judged} == judged
    others = [item for item in found.policies if item.fate is PolicyFate.UNJUDGED]
    assert len(others) == len(documents) - len(judged)
    assert all("another CNI" in item.reason or "decides alone" in item.reason for item in others)


def test_our_own_denials_of_the_baseline_tier_are_our_own_output():
    baseline = with_metadata(tiered("t", tier="Baseline", ingress=[rule("Deny")]), **MARKS, **GROUP)
    admin = with_metadata(tiered("a", tier="Admin", ingress=[rule("Deny")]), **MARKS, **GROUP)
    assert fates(read(baseline, admin)) == {
        "ClusterNetworkPolicy/t": PolicyFate.REPLACED,
        "ClusterNetworkPolicy/a": PolicyFate.JUDGED,
    }
