"""Files that appear whole or not at all, and stay after a power cut."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from recommender.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def sync(path: Path) -> None:
    """Flush a file or a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(temporary: Path, target: Path) -> None:
    """Put a finished file in place of the target in one step; both lie on one file system."""
    sync(temporary)
    os.replace(temporary, target)  # noqa: PTH105 -- replaces atomically, which is the point
    sync(target.parent)


def content_name(file: Path) -> str:
    """Name a part after its bytes, so that writing the same rows twice gives one file."""
    digest = hashlib.blake2b(digest_size=16)
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return f"part-{digest.hexdigest()}.parquet"


@contextmanager
def store_errors(path: Path, doing: str) -> Iterator[None]:
    """Turn failures of the disk or of DuckDB into a StoreError that names the dataset.

    Raises:
        StoreError: in their place.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(f"{doing} failed: {error.strerror or error}", where=str(path)) from error
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0]
        raise StoreError(f"{doing} failed: {first_line}", where=str(path)) from error
