"""Putting a finished directory in the place of another one, in one step where the kernel can."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
_NOT_OFFERED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


def exchange(staged: Path, directory: Path) -> None:
    """Make `directory` hold what `staged` held; an old directory is at `staged` afterwards, or gone.

    Both lie in one folder. Where two paths can be exchanged (Linux `renameat2`), nobody ever sees neither of them;
    elsewhere the old directory is out of sight for the moment between two renames.

    Raises:
        OSError: nothing has changed then.
    """
    if not directory.exists():
        staged.rename(directory)
    elif not _exchanged(staged, directory):
        _replace(staged, directory)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two paths; False where the kernel or the file system does not offer that."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _NOT_OFFERED:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _replace(staged: Path, directory: Path) -> None:
    retired = Path(tempfile.mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent))
    try:
        directory.rename(retired / directory.name)
        try:
            staged.rename(directory)
        except OSError:
            (retired / directory.name).rename(directory)
            raise
    finally:
        shutil.rmtree(retired, ignore_errors=True)
