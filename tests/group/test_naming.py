import re

from hypothesis import given
from hypothesis import strategies as st

from recommender.group.candidate import Candidate
from recommender.group.naming import safe_name, unique_names
from recommender.group.subject import make_subjects
from tests.group.sample import workload

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")


def names(*workloads):
    subjects = make_subjects(workloads)
    found = unique_names([Candidate(members=(subject,)) for subject in subjects])
    return {str(candidate.members[0]): name for candidate, name in found.items()}


def test_owner_names_win_and_stay_as_they_are():
    found = names(workload("Shop_Web", {"app": "x"}), workload("db", {"app": "y"}, kind="StatefulSet"))
    assert found == {"Deployment/Shop_Web": "shop-web", "StatefulSet/db": "db"}


def test_an_ownerless_workload_is_named_by_its_role():
    assert names(workload("web-3f2a9c", {"app": "shop", "component": "web"}, kind="LabelSet")) == {
        "LabelSet/web-3f2a9c": "shop-web"
    }


def test_only_a_clash_brings_a_digest_and_others_do_not_change_it():
    one, two = workload("web", {"app": "a"}), workload("web", {"app": "b"}, kind="StatefulSet")
    alone = names(one, two)
    crowd = names(one, two, workload("db", {"app": "c"}))
    assert len(set(alone.values())) == 2
    assert all(re.fullmatch(r"web-[0-9a-f]{6}", name) for name in alone.values())
    assert crowd == alone | {"Deployment/db": "db"}


@given(st.text(max_size=80))
def test_safe_names_are_dns_labels_or_empty(text):
    name = safe_name(text)
    assert not name or DNS_LABEL.fullmatch(name)


@given(st.lists(st.tuples(st.sampled_from(["Deployment", "Job", "LabelSet"]), st.text(max_size=60)), unique=True))
def test_names_are_unique_dns_labels(ends):
    found = names(*(workload(name, {}, kind=kind) for kind, name in ends))
    assert all(DNS_LABEL.fullmatch(name) for name in found.values())
    assert len(set(found.values())) == len(found)
