"""The forms in which one policy is applied on the way: staged, for ingress only, in full."""

from __future__ import annotations

import copy
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.assess.gaps.report import command_name
from recommender.model.manifest import Manifest
from recommender.rollout.diff.documents import canonical_yaml
from recommender.rollout.waves.plan import PlannedObject, Stage
from recommender.semantics.kinds import DocumentKind, kind_of
from recommender.semantics.manifest_documents import read_manifests
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STAGED: Final = {
    DocumentKind.CALICO: "StagedNetworkPolicy",
    DocumentKind.CALICO_GLOBAL: "StagedGlobalNetworkPolicy",
}
"""Calico's kinds that log and deny nothing (Calico documentation, "Stage network policies")."""
_EGRESS_FIELDS: Final = ("egress", "egressDeny")
_DERIVED: Final = "# Derived from the policy of this name in the report, for this wave only.\n"


def variants(path: str, text: str, stage: Stage, before: Mapping[str, str]) -> Iterator[PlannedObject]:
    """A manifest as a stage applies it; nothing where the stage has no part of it.

    Args:
        path: In the report, such as `policies/shop/web-1a2b3c.yaml`.
        text: The manifest.
        stage: What the wave does.
        before: Texts of the objects that are there, by policy name.
    """
    documents = read_manifests((Manifest(path=path, policy="", text=text),))
    for number, item in enumerate(documents):
        document = dict(item.document)
        made = _made(document, stage)
        if made is None:
            continue
        whole = len(documents) == 1 and made == document
        file = _file(path, number if len(documents) > 1 else 0)
        name = policy_name(document)
        # A staged object has a kind of its own, so it replaces nothing.
        replaced = before.get(name, "") if made.get("kind") == document.get("kind") else ""
        yield PlannedObject(
            file=file,
            document=made,
            text=text if whole else _DERIVED + canonical_yaml(made),
            before=replaced,
        )


def _file(path: str, number: int) -> str:
    """Below `manifests/`; what is no plain name in the report's path cannot lead elsewhere."""
    parts = [part for part in PurePosixPath(path).parts if part not in {"/", "..", "."}]
    kept = parts[1:] if len(parts) > 1 else parts
    stem = str(PurePosixPath("manifests", *kept))
    return stem.replace(".yaml", f"-{number}.yaml") if number else stem


def _made(document: Mapping[str, Any], stage: Stage) -> dict[str, Any] | None:
    kind = kind_of(document)
    made = copy.deepcopy(dict(document))
    if stage is Stage.AUDIT and kind in _STAGED:
        made["kind"] = _STAGED[kind]
        return made
    if stage is not Stage.INGRESS:
        return made
    match kind:
        case DocumentKind.CILIUM | DocumentKind.CILIUM_CLUSTERWIDE:
            return _cilium_ingress(made)
        case DocumentKind.NETWORK_POLICY | DocumentKind.CALICO | DocumentKind.CALICO_GLOBAL:
            types = "policyTypes" if kind is DocumentKind.NETWORK_POLICY else "types"
            return _typed_ingress(made, types)
        case DocumentKind.CLUSTER_NETWORK_POLICY:
            made["spec"].pop("egress", None)
            return made if made["spec"].get("ingress") else None
        case _:
            return made


def _cilium_ingress(document: dict[str, Any]) -> dict[str, Any]:
    """Egress rules stay, and isolate nobody yet (`enableDefaultDeny`); rules of layer 7 wait, since proxies refuse."""
    for spec in [document.get("spec"), *(document.get("specs") or ())]:
        if not spec or not any(spec.get(field) for field in _EGRESS_FIELDS):
            continue
        switches = dict(spec.get("enableDefaultDeny") or {})
        spec["enableDefaultDeny"] = {**switches, "egress": False}
        for rule in spec.get("egress") or ():
            for item in rule.get("toPorts") or ():
                if "http" in (item.get("rules") or {}):
                    item.pop("rules")
    return document


def _typed_ingress(document: dict[str, Any], types: str) -> dict[str, Any] | None:
    spec = document["spec"]
    listed = spec.get(types) or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
    if "Ingress" not in listed:
        return None
    spec.pop("egress", None)
    spec[types] = ["Ingress"]
    return document


def existing_texts(view: Mapping[str, Any]) -> dict[str, str]:
    """Texts of the objects of an earlier run that the report's policies replace, by policy name."""
    found = {}
    for item in view.get("existing", {}).get("policies", ()):
        if item.get("document") and item["fate"] == "replaced":
            found[str(item["name"])] = canonical_yaml(json.loads(item["document"]))
    return found


def guard(namespace: str) -> PlannedObject:
    """A NetworkPolicy that keeps a namespace open in both directions while policies come that add up."""
    document = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "netpol-recommend-rollout-guard", "namespace": namespace},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{}],
            "egress": [{}],
        },
    }
    text = "# Temporary: delete it when the wave is applied.\n" + yaml.safe_dump(document, sort_keys=False)
    return PlannedObject(file=f"guard/{command_name(namespace, 'namespace')}.yaml", document=document, text=text)
