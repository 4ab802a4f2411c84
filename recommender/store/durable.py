"""Files that appear whole or not at all, and stay after a power cut."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import duckdb

from recommender.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MORE_ROOM: Final = "free space on that disk, or choose another place with -o; what was there before is unharmed"
_LESS: Final = "more memory for this process, or fewer --jobs; what was there before is unharmed"


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
    """Turn failures of the disk, of memory or of DuckDB into a StoreError that names the dataset.

    Raises:
        StoreError: in their place.
    """
    try:
        yield
    except OSError as error:
        hint = _MORE_ROOM if error.errno in _FULL else ""
        raise StoreError(f"{doing} failed: {error.strerror or error}", where=str(path), hint=hint) from error
    except (MemoryError, duckdb.OutOfMemoryException) as error:
        raise StoreError(f"{doing} ran out of memory: {_first_line(error)}", where=str(path), hint=_LESS) from error
    except duckdb.Error as error:
        hint = _MORE_ROOM if os.strerror(errno.ENOSPC) in str(error) else ""
        raise StoreError(f"{doing} failed: {_first_line(error)}", where=str(path), hint=hint) from error


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
