from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.semantics.selector_index import SelectorIndex
from recommender.semantics.selectors import Operator, Requirement, Selector, equal, exists

KEYS = st.sampled_from(["k8s:a", "k8s:b", "any:a"])
REQUIREMENTS = st.builds(
    Requirement,
    key=KEYS,
    operator=st.sampled_from(Operator),
    values=st.frozensets(st.sampled_from("xy"), min_size=1),
)
SELECTORS = st.builds(Selector, requirements=st.frozensets(REQUIREMENTS, max_size=3))


@settings(deadline=None)
@given(st.frozensets(SELECTORS), st.dictionaries(KEYS, st.sampled_from("xyz")))
def test_the_index_finds_what_a_search_through_all_finds(selectors, labels):
    found = list(SelectorIndex.of(selectors).selecting(labels))
    assert len(found) == len(set(found))
    assert set(found) == {selector for selector in selectors if selector.selects(labels)}


def test_the_rarest_label_is_the_one_that_is_looked_up():
    common, rare = equal("k8s:team", "red"), equal("k8s:app", "web")
    both = Selector(requirements=frozenset({common, rare}))
    index = SelectorIndex.of([both, Selector(requirements=frozenset({common})), Selector()])
    assert index.by_label[("k8s:app", "web")] == (both,)
    assert index.others == (Selector(),)


def test_a_selector_without_an_equality_is_always_compared():
    selector = Selector(requirements=frozenset({exists("k8s:app")}))
    assert list(SelectorIndex.of([selector]).selecting({"k8s:app": "web"})) == [selector]
    assert list(SelectorIndex.of([selector]).selecting({})) == []
