import json

import pytest

from recommender.errors import UsageError
from recommender.rollout.cluster_picture import picture_of
from recommender.rollout.policy_side import read_side
from tests.cli.judging_samples import INVENTORY, REPORT, WEB

OFFICE = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumNetworkPolicy",
    "metadata": {"name": "office", "namespace": "shop"},
    "spec": {"endpointSelector": {}, "ingress": [{"fromCIDR": ["192.0.2.0/24"]}]},
}
VIEW = REPORT | {
    "baselines": [],
    "policies": [{"manifests": [{"path": "policies/shop/web.yaml", "policy": "web", "text": WEB}]}],
    "existing": {
        "policies": [
            {"name": "CiliumNetworkPolicy/shop/office", "fate": "judged", "document": json.dumps(OFFICE)},
            {"name": "CiliumNetworkPolicy/shop/broken", "fate": "unjudged", "document": "{}"},
        ]
    },
}


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "week"
    (path / "policies" / "shop").mkdir(parents=True)
    (path / "policies" / "shop" / "web.yaml").write_text(WEB, encoding="utf-8")
    (path / "policies" / "kustomization.yaml").write_text("kind: Kustomization\n", encoding="utf-8")
    (path / "notes.yaml").write_text("kind: NetworkPolicy\n", encoding="utf-8")
    (path / "recommendation.json").write_text(json.dumps(VIEW), encoding="utf-8")
    return path


def test_a_report_its_json_and_its_policies_are_the_same_side(report):
    sides = [read_side(report), read_side(report / "recommendation.json"), read_side(report / "policies")]
    for side in sides:
        assert side.names == {"CiliumNetworkPolicy/shop/web"}
        assert [workload.end.name for workload in side.report.workloads] == ["web", "db"]
        assert [item.path for item in side.report.existing] == ["CiliumNetworkPolicy/shop/office"]


def test_a_report_without_what_came_later_can_be_read(report):
    view = {key: value for key, value in VIEW.items() if key not in {"existing", "baselines"}}
    (report / "recommendation.json").write_text(json.dumps(view), encoding="utf-8")
    assert read_side(report / "recommendation.json").report.existing == ()


def test_existing_policies_come_from_the_inventory_first(report, tmp_path):
    side = read_side(report)
    assert [item.path for item in picture_of([side]).existing] == ["CiliumNetworkPolicy/shop/office"]
    assert picture_of([side], with_existing=False).existing == ()
    other = OFFICE | {"metadata": {"name": "other", "namespace": "shop"}}
    refused = OFFICE | {"metadata": {"name": "refused", "namespace": "shop"}, "spec": {"endpointSelector": {}}}
    inventory = INVENTORY | {"items": [*INVENTORY["items"], other, refused]}
    (tmp_path / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    picture = picture_of([side], inventory=[tmp_path / "inventory.json"])
    assert [item.path for item in picture.existing] == ["CiliumNetworkPolicy/shop/other"]
    assert [name for name, _ in picture.unjudged] == ["CiliumNetworkPolicy/shop/refused"]


@pytest.mark.parametrize(
    "broken",
    [{"policies": 3}, {"policies": [{}]}, {"existing": 3}, {"existing": {"policies": [{"fate": "judged"}, 3]}}],
)
def test_a_report_of_another_shape_is_a_message(report, broken):
    (report / "recommendation.json").write_text(json.dumps(VIEW | broken), encoding="utf-8")
    with pytest.raises(UsageError, match=r"no recommendation\.json"):
        read_side(report / "recommendation.json")
