"""Which network plugins enforce which policy APIs? A matrix; each cell names the pages that it was taken from.

ClusterNetworkPolicy is policy.networking.k8s.io/v1alpha2: a plugin that knows only AdminNetworkPolicy (v1alpha1), or an
API of its own of the same name, ignores it. What no page says is UNKNOWN or absent.
"""

from __future__ import annotations

from typing import Final

from recommender.model.cni import CniPlugin, Enforcement, Feature, PassedOver, Support
from recommender.model.manifest import Dialect

_CILIUM, _KUBERNETES, _CALICO = Dialect.CILIUM, Dialect.KUBERNETES, Dialect.CALICO
_CLUSTER: Final = Dialect.CLUSTER_NETWORK_POLICY
_FULL, _OPTIONAL, _UNKNOWN = Enforcement.FULL, Enforcement.OPTIONAL, Enforcement.UNKNOWN
_NONE: Final = Enforcement.NONE
_GITHUB: Final = "https://github.com"


def _says(enforcement: Enforcement, *sources: str, since: tuple[int, ...] = (), note: str = "") -> Support:
    return Support(enforcement=enforcement, sources=sources, since=since, note=note)


_ANTREA: Final = f"{_GITHUB}/antrea-io/antrea/blob/main"
_AWS: Final = f"{_GITHUB}/aws/amazon-vpc-cni-k8s"
_CALICO_CHART: Final = f"{_GITHUB}/projectcalico/calico/blob/master/charts/calico/templates/_functions.tpl"
_CALICO_DOCS: Final = "https://docs.tigera.io/calico/latest"
_CANAL: Final = f"{_CALICO_DOCS}/getting-started/kubernetes/flannel/install-for-flannel"
_CILIUM_AGENT: Final = f"{_GITHUB}/cilium/cilium/blob/main/install/kubernetes/cilium/templates/cilium-agent"
_CILIUM_POLICIES: Final = f"{_GITHUB}/cilium/cilium/blob/main/Documentation/network/kubernetes/policy.rst"
_FLANNEL: Final = f"{_GITHUB}/flannel-io/flannel/blob/master"
_GKE: Final = "https://cloud.google.com/kubernetes-engine/docs/concepts/dataplane-v2"
_KINDNET: Final = f"{_GITHUB}/aojea/kindnet/blob/main/install-kindnet.yaml"
_KUBE_NETWORK_POLICIES: Final = f"{_GITHUB}/kubernetes-sigs/kube-network-policies/blob/main"
_KUBE_OVN: Final = f"{_GITHUB}/kubeovn/kube-ovn/blob/master/charts/kube-ovn"
_KUBE_ROUTER: Final = f"{_GITHUB}/cloudnativelabs/kube-router/blob/master"
_NPM: Final = f"{_GITHUB}/Azure/azure-container-networking/blob/master/npm"
_OVN: Final = f"{_GITHUB}/ovn-kubernetes/ovn-kubernetes/blob/master"
_POLICY_API: Final = f"{_GITHUB}/kubernetes-sigs/network-policy-api/pull"
_WEAVE: Final = f"{_GITHUB}/weaveworks/weave/blob"
_WEAVE_RULES: Final = f"{_WEAVE}/ee84caccee04669c57cfccb5ed3a1ad94cc63b3f/npc/analyser.go"

PLUGINS: Final[tuple[CniPlugin, ...]] = (
    CniPlugin(
        name="antrea",
        supports={
            _KUBERNETES: _says(_FULL, f"{_ANTREA}/docs/cluster-network-policy.md"),
            _CLUSTER: _says(
                _OPTIONAL,
                f"{_ANTREA}/docs/cluster-network-policy.md",
                since=(2, 7),
                note="with its feature gate ClusterNetworkPolicy",
            ),
        },
        daemon_sets={"antrea-agent": f"{_ANTREA}/build/charts/antrea/templates/agent/daemonset.yaml"},
    ),
    CniPlugin(
        name="aws-vpc-cni",
        supports={
            _KUBERNETES: _says(
                _OPTIONAL,
                f"{_AWS}/blob/master/charts/aws-vpc-cni/README.md",
                f"{_AWS}/pull/2478",
                since=(1, 14),
                note="with its network policy controller (enableNetworkPolicy)",
            ),
            _CLUSTER: _says(
                _NONE,
                f"{_GITHUB}/aws-samples/sample-apex-skills/pull/202",
                note="its own ClusterNetworkPolicy is another API, networking.k8s.aws/v1alpha1",
            ),
        },
        daemon_sets={"aws-node": f"{_AWS}/blob/master/config/master/aws-k8s-cni.yaml"},
    ),
    CniPlugin(
        name="azure-cni",
        supports={
            _KUBERNETES: _says(
                _NONE,
                "https://learn.microsoft.com/en-us/javascript/api/@azure/arm-containerservice/knownnetworkpolicy",
                note="a network policy engine does, which AKS adds on request; name that: azure-npm, calico or cilium",
            )
        },
    ),
    CniPlugin(
        name="azure-npm",
        # Its first generation ignored endPort (Azure/AKS issue 2857), its second reads it; no page says which version
        # brought that into use.
        supports={_KUBERNETES: _says(_FULL, f"{_NPM}/pkg/controlplane/translation/translatePolicy.go")},
        daemon_sets={"azure-npm": f"{_NPM}/azure-npm.yaml"},
    ),
    CniPlugin(
        name="calico",
        supports={
            _KUBERNETES: _says(_FULL, f"{_CALICO_DOCS}/network-policy/get-started/calico-policy/calico-network-policy"),
            _CALICO: _says(_FULL, f"{_CALICO_DOCS}/network-policy/get-started/calico-policy/calico-network-policy"),
            _CLUSTER: _says(_FULL, f"{_POLICY_API}/376", since=(3, 32)),
        },
        daemon_sets={"calico-node": _CALICO_CHART},
    ),
    CniPlugin(
        name="canal",
        supports={
            _KUBERNETES: _says(_FULL, _CANAL),
            _CALICO: _says(_FULL, _CANAL),
            _CLUSTER: _says(
                _UNKNOWN, _CANAL, f"{_POLICY_API}/376", note="policies are Calico's part of it, which does from 3.32 on"
            ),
        },
        daemon_sets={"canal": _CALICO_CHART, "canal-node": _CALICO_CHART},
    ),
    CniPlugin(
        name="cilium",
        supports={
            _CILIUM: _says(_FULL, _CILIUM_POLICIES),
            _KUBERNETES: _says(_FULL, _CILIUM_POLICIES),
            _CLUSTER: _says(
                _OPTIONAL,
                f"{_GITHUB}/cilium/cilium/pull/47227",
                since=(1, 20),
                note="with --enable-k8s-cluster-network-policy (k8sClusterNetworkPolicy.enabled)",
            ),
        },
        daemon_sets={"cilium": f"{_CILIUM_AGENT}/daemonset.yaml"},
        # Port ranges are a major change of 1.16 (cilium/cilium pull request 33463).
        ignores={Feature.END_PORT: PassedOver(source=f"{_GITHUB}/cilium/cilium/issues/28684", until=(1, 16))},
    ),
    CniPlugin(
        name="flannel",
        supports={
            _KUBERNETES: _says(
                _NONE,
                f"{_FLANNEL}/README.md",
                f"{_FLANNEL}/Documentation/netpol.md",
                note="from 0.25.5 on its chart can add kube-network-policies (netpol.enabled); then name that",
            )
        },
        daemon_sets={"kube-flannel-ds": f"{_FLANNEL}/chart/kube-flannel/templates/daemonset.yaml"},
    ),
    CniPlugin(
        name="gke-dataplane-v2",
        supports={
            _CILIUM: _says(_UNKNOWN, _GKE, note="it is built on Cilium, but its page names NetworkPolicy only"),
            _KUBERNETES: _says(_FULL, _GKE),
            _CLUSTER: _says(_UNKNOWN, _GKE),
        },
        daemon_sets={"anetd": _GKE},
    ),
    CniPlugin(
        name="k3s",
        # Flannel with kube-router's policy controller, unless its servers were started with --disable-network-policy.
        supports={_KUBERNETES: _says(_FULL, "https://docs.k3s.io/networking/networking-services")},
    ),
    CniPlugin(
        name="kindnet",
        supports={
            _KUBERNETES: _says(
                _FULL,
                f"{_GITHUB}/kubernetes/minikube/issues/19871",
                f"{_GITHUB}/kubernetes-sigs/kind/issues/842",
                since=(1, 3),
                note="in kind from 0.24 of kind on",
            ),
            _CLUSTER: _says(_NONE, _KINDNET, note="its role does not let it read them"),
        },
        daemon_sets={"kindnet": _KINDNET},
    ),
    CniPlugin(
        name="kube-network-policies",
        supports={
            _KUBERNETES: _says(_FULL, f"{_KUBE_NETWORK_POLICIES}/README.md"),
            _CLUSTER: _says(
                _OPTIONAL, f"{_KUBE_NETWORK_POLICIES}/install-cnp.yaml", note="with the image npa-v1alpha2"
            ),
        },
        daemon_sets={"kube-network-policies": f"{_KUBE_NETWORK_POLICIES}/install-cnp.yaml"},
    ),
    CniPlugin(
        name="kube-ovn",
        supports={
            _KUBERNETES: _says(_FULL, f"{_KUBE_OVN}/values.yaml"),
            _CLUSTER: _says(
                _OPTIONAL,
                f"{_POLICY_API}/354",
                f"{_KUBE_OVN}/values.yaml",
                since=(1, 15),
                note="with ENABLE_ANP, as an experiment",
            ),
        },
        daemon_sets={"kube-ovn-cni": f"{_KUBE_OVN}/templates/ovncni-ds.yaml"},
    ),
    CniPlugin(
        name="kube-router",
        # Its rules have endPort, named ports and any protocol (pkg/controllers/netpol/policy.go), though issue 1019
        # (SCTP) is open.
        supports={_KUBERNETES: _says(_FULL, f"{_KUBE_ROUTER}/docs/introduction.md")},
        daemon_sets={"kube-router": f"{_KUBE_ROUTER}/daemonset/generic-kuberouter.yaml"},
    ),
    CniPlugin(
        name="ovn-kubernetes",
        supports={
            _KUBERNETES: _says(_FULL, f"{_OVN}/docs/features/network-security-controls/index.md"),
            _CLUSTER: _says(
                _UNKNOWN,
                f"{_OVN}/docs/features/network-security-controls/index.md",
                note="its pages name AdminNetworkPolicy (v1alpha1) only",
            ),
        },
        daemon_sets={"ovnkube-node": f"{_OVN}/dist/templates/ovnkube-single-node-zone.yaml.j2"},
    ),
    CniPlugin(
        name="weave",
        supports={_KUBERNETES: _says(_FULL, f"{_WEAVE}/master/site/kubernetes/kube-addon.md")},
        daemon_sets={"weave-net": f"{_WEAVE}/master/prog/weave-kube/weave-daemonset-k8s-1.11.yaml"},
        # A policy with a named port is refused as a whole; of a range only the first port is passed on.
        ignores=dict.fromkeys((Feature.END_PORT, Feature.NAMED_PORT), PassedOver(source=_WEAVE_RULES)),
    ),
)
"""Sorted by name. Plugins differ by version and by how they are installed: a test of denied calls is the only proof."""


def plugin_named(name: str) -> CniPlugin | None:
    """The plugin of this name, in any case."""
    return next((plugin for plugin in PLUGINS if plugin.name == name.lower()), None)
