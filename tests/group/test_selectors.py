from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.group.candidate import Candidate
from recommender.group.namespace_index import index_namespace
from recommender.group.selectors import name_by_labels
from recommender.group.subject import make_subjects
from tests.group.sample import workload


def setting(*workloads):
    subjects = make_subjects(workloads)
    return {subject.end.name: subject for subject in subjects}, index_namespace(subjects, ())


def select(members, *workloads):
    subjects, index = setting(*workloads)
    found = name_by_labels(Candidate.of(subjects[name] for name in members), index)
    return found and str(found.selector)


def test_role_keys_come_before_a_shorter_selector_of_other_keys():
    web = workload("web", {"app": "shop", "component": "web", "zone": "z1"})
    siblings = [workload("db", {"app": "shop", "component": "db"}), workload("x", {"app": "x", "component": "web"})]
    assert select(["web"], web, *siblings) == "app=shop,component=web"


def test_weak_keys_come_last():
    web = workload("web", {"team": "a", "zone": "z1"})
    assert select(["web"], web, workload("db", {"team": "b", "zone": "z2"})) == "zone=z1"


def test_several_values_only_if_no_single_value_names_all():
    one, two = workload("a", {"slot": "a", "part": "x"}), workload("b", {"slot": "b", "part": "x"})
    assert select(["a", "b"], one, two, workload("c", {"slot": "c", "part": "y"})) == "part=x"
    assert select(["a", "b"], one, two, workload("c", {"slot": "c", "part": "x"})) == "slot=a|b"


def test_alone_in_its_namespace_it_is_still_named_by_its_best_label():
    assert select(["web"], workload("web", {"zone": "z1", "app": "web"})) == "app=web"


def test_no_selector_without_a_label_of_its_own():
    assert select(["web"], workload("web", {"app": "web"}), workload("db", {"app": "web", "part": "db"})) is None
    assert select(["web"], workload("web", {}), workload("db", {"app": "db"})) is None


def test_proof_names_near_misses_and_counts():
    web = workload(
        "web", {"app": "shop", "component": "web"}, {"app": "shop", "component": "web", "helm.sh/chart": "x"}
    )
    others = [workload("db", {"app": "shop", "component": "db"}), workload("x", {"app": "x", "component": "web"})]
    subjects, index = setting(web, *others, workload("far", {"app": "far"}))
    proof = name_by_labels(Candidate.of([subjects["web"]]), index).proof
    assert proof.members_matched == 2
    assert proof.others_checked == 3
    assert proof.near_misses == ("Deployment/db", "Deployment/x")
    assert proof.dropped_keys == (("helm.sh/chart", "set anew for each revision, run or pod"),)


@pytest.mark.parametrize("size", [3, 4, 5, 6, 14])
def test_as_many_keys_as_it_takes(size):
    keys = [f"k{n}" for n in range(size)]
    target = workload("target", dict.fromkeys(keys, "a"))
    # Each other workload differs in one key only, so every key is needed.
    others = [workload(f"w{n}", dict.fromkeys(keys, "a") | {key: "b"}) for n, key in enumerate(keys)]
    assert select(["target"], target, *others) == ",".join(f"{key}=a" for key in sorted(keys))


labels = st.dictionaries(st.sampled_from("pqrst"), st.sampled_from("ab"), max_size=5)


@given(labels, st.lists(labels, max_size=6))
def test_no_smaller_selector_would_do(own, others):
    workloads = [workload("target", own), *(workload(f"w{n}", other) for n, other in enumerate(others))]
    subjects, index = setting(*workloads)
    found = name_by_labels(Candidate.of([subjects["target"]]), index)

    def exact(keys):
        return not any(all(other.get(key) == own[key] for key in keys) for other in others)

    sizes = [size for size in range(1, len(own) + 1) for keys in combinations(own, size) if exact(keys)]
    assert (found and len(found.selector.requirements)) == (min(sizes) if sizes else None)
