"""What `kubectl get … -o json` printed, as an Inventory."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec
import yaml

from recommender.errors import InventoryError
from recommender.foreign_yaml import look_over
from recommender.ingest.declared_uses import DECLARING, declared_uses
from recommender.ingest.kubernetes_objects import (
    Objects,
    canonical,
    controller_of,
    mapping,
    pairs,
    read_node_addresses,
    read_pod,
    read_policy,
    read_scaler,
    read_service,
    read_workload,
    text,
)
from recommender.model.inventory import Inventory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SUFFIXES: Final = frozenset({".json", ".yaml", ".yml"})
_YAML_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORKLOADS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"})
_SCALER: Final = "HorizontalPodAutoscaler"
_ENDPOINT: Final = "CiliumEndpoint"
_PLAIN: Final = frozenset({"Namespace", "Pod", "Service", "ReplicaSet", "Node", _SCALER, _ENDPOINT})
_READ: Final = _WORKLOADS | _PLAIN | DECLARING
_POLICY_SUFFIX: Final = "NetworkPolicy"
"""Every kind that ends so is kept: one that cannot be judged must be named later, not passed over."""
_BLANK: Final = re.compile(r"\s*")
_DEPTH: Final = 4
"""Lists within lists."""
_HINT: Final = (
    "kubectl get ns,nodes,pods,svc,deploy,rs,sts,ds,jobs,cronjobs,netpol,cnp,ccnp -A -o json > inventory.json"
    " (more that helps, where it exists: hpa,ing,httproutes,servicemonitors,podmonitors,cep,apiservices,"
    "validatingwebhookconfigurations,mutatingwebhookconfigurations)"
)


def load_inventory(paths: Sequence[Path]) -> Inventory:
    """The cluster as these files describe it.

    A file holds lists or single objects, as JSON (one document or several after each other) or YAML; a directory
    stands for the .json, .yaml and .yml files below it. Kinds that are not needed, Secrets among them, are dropped
    while reading. The digest depends on the objects, not on their order or their files; an object that is given twice
    counts once.

    Raises:
        InventoryError: if a file cannot be read or is not what kubectl prints.
    """
    objects: Objects = {}
    for file in _files(paths):
        try:
            for document in _documents(file):
                for item in _items(document, file):
                    _check(item)
                    key = (_kind_of(item), text(mapping(item, "metadata"), "namespace"), _name(item))
                    objects[key] = max(objects[key], item, key=canonical) if key in objects else item
        except (TypeError, ValueError, RecursionError) as error:
            raise InventoryError(f"not understood: {error}", where=str(file), hint=_HINT) from error
    return _inventory(objects) if paths else Inventory()


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
            if not found:
                raise InventoryError("no .json, .yaml or .yml file in this directory", where=str(path), hint=_HINT)
            yield from found
        elif path.exists():
            yield path
        else:
            raise InventoryError("no such file", where=str(path), hint=_HINT)


def _documents(file: Path) -> Iterator[Any]:
    try:
        content = file.read_bytes().removeprefix(b"\xef\xbb\xbf").decode()
    except OSError as error:
        raise InventoryError(
            f"cannot be read: {error.strerror}", where=str(file), hint="check its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise InventoryError("not a text in UTF-8", where=str(file), hint=_HINT) from error
    if content.lstrip().startswith(("{", "[")):
        yield from _json_documents(content, file)
        return
    try:
        look_over(content, aliases=False)
        yield from yaml.load_all(content, Loader=_YAML_LOADER)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "no valid YAML"
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        raise InventoryError(f"neither JSON nor YAML: {problem}", where=where, hint=_HINT) from error


def _json_documents(content: str, file: Path) -> Iterator[Any]:
    decoder, position = json.JSONDecoder(), 0
    while (position := _BLANK.match(content, position).end()) < len(content):  # type: ignore[union-attr] # matches always
        try:
            document, position = decoder.raw_decode(content, position)
        except json.JSONDecodeError as error:
            raise InventoryError(f"no valid JSON: {error.msg}", where=f"{file}:{error.lineno}", hint=_HINT) from error
        yield document


def _items(document: Any, file: Path, depth: int = _DEPTH) -> Iterator[dict[str, Any]]:
    """The objects in a document that are of a kind we read, each with the kind it had or that its list implies."""
    if document is None:
        return
    if isinstance(document, list) and depth:
        for item in document:
            yield from _items(item, file, depth - 1)
        return
    if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
        raise InventoryError("an object without a kind: not what kubectl prints", where=str(file), hint=_HINT)
    kind = document["kind"]
    if isinstance(document.get("items"), list) and kind.endswith("List") and depth:
        implied = {"kind": kind.removesuffix("List"), "apiVersion": document.get("apiVersion", "")}
        for item in document["items"]:
            named = {**implied, **item} if implied["kind"] and isinstance(item, dict) else item
            yield from _items(named, file, depth - 1)
    elif (kind in _READ or kind.endswith(_POLICY_SUFFIX)) and _name(document):
        yield document


def _kind_of(item: dict[str, Any]) -> str:
    """The kind; of a policy with its API group, since several groups have a kind of the same name."""
    kind: str = item["kind"]
    group = str(item.get("apiVersion", "")).partition("/")[0]
    return f"{kind}.{group}" if kind.endswith(_POLICY_SUFFIX) else kind


def _check(item: dict[str, Any]) -> None:
    """Reads the object once for its errors, while its file is known."""
    try:
        _inventory({(_kind_of(item), "", ""): item})
    except TypeError as error:
        raise TypeError(f"{item['kind']} `{_name(item)}`: {error}") from error


def _name(item: dict[str, Any]) -> str:
    return text(mapping(item, "metadata"), "name")


def _inventory(objects: Objects) -> Inventory:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for (kind, _, _), item in sorted(objects.items(), key=lambda entry: entry[0]):
        by_kind.setdefault(kind, []).append(item)
    workloads = [item for kind in sorted(_WORKLOADS) for item in by_kind.get(kind, ())]
    read = Inventory(
        namespaces=tuple(
            (_name(item), pairs(mapping(item, "metadata"), "labels")) for item in by_kind.get("Namespace", ())
        ),
        pods=tuple(read_pod(item, objects) for item in by_kind.get("Pod", ())),
        services=tuple(read_service(item) for item in by_kind.get("Service", ())),
        workloads=tuple(read_workload(item) for item in workloads if not _is_scheduled(item)),
        policies=tuple(
            sorted(
                (read_policy(item) for item in objects.values() if item["kind"].endswith(_POLICY_SUFFIX)),
                key=lambda policy: (policy.kind, policy.namespace, policy.name, policy.document),
            )
        ),
        uses=tuple(
            sorted(
                (use for item in objects.values() for use in declared_uses(item)), key=lambda use: (use.kind, repr(use))
            )
        ),
        scalers=tuple(read_scaler(item) for item in by_kind.get(_SCALER, ())),
        cilium_endpoints=tuple(
            sorted((text(mapping(item, "metadata"), "namespace"), _name(item)) for item in by_kind.get(_ENDPOINT, ()))
        ),
        nodes=tuple(sorted(_name(item) for item in by_kind.get("Node", ()))),
        node_addresses=tuple(
            sorted({address for item in by_kind.get("Node", ()) for address in read_node_addresses(item)})
        ),
    )
    return replace(read, digest=hashlib.blake2b(msgspec.json.encode(read), digest_size=16).hexdigest())


def _is_scheduled(item: dict[str, Any]) -> bool:
    """A Job that a CronJob made: the CronJob stands for it."""
    return item["kind"] == "Job" and controller_of(mapping(item, "metadata"))[0] == "CronJob"
