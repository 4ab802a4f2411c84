import pytest

from recommender.errors import InvalidPolicyError
from recommender.semantics.reading import read_documents
from recommender.semantics.rule_memory import RuleMemory
from recommender.semantics.settings import SemanticsSettings

_ITEM = {
    "fromEndpoints": [{"matchLabels": {"app": "cart"}}],
    "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}, {"ports": [{"port": "81", "protocol": "UDP"}]}],
}


def _policy(name, *ingress, namespace="shop", **spec):
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"endpointSelector": {"matchLabels": {"app": name}}, "ingress": list(ingress), **spec},
    }


def test_rules_are_the_same_with_a_memory_and_stand_at_their_own_paths():
    documents = [
        _policy("web", {"fromEntities": ["host"]}, _ITEM),
        _policy("db", _ITEM, ingressDeny=[_ITEM]),
        _policy("db", _ITEM, namespace="bank"),
        _policy("outer", egress=[{"toEntities": ["world"]}]),
    ]
    memory, settings = RuleMemory(), SemanticsSettings()
    without = read_documents(documents, settings)
    for _ in range(2):
        assert read_documents(documents, settings, memory) == without
    paths = [rule.path for section in without for rule in section.rules]
    assert "spec.ingress[1].toPorts[1]" in paths
    assert "spec.ingress[0].toPorts[1]" in paths
    memory.forget()
    assert read_documents(documents, settings, memory) == without


def test_a_rule_that_is_refused_is_refused_again_where_it_stands():
    refused = {"fromEntities": ["nobody knows"]}
    memory = RuleMemory()
    for place, items in enumerate(([refused], [_ITEM, refused])):
        with pytest.raises(InvalidPolicyError, match=rf"spec\.ingress\[{place}\]"):
            read_documents([_policy("web", *items)], SemanticsSettings(), memory)
