"""What a person is told to run, run: against a kubectl that writes its calls down."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from recommender.model.manifest import Dialect
from recommender.rollout.waves.audit_mode import audit_script
from recommender.rollout.waves.instructions import wave_readme
from recommender.rollout.waves.plan import Audit, Candidate, Environment, PlannedObject, Stage, Wave

KUBECTL = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
  *"get pods -n shop"*) printf 'web-0 node-1\\nhost-0 node-2\\n' ;;
  *"get ciliumendpoints -n shop web-0"*) printf 77 ;;
  *"get pods -n kube-system"*) printf cilium-abc ;;
esac
"""


def policy(**selector):
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"podSelector": selector, "ingress": []},
    }


def wave(document, *, audit=Audit.MODE, cluster=""):
    item = PlannedObject(file="manifests/shop/web.yaml", document=document, text="")
    one = Candidate(
        item="shop/web",
        cluster=cluster,
        namespace="shop",
        group="shop/web",
        sensitive=False,
        advice="enforce",
        reason="",
        breakage=0.1,
        expected_new=0.1,
        wait_days=None,
        neighbours=1,
        step="",
        manifests=(),
    )
    return Wave(
        name="01-staging-audit",
        environment=Environment.STAGING,
        stage=Stage.AUDIT if audit else Stage.FULL,
        audit=audit,
        cluster=cluster,
        objects=(item,),
        guards=(),
        candidates=(one,),
        expected_new=0.2,
        stop_above=1,
        wait_days=7,
    )


@pytest.fixture
def run(tmp_path):
    if not shutil.which("sh"):
        pytest.skip("needs sh")

    def script(text, *arguments, **environment):
        program = tmp_path / "kubectl"
        program.write_text(KUBECTL)
        program.chmod(0o755)
        calls = tmp_path / "calls"
        calls.write_text("")
        ended = subprocess.run(
            ["sh", "-c", text, "script", *arguments],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "CALLS": str(calls), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return ended, calls.read_text().splitlines()

    return script


def test_the_script_sets_the_endpoints_that_the_policy_selects(run):
    selector = {
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["a", "b"]},
            {"key": "canary", "operator": "DoesNotExist"},
        ],
    }
    ended, calls = run(audit_script(wave(policy(**selector))), "Enabled")
    assert ended.returncode == 0
    assert "-l app=web,tier in (a,b),!canary" in calls[0]
    assert [call for call in calls if " -- " in call] == [
        "exec -n kube-system cilium-abc -c cilium-agent -- cilium-dbg endpoint config 77 PolicyAuditMode=Enabled"
    ]
    assert "host-0: no endpoint" in ended.stdout


def test_the_script_wants_to_know_which_mode(run):
    ended, calls = run(audit_script(wave(policy())))
    assert ended.returncode != 0
    assert not calls


def test_labels_of_others_are_no_code(run):
    hostile = {"matchLabels": {"app": "x'; touch pwned; '\nENDPOINTS\ntouch pwned"}}
    text = audit_script(wave(policy(**hostile)))
    assert "pwned" not in text
    ended, _ = run(text, "Enabled")
    assert ended.returncode == 0


def test_with_several_clusters_nothing_runs_before_one_is_named(run):
    one = wave(policy(), cluster="east")
    readme = wave_readme(one, Dialect.KUBERNETES)
    assert "export CONTEXT=east" in readme
    apply = re.search("## Apply\n\n```sh\n(.*?)```", readme, re.DOTALL).group(1)
    ended, calls = run(apply)
    assert ended.returncode != 0
    assert not calls
    ended, calls = run(apply, CONTEXT="east")
    assert calls == ["--context east apply -k ."]
    ended, calls = run(audit_script(one), "Enabled")
    assert ended.returncode != 0
    assert not calls


@pytest.mark.parametrize(
    ("dialect", "audit", "told", "not_told"),
    [
        (Dialect.CILIUM, Audit.SHADOW, ("policy-verdict:all", 'match="all"', "1.16"), ("audit-mode.sh", "AUDIT")),
        (Dialect.KUBERNETES, Audit.MODE, ("no audit form", 'action="audit"', "before** audit mode ends"), ()),
        (Dialect.CALICO, Audit.STAGED, ("Whisker", "pending"), ("hubble observe", "verify REPORT_DIR")),
        (Dialect.CILIUM, None, ("--verdict DROPPED", "POLICY_DENIED"), ("audit mode",)),
        (Dialect.CALICO, None, ("Whisker", "calico_denied_packets"), ("hubble observe",)),
    ],
)
def test_what_is_watched_fits_the_way_of_the_audit(dialect, audit, told, not_told):
    readme = wave_readme(wave(policy(), audit=audit), dialect)
    assert all(text in readme for text in told)
    assert not any(text in readme for text in not_told)


def test_the_way_back_goes_from_the_last_object_to_the_first():
    objects = [replace(wave(policy()).objects[0], file=f"manifests/{n}.yaml", before=before)
               for n, before in enumerate(("", "a", "b", ""))]  # fmt: skip
    one = replace(wave(policy()), objects=tuple(objects))
    assert [item.file for item in one.restored] == ["manifests/2.yaml", "manifests/1.yaml"]
    assert [item.file for item in one.removed] == ["manifests/3.yaml", "manifests/0.yaml"]


def test_rules_dns_are_told_where_they_come():
    egress = [{"toPorts": [{"ports": [{"port": "53"}], "rules": {"dns": [{"matchPattern": "*"}]}}]}]
    proxied = {**policy(), "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy"}
    proxied["spec"] = {"endpointSelector": {}, "egress": egress}
    assert "DNS proxy, audit or not: `web`" in wave_readme(wave(proxied, audit=Audit.SHADOW), Dialect.CILIUM)
    assert "DNS proxy" not in wave_readme(wave(policy()), Dialect.KUBERNETES)
