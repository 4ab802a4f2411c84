"""The place where an ingest works: its lock, its staging folder, and what is left of them when it ends."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recommender.errors import StoreError
from recommender.store import directory, single_file
from recommender.store.dataset_record import MANIFEST
from recommender.store.durable import store_errors
from recommender.store.ingest_lock import ingest_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from recommender.store.dataset_record import DatasetRecord


def stored_record(path: Path, *, single_file: bool) -> DatasetRecord | None:
    """Read the record of the dataset to add to, or give None where a new one can be made.

    Raises:
        StoreError: something else is there, or a dataset of the other form.
    """
    with store_errors(path, "opening the dataset"):
        return _single_file_record(path) if single_file else directory.check_target(path)


def _single_file_record(path: Path) -> DatasetRecord | None:
    if not path.exists():
        return None
    if path.is_dir():
        form = "a dataset in a folder" if (path / MANIFEST).exists() else "a folder"
        raise StoreError(
            f"is {form}, not a single file", where=str(path), hint="the same command without --single-file"
        )
    return single_file.read_record(path)


@contextmanager
def workspace(path: Path, *, single_file: bool) -> Iterator[Path]:
    """Lock the dataset and give a staging folder on its file system; both are gone afterwards.

    The folder may hold what an ingest has left that was killed or interrupted. What one that failed has written is
    removed.

    Raises:
        StoreError: something else is at the path, or another ingest is under way.
    """
    stored_record(path, single_file=single_file)  # Before anything is touched.
    with _single_file_workspace(path) if single_file else _folder_workspace(path) as staging:
        yield staging


@contextmanager
def _gone_unless_interrupted(remove: Callable[[], None], path: Path) -> Iterator[None]:
    """Remove what was staged, unless a person stopped the ingest, who may go on with it."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException:
        _remove(remove, path)
        raise
    _remove(remove, path)


def _remove(remove: Callable[[], None], path: Path) -> None:
    with store_errors(path, "cleaning up after the ingest"):
        remove()


@contextmanager
def _single_file_workspace(path: Path) -> Iterator[Path]:
    staging = path.with_name(f".{path.name}.ingest")
    with store_errors(path, "preparing the ingest"):
        path.parent.mkdir(parents=True, exist_ok=True)
    with ingest_lock(path.with_name(f".{path.name}.lock"), dataset=path):
        with store_errors(path, "preparing the ingest"):
            staging.mkdir(exist_ok=True)
        with _gone_unless_interrupted(lambda: shutil.rmtree(staging), path):
            yield staging


@contextmanager
def _folder_workspace(path: Path) -> Iterator[Path]:
    staging = path / directory.STAGING
    is_new = not path.exists()
    with store_errors(path, "preparing the ingest"):
        path.mkdir(parents=True, exist_ok=True)
    try:
        with ingest_lock(path / directory.LOCK, dataset=path):
            with store_errors(path, "preparing the ingest"):
                if staging.exists():
                    directory.sweep(path)
                staging.mkdir(exist_ok=True)
            with _gone_unless_interrupted(lambda: directory.sweep(path, staging=True), path):
                yield staging
    finally:
        if is_new and not any(path.iterdir()):
            path.rmdir()
