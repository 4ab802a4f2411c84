import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import InvalidPolicyError
from recommender.semantics.document import Node
from recommender.semantics.selectors import Operator, Requirement, Selector, cilium_key, kubernetes_key, read_selector

LABELS = {"k8s:app": "web", "any:app": "web", "reserved:host": "", "any:host": ""}


def node(value):
    return Node(value=value, path="spec.podSelector", policy="NetworkPolicy/shop/p")


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ({"key": "app", "operator": "In", "values": ["web", "db"]}, True),
        ({"key": "app", "operator": "In", "values": ["db"]}, False),
        ({"key": "team", "operator": "In", "values": ["red"]}, False),
        ({"key": "app", "operator": "NotIn", "values": ["db"]}, True),
        ({"key": "team", "operator": "NotIn", "values": ["red"]}, True),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "team", "operator": "Exists"}, False),
        ({"key": "team", "operator": "DoesNotExist"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
    ],
)
def test_operators(expression, selected):
    assert read_selector(node({"matchExpressions": [expression]}), kubernetes_key()).selects(LABELS) is selected


def test_an_empty_selector_selects_everything():
    assert read_selector(node({}), kubernetes_key()).selects({})


@pytest.mark.parametrize(
    ("key", "looked_up"),
    [
        ("app", "any:app"),
        ("any:app", "any:app"),
        ("k8s:app", "k8s:app"),
        ("reserved:host", "reserved:host"),
        ("example.com:app", "any:example.com:app"),
    ],
)
def test_sources_of_cilium_keys(key, looked_up):
    assert cilium_key(key) == looked_up


@pytest.mark.parametrize(
    ("selector", "word"),
    [
        ({"matchLabels": {"app": "not a value"}}, "label value"),
        ({"matchLabels": {"not a key": "x"}}, "label key"),
        ({"matchLabels": {"UPPER/name": "x"}}, "label key"),
        ({"matchLabels": {"app": True}}, "string"),
        ({"matchLabels": {"a" * 64: "x"}}, "label key"),
        ({"matchLabels": {"app": "x" * 64}}, "label value"),
        ({"matchLabel": {"app": "x"}}, "unknown field"),
        ({"matchExpressions": [{"key": "app", "operator": "Equals", "values": ["x"]}]}, "operator"),
        ({"matchExpressions": [{"key": "app", "operator": "In"}]}, "must be specified"),
        ({"matchExpressions": [{"key": "app", "operator": "Exists", "values": ["x"]}]}, "may not be specified"),
        ({"matchExpressions": [{"operator": "Exists"}]}, "key is missing"),
        ({"matchExpressions": {"key": "app"}}, "must be a list"),
        ("app=web", "must be a mapping"),
    ],
)
def test_refusals_name_the_reason_and_the_policy(selector, word):
    with pytest.raises(InvalidPolicyError, match=word) as caught:
        read_selector(node(selector), kubernetes_key())
    assert caught.value.where == "NetworkPolicy/shop/p"


KEYS = st.sampled_from(["k8s:a", "k8s:b", "k8s:c"])
REQUIREMENTS = st.builds(
    Requirement, key=KEYS, operator=st.sampled_from(Operator), values=st.frozensets(st.sampled_from("xyz"), min_size=1)
)


@settings(deadline=None)
@given(st.frozensets(REQUIREMENTS), REQUIREMENTS, st.dictionaries(KEYS, st.sampled_from("xyz")))
def test_a_further_requirement_never_selects_more(requirements, further, labels):
    wide = Selector(requirements=requirements)
    assert not wide.plus(further).selects(labels) or wide.selects(labels)


@settings(deadline=None)
@given(st.frozensets(st.sampled_from("xyz"), min_size=1), st.dictionaries(KEYS, st.sampled_from("xyz")))
def test_not_in_is_the_opposite_of_in(values, labels):
    inside = Requirement(key="k8s:a", operator=Operator.IN, values=values)
    outside = Requirement(key="k8s:a", operator=Operator.NOT_IN, values=values)
    assert inside.met_by(labels) is not outside.met_by(labels)
