"""The decisions file, read and replaced while the page is open."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from recommender.errors import ReportError, UsageError
from recommender.model.decision import Decisions
from recommender.review import parse_decisions, read_decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsFile:
    """A file that may not be there yet; whoever saves calls one at a time."""

    path: Path

    def read(self) -> Decisions:
        """What it decides; nothing if it is not there.

        Raises:
            UsageError: As `read_decisions`.
        """
        return read_decisions(self.path) if self.path.exists() else Decisions()

    def check(self) -> None:
        """Refuse a file that cannot be read or saved, before anybody decides anything.

        Raises:
            UsageError: It cannot be read, or its directory is not there or closed to us.
        """
        self.read()
        folder = self.path.resolve().parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(
                "decisions cannot be saved there", where=str(self.path), hint="another --decisions, or its permissions"
            )

    def save(self, content: bytes, *, seen: str) -> Decisions | None:
        """Put `content` in its place, whole or not at all; None, and nothing is done, if it changed meanwhile.

        `seen` is the digest of the file that the decisions were made upon, empty if there was none.

        Raises:
            UsageError: `content` is no decisions file.
            ReportError: The file system fails; the file is as it was.
        """
        decisions = parse_decisions(content, self.path.name)
        if self._digest() != seen:
            return None
        self._replace(content)
        return decisions

    def _digest(self) -> str | None:
        """Of the file as it is; None if a person has made it unreadable, which equals nothing that was seen."""
        try:
            return self.read().digest
        except UsageError:
            return None

    def _replace(self, content: bytes) -> None:
        target = self.path.resolve()
        try:
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
            with tempfile.NamedTemporaryFile(prefix=f".{target.name}.", dir=target.parent, delete=False) as staged:
                try:
                    staged.write(content)
                    staged.flush()
                    os.fsync(staged.fileno())
                    os.fchmod(staged.fileno(), mode)
                    Path(staged.name).replace(target)
                except BaseException:
                    Path(staged.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise ReportError(
                f"the decisions cannot be saved: {error.strerror or error}", where=str(self.path)
            ) from error
