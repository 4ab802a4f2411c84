import json

import pytest
import yaml

from tests.cli.judging_samples import cluster, run

__all__ = ["cluster", "run"]

TRAPS = """\
# kept as it is
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  # who
  podSelector: {matchLabels: {app: web}}
  egress:
    # everything of the shop
    - to:
        - namespaceSelector: {matchLabels: {name: shop}}
    # to the database
    - to:
        - podSelector: {matchLabels: {app: db}}
          namespaceSelector: {matchLabels: {name: shop}}
      ports:
        - port: 5432
    - to:
        - ipBlock: {cidr: 203.0.113.0/24}
"""


@pytest.fixture
def traps(cluster):
    (cluster / "k8s").mkdir()
    path = cluster / "k8s" / "web.yaml"
    path.write_text(TRAPS, encoding="utf-8")
    inventory = json.loads((cluster / "inventory.json").read_text())
    inventory["items"][0]["metadata"]["labels"] = {"name": "shop"}
    (cluster / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    return path


@pytest.mark.usefixtures("traps")
def test_lines_tell_place_reason_and_way_out(run):
    code, out, err = run("lint", "k8s", "--fail-on", "medium")
    assert (code, err) == (1, "")
    assert "k8s/web.yaml:7: medium NPR909 Egress rules without policyTypes: NetworkPolicy/shop/web spec: it has" in out
    assert "    Without policyTypes a NetworkPolicy always isolates ingress too" in out
    assert "k8s/web.yaml:11: medium NPR907" in out
    assert run("lint", "k8s", "--fail-on", "never")[0] == 0


@pytest.mark.usefixtures("traps")
def test_json_and_sarif(cluster, run):
    found = json.loads(run("lint", "k8s", "--format", "json", "--findings", "l.sarif")[1])
    assert {item["code"] for item in found["findings"]} >= {"NPR907", "NPR909", "NPR914"}
    assert found["findings"][0]["place"]["file"] == "k8s/web.yaml"
    (ran,) = json.loads((cluster / "l.sarif").read_text())["runs"]
    assert len(ran["results"]) == len(found["findings"])


def test_fixes_keep_the_meaning_and_the_comments(traps, run):
    _, _, err = run("lint", "k8s", "--inventory", "inventory.json", "--fix")
    fixed = traps.read_text(encoding="utf-8")
    assert "policyTypes: [Ingress, Egress]\n" in fixed
    assert "name: shop}" not in fixed.replace("metadata.name: shop}", "")
    assert "5432" not in fixed
    for comment in ("# kept as it is", "# who", "# everything of the shop"):
        assert comment in fixed
    assert len(yaml.safe_load(fixed)["spec"]["egress"]) == 2
    assert err.count("fixed k8s/web.yaml: ") == 4
    traps.with_name("old.yaml").write_text(TRAPS, encoding="utf-8")
    told = json.loads(
        run("diff", "k8s/old.yaml", "k8s/web.yaml", "--inventory", "inventory.json", "--format", "json")[1]
    )
    assert (told["connections"], told["isolation"], told["requests"]) == ([], [], [])


def test_a_label_that_means_something_else_is_not_replaced(traps, cluster, run):
    inventory = json.loads((cluster / "inventory.json").read_text())
    inventory["items"][0]["metadata"]["labels"] = {"name": "other"}
    (cluster / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    run("lint", "k8s", "--inventory", "inventory.json", "--fix")
    assert "kubernetes.io/metadata.name" not in traps.read_text(encoding="utf-8")


def test_without_workloads_only_what_compiles_the_same_is_fixed(traps, run):
    _, _, err = run("lint", "k8s", "--fix")
    fixed = traps.read_text(encoding="utf-8")
    assert err.count("fixed ") == 1
    assert fixed == TRAPS.replace("spec:\n", "spec:\n", 1).replace(
        "  podSelector", "  policyTypes: [Ingress, Egress]\n  podSelector", 1
    )


def test_json_files_are_fixed_as_json(cluster, run):
    document = yaml.safe_load(TRAPS)
    path = cluster / "web.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    run("lint", "web.json", "--fix")
    assert json.loads(path.read_text())["spec"]["policyTypes"] == ["Ingress", "Egress"]


@pytest.mark.usefixtures("traps")
def test_an_unknown_plugin_is_a_message(run):
    code, _, err = run("lint", "k8s", "--cni", "nothing-known")
    assert code == 2
    assert "nothing-known" in err


FORMS = """\
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
    # says nothing
    - {}
    # the web
    - fromEndpoints: [{matchLabels: {app: web}}]
      toPorts:
        - ports:
            - port: "80"
              protocol: TCP
              endPort: 70
            - {port: "90", endPort: 80, protocol: TCP}
            - {port: "91", protocol: TCP, endPort: 80}
    - fromEndpoints: [{matchLabels: {app: bad}}]
  ingressDeny:
    # never
    - fromEndpoints: [{matchLabels: {app: bad}}]
"""


def test_more_fixes_that_say_the_same(cluster, run):
    (cluster / "web.yaml").write_text(FORMS, encoding="utf-8")
    run("lint", "web.yaml", "--inventory", "inventory.json", "--fix")
    fixed = (cluster / "web.yaml").read_text(encoding="utf-8")
    assert fixed == FORMS.replace("    # says nothing\n    - {}\n", "").replace(
        "              endPort: 70\n", ""
    ).replace(" endPort: 80, protocol", " protocol").replace(", endPort: 80}", "}").replace(
        "    - fromEndpoints: [{matchLabels: {app: bad}}]\n", "", 1
    )
    _, out, _ = run("lint", "web.yaml", "--inventory", "inventory.json")
    assert not [code for code in ("NPR902", "NPR915", "NPR919") if code in out]


def test_a_rule_that_only_looks_cancelled_stays(cluster, run):
    """The deny rule is narrower than the allow rule: nothing is removed."""
    narrow = FORMS.replace(
        "    # never\n    - fromEndpoints", '    - toPorts: [{ports: [{port: "22"}]}]\n      fromEndpoints'
    )
    (cluster / "web.yaml").write_text(narrow, encoding="utf-8")
    run("lint", "web.yaml", "--inventory", "inventory.json", "--fix")
    assert (cluster / "web.yaml").read_text(encoding="utf-8").count("app: bad") == 2
