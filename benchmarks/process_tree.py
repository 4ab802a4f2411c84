"""The memory of a process and all its descendants, while it runs."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

_EVERY_S: Final = 0.1
_KIB_A_MIB: Final = 1024


class TreePeak:
    """Samples the proportional set sizes (Linux `smaps_rollup`), in which shared pages count once, ten times a second.

    A peak between two samples is missed; the largest process alone is known exactly (`ru_maxrss`).
    """

    def __init__(self, process: int) -> None:
        self._process = process
        self._ended = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self.peak = 0.0
        """MiB."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_S):
            self.peak = max(self.peak, sum(map(_proportional, _tree(self._process))) / _KIB_A_MIB)


def _tree(process: int) -> list[int]:
    """The process and its descendants that are there now."""
    found = [process]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, children.read_text(encoding="ascii").split())
            except OSError:  # It has just ended.
                continue
    return found


def _proportional(process: int) -> int:
    """KiB; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
