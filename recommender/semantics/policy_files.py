"""Policy documents in any manifests: a directory of YAML or JSON, `kubectl get -o yaml` lists, our own policies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.errors import InvalidPolicyError
from recommender.foreign_yaml import look_over
from recommender.semantics.kinds import concerns_policies
from recommender.semantics.manifest_documents import ManifestDocument, StrictLoader, cluster_of_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recommender.model.manifest import Manifest

_LIST_DEPTH: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySource:
    """One policy document, and where each of its parts stands in its file."""

    document: ManifestDocument
    node: yaml.Node
    lines: tuple[str, ...]
    """Of the whole file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFiles:
    """The policies of some manifests."""

    sources: tuple[PolicySource, ...]
    skipped: tuple[tuple[str, int], ...]
    """(kind, documents) that are no network policies, sorted."""

    @property
    def documents(self) -> tuple[ManifestDocument, ...]:
        """The policies alone."""
        return tuple(source.document for source in self.sources)


def read_policy_files(manifests: Sequence[Manifest]) -> PolicyFiles:
    """Which network policies do these texts hold?

    A kind whose name ends in `NetworkPolicy` is kept, so that one that cannot be judged is refused later and not
    passed over; so is what Calico's policies refer to. Every other kind is skipped and counted.

    Raises:
        InvalidPolicyError: A text is no YAML or JSON, or a document is not a mapping.
    """
    sources: list[PolicySource] = []
    skipped: Counter[str] = Counter()
    for manifest in manifests:
        for source in _documents(manifest):
            kind = source.document.document.get("kind")
            if concerns_policies(source.document.document):
                sources.append(source)
            else:
                skipped[kind if isinstance(kind, str) else "no kind"] += 1
    return PolicyFiles(sources=tuple(sources), skipped=tuple(sorted(skipped.items())))


def _documents(manifest: Manifest) -> Iterator[PolicySource]:
    lines = tuple(manifest.text.split("\n"))
    loader: Any = StrictLoader(manifest.text)
    try:
        look_over(manifest.text, aliases=True)
        while loader.check_node():
            node = loader.get_node()
            yield from _expand(manifest.path, loader.construct_document(node), node, lines, _LIST_DEPTH)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidPolicyError(f"is not YAML: {error}", where=manifest.path) from error
    finally:
        loader.dispose()


def _expand(path: str, value: Any, node: yaml.Node, lines: tuple[str, ...], depth: int) -> Iterator[PolicySource]:
    if value is None:
        return
    if not isinstance(value, dict):
        raise InvalidPolicyError("a YAML document is not a mapping", where=path)
    items, item_nodes = value.get("items"), child(node, "items")
    kind = value.get("kind")
    is_list = isinstance(kind, str) and kind.endswith("List") and isinstance(items, list)
    if is_list and depth and isinstance(item_nodes, yaml.SequenceNode):
        for item, item_node in zip(items or (), item_nodes.value, strict=True):
            yield from _expand(path, item, item_node, lines, depth - 1)
        return
    document = ManifestDocument(path=path, cluster=cluster_of_document(value), document=value)
    yield PolicySource(document=document, node=node, lines=lines)


def child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    """The node below a key of a mapping or at an index of a list; None if it is not there."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value  # type: ignore[no-any-return]  # PyYAML's nodes hold Any
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]  # as above
    return None
