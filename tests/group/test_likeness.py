import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.group.likeness import FEW, all_alike, cluster_alike, cohesion, jaccard, likeness_of_each

profiles = st.lists(st.frozensets(st.integers(0, 8)), max_size=12)


def together(labels, items):
    found = {}
    for label, item in zip(labels, items, strict=True):
        found.setdefault(label, []).append(sorted(item))
    return sorted(sorted(group) for group in found.values())


def test_two_profiles_are_cut_at_the_threshold():
    # 1 of 3 features shared: distance .667, apart; 2 of 4: .5, together.
    assert len(set(cluster_alike([frozenset({1, 2}), frozenset({2, 3})]))) == 2
    assert len(set(cluster_alike([frozenset({1, 2, 3}), frozenset({2, 3, 4})]))) == 1


def test_average_linkage_does_not_chain():
    chain = [frozenset({n, n + 1, n + 2}) for n in range(12)]
    assert len(set(cluster_alike(chain))) > 1
    assert not all_alike(chain)


def test_silence_is_alike_to_nothing_but_contradicts_nobody():
    assert len(set(cluster_alike([frozenset(), frozenset(), frozenset({1})]))) == 3
    assert all_alike([frozenset(), frozenset({1}), frozenset({1})])


def test_few_and_many_profiles_are_measured_alike():
    many = [frozenset({n, n + 1, 999}) for n in range(FEW + 8)]
    pairs = [(one, other) for one in many for other in many if one != other]
    expected = sum(jaccard(*pair) for pair in pairs) / len(pairs)
    assert cohesion(many) == round(expected, 4)


def test_cohesion_needs_two_members_with_traffic():
    assert cohesion([frozenset({1})]) is None
    assert cohesion([frozenset({1}), frozenset()]) is None
    assert cohesion([frozenset({1}), frozenset({1})]) == 1.0
    assert cohesion([frozenset({1, 2}), frozenset({1, 2}), frozenset({2, 3})]) == round((1 + 1 / 3 + 1 / 3) / 3, 4)


def test_likeness_of_each_leaves_out_the_silent_and_itself():
    a, b, silent = frozenset({1, 2}), frozenset({2, 3}), frozenset()
    assert likeness_of_each([a, a, b, silent]) == (round((1 + 1 / 3) / 2, 4), round((1 + 1 / 3) / 2, 4), 0.3333, None)
    assert likeness_of_each([a, silent]) == (None, None)
    assert likeness_of_each([]) == ()


@given(profiles)
def test_likeness_of_each_is_the_mean_over_the_others_and_its_mean_is_cohesion(items):
    found = likeness_of_each(items)
    speaking = [place for place, item in enumerate(items) if item]
    for place in speaking:
        others = [jaccard(items[place], items[other]) for other in speaking if other != place]
        assert found[place] == (pytest.approx(sum(others) / len(others), abs=1e-4) if others else None)
    told = [likeness for likeness in found if likeness is not None]
    expected = cohesion(items)
    assert (pytest.approx(sum(told) / len(told), abs=2e-4) if told else None) == expected


def test_more_profiles_than_are_compared(monkeypatch):
    monkeypatch.setattr("recommender.group.likeness.LARGEST_DENSE", 2)
    items = [frozenset({3}), frozenset({1, 9}), frozenset({2, 9})]
    assert likeness_of_each(items) == (None, 0.3333, 0.3333)


@given(profiles, st.randoms(use_true_random=False))
def test_order_does_not_matter(items, random):
    shuffled = list(items)
    random.shuffle(shuffled)
    assert together(cluster_alike(items), items) == together(cluster_alike(shuffled), shuffled)
    assert cohesion(items) == cohesion(shuffled)


@given(profiles)
def test_equal_profiles_share_a_cluster(items):
    labels = dict(zip(items, cluster_alike(items), strict=True))
    again = cluster_alike([*items, *items])
    half = len(items)
    assert all(again[n] == again[n + half] for n, item in enumerate(items) if item)
    assert len(labels) <= half
