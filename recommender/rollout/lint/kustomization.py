"""In which order does a kustomization apply its files?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from recommender.foreign_yaml import look_over
from recommender.rollout.policy_side import POLICIES, REPORT
from recommender.semantics.manifest_documents import StrictLoader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""kustomize, `pkg/konfig`: RecognizedKustomizationFileNames."""


def kustomized_order(path: Path) -> Mapping[str, int]:
    """Place of each listed file, by its path as manifests are named; empty where kustomize sorts by kind.

    Only files that the kustomization of the directory itself lists, kept in their order by `sortOptions.order: fifo`
    (kustomize documentation, "sortOptions"; by default it sorts by kind and name).
    """
    directory = path / POLICIES if (path / REPORT).is_file() and (path / POLICIES).is_dir() else path
    found = next((directory / name for name in _NAMES if (directory / name).is_file()), None)
    listed = _listed(found) if found else ()
    return {str(directory / name): place for place, name in enumerate(listed)}


def _listed(path: Path) -> tuple[str, ...]:
    try:
        text = path.read_text(encoding="utf-8")
        look_over(text, aliases=True)
        document: Any = yaml.load(text, Loader=StrictLoader)  # noqa: S506 - a SafeLoader
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return ()
    if not isinstance(document, dict):
        return ()
    options, resources = document.get("sortOptions"), document.get("resources")
    if not isinstance(options, dict) or options.get("order") != "fifo" or not isinstance(resources, list):
        return ()
    return tuple(name for name in resources if isinstance(name, str))
