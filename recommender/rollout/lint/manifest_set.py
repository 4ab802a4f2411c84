"""All manifests that are looked at together, as written and as compiled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import InvalidPolicyError
from recommender.model.policy import Direction
from recommender.semantics.kinds import DocumentKind, kind_of
from recommender.semantics.reading import policy_name, read_documents, reading_of
from recommender.semantics.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from recommender.assess.finding import Finding
    from recommender.model.cni import Cni
    from recommender.model.gap import Severity
    from recommender.model.inventory import Inventory
    from recommender.semantics.compiled import CompiledRule, Section
    from recommender.semantics.evaluator import PolicySet
    from recommender.semantics.policy_files import PolicySource
    from recommender.semantics.scene import Scene
    from recommender.semantics.settings import SemanticsSettings

_SYSTEM: Final = frozenset({DocumentKind.CALICO_TIER, DocumentKind.CALICO_SET, DocumentKind.CALICO_GLOBAL_SET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A trap that a manifest fell into."""

    finding: Finding
    policy: str
    """`Kind/namespace/name`."""
    path: str
    """Where in its document, such as `spec.ingress[1].from[0]`; empty for the policy as a whole."""
    reason: str
    severity: Severity | None = None
    """None: the finding's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRule:
    """One rule as its author wrote it."""

    path: str
    direction: Direction
    value: Mapping[str, Any]
    deny: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPolicy:
    """One policy that an API server and the plugin would take."""

    name: str
    kind: DocumentKind
    namespace: str
    source: PolicySource

    @property
    def specs(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Path and content of its `spec`, and of each of Cilium's `specs`."""
        document = self.source.document.document
        if isinstance(document.get("spec"), dict):
            yield "spec", document["spec"]
        for place, spec in enumerate(document.get("specs") or ()):
            yield f"specs[{place}]", spec

    @property
    def rules(self) -> Iterator[WrittenRule]:
        """Every rule of NetworkPolicy and of Cilium's policies."""
        for path, spec in self.specs:
            for direction in Direction:
                for field, deny in ((direction.value, False), (f"{direction.value}Deny", True)):
                    items = spec.get(field) if field in spec else ()
                    for place, value in enumerate(items or ()):
                        yield WrittenRule(
                            path=f"{path}.{field}[{place}]", direction=direction, value=value or {}, deny=deny
                        )

    @property
    def is_kubernetes(self) -> bool:
        """Whether it is Kubernetes' own NetworkPolicy."""
        return self.kind is DocumentKind.NETWORK_POLICY

    @property
    def is_cilium(self) -> bool:
        """Whether it is one of Cilium's."""
        return self.kind.of_cilium


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRule:
    """One compiled rule with what it stands in."""

    section: Section
    rule: CompiledRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestSet:
    """What the traps are asked about."""

    policies: tuple[WrittenPolicy, ...]
    """By file, then as they stand."""
    refused: tuple[tuple[PolicySource, InvalidPolicyError], ...]
    sections: tuple[Section, ...]
    beside: tuple[Section, ...]
    """Of policies in force that are not among them: told nothing about, but what they say counts."""
    judged: PolicySet | None
    """With the policies in force beside them; None where no workload is known."""
    scene: Scene
    """Workloads by the inventory or a report; empty where neither is known."""
    inventory: Inventory
    cni: Cni | None
    kustomized: Mapping[str, int]
    """Place of each file that a kustomization lists, where it keeps its order (`sortOptions.order: fifo`)."""

    @property
    def order(self) -> Mapping[str, int]:
        """Place of each policy in the order of applying: as kustomize has it, the others as they stand."""
        last = len(self.kustomized)
        ranked = sorted(
            enumerate(self.policies), key=lambda one: (self.kustomized.get(one[1].source.document.path, last), one[0])
        )
        return {policy.name: place for place, (_, policy) in enumerate(ranked)}

    @property
    def rules(self) -> Iterator[SetRule]:
        """Every compiled rule."""
        for section in self.sections:
            yield from (SetRule(section=section, rule=rule) for rule in section.rules)

    @property
    def rules_in_force(self) -> Iterator[SetRule]:
        """These, and those of the policies beside them."""
        yield from self.rules
        for section in self.beside:
            yield from (SetRule(section=section, rule=rule) for rule in section.rules)


def sort_out(
    sources: Sequence[PolicySource], cluster: str
) -> tuple[tuple[WrittenPolicy, ...], tuple[tuple[PolicySource, InvalidPolicyError], ...], tuple[Section, ...]]:
    """The policies that would be taken, those that would be refused and why, and what the former say together."""
    policies: list[WrittenPolicy] = []
    refused: list[tuple[PolicySource, InvalidPolicyError]] = []
    seen: set[tuple[str, str]] = set()
    reading = replace(settings_of({item.document.document.get("kind") for item in sources}), local_cluster=cluster)
    for source in sources:
        document = source.document.document
        try:
            name = policy_name(document)
            read_documents([document], reading_of([document], reading))
            if (name, source.document.cluster) in seen:
                raise InvalidPolicyError("is given twice; applied together, one would replace the other", where=name)  # noqa: TRY301 - told like any other refusal
        except InvalidPolicyError as error:
            refused.append((source, error))
            continue
        seen.add((name, source.document.cluster))
        kind = kind_of(document)
        namespace = "" if kind.cluster_wide else str(document["metadata"].get("namespace") or "default")
        if kind not in _SYSTEM:
            policies.append(WrittenPolicy(name=name, kind=kind, namespace=namespace, source=source))
    sections = _sections(policies, refused, reading)
    return tuple(policies), tuple(refused), sections


def _sections(
    policies: list[WrittenPolicy],
    refused: list[tuple[PolicySource, InvalidPolicyError]],
    reading: SemanticsSettings,
) -> tuple[Section, ...]:
    """Compiled together; a policy that contradicts the others (Cilium's beside Calico's) counts as refused."""
    found: list[Section] = []
    by_cluster: dict[str, list[WrittenPolicy]] = {}
    for policy in policies:
        by_cluster.setdefault(policy.source.document.cluster, []).append(policy)
    for several in by_cluster.values():
        documents = [policy.source.document.document for policy in several]
        try:
            found += read_documents(documents, reading_of(documents, reading))
        except InvalidPolicyError as error:
            refused.append((several[0].source, error))
    return tuple(found)
