"""Files that commands of this room write: whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recommender.errors import ReportError, UsageError
from recommender.report.exchange import exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKER: Final = ".netpol-recommend"
"""A file that marks a directory as output of ours, which may be replaced."""


def replace_text(path: Path, text: str) -> None:
    """Put a text in the place of a file's.

    Raises:
        ReportError: The file system fails; the file is as it was.
    """
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", newline="", delete=False) as staged:
            staged.write(text)
        if path.exists():
            shutil.copymode(path, staged.name)
        else:
            Path(staged.name).chmod(0o644)
        Path(staged.name).replace(path)
    except OSError as error:
        raise ReportError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def write_directory(directory: Path, files: Mapping[str, str], *, kind: str) -> None:
    """Put files (relative path to text) into a directory in one step; an earlier output of the same kind is replaced.

    Raises:
        UsageError: Something else is there, and stays as it is.
        ReportError: The file system fails.
    """
    target = directory.resolve()
    mark = target / MARKER
    ours = mark.is_file() and mark.read_text(encoding="utf-8", errors="replace") == f"{kind}\n"
    if target.exists() and not ours and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(
            f"holds files but no earlier output of `{kind}`", where=str(directory), hint="give a new directory with -o"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{target.name}.staged-", dir=target.parent))
        try:
            for name, text in {**files, MARKER: f"{kind}\n"}.items():
                path = staged / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
            staged.chmod(0o755)
            exchange(staged, target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except OSError as error:
        raise ReportError(f"cannot be written: {error.strerror or error}", where=str(directory)) from error
