"""The forms in which one policy is applied on the way: staged, for ingress only, in full."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.assess.gaps.report import command_name
from recommender.model.manifest import CLUSTER_ANNOTATION, Dialect, Manifest
from recommender.model.policy import Direction
from recommender.rollout.diff.documents import canonical_yaml
from recommender.rollout.waves.plan import Audit, PlannedObject, Stage
from recommender.semantics.kinds import DocumentKind, kind_of
from recommender.semantics.manifest_documents import read_manifests
from recommender.semantics.reading import policy_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STAGED: Final = {
    DocumentKind.CALICO: "StagedNetworkPolicy",
    DocumentKind.CALICO_GLOBAL: "StagedGlobalNetworkPolicy",
}
"""Calico's kinds that preview what a policy would do and deny nothing; open source from Calico 3.30 on
(docs.tigera.io/calico/latest/reference/resources/stagednetworkpolicy)."""
_EGRESS_FIELDS: Final = ("egress", "egressDeny")
_SHADOW: Final = "-shadow"
_DERIVED: Final = "# Derived from the policy of this name in the report, for this wave only.\n"


def audit_of(dialect: str) -> Audit:
    """How policies of a dialect are audited."""
    match dialect:
        case Dialect.CILIUM:
            return Audit.SHADOW
        case Dialect.CALICO:
            return Audit.STAGED
        case _:
            return Audit.MODE


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
        planned = PlannedObject(
            file=_file(path, number if len(documents) > 1 else 0),
            document=made,
            text=text if whole else _DERIVED + canonical_yaml(made),
        )
        # A staged object has a kind of its own, so it replaces nothing; neither does a shadow, by its name.
        earlier = "" if planned.staged else before.get(policy_name(made), "")
        if stage is not Stage.INGRESS or not _is_there(earlier, made):
            yield replace(planned, before=earlier)


def _is_there(earlier: str, made: Mapping[str, Any]) -> bool:
    """Whether what is there is the ingress form already, or denies more, which that form would open again."""
    document = yaml.safe_load(earlier) if earlier else None
    return document is not None and (
        document.get("spec") == made.get("spec") or _made(document, Stage.INGRESS) != document
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
    if stage is Stage.AUDIT:
        return _audited(made, kind)
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


def _audited(document: dict[str, Any], kind: DocumentKind) -> dict[str, Any] | None:
    """The form that denies nothing, where its API has one."""
    if kind in _STAGED:
        return {**document, "kind": _STAGED[kind]}
    return _shadow(document) if kind.of_cilium else document


def _shadow(document: dict[str, Any]) -> dict[str, Any] | None:
    """The same allow rules beside whatever is there, isolating nobody (`enableDefaultDeny`, Cilium 1.16).

    Deny rules and rules of layer 7 act without default deny too (Cilium documentation, "Policy Enforcement Modes"), so
    they are left out; DNS goes through the proxy for every name. None where no rule is left.
    """
    specs = [spec for spec in (document.get("spec"), *(document.get("specs") or ())) if spec]
    for spec in specs:
        spec["enableDefaultDeny"] = {"egress": False, "ingress": False}
        for direction in Direction:
            spec.pop(f"{direction.value}Deny", None)
            for item in _port_items(spec, direction.value):
                _open_layer7(item)
    if not any(spec.get(direction.value) for spec in specs for direction in Direction):
        return None
    document["metadata"] = {**document["metadata"], "name": f"{document['metadata']['name']}{_SHADOW}"}
    return document


def _open_layer7(item: dict[str, Any]) -> None:
    item.pop("serverNames", None)
    if "dns" in (item.get("rules") or {}):
        item["rules"] = {"dns": [{"matchPattern": "*"}]}
    else:
        item.pop("rules", None)


def _port_items(spec: Mapping[str, Any], field: str) -> Iterator[dict[str, Any]]:
    for rule in spec.get(field) or ():
        yield from (rule or {}).get("toPorts") or ()


def _cilium_ingress(document: dict[str, Any]) -> dict[str, Any]:
    """Egress rules stay, and isolate nobody yet (`enableDefaultDeny`); rules of layer 7 wait, since proxies refuse."""
    for spec in [document.get("spec"), *(document.get("specs") or ())]:
        if not spec or not any(spec.get(field) for field in _EGRESS_FIELDS):
            continue
        switches = dict(spec.get("enableDefaultDeny") or {})
        spec["enableDefaultDeny"] = {**switches, "egress": False}
        for item in _port_items(spec, "egress"):
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


def guard(namespace: str, cluster: str) -> PlannedObject:
    """A NetworkPolicy that keeps a namespace open in both directions while policies come that add up."""
    annotations = {"annotations": {CLUSTER_ANNOTATION: cluster}} if cluster else {}
    document = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "netpol-recommend-rollout-guard", "namespace": namespace, **annotations},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{}],
            "egress": [{}],
        },
    }
    text = "# Temporary: delete it when the wave is applied.\n" + yaml.safe_dump(document, sort_keys=False)
    return PlannedObject(file=f"guard/{command_name(namespace, 'namespace')}.yaml", document=document, text=text)
