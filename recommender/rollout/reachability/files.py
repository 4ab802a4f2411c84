"""The suite as a folder: matrix, a Job for each source, and the runner."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.report.json_form import render_json
from recommender.rollout.reachability.matrix import address_token, job_file, job_name, matrix_view

if TYPE_CHECKING:
    from recommender.rollout.reachability.matrix import Matrix, Source

IMAGE: Final = "busybox:1.37"
SCRIPT: Final = """\
ask() {
  case "$1" in
    # A of kubernetes.default.svc.cluster.local (RFC 1035): a cluster's DNS knows it, any other says that it does not
    53) printf '\\022\\064\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000\\012kubernetes\\007default\\003svc'
      printf '\\007cluster\\005local\\000\\000\\001\\000\\001' ;;
    # a client's request of 48 bytes (RFC 5905)
    123) printf '\\043'; head -c 47 /dev/zero ;;
  esac
}
passes() {
  case "$1" in
    TCP) nc -z -w 3 "$2" "$3" < /dev/null > /dev/null 2>&1 ;;
    UDP) [ "$(ask "$3" | nc -u -w 2 "$2" "$3" 2> /dev/null | wc -c)" -gt 0 ] ;;
  esac
}
echo "$CHECKS" | while read -r number protocol host port; do
  state=shut
  attempts="1 2"
  [ "$protocol" = UDP ] && attempts="1 2 3"
  for attempt in $attempts; do
    if passes "$protocol" "$host" "$port"; then state=open; break; fi
  done
  echo "RESULT $number $state"
done
echo "RESULT end"
"""
_PYTEST: Final = '''\
"""pytest test_reachability.py [--junitxml=reachability.xml]; needs kubectl and rights to create Jobs.

KUBECTL is the program with its arguments, such as `kubectl --context east`; ONLY the prefix of sources to try.
"""

import os
import shlex

import pytest
import reachability

MATRIX = reachability.load()
KUBECTL = shlex.split(os.environ.get("KUBECTL", "kubectl"))
ONLY = os.environ.get("ONLY", "")
NAMES = [
    check["id"] for source in MATRIX["sources"] if source["name"].startswith(ONLY) for check in source["checks"]
]


@pytest.fixture(scope="session")
def outcomes():
    return {outcome.check["id"]: outcome for outcome in reachability.try_all(MATRIX, kubectl=KUBECTL, only=ONLY)}


@pytest.mark.parametrize("name", NAMES)
def test_reachability(name, outcomes):
    outcome = outcomes[name]
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert not outcome.failure, outcome.failure
'''
_README: Final = """\
# Reachability tests

`matrix.json` says which connections must pass and which must not, by the policies of the report. Each Job tries those
of one source, from a pod with its labels.

```sh
python3 reachability.py --junit reachability.xml     # all; needs kubectl, and rights to create Jobs and read pods
python3 reachability.py --only shop/                 # sources that start so
python3 reachability.py -- --context staging         # arguments for every kubectl call
pytest test_reachability.py                          # the same, a test each (KUBECTL, ONLY in the environment)
```

With several clusters name one at a time, and its context: `--only east/ -- --context east`.

Exit codes: 0 all as expected, 1 not, 2 kubectl fails.

The pods bear the labels of the workloads that they stand for, since policies select by labels. They are never ready (a
readiness probe that fails), so no Service sends them traffic unless it publishes addresses that are not ready, and a
Job owns them, so no ReplicaSet takes them over. They run as user 65534 with a read-only root, no token and no
capabilities, and are deleted at the end.

A check that must not pass counts only if the same pod reached something that it may: else its pod proves nothing, and
the check is skipped. A connection that must not pass is tried where somebody listens: quarantined contacts, edges that
somebody excluded, the same service in another environment, siblings, the metadata address.

TCP is tried by connecting. UDP has no answer of its own: a datagram that was dropped looks like one that nobody
answered. So only servers that always answer are asked, in their protocol: DNS (53) and NTP (123). An answer proves that
the connection passes; where it must not pass, silence proves nothing, so such a check can fail but not succeed, and is
skipped when nothing comes back. SCTP and ICMP are not tried: the image has no client, the pod no right. Every edge of
the report that no check stands for is listed under `untested` in `matrix.json`, with its reason.
"""


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, for people to read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def suite_files(matrix: Matrix, *, image: str = IMAGE) -> dict[str, str]:
    """Every file of the folder, by its path relative to it."""
    runner = (Path(__file__).parent / "runner.py").read_text(encoding="utf-8")
    files = {
        "README.md": _README,
        "matrix.json": render_json(matrix_view(matrix)),
        "reachability.py": runner,
        "test_reachability.py": _PYTEST,
    }
    for number, source in enumerate(matrix.sources):
        files[job_file(number, source)] = yaml.dump(_job(number, source, image), Dumper=_Dumper, sort_keys=False)
    return files


def _job(number: int, source: Source, image: str) -> dict[str, Any]:
    lines = [
        f"{place} {check.protocol.value} {check.target.host or address_token(number, place)} {check.port}"
        for place, check in enumerate(source.checks)
    ]
    container = {
        "name": "reachability",
        "image": image,
        "command": ["sh", "-c", SCRIPT],
        "env": [{"name": "CHECKS", "value": "\n".join(lines)}],
        "readinessProbe": {"exec": {"command": ["false"]}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
    }
    pod = {
        "restartPolicy": "Never",
        "serviceAccountName": source.service_account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "runAsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": job_name(number), "namespace": source.namespace},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": 60 + source.seconds,
            "ttlSecondsAfterFinished": 600,
            "template": {"metadata": {"labels": dict(source.labels)}, "spec": pod},
        },
    }
