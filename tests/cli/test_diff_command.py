import json

import pytest
import yaml

from tests.cli.judging_samples import REPORT, WEB, cluster, run

__all__ = ["cluster", "run"]

WITH_SSH = WEB.replace('port: "8443"', 'port: "22"')


@pytest.fixture
def two(cluster):
    (cluster / "new").mkdir()
    for path in (cluster / "policies").iterdir():
        (cluster / "new" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (cluster / "new" / "web.yaml").write_text(WITH_SSH, encoding="utf-8")
    return cluster


def diff(run, *arguments):
    return run("diff", "policies", "new", "--inventory", "inventory.json", *arguments)


@pytest.mark.usefixtures("two")
def test_the_text_tells_pairs_reasons_and_the_documents(run):
    code, out, err = diff(run)
    assert (code, err) == (0, "")
    assert "Connections that gain and lose ports (1)\n  world -> shop/StatefulSet/web  + TCP/22 - TCP/8443\n" in out
    assert "ingress: allowed by spec.ingress[0] of CiliumNetworkPolicy/shop/web" in out
    assert "changed: CiliumNetworkPolicy/shop/web\n--- old CiliumNetworkPolicy/shop/web\n" in out
    assert "-      - port: '8443'\n+      - port: '22'\n" in out
    assert out.endswith("connections: 1 shifted\n")
    assert "--- old" not in diff(run, "--no-text")[1]


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("fail_on", "expected"), [("never", 0), ("widened", 1), ("narrowed", 1), ("any", 1), ("cut", 0)]
)
def test_the_exit_code_is_what_fail_on_asks_for(run, fail_on, expected):
    assert diff(run, "--fail-on", fail_on)[0] == expected
    assert run("diff", "policies", "policies", "--inventory", "inventory.json", "--fail-on", fail_on)[0] == 0


def test_a_needed_edge_that_is_cut_is_told_and_can_fail(two, run):
    (two / "recommendation.json").write_text(json.dumps(REPORT), encoding="utf-8")
    (two / "new" / "db.yml").write_text((two / "new" / "db.yml").read_text().replace("5432", "5433"), encoding="utf-8")
    code, out, _ = run("diff", "policies", "new", "--report", "recommendation.json", "--fail-on", "cut")
    assert code == 1
    assert "Needed edges that the new policies would cut\n  shop/StatefulSet/web -> shop/StatefulSet/db TCP/5432" in out
    assert "1 needed edge would be cut" in out


@pytest.mark.usefixtures("two")
def test_json_holds_the_same_and_is_whole(run):
    found = json.loads(diff(run, "--format", "json")[1])
    assert found["counts"] == {
        "added": 0, "widened": 0, "shifted": 1, "narrowed": 0, "removed": 0, "cut": 0,
        "workloads": 3, "pairs": 48, "existing": 0,
    }  # fmt: skip
    (change,) = found["connections"]
    assert (change["from"], change["gained"], change["lost"]) == ("world", "TCP/22", "TCP/8443")
    assert [item["change"] for item in found["policies"]] == ["changed"]


@pytest.mark.usefixtures("two")
def test_markdown_shows_the_text_of_others_as_code(run):
    out = diff(run, "--format", "markdown")[1]
    assert out.startswith("## Network policies: connections: 1 shifted\n")
    assert "- `world -> shop/StatefulSet/web  + TCP/22 - TCP/8443`\n" in out
    assert "<summary>changed: <code>CiliumNetworkPolicy/shop/web</code></summary>\n\n```diff\n" in out


def test_policies_in_force_are_judged_beside_both_unless_left_out(two, run):
    inventory = json.loads((two / "inventory.json").read_text())
    inventory["items"].append(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "open", "namespace": "shop"},
            "spec": {"podSelector": {}, "ingress": [{}]},
        }
    )
    (two / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    beside = json.loads(diff(run, "--format", "json")[1])
    assert (beside["counts"]["existing"], beside["connections"]) == (1, [])
    assert json.loads(diff(run, "--format", "json", "--existing", "ignore")[1])["counts"]["shifted"] == 1


def test_a_policy_that_one_side_drops_is_not_brought_back_by_the_inventory(two, run):
    inventory = json.loads((two / "inventory.json").read_text())
    inventory["items"] += json.loads(json.dumps([item for item in _documents(two) if item["kind"] == "NetworkPolicy"]))
    (two / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    (two / "new" / "db.yml").unlink()
    out = diff(run, "--fail-on", "widened")[1]
    assert "shop/StatefulSet/db: no longer isolated for ingress" in out


def _documents(two):
    return yaml.safe_load((two / "policies" / "db.yml").read_text())["items"]


@pytest.mark.usefixtures("two")
def test_without_workloads_there_is_nothing_to_compare(run):
    code, out, err = run("diff", "policies", "new")
    assert (code, out) == (2, "")
    assert "no workloads are known" in err
    assert "--inventory" in err


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema_version": 2}', '{"schema_version": 1, "workloads": 3}'])
def test_a_file_that_is_no_report_is_a_message(two, run, text):
    (two / "recommendation.json").write_text(text, encoding="utf-8")
    code, out, err = run("diff", "policies", "new")
    assert (code, out) == (2, "")
    assert "is no recommendation.json" in err


def test_hostile_names_stay_text(two, run):
    inventory = (two / "inventory.json").read_text().replace('"lone"', '"lo\\u202en`e\\n## x"')
    (two / "inventory.json").write_text(inventory, encoding="utf-8")
    (two / "new" / "web.yaml").unlink()
    for form in ("text", "markdown"):
        out = diff(run, "--format", form)[1]
        assert "\u202e" not in out
        assert "\n## x" not in out
