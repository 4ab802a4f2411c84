"""A run beside the output of an earlier one tells which texts it replaces, and how they differ."""

import json

import yaml

from recommender import recommend
from recommender.report import build_view
from tests.pipeline.conftest import DEMO


def test_the_text_of_an_earlier_run_is_compared(demo_recommendation, tmp_path):
    inventory = json.loads((DEMO / "inventory.json").read_text(encoding="utf-8"))
    earlier = [yaml.safe_load(manifest.text) for manifest in demo_recommendation.manifests]
    web = next(one for one in earlier if one["metadata"]["name"] == "web-404d3b")
    gone = web["spec"]["egress"].pop()
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps({**inventory, "items": [*inventory["items"], *earlier]}), encoding="utf-8")
    view = build_view(recommend(sorted(DEMO.glob("*.log.gz")), inventory=path))
    replaced = {policy["item"]: policy["replaces"] for policy in view["policies"] if policy["replaces"]}
    assert replaced.keys() == {"shop/web-404d3b"}
    [change] = replaced["shop/web-404d3b"]
    assert change["name"] == "CiliumNetworkPolicy/shop/web-404d3b"
    assert not [line for line in change["lines"][2:] if line.startswith("-")]
    added = [line[1:].strip() for line in change["lines"][2:] if line.startswith("+")]
    ports = [port["port"] for rule in gone["toPorts"] for port in rule["ports"]]
    assert all(f'- port: "{port}"' in added for port in ports)
    assert {(item["source"], item["after"] != item["before"]) for item in view["existing"]["changes"]} == {
        ("shop/web", True)
    }
