"""Which endpoints a Calico selector chooses: pods by their labels, namespace and service account; network sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.labels import (
    CILIUM_INTERNAL_PREFIX,
    CLUSTER_KEY,
    NAMESPACE_KEY,
    NAMESPACE_LABEL_PREFIX,
    SERVICE_ACCOUNT_KEY,
)
from recommender.semantics.calico_expression import Compared, Comparison, Everything, Global, conjuncts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from recommender.semantics.calico_expression import Expression

NAME_LABEL: Final = "projectcalico.org/name"
"""Calico's own label of namespaces and service accounts: their name."""

_NAMESPACE: Final = f"k8s:{NAMESPACE_KEY}"
_ACCOUNT: Final = f"k8s:{SERVICE_ACCOUNT_KEY}"
_NAMESPACE_LABEL: Final = "projectcalico.org/namespace"
_ACCOUNT_LABEL: Final = "projectcalico.org/serviceaccount"
_ORCHESTRATOR_LABEL: Final = "projectcalico.org/orchestrator"
_OF_NAMESPACE: Final = "pcns."
_OF_ACCOUNT: Final = "pcsa."
"""Labels that an endpoint inherits from its namespace and its service account carry these prefixes."""
_NAME_LABELS: Final = frozenset({NAME_LABEL, "kubernetes.io/metadata.name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSet:
    """A NetworkSet or GlobalNetworkSet: addresses that selectors find by labels."""

    labels: tuple[tuple[str, str], ...]
    namespace: str
    """Empty for a GlobalNetworkSet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalicoSelector:
    """Endpoints that meet all of these.

    Source: Calico docs, "Selector scopes"; `updateprocessors.GetEntityRuleSelector` for how the parts are joined.
    """

    endpoint: Expression
    namespaces: Expression | None = None
    """Over the labels of namespaces; `global()` chooses what is in none."""
    accounts: Expression | None = None
    """Over the labels of service accounts, of which only the name is known here."""
    namespace: str = ""
    """The only namespace; empty for no such bound."""
    cluster: str

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether it chooses the pod with these labels; what is no pod has no labels in Calico."""
        namespace = labels.get(_NAMESPACE)
        if namespace is None or labels.get(f"k8s:{CLUSTER_KEY}") != self.cluster:
            return False
        if self.namespace and namespace != self.namespace:
            return False
        if self.namespaces is not None and not self.namespaces.holds(lambda key: _of_namespace(labels, key)):
            return False
        if self.accounts is not None and not self.accounts.holds(lambda key: _of_account(labels, key)):
            return False
        return self.endpoint.holds(lambda key: _of_pod(labels, key))

    def selects_set(self, found: NetworkSet) -> bool:
        """Whether it chooses a network set; of a set's namespace only the name is known."""
        if self.accounts is not None or (self.namespace and found.namespace != self.namespace):
            return False
        names = dict.fromkeys(_NAME_LABELS, found.namespace) if found.namespace else {}
        match self.namespaces:
            case None:
                within = True
            case Global():
                within = not found.namespace
            case Everything():
                within = bool(found.namespace)
            case _:
                within = self.namespaces.holds(names.get)
        if not within:
            return False
        labels = dict(found.labels)
        if found.namespace:
            labels[_NAMESPACE_LABEL] = found.namespace
        return self.endpoint.holds(labels.get)

    def demanded(self) -> Iterator[tuple[str, str]]:
        """Labels without which it chooses no pod."""
        if self.namespace:
            yield _NAMESPACE, self.namespace
        for part in conjuncts(self.namespaces or Everything()):
            if isinstance(part, Compared) and part.comparison is Comparison.EQUAL and part.key in _NAME_LABELS:
                yield _NAMESPACE, part.text
        for part in conjuncts(self.endpoint):
            if isinstance(part, Compared) and part.comparison is Comparison.EQUAL and _is_own(part.key):
                yield f"k8s:{part.key}", part.text


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrowedSelector:
    """What a policy selects, narrowed by what one of its rules says about its own end."""

    policy: CalicoSelector
    rule: CalicoSelector | None
    but_not: CalicoSelector | None

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether it chooses the pod with these labels."""
        if not self.policy.selects(labels) or (self.rule is not None and not self.rule.selects(labels)):
            return False
        return self.but_not is None or not self.but_not.selects(labels)

    def demanded(self) -> Iterator[tuple[str, str]]:
        """Labels without which it chooses no pod."""
        yield from self.policy.demanded()
        if self.rule is not None:
            yield from self.rule.demanded()


def _of_pod(labels: Mapping[str, str], key: str) -> str | None:
    """A label of a workload endpoint: the pod's own, or one that Calico adds."""
    if key == _NAMESPACE_LABEL:
        return labels.get(_NAMESPACE)
    if key == _ACCOUNT_LABEL:
        return labels.get(_ACCOUNT)
    if key == _ORCHESTRATOR_LABEL:
        return "k8s"
    if key.startswith(_OF_NAMESPACE):
        return _of_namespace(labels, key.removeprefix(_OF_NAMESPACE))
    if key.startswith(_OF_ACCOUNT):
        return _of_account(labels, key.removeprefix(_OF_ACCOUNT))
    return labels.get(f"k8s:{key}") if _is_own(key) else None


def _of_namespace(labels: Mapping[str, str], key: str) -> str | None:
    return labels.get(_NAMESPACE) if key == NAME_LABEL else labels.get(f"k8s:{NAMESPACE_LABEL_PREFIX}{key}")


def _of_account(labels: Mapping[str, str], key: str) -> str | None:
    return labels.get(_ACCOUNT) if key == NAME_LABEL else None


def _is_own(key: str) -> bool:
    """Whether a pod itself may carry it: neither what Cilium nor what Calico adds."""
    return key != NAMESPACE_KEY and not key.startswith(
        (CILIUM_INTERNAL_PREFIX, "projectcalico.org/", _OF_NAMESPACE, _OF_ACCOUNT)
    )
