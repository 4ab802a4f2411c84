"""Which CNI's reading of the policy APIs the evaluator follows where readings differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from recommender.model.manifest import Dialect

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticsSettings:
    """Switches for the points on which CNIs, or set-ups of one CNI, disagree.

    The defaults are Cilium's; on two points of ClusterNetworkPolicy, which Cilium reads in its own way, the API's text.
    """

    local_cluster: str = "default"
    """Name of the cluster that the policies are applied in; pods of other clusters are never their subjects."""
    peers_default_to_local_cluster: bool = True
    """A selector without a cluster label means pods of the local cluster (Cilium `policy-default-local-cluster`)."""
    local_host_always_allowed: bool = True
    """A pod's own node always reaches it unless a deny rule says otherwise (Cilium `allow-localhost=always`)."""
    own_node_beyond_policy: bool = False
    """Nor does a deny rule hold a pod's own node off: Kubernetes' text, and Calico, whose chains for pods see forwarded
    packets only. Cilium: a deny rule does."""
    only_pods_governed: bool = False
    """Cilium's own endpoints (health, ingress, init) are no subjects: every CNI but Cilium."""
    self_always_allowed: bool = True
    """A pod's connection to itself never leaves its network namespace, so no policy sees it."""
    cidr_matches_pods: bool = False
    """A CIDR also matches pods by their address: true for iptables-type CNIs, never for Cilium."""
    unlisted_sections_enforced: bool = True
    """A NetworkPolicy's rules count although `policyTypes` leaves their direction out: Cilium, against the API text."""
    fqdn_needs_dns_rule: bool = True
    """A `toFQDNs` rule matches only names that a `rules.dns` of the same endpoint lets the DNS proxy see."""
    baseline_opens_isolated: bool = False
    """Baseline rules are asked before default deny, so that an Accept opens what a NetworkPolicy isolates: Cilium
    1.20.2. The API's text: the NetworkPolicy tier decides finally for pods that it selects."""
    every_allow_decides: bool = False
    """An ordered tier names each allow rule up to its first other rule as deciding, not the first rule alone: outcomes
    are the same, and it is told what would be enough."""
    negated_namespaces_match_all_kinds: bool = False
    """A ClusterNetworkPolicy's namespace selector that only excludes also matches nodes, addresses and other endpoints
    that are in no namespace: Cilium 1.20.2. The API's text: it selects pods."""


_TEXT: Final = SemanticsSettings(
    cidr_matches_pods=True, unlisted_sections_enforced=False, own_node_beyond_policy=True, only_pods_governed=True
)
"""Kubernetes' text, and Calico: networks match pods and nodes, and Cilium's own endpoints are nothing to them."""


def settings_of(kinds: Collection[object]) -> SemanticsSettings:
    """By whose reading are manifests of these kinds judged, if nobody says?

    ClusterNetworkPolicies without Cilium's own kinds beside them are read as the API's text has them; all else as
    Cilium does. Calico's policies bring Calico's reading with them (`reading_of`).
    """
    written = Dialect.CLUSTER_NETWORK_POLICY if "ClusterNetworkPolicy" in kinds else Dialect.CILIUM
    return settings_for(written, beside=kinds)


def settings_for(dialect: Dialect, *, beside: Collection[object] = ()) -> SemanticsSettings:
    """By whose reading are manifests of a dialect proved, together with policies of these kinds?

    Cilium's for what Cilium enforces. ClusterNetworkPolicy by the API's text, whose `networks` match pods and nodes
    too, unless policies of Cilium's own tell that it is Cilium that will read it.
    """
    match dialect:
        case Dialect.CILIUM | Dialect.KUBERNETES:
            return SemanticsSettings()
        case Dialect.CALICO:
            return _TEXT
        case Dialect.CLUSTER_NETWORK_POLICY:
            cilium = any(isinstance(kind, str) and kind.startswith("Cilium") for kind in beside)
            return SemanticsSettings() if cilium else _TEXT
        case _:
            assert_never(dialect)
