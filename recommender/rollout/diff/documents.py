"""The text beside it: how the documents of two sets of policies differ."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import yaml

from recommender.rollout.diff.change import PolicyChange
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recommender.semantics.manifest_documents import ManifestDocument


class _Dumper(yaml.SafeDumper):
    """Writes every value where it stands, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Whether a repeated value is written again: always."""
        del data
        return True


def document_changes(old: Iterable[ManifestDocument], new: Iterable[ManifestDocument]) -> Iterator[PolicyChange]:
    """The policies that are on one side only, or whose documents differ in more than comments and the order of keys."""
    before, after = _texts(old), _texts(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            lines = difflib.unified_diff(
                before.get(name, []), after.get(name, []), f"old {name[0]}", f"new {name[0]}", lineterm=""
            )
            change = "added" if name not in before else "removed" if name not in after else "changed"
            cluster = f" (cluster {name[1]})" if name[1] else ""
            yield PolicyChange(name=f"{name[0]}{cluster}", change=change, text=tuple(lines))


def _texts(documents: Iterable[ManifestDocument]) -> Mapping[tuple[str, str], list[str]]:
    """The canonical lines of each document by policy name and cluster."""
    return {
        (policy_name(item.document), item.cluster): canonical_yaml(item.document).splitlines() for item in documents
    }


def canonical_yaml(document: Mapping[str, Any]) -> str:
    """A document with sorted keys, without comments and anchors; everything that is not ASCII is escaped."""
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=True, default_flow_style=False, width=10_000)
