from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from recommender.dialect.label_selector import Without
from recommender.dialect.selector_union import merged

KEYS = ("a", "b", "c")
VALUES = ("1", "2")
POSSIBLE = [dict(zip(KEYS, chosen, strict=True)) for chosen in product((None, *VALUES), repeat=len(KEYS))]
PODS = [{key: value for key, value in labels.items() if value is not None} for labels in POSSIBLE]


def selects(wanted, pod):
    for key, values in wanted.items():
        if values is None:
            if key in pod:
                return False
        elif isinstance(values, Without):
            if pod.get(key) in values.values:
                return False
        elif key not in pod or (values and pod[key] not in values):
            return False
    return True


def selected(selectors):
    return [any(selects(one, pod) for one in selectors) for pod in PODS]


_VALUES = st.lists(st.sampled_from(VALUES), min_size=1, unique=True).map(lambda found: tuple(sorted(found)))
_REQUIREMENT = st.one_of(st.none(), st.just(()), _VALUES, _VALUES.map(Without))
_SELECTORS = st.lists(st.dictionaries(st.sampled_from(KEYS), _REQUIREMENT), max_size=8)


@given(_SELECTORS)
def test_the_union_selects_what_its_parts_do_and_nothing_else(selectors):
    assert selected(merged(selectors)) == selected(selectors)


@given(_SELECTORS, st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter(selectors, chance):
    shuffled = list(selectors)
    chance.shuffle(shuffled)
    assert merged(shuffled) == merged(selectors)


def test_selectors_that_differ_in_one_key_become_one():
    joined = merged([{"ns": ("x",), "app": ("b",)}, {"ns": ("x",), "app": ("a",)}])
    assert joined == ({"app": ("a", "b"), "ns": ("x",)},)


def test_selectors_that_differ_in_two_keys_stay_apart():
    assert len(merged([{"ns": ("x",), "app": ("a",)}, {"ns": ("y",), "app": ("b",)}])) == 2
