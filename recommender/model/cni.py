"""Which network plugins enforce which policy APIs? A matrix, each line with the source that it was taken from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from recommender.model.manifest import Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping


class Enforcement(StrEnum):
    """What a plugin makes of the policies of one API."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"
    """It ignores them, silently: the API server stores whatever its schema allows."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CniPlugin:
    """A network plugin."""

    name: str
    """As `--cni` takes it."""
    enforces: Mapping[Dialect, Enforcement]
    """Dialects that are not listed are ignored by it."""
    source: str
    """Page that says so."""
    since: tuple[int, ...] = ()
    """First version that enforces anything; empty if all do."""
    note: str = ""
    """What has to be switched on, or is missing."""
    daemon_sets: tuple[str, ...] = ()
    """How its agents are usually called in a cluster."""

    def enforcement(self, dialect: Dialect, version: str = "") -> Enforcement:
        """What this version makes of a dialect; without a version, of a recent one."""
        numbers = tuple(int(part) for part in version.removeprefix("v").split(".") if part.isdigit())
        if numbers and numbers < self.since:
            return Enforcement.NONE
        return self.enforces.get(dialect, Enforcement.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cni:
    """The network plugin of the cluster that policies are meant for."""

    plugin: CniPlugin
    version: str = ""
    origin: str = field(default="", compare=False)
    """How it is known."""

    def __str__(self) -> str:
        return f"{self.plugin.name} {self.version}" if self.version else self.plugin.name


_KUBERNETES, _CALICO, _CLUSTER = Dialect.KUBERNETES, Dialect.CALICO, Dialect.CLUSTER_NETWORK_POLICY
_FULL, _PARTIAL, _UNKNOWN = Enforcement.FULL, Enforcement.PARTIAL, Enforcement.UNKNOWN

PLUGINS: Final[tuple[CniPlugin, ...]] = (
    CniPlugin(
        name="antrea",
        enforces={_KUBERNETES: _FULL, _CLUSTER: _UNKNOWN},
        source="https://antrea.io/docs/main/docs/antrea-network-policy/",
        daemon_sets=("antrea-agent",),
    ),
    CniPlugin(
        name="aws-vpc-cni",
        enforces={_KUBERNETES: _FULL, _CLUSTER: _UNKNOWN},
        since=(1, 14),
        note="only with its network policy controller switched on (enableNetworkPolicy)",
        source="https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
        daemon_sets=("aws-node",),
    ),
    CniPlugin(
        name="azure-cni",
        enforces={_KUBERNETES: _PARTIAL},
        note="only with a network policy engine (azure, calico or cilium), which is off by default; if it is calico or "
        "cilium, name that",
        source="https://learn.microsoft.com/en-us/azure/aks/use-network-policies",
        daemon_sets=("azure-npm",),
    ),
    CniPlugin(
        name="calico",
        enforces={_KUBERNETES: _FULL, _CALICO: _FULL, _CLUSTER: _UNKNOWN},
        source="https://docs.tigera.io/calico/latest/network-policy/get-started/kubernetes-policy/",
        daemon_sets=("calico-node",),
    ),
    CniPlugin(
        name="canal",
        enforces={_KUBERNETES: _FULL, _CALICO: _FULL, _CLUSTER: _UNKNOWN},
        note="policies are Calico's part of it",
        source="https://docs.tigera.io/calico/latest/getting-started/kubernetes/flannel/",
        daemon_sets=("canal",),
    ),
    CniPlugin(
        name="cilium",
        enforces={Dialect.CILIUM: _FULL, _KUBERNETES: _FULL, _CLUSTER: _UNKNOWN},
        note="audit mode must be off to enforce (policy-audit-mode)",
        source="https://docs.cilium.io/en/stable/network/kubernetes/policy/",
        daemon_sets=("cilium", "anetd"),
    ),
    CniPlugin(
        name="flannel",
        enforces={},
        note="it is about networking only, and advises another plugin such as Calico for policies",
        source="https://github.com/flannel-io/flannel/blob/master/README.md",
        daemon_sets=("kube-flannel-ds", "kube-flannel"),
    ),
    CniPlugin(
        name="k3s",
        enforces={_KUBERNETES: _FULL},
        note="Flannel with kube-router's policy controller, unless started with --disable-network-policy",
        source="https://docs.k3s.io/networking/networking-services",
    ),
    CniPlugin(
        name="kindnet",
        enforces={_KUBERNETES: _FULL, _CLUSTER: _UNKNOWN},
        note="kind before 0.24 enforces nothing",
        source="https://kindnet.es/docs/user/network-policies",
        daemon_sets=("kindnet",),
    ),
    CniPlugin(
        name="kube-router",
        enforces={_KUBERNETES: _FULL},
        source="https://www.kube-router.io/docs/",
        daemon_sets=("kube-router",),
    ),
    CniPlugin(
        name="ovn-kubernetes",
        enforces={_KUBERNETES: _FULL, _CLUSTER: _UNKNOWN},
        source="https://ovn-kubernetes.io/features/network-security-controls/network-policy/",
        daemon_sets=("ovnkube-node",),
    ),
    CniPlugin(
        name="weave",
        enforces={_KUBERNETES: _PARTIAL},
        note="the project is archived, and ranges of ports (endPort) are ignored",
        source="https://github.com/weaveworks/weave/blob/master/site/kubernetes/kube-addon.md",
        daemon_sets=("weave-net",),
    ),
)
"""Sorted by name. Plugins differ by version and by how they are installed: a test of denied calls is the only proof."""


def plugin_named(name: str) -> CniPlugin | None:
    """The plugin of this name, in any case."""
    return next((plugin for plugin in PLUGINS if plugin.name == name.lower()), None)
