import copy

import pytest

from recommender.errors import InvalidPolicyError
from recommender.model.connection import Outcome
from tests.semantics.samples import ccnp, cnp, connection, np, pod, policies

VALID = np(ingress=[])


def changed(path, value):
    document = copy.deepcopy(VALID)
    *parents, last = path.split(".")
    place = document
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    return document


@pytest.mark.parametrize(
    "document",
    [
        changed("kind", "NetworkPolicies"),
        changed("kind", None),
        changed("apiVersion", "networking.k8s.io/v1beta1"),
        changed("spec", None),
        changed("specs", []),
        changed("metadata", None),
        changed("metadata", []),
        changed("metadata.name", "Not A Name"),
        changed("metadata.name", None),
        changed("metadata.namespace", "a.b"),
        changed("metadata.labels.x y", "z"),
        changed("metadata.labels.x", "not a value"),
        changed("metadata.annotations.x y", "z"),
        changed("metadata.annotations.x", 5),
        changed("metadata.annotations.x", "y" * (256 * 1024 + 1)),
        ["not", "a", "mapping"],
    ],
)
def test_refusals(document):
    with pytest.raises(InvalidPolicyError):
        policies(document)


def test_annotations_hold_any_text():
    policies(changed("metadata.annotations", {"example.com/why": "<b>any: text\n---"}))


def test_a_policy_given_twice_is_refused_because_one_would_replace_the_other():
    with pytest.raises(InvalidPolicyError, match="given twice") as caught:
        policies(np("same", ingress=[]), np("same", ingress=[{}]))
    assert caught.value.where == "NetworkPolicy/shop/same"


def test_the_same_name_elsewhere_is_another_policy():
    policies(np("same"), np("same", namespace="pay"), cnp("same", ingress=[{}]), ccnp("same", ingress=[{}]))


def test_a_policy_without_a_namespace_is_in_default():
    document = np(ingress=[])
    del document["metadata"]["namespace"]
    judged = policies(document).judge(connection(pod("web"), pod("db", namespace="default")))
    assert judged.ingress.outcome is Outcome.DENIED
    assert policies(document).judge(connection(pod("web"), pod("db"))).allowed
