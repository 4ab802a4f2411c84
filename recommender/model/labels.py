"""Cilium labels as Hubble prints them, and the sets of them that identify workloads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMESPACE_KEY = "io.kubernetes.pod.namespace"
NAMESPACE_LABEL_PREFIX = "io.cilium.k8s.namespace.labels."
CLUSTER_KEY = "io.cilium.k8s.policy.cluster"
SERVICE_ACCOUNT_KEY = "io.cilium.k8s.policy.serviceaccount"
CILIUM_INTERNAL_PREFIX = "io.cilium.k8s."


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Label:
    """One Cilium label: `source:key=value`.

    Split at the first `:` for the source, then at the first `=` (Cilium `pkg/labels` ParseLabel). Reserved labels
    have no value.
    """

    source: str
    key: str
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read a label as Hubble prints it; a text without a source gets the source `unspec`."""
        head, equals, value = text.partition("=")
        source, colon, key = head.partition(":")
        if not colon:
            source, key = "unspec", head
        return cls(source=source, key=key, value=value if equals else "")

    def __str__(self) -> str:
        if self.source == "reserved" or (not self.value and self.source in {"cidr", "fqdn"}):
            return f"{self.source}:{self.key}"
        return f"{self.source}:{self.key}={self.value}"


@dataclass(frozen=True, kw_only=True)
class LabelSet:
    """The identity-relevant labels of one endpoint, sorted; equal sets share one Cilium identity."""

    labels: tuple[Label, ...]

    @classmethod
    def parse(cls, texts: Iterable[str]) -> LabelSet:
        """Read labels as Hubble lists them, in any order and with repeats."""
        return cls(labels=tuple(sorted({Label.parse(text) for text in texts})))

    @cached_property
    def digest(self) -> str:
        """Sixteen hex digits that depend only on the labels."""
        return hashlib.blake2b("\n".join(map(str, self.labels)).encode(), digest_size=8).hexdigest()

    @cached_property
    def reserved(self) -> frozenset[str]:
        """Names of the reserved labels, such as `host` and `kube-apiserver`."""
        return frozenset(label.key for label in self.labels if label.source == "reserved")

    @cached_property
    def cidrs(self) -> tuple[str, ...]:
        """CIDR labels as prefixes; Cilium writes IPv6 with `-` for `:`."""
        return tuple(label.key.replace("-", ":") for label in self.labels if label.source == "cidr")

    @cached_property
    def kubernetes(self) -> dict[str, str]:
        """All `k8s:` labels, among them the ones Cilium adds."""
        return {label.key: label.value for label in self.labels if label.source == "k8s"}

    @cached_property
    def pod_labels(self) -> dict[str, str]:
        """Labels that the pod itself carries: what a selector may use."""
        return {
            key: value
            for key, value in self.kubernetes.items()
            if key != NAMESPACE_KEY and not key.startswith(CILIUM_INTERNAL_PREFIX)
        }

    @cached_property
    def namespace_labels(self) -> dict[str, str]:
        """Labels of the pod's namespace that Cilium copies into the identity."""
        cut = len(NAMESPACE_LABEL_PREFIX)
        return {key[cut:]: value for key, value in self.kubernetes.items() if key.startswith(NAMESPACE_LABEL_PREFIX)}

    @property
    def namespace(self) -> str:
        """The pod's namespace, or the empty text."""
        return self.kubernetes.get(NAMESPACE_KEY, "")

    @property
    def cluster(self) -> str:
        """The Cilium cluster name, or the empty text."""
        return self.kubernetes.get(CLUSTER_KEY, "")

    @property
    def service_account(self) -> str:
        """The pod's service account, or the empty text."""
        return self.kubernetes.get(SERVICE_ACCOUNT_KEY, "")
