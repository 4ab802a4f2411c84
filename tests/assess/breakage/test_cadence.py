import pytest

from recommender.assess.breakage.cadence import most_releases, releases
from recommender.model.edge import Workload
from recommender.model.labels import LabelSet
from tests.assess.builders import DB, WEB, end, workload


def test_a_deployment_is_released_as_often_as_its_template_hash_changes():
    pods = ("web-5d4f8c7b9-x2x4z", "web-5d4f8c7b9-bcdfg", "web-6f7d8b9c4-x2x4z")
    assert releases(workload(WEB, pods=pods)) == 1
    assert releases(workload(WEB, pods=pods[:2])) == 0


@pytest.mark.parametrize("kind", ["CronJob", "Job", "Pod"])
def test_what_makes_new_pods_by_design_is_not_released_by_that(kind):
    pods = ("invoice-29475862-x2x4z", "invoice-29475922-bcdfg", "invoice-29476982-bcdfg")
    assert releases(workload(end("invoice", kind), pods=pods)) == 0


def test_a_stateful_set_is_released_as_its_revision_label_says_and_not_by_its_pods_names():
    def of(*revisions):
        sets = tuple(
            LabelSet.parse(
                [f"k8s:controller-revision-hash={revision}", f"k8s:statefulset.kubernetes.io/pod-name=db-{number}"]
            )
            for number, revision in enumerate(revisions)
        )
        return Workload(end=DB, label_sets=sets, pods=("db-0", "db-1", "db-2"))

    assert releases(of("a", "a", "a")) == 0
    assert releases(of("a", "b", "b")) == 1


def test_of_several_workloads_the_busiest_counts():
    pods = ("web-5d4f8c7b9-x2x4z", "web-6f7d8b9c4-x2x4z")
    assert most_releases([workload(WEB, pods=pods), None, workload(DB, pods=("db-0",))]) == 1
    assert most_releases([]) == 0
