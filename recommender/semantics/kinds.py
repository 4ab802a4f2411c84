"""Which documents can be judged, by kind and API version."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import InvalidPolicyError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALICO: Final = "projectcalico.org/v3"


class DocumentKind(Enum):
    """A kind of one API: (kind, apiVersion)."""

    NETWORK_POLICY = ("NetworkPolicy", "networking.k8s.io/v1")
    CILIUM = ("CiliumNetworkPolicy", "cilium.io/v2")
    CILIUM_CLUSTERWIDE = ("CiliumClusterwideNetworkPolicy", "cilium.io/v2")
    CLUSTER_NETWORK_POLICY = ("ClusterNetworkPolicy", "policy.networking.k8s.io/v1alpha2")
    CALICO = ("NetworkPolicy", _CALICO)
    CALICO_GLOBAL = ("GlobalNetworkPolicy", _CALICO)
    CALICO_TIER = ("Tier", _CALICO)
    CALICO_SET = ("NetworkSet", _CALICO)
    CALICO_GLOBAL_SET = ("GlobalNetworkSet", _CALICO)

    @property
    def label(self) -> str:
        """How it is called in names of policies; Calico's NetworkPolicy as `kubectl` tells it from Kubernetes' own."""
        return "NetworkPolicy.projectcalico.org" if self is DocumentKind.CALICO else self.value[0]

    @property
    def cluster_wide(self) -> bool:
        """Whether its objects have no namespace."""
        return self in _CLUSTER_WIDE

    @property
    def of_calico(self) -> bool:
        """Whether only Calico knows it."""
        return self in _OF_CALICO

    @property
    def of_cilium(self) -> bool:
        """Whether only Cilium knows it."""
        return self in {DocumentKind.CILIUM, DocumentKind.CILIUM_CLUSTERWIDE}


_OF_CALICO: Final = frozenset(
    {
        DocumentKind.CALICO,
        DocumentKind.CALICO_GLOBAL,
        DocumentKind.CALICO_TIER,
        DocumentKind.CALICO_SET,
        DocumentKind.CALICO_GLOBAL_SET,
    }
)
_CLUSTER_WIDE: Final = frozenset(
    {
        DocumentKind.CILIUM_CLUSTERWIDE,
        DocumentKind.CLUSTER_NETWORK_POLICY,
        DocumentKind.CALICO_GLOBAL,
        DocumentKind.CALICO_TIER,
        DocumentKind.CALICO_GLOBAL_SET,
    }
)
_REFERRED_TO: Final = frozenset({DocumentKind.CALICO_TIER, DocumentKind.CALICO_SET, DocumentKind.CALICO_GLOBAL_SET})
_POLICY_SUFFIX: Final = "NetworkPolicy"


def kind_of(document: Mapping[str, Any]) -> DocumentKind:
    """Which kind is a document?

    Raises:
        InvalidPolicyError: None that can be judged.
    """
    if not isinstance(document, dict):
        raise InvalidPolicyError("a YAML document is not a mapping", hint="write one policy a document")
    kind, version = document.get("kind"), document.get("apiVersion")
    versions = {known.value[1]: known for known in DocumentKind if known.value[0] == kind}
    if not versions:
        names = dict.fromkeys(known.value[0] for known in DocumentKind)
        raise InvalidPolicyError(f"kind {kind!r} is not a policy that can be judged", hint=f"one of {', '.join(names)}")
    if version not in versions:
        raise InvalidPolicyError(
            f"apiVersion of a {kind} must be {' or '.join(versions)}, not {version!r}", where=str(kind)
        )
    return versions[version]


def concerns_policies(document: Mapping[str, Any]) -> bool:
    """Whether a document is a policy, or something that policies refer to.

    A kind whose name ends in `NetworkPolicy` is one even if it cannot be judged, so that it is refused later and not
    passed over.
    """
    kind, version = document.get("kind"), document.get("apiVersion")
    if isinstance(kind, str) and kind.endswith(_POLICY_SUFFIX):
        return True
    return any(known.value == (kind, version) for known in _REFERRED_TO)
