"""The policy documents inside manifests as they were written, and the cluster that each is for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.errors import InvalidPolicyError
from recommender.model.manifest import CLUSTER_ANNOTATION
from recommender.semantics.own_form import read_own_form
from recommender.semantics.rule_memory import RuleMemory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.manifest import Manifest

_SAFE_LOADER: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_TEXT: Final = "tag:yaml.org,2002:str"
_LIST: Final = "tag:yaml.org,2002:seq"
_MAPPING: Final = "tag:yaml.org,2002:map"


class StrictLoader(_SAFE_LOADER):  # type: ignore[misc]  # one of two classes, known only at run time
    """Refuses a key that is given twice, as the API server does; PyYAML would silently keep the last."""

    def construct_document(self, node: yaml.Node) -> Any:
        """A document's Python value."""
        if self._refers_to_itself:
            return super().construct_document(node)
        return self._value(node)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._refers_to_itself = "&" in text
        """Whether it may: an alias needs an anchor."""

    def _value(self, node: yaml.Node) -> Any:
        """The value of a node that stands in one place only: most are texts, mappings of texts to nodes, and lists."""
        tag = node.tag
        if tag == _TEXT:
            return sys.intern(node.value)  # Keys and labels come again in every rule.
        if tag == _LIST and isinstance(node, yaml.SequenceNode):
            return [self._value(item) for item in node.value]
        if tag != _MAPPING or not isinstance(node, yaml.MappingNode) or any(key.tag != _TEXT for key, _ in node.value):
            return self.construct_object(node, deep=True)
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in found:
                raise _given_twice(key.value, key.start_mark)
            found[sys.intern(key.value)] = self._value(value)
        return found

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """A mapping's Python value."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                raise _given_twice(key, node.value[position][0].start_mark)
        return dict(super().construct_mapping(node, deep=deep))


def _given_twice(key: object, mark: yaml.Mark) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestDocument:
    """One parsed policy document."""

    path: str
    cluster: str
    """The empty text: every cluster."""
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestReader:
    """Reads every manifest once, however often it is asked for: for proofs, which change nothing in what they read."""

    rules: RuleMemory = field(default_factory=RuleMemory)
    """Of what the documents say."""
    _known: dict[Manifest, tuple[ManifestDocument, ...]] = field(default_factory=dict, repr=False)
    _items: dict[str, Any] = field(default_factory=dict, repr=False)

    def read(self, manifests: Sequence[Manifest]) -> tuple[ManifestDocument, ...]:
        """Parse the text of every manifest; empty documents are skipped.

        Raises:
            InvalidPolicyError: A text is no YAML, or a document is not a mapping.
        """
        for manifest in manifests:
            if manifest not in self._known:
                self._known[manifest] = self._read(manifest)
        return tuple(document for manifest in manifests for document in self._known[manifest])

    def forget(self) -> None:
        """Let go of what was read: no further proof is about it."""
        self._known.clear()
        self._items.clear()
        self.rules.forget()

    def _read(self, manifest: Manifest) -> tuple[ManifestDocument, ...]:
        """The text as it is written, by PyYAML unless it is in the form in which we write."""
        document = read_own_form(manifest.text, self._items)
        if document is None:
            return tuple(_read(manifest))
        return (ManifestDocument(path=manifest.path, cluster=cluster_of_document(document), document=document),)


def read_manifests(manifests: Sequence[Manifest]) -> tuple[ManifestDocument, ...]:
    """Parse the text of every manifest; empty documents are skipped.

    Raises:
        InvalidPolicyError: A text is no YAML, or a document is not a mapping.
    """
    return tuple(document for manifest in manifests for document in _read(manifest))


def _read(manifest: Manifest) -> list[ManifestDocument]:
    try:
        documents = list(yaml.load_all(manifest.text, Loader=StrictLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidPolicyError(f"is not YAML: {error}", where=manifest.path) from error
    found = []
    for document in documents:
        if document is None:
            continue
        if not isinstance(document, dict):
            raise InvalidPolicyError("a YAML document is not a mapping", where=manifest.path)
        found.append(ManifestDocument(path=manifest.path, cluster=cluster_of_document(document), document=document))
    return found


def cluster_of_document(document: Mapping[str, Any]) -> str:
    """The cluster that a document names in its annotation; the empty text if it names none and is for every cluster."""
    metadata = document.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    value = annotations.get(CLUSTER_ANNOTATION) if isinstance(annotations, dict) else None
    return value if isinstance(value, str) else ""
