"""One ingest into a dataset at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recommender.errors import StoreError
from recommender.store.durable import store_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def ingest_lock(lock_file: Path, *, dataset: Path) -> Iterator[None]:
    """Hold the lock file for the time of one ingest; the kernel lets go of it if the process dies.

    Raises:
        StoreError: another ingest into the dataset is under way.
    """
    descriptor = _locked_descriptor(lock_file, dataset)
    try:
        yield
    finally:
        lock_file.unlink(missing_ok=True)
        os.close(descriptor)


def _locked_descriptor(lock_file: Path, dataset: Path) -> int:
    while True:
        with store_errors(dataset, "locking the dataset"):
            descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise StoreError(
                "another ingest into this dataset is under way",
                where=str(dataset),
                hint=f"wait for it to end, or find it: fuser {lock_file}",
            ) from error
        if _still_there(lock_file, descriptor):
            return descriptor
        # The holder before removed the file between our open and our lock: a third process may hold a new one.
        os.close(descriptor)


def _still_there(lock_file: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(lock_file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
