"""What an earlier run left in the cluster, as the report's inventory showed it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from recommender.model.existing import PolicyFate
from recommender.model.manifest import Manifest
from recommender.rollout.diff.documents import canonical_yaml
from recommender.rollout.waves.plan import PlannedObject
from recommender.semantics.manifest_documents import read_manifests
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Mapping


def existing_texts(view: Mapping[str, Any], fate: PolicyFate) -> dict[str, str]:
    """Texts of the objects of an earlier run that this one writes anew or leaves over, by policy name."""
    found = {}
    for item in view.get("existing", {}).get("policies", ()):
        if item.get("document") and item["fate"] == fate.value:
            found[str(item["name"])] = canonical_yaml(json.loads(item["document"]))
    return found


def leftovers(view: Mapping[str, Any]) -> tuple[PlannedObject, ...]:
    """What an earlier run wrote and this one does not write any more, sorted by name."""
    texts = existing_texts(view, PolicyFate.LEFTOVER)
    return tuple(
        PlannedObject(file=f"leftovers/{number}.yaml", document=yaml.safe_load(texts[name]), text=texts[name])
        for number, name in enumerate(sorted(texts), 1)
    )


def in_force(text: str, before: Mapping[str, str]) -> bool:
    """Whether every object of a manifest is there already with the same `spec`: there is nothing to roll out."""
    documents = [item.document for item in read_manifests((Manifest(path="", policy="", text=text),))]
    earlier = [yaml.safe_load(before.get(policy_name(document), "{}")) for document in documents]
    return bool(documents) and all(
        one.get("spec") == document.get("spec") and one.get("specs") == document.get("specs") and one
        for one, document in zip(earlier, documents, strict=True)
    )
