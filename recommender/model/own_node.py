"""Whether a pod's own node needs rules to reach it."""

from __future__ import annotations

from enum import StrEnum


class OwnNode(StrEnum):
    """How a pod's own node reaches it: kubelet probes, `kubectl exec` and `port-forward`, host processes."""

    IMPLICIT = "implicit"
    """Whatever the policies say: Cilium's agent option `allow-localhost`, unless it is `policy`."""
    RULES = "rules"
    """Only where a rule allows it: `allow-localhost=policy`."""
