"""The report directory: written whole or not at all, keeping what a person put beside it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.report.html import render_html
from recommender.report.json_form import render_json
from recommender.report.view import build_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.recommendation import Recommendation

OWN_ENTRIES: Final = frozenset({"recommendation.json", "report.html", "policies", "quarantine"})
MARKER: Final = "recommendation.json"


def write_report(recommendation: Recommendation, directory: Path) -> dict[str, Any]:
    """Write report.html, recommendation.json, policies/ and quarantine/, and return the view that they show.

    An existing report is replaced; other files in the directory (decisions.yaml, notes) are kept. A directory with
    content that is no report of ours is a UsageError and stays as it is.
    """
    view = build_view(recommendation)
    files = {"recommendation.json": render_json(view), "report.html": render_html(view)}
    files |= {manifest.path: manifest.text for manifest in recommendation.manifests}
    files |= {held.path: held.text for held in recommendation.quarantine.files}
    if recommendation.kustomization is not None:
        files[recommendation.kustomization.path] = recommendation.kustomization.text
    replace_directory(directory, files)
    return view


def replace_directory(directory: Path, files: Mapping[str, str]) -> None:
    """Put `files` (relative path → text) into `directory` in one step, through a directory beside it."""
    _refuse_foreign(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        for name, text in files.items():
            path = staged / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        _keep_foreign(directory, staged)
        staged.chmod(0o777 & ~_umask())
        _exchange(staged, directory)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _refuse_foreign(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise UsageError("the output exists and is not a directory", where=str(directory), hint="give another -o")
    if directory.is_dir() and any(directory.iterdir()) and not (directory / MARKER).is_file():
        raise UsageError(
            "the output directory holds files but no earlier report",
            where=str(directory),
            hint="give a new directory with -o, or empty this one",
        )


def _keep_foreign(directory: Path, staged: Path) -> None:
    for entry in sorted(directory.iterdir()) if directory.is_dir() else ():
        if entry.name in OWN_ENTRIES:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.copytree(entry, staged / entry.name, symlinks=True)
        else:
            shutil.copy2(entry, staged / entry.name, follow_symlinks=False)


def _exchange(staged: Path, directory: Path) -> None:
    if not directory.exists():
        staged.rename(directory)
        return
    retired = Path(tempfile.mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent)) / directory.name
    directory.rename(retired)
    try:
        staged.rename(directory)
    except OSError:
        retired.rename(directory)
        raise
    finally:
        shutil.rmtree(retired.parent, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
