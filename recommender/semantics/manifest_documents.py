"""The policy documents inside manifests as they were written, and the cluster that each is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.errors import InvalidPolicyError
from recommender.model.manifest import CLUSTER_ANNOTATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recommender.model.manifest import Manifest

_SAFE_LOADER: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StrictLoader(_SAFE_LOADER):  # type: ignore[misc]  # one of two classes, known only at run time
    """Refuses a key that is given twice, as the API server does; PyYAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """A mapping's Python value."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} is given twice", node.value[position][0].start_mark
                )
        return dict(super().construct_mapping(node, deep=deep))


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestDocument:
    """One parsed policy document."""

    path: str
    cluster: str
    """The empty text: every cluster."""
    document: Mapping[str, Any]


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
