"""Which of an inventory's policies count as existing, and why the others do not."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import InvalidPolicyError
from recommender.model.existing import ExistingPolicy, PolicyFate
from recommender.model.manifest import BASELINE_ANNOTATION, GROUP_ANNOTATION, MANAGED_BY, MANAGED_BY_LABEL, Dialect
from recommender.semantics.kinds import DocumentKind, kind_of
from recommender.semantics.manifest_documents import ManifestDocument
from recommender.semantics.reading import policy_name, read_documents
from recommender.semantics.tier import BASELINE
from recommender.semantics.unresolved_peers import unresolved_denies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from recommender.model.inventory import Inventory, InventoryPolicy
    from recommender.semantics.compiled import Section
    from recommender.semantics.settings import SemanticsSettings

_OTHER_CNI: Final = "is of another CNI than the one that will enforce what is written"
_ALONE: Final = "decides alone where it isolates a pod: a ClusterNetworkPolicy of the Baseline tier is not asked then"
_TWICE: Final = "is there twice; which of the two is in force cannot be told"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingSet:
    """The policies of an inventory, sorted out."""

    judged: tuple[ManifestDocument, ...]
    """Those that count, sorted by name."""
    own: tuple[ManifestDocument, ...]
    """What an earlier run wrote: the previous version of what is written now, so it counts for nothing."""
    policies: tuple[ExistingPolicy, ...]
    """All of them with what is made of each, sorted; own output stands as `REPLACED`."""

    def settled(self, written: AbstractSet[str], selected: Mapping[str, int]) -> tuple[ExistingPolicy, ...]:
        """All of them, own output told apart by whether it is written anew, judged ones with whom they govern.

        Args:
            written: Names of the policies that this run writes.
            selected: Known workloads that each judged policy governs; none where its name is missing.
        """
        return tuple(_settled(policy, written, selected) for policy in self.policies)


def read_existing(
    inventory: Inventory, *, own_names: frozenset[str], settings: SemanticsSettings, dialect: Dialect = Dialect.CILIUM
) -> ExistingSet:
    """Sort the policies of an inventory out.

    Each is read alone first, so that one that an API server or Cilium would refuse, or that names peers nobody here can
    resolve in a deny rule, makes no other one unreadable. An annotation that names a cluster is not believed: the
    inventory is of one cluster.

    Args:
        inventory: What is there.
        own_names: Names (`Kind/namespace/name`) that this run may write itself: applying them replaces what is there.
        settings: Which CNI's reading to follow.
        dialect: What is written; policies that can have no part with it are not judged.
    """
    judged: dict[str, ManifestDocument] = {}
    own: dict[str, ManifestDocument] = {}
    found: list[ExistingPolicy] = []
    for policy in inventory.policies:
        document: dict[str, Any] = json.loads(policy.document) if policy.document else {"kind": policy.kind}
        try:
            name, sections = policy_name(document), read_documents([document], settings)
            if apart := _apart(kind_of(document), dialect):
                raise InvalidPolicyError(apart)  # noqa: TRY301 - told below like any other refusal
            if name in judged or name in own:
                raise InvalidPolicyError(_TWICE)  # noqa: TRY301 - told below like any other refusal
        except InvalidPolicyError as error:
            found.append(_unjudged(policy, f"{error.where}: {error.what}" if error.where else error.what))
            continue
        manifest = ManifestDocument(path=name, cluster="", document=document)
        if name in own_names or (_is_marked(document) and _only_allows(sections)):
            own[name] = manifest
            found.append(ExistingPolicy(name=name, fate=PolicyFate.REPLACED, document=policy.document))
        elif unknown := unresolved_denies(document):
            found.append(_unjudged(policy, f"its deny rule {unknown} names peers that only a running cluster knows"))
        elif not sections:
            found.append(ExistingPolicy(name=name, fate=PolicyFate.NOT_PODS, document=policy.document))
        else:
            judged[name] = manifest
            found.append(ExistingPolicy(name=name, fate=PolicyFate.JUDGED, document=policy.document))
    return ExistingSet(
        judged=tuple(judged[name] for name in sorted(judged)),
        own=tuple(own[name] for name in sorted(own)),
        policies=tuple(sorted(found, key=lambda policy: (policy.name, policy.fate, policy.reason))),
    )


def _settled(policy: ExistingPolicy, written: AbstractSet[str], selected: Mapping[str, int]) -> ExistingPolicy:
    if policy.fate is PolicyFate.REPLACED and policy.name not in written:
        return replace(policy, fate=PolicyFate.LEFTOVER)
    return replace(policy, selects=selected.get(policy.name, 0)) if policy.fate is PolicyFate.JUDGED else policy


def without_names(
    existing: Sequence[ManifestDocument], documents: Sequence[ManifestDocument]
) -> tuple[ManifestDocument, ...]:
    """The existing policies but those that bear the name of one of these documents: applying them replaces it."""
    names = {policy_name(document.document) for document in documents}
    return tuple(document for document in existing if document.path not in names)


def enforced_with(documents: Sequence[ManifestDocument], dialect: Dialect) -> tuple[ManifestDocument, ...]:
    """Those of these existing policies that can be in force where policies of the dialect are."""
    return tuple(document for document in documents if not _apart(kind_of(document.document), dialect))


def _unjudged(policy: InventoryPolicy, reason: str) -> ExistingPolicy:
    return ExistingPolicy(name=policy.full_name, fate=PolicyFate.UNJUDGED, reason=reason, document=policy.document)


def _is_marked(document: Mapping[str, Any]) -> bool:
    """Whether it bears the marks of our output; a policy that passed `read_documents` has sound metadata."""
    metadata = document["metadata"]
    annotations = metadata.get("annotations") or {}
    marked = (metadata.get("labels") or {}).get(MANAGED_BY_LABEL) == MANAGED_BY
    return marked and not {GROUP_ANNOTATION, BASELINE_ANNOTATION}.isdisjoint(annotations)


def _only_allows(sections: tuple[Section, ...]) -> bool:
    """We write a deny in the Baseline tier only: whatever else bears our marks and denies is somebody else's."""
    others = (section for section in sections if section.tier != BASELINE)
    return not any(rule.deny or rule.passes for section in others for rule in section.rules)


def _apart(kind: DocumentKind, dialect: Dialect) -> str:
    """Why a policy of this kind can have no part with what is written; empty if it can.

    Flows are Cilium's: Calico's policies count only where Calico's are written, and there Cilium's do not.
    """
    if kind.of_cilium if dialect is Dialect.CALICO else kind.of_calico:
        return _OTHER_CNI
    tiered = kind is DocumentKind.CLUSTER_NETWORK_POLICY
    return _ALONE if dialect is Dialect.CLUSTER_NETWORK_POLICY and not tiered else ""
