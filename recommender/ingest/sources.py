"""Where captures come from: files, directories, patterns and standard input."""

from __future__ import annotations

import glob
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from recommender.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STDIN: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to read, or a stream that is open already."""

    name: str
    """As the user would name it; `-` is standard input."""
    path: Path | None = None
    stream: BinaryIO | None = None
    """Read instead of the path; not closed afterwards."""
    size: int = 0
    """Bytes as they lie; 0 if that is not known beforehand."""

    @property
    def reopens(self) -> bool:
        """Whether it can be read again from its beginning, as a file can and a pipe cannot."""
        return self.stream is None and self.path is not None and self.path.is_file()

    def open(self) -> BinaryIO:
        """The bytes as they lie.

        Raises:
            SourceError: if the file cannot be opened.
        """
        if self.stream is not None:
            return self.stream
        if self.path is None:
            # Unbuffered where possible: nothing must hold a lock on it when the program ends.
            return getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
        try:
            return self.path.open("rb")
        except OSError as error:
            reason = error.strerror or str(error)
            raise SourceError(
                f"cannot be opened: {reason}", where=self.name, hint="check the path and its permissions"
            ) from error

    def close(self, opened: BinaryIO) -> None:
        """Close what `open` has opened itself."""
        if self.stream is None and self.path is not None:
            opened.close()


def expand_sources(arguments: Sequence[str], *, without: Path | None = None) -> tuple[Source, ...]:
    """Which files do these arguments name?

    Each argument is a file, a directory (all files below it, hidden ones left out), a glob pattern, or `-`. Order is
    that of the arguments, sorted by path within each; a file named twice is read once. What lies in `without`, the
    dataset that is written, is not read though a directory or pattern holds it.

    Raises:
        SourceError: if any argument names nothing, or a device.
    """
    found: dict[str, Source] = {}
    missing: list[str] = []
    for argument in arguments:
        sources = tuple(
            source for source in _expand(argument) if source.name == argument or not _lies_in(source, without)
        )
        if not sources:
            missing.append(argument)
        for source in sources:
            key = os.path.realpath(source.path) if source.path else STDIN
            found.setdefault(key, source)
    if missing:
        raise SourceError(
            "no such file, no match, or a directory without files: " + ", ".join(missing),
            hint="check the spelling, or write flows with: hubble observe -o jsonpb --last 10000 > flows.jsonl",
        )
    return tuple(found.values())


def _lies_in(source: Source, dataset: Path | None) -> bool:
    return dataset is not None and source.path is not None and source.path.resolve().is_relative_to(dataset.resolve())


def _expand(argument: str) -> Iterator[Source]:
    if argument == STDIN:
        yield Source(name=STDIN)
        return
    try:
        exists = bool(argument) and "\x00" not in argument and os.path.lexists(argument)
    except (OSError, ValueError):
        exists = False
    if exists:
        yield from _existing(Path(argument))
    elif argument and glob.has_magic(argument) and "\x00" not in argument:
        for match in sorted(glob.glob(argument, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
            yield from _existing(Path(match))


def _existing(path: Path) -> Iterator[Source]:
    if path.is_dir():
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            candidates = (Path(folder, name) for name in sorted(files) if not name.startswith("."))
            yield from (_file(candidate) for candidate in candidates if candidate.is_file())
    elif path.exists():
        if path.is_char_device() or path.is_block_device():
            raise SourceError(
                "a device, which may never end, is no source",
                where=str(path),
                hint="name files, directories or pipes, or `-` for the standard input",
            )
        yield _file(path)


def _file(path: Path) -> Source:
    return Source(name=str(path), path=path, size=path.stat().st_size if path.is_file() else 0)
