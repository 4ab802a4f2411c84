"""Where the CustomResourceDefinitions lie: in Go modules that our conformance programs pin; none is copied here."""

from __future__ import annotations

import subprocess
from pathlib import Path

HERE = Path(__file__).parent
_SOURCES = (
    (
        "cilium-engine",
        "github.com/cilium/cilium",
        "pkg/k8s/apis/cilium.io/client/crds/v2",
        ("ciliumnetworkpolicies.yaml", "ciliumclusterwidenetworkpolicies.yaml"),
    ),
    (
        "cilium-engine",
        "sigs.k8s.io/network-policy-api",
        "config/crd/standard",
        ("policy.networking.k8s.io_clusternetworkpolicies.yaml",),
    ),
    (
        "calico-selector",
        "github.com/projectcalico/calico",
        "libcalico-go/config/crd",
        ("crd.projectcalico.org_networkpolicies.yaml", "crd.projectcalico.org_globalnetworkpolicies.yaml"),
    ),
)
"""(program that pins it, module, folder in the module, files)."""


def crd_files(go: str) -> list[Path]:
    """The files, fetched through the Go module proxy where they are not there yet.

    Calico's are of crd.projectcalico.org/v1, the form in which it stores its policies: the same `spec`.

    Raises:
        subprocess.CalledProcessError: A module cannot be fetched.
    """
    found = []
    for program, module, folder, names in _SOURCES:
        where = HERE / program
        subprocess.run([go, "mod", "download", module], cwd=where, check=True)
        listed = subprocess.run(
            [go, "list", "-m", "-f", "{{.Dir}}", module], cwd=where, check=True, stdout=subprocess.PIPE, text=True
        )
        found += [Path(listed.stdout.strip()) / folder / name for name in names]
    return found
