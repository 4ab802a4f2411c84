"""The report directory: written whole or not at all, keeping what a person put beside it."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import ReportError, UsageError
from recommender.memory import return_freed_memory, without_cycle_collection
from recommender.report.exchange import exchange
from recommender.report.html import html_pieces
from recommender.report.json_form import json_pieces
from recommender.report.view import build_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from recommender.model.recommendation import Recommendation

OWN_ENTRIES: Final = frozenset({"recommendation.json", "report.html", "policies", "pending", "quarantine"})
MARKER: Final = "recommendation.json"


def write_report(recommendation: Recommendation, directory: Path) -> dict[str, Any]:
    """Write report.html, recommendation.json, policies/ and quarantine/, and return the view that they show.

    An existing report is replaced; other files in the directory (decisions.yaml, notes) are kept. A directory with
    content that is no report of ours is a UsageError and stays as it is.
    """
    with without_cycle_collection():
        return_freed_memory()
        return _write_report(recommendation, directory)


def _write_report(recommendation: Recommendation, directory: Path) -> dict[str, Any]:
    view = build_view(recommendation)
    with ThreadPoolExecutor(1) as beside:
        # Packing the page and writing to disk leave the interpreter to each other.
        page = beside.submit(html_pieces, view)
        # The largest file is made while it is written: as one text it would take more memory than all the rest.
        files: dict[str, Iterable[str]] = {"recommendation.json": json_pieces(view), "report.html": _of(page)}
        files |= _manifests(recommendation)
        replace_directory_by_pieces(directory, files)
    return view


def _of(pieces: Future[list[str]]) -> Iterator[str]:
    yield from pieces.result()


def _manifests(recommendation: Recommendation) -> dict[str, tuple[str]]:
    files = {manifest.path: (manifest.text,) for manifest in recommendation.manifests}
    files |= {held.path: (held.text,) for held in recommendation.quarantine.files}
    if recommendation.kustomization is not None:
        files[recommendation.kustomization.path] = (recommendation.kustomization.text,)
    return files


def check_directory(directory: Path) -> None:
    """Refuse a directory that cannot take a report, before any work is done for it.

    Raises:
        UsageError: something else is there, and stays as it is.
        ReportError: nothing can be written there.
    """
    with _report_errors(directory):
        target = directory.resolve()
        _refuse_foreign(target)
        parent = next(folder for folder in target.parents if folder.exists())
        if not parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def replace_directory(directory: Path, files: Mapping[str, str]) -> None:
    """Put `files` (relative path → text) into `directory`; see `replace_directory_by_pieces`."""
    replace_directory_by_pieces(directory, {name: (text,) for name, text in files.items()})


def replace_directory_by_pieces(directory: Path, files: Mapping[str, Iterable[str]]) -> None:
    """Put `files` (relative path → pieces of text) into `directory` in one step, through a directory beside it.

    A symbolic link is followed. What a run that was killed has left beside the directory is removed.

    Raises:
        UsageError: something else is there, and stays as it is.
        ReportError: the file system fails; an old report is as it was.
    """
    with _report_errors(directory):
        target = directory.resolve()
        _refuse_foreign(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _staging(target) as staged:
            for name, pieces in files.items():
                path = staged / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("w", encoding="utf-8", newline="\n") as file:
                    file.writelines(pieces)
            _keep_foreign(target, staged)
            staged.chmod(0o777 & ~_umask())
            exchange(staged, target)


@contextmanager
def _report_errors(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReportError(
            f"the report cannot be written: {error.strerror or error}",
            where=str(directory),
            hint="another -o, or check its permissions and the free space",
        ) from error


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    """A fresh directory beside the target, locked while it is in use and gone afterwards."""
    prefix = f".{target.name}.staged-"
    for left in target.parent.glob(glob.escape(prefix) + "*"):
        _remove_if_left(left)
    staged = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    lock = os.open(staged, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield staged
    finally:
        os.close(lock)
        shutil.rmtree(staged, ignore_errors=True)


def _remove_if_left(staged: Path) -> None:
    """Remove a staging directory that nobody holds: the kernel lets go of the lock of a process that dies."""
    try:
        lock = os.open(staged, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(staged, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(lock)


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
