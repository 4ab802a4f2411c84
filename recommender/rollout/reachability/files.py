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
echo "$CHECKS" | while read -r number host port; do
  state=shut
  for attempt in 1 2; do
    if nc -z -w 3 "$host" "$port" < /dev/null > /dev/null 2>&1; then state=open; break; fi
  done
  echo "RESULT $number $state"
done
echo "RESULT end"
"""
_PYTEST: Final = '''\
"""pytest test_reachability.py [--junitxml=reachability.xml]; needs kubectl and rights to create Jobs."""

import pytest
import reachability

MATRIX = reachability.load()


@pytest.fixture(scope="session")
def outcomes():
    return {outcome.check["id"]: outcome for outcome in reachability.try_all(MATRIX)}


@pytest.mark.parametrize("name", [check["id"] for source in MATRIX["sources"] for check in source["checks"]])
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
pytest test_reachability.py                          # the same, a test each
```

Exit codes: 0 all as expected, 1 not, 2 kubectl fails.

The pods bear the labels of the workloads that they stand for, since policies select by labels. They are never ready (a
readiness probe that fails), so no Service sends them traffic unless it publishes addresses that are not ready, and a
Job owns them, so no ReplicaSet takes them over. They run as user 65534 with a read-only root, no token and no
capabilities, and are deleted at the end.

A check that must not pass counts only if the same pod reached something that it may: else its pod proves nothing, and
the check is skipped. TCP only; what is not tested stands under `untested`. A connection that must not pass is tried
where somebody listens: quarantined contacts, the same service in another environment, siblings, the metadata address.
"""


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
        files[job_file(number, source)] = yaml.safe_dump(_job(number, source, image), sort_keys=False)
    return files


def _job(number: int, source: Source, image: str) -> dict[str, Any]:
    lines = [
        f"{place} {check.target.host or address_token(number, place)} {check.port}"
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
            "activeDeadlineSeconds": 60 + 8 * len(source.checks),
            "ttlSecondsAfterFinished": 600,
            "template": {"metadata": {"labels": dict(source.labels)}, "spec": pod},
        },
    }
