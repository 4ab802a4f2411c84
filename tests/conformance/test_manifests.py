"""`validate-manifests` with programs that stand in for those in Go."""

import json
import os
import sys

import pytest

from tests.conformance import manifests
from tests.conformance.mutations import WHOLE, damaged

SCHEMAS = """
import json, sys
for line in sys.stdin:
    one = json.loads(line)
    errors = ["spec.tier: no such tier"] if "tier: Nowhere" in one["text"] else []
    print(json.dumps({"name": one["name"], "errors": errors}))
"""
CILIUM = """
import json, sys
for line in sys.stdin:
    one = json.loads(line)
    if "port: '99999'" in one["Policies"][0]:
        sys.exit(one["Name"] + ": policy 0: port out of range")
"""
GOOD = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
spec: {tier: Baseline}
"""
BAD_TIER = GOOD.replace("Baseline", "Nowhere")
CNP = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nspec: {port: '%s'}\n"
NETWORK_POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: b}
spec: {podSelector: %s}
"""


@pytest.fixture
def validate(tmp_path, monkeypatch, capsys):
    def program(name, text):
        path = tmp_path / name
        path.write_text(f"#!{sys.executable}\n{text}")
        os.chmod(path, 0o755)  # noqa: PTH101, S103 - a program of ours in a directory of ours
        return str(path)

    monkeypatch.setattr(manifests, "crd_files", lambda go: [])  # noqa: ARG005 - as the function it stands for

    def run(**files):
        folder = tmp_path / "policies"
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text)
        (folder / "kustomization.yaml").write_text("resources: []")
        code = manifests.main(
            ["--schemas", program("schemas", SCHEMAS), "--engine", program("engine", CILIUM),
             "--directories", str(folder)]
        )  # fmt: skip
        return code, capsys.readouterr().out

    return run


def test_what_every_program_takes_is_accepted(validate):
    code, said = validate(a=GOOD, b=CNP % 80, c=NETWORK_POLICY % "{}")
    assert code == 0
    assert "accepted 3 of 3" in said
    assert "1 ClusterNetworkPolicy, refused by schema 0, by Cilium 0" in said


def test_each_program_s_refusals_are_told(validate):
    code, said = validate(a=BAD_TIER, b=CNP % 99999, c=CNP % 80, d=CNP % 99999, e=NETWORK_POLICY % "[]", f=GOOD)
    assert code == 1
    assert "a.yaml: spec.tier: no such tier" in said
    assert said.count("policy 0: port out of range") == 2
    assert "e.yaml" in said
    assert "accepted 2 of 6" in said


def test_every_damage_is_a_damage():
    for document in WHOLE:
        (_, whole), *others = damaged(document)
        assert whole == document
        assert len(others) > 100
        unchanged = [name for name, other in others if json.dumps(other) == json.dumps(document)]
        assert unchanged == []
