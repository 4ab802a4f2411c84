"""Where a capture may be cut into ranges that are decoded apart, as if it had been read in one go.

A cut lies between two lines that both hold a whole flow in Hubble's envelope. No array, no log part of a container
runtime and no record over several lines goes on across two such lines in sequence (`RecordAssembler.separate`), so
nothing of what came before matters after them. Cuts depend on the content alone: a file gives the same ranges on any
machine, with any number of processes, plain or compressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.errors import SourceError
from recommender.ingest.rejects import RejectedRecordError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

RANGE_BYTES: Final = 8 * 2**20
"""A range is at least this long, but for the last one."""
CUT_WINDOW: Final = 2**20
"""So many bytes after that are searched for a cut; where there is none, the range goes on as long again."""
_READ_BYTES: Final = 2**18
_FLOW_START: Final = b'{"flow":{'


def is_flow_line(line: bytes) -> bool:
    """Whether this line looks like a whole flow in Hubble's envelope."""
    return line.startswith(_FLOW_START) and line.endswith(b"}")


def cut_in(window: bytes) -> int:
    """The first place in this piece of text where a capture may be cut; -1 if there is none."""
    begin = window.find(b"\n") + 1
    after_flow = False
    while begin:
        end = window.find(b"\n", begin)
        if end < 0:
            return -1
        is_flow = window.startswith(_FLOW_START, begin) and window.endswith(b"}", begin, end)
        if is_flow and after_flow:
            return begin
        after_flow, begin = is_flow, end + 1
    return -1


def file_ranges(file: BinaryIO, *, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The ranges of a plain file from `start` on, as pairs of offsets."""
    nominal = start + RANGE_BYTES
    while nominal < end:
        file.seek(nominal)
        cut = cut_in(file.read(min(CUT_WINDOW, end - nominal)))
        if cut >= 0:
            yield start, nominal + cut
            start = nominal + cut
        nominal = (start if cut >= 0 else nominal) + RANGE_BYTES
    yield start, end


def file_blocks(path: Path, *, start: int, end: int, name: str) -> Iterator[bytes]:
    """The bytes between two offsets of a file.

    Raises:
        SourceError: the file system fails.
    """
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(start)
            while start < end and (block := file.read(min(_READ_BYTES, end - start))):
                yield block
                start += len(block)
    except OSError as error:
        raise SourceError(f"cannot be read: {error}", where=name, hint="check the file and its disk") from error


class StreamRanges:
    """Cuts a stream of blocks; each range is used up before the next one is asked for."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._ahead = b""
        self._ended = False
        self._failure: SourceError | RejectedRecordError | None = None

    def __iter__(self) -> Iterator[Iterator[bytes]]:
        """The blocks of one range after the other; at least one range."""
        yield self._range()
        while self._fill():
            yield self._range()

    def _range(self) -> Iterator[bytes]:
        """One range; where reading fails, everything before that place is given out first."""
        while True:
            missing = RANGE_BYTES
            while missing and self._fill():
                block, self._ahead = self._ahead[:missing], self._ahead[missing:]
                missing -= len(block)
                yield block
            if missing:
                break
            window = self._window()
            cut = cut_in(window)
            if cut >= 0:
                self._ahead = window[cut:] + self._ahead
                yield window[:cut]
                return
            self._ahead = window + self._ahead
        if self._failure is not None:
            raise self._failure

    def _fill(self) -> bool:
        """Have at least one byte ahead, unless the stream has ended."""
        while not self._ahead and not self._ended:
            self._ahead = self._pull()
        return bool(self._ahead)

    def _window(self) -> bytes:
        """The next bytes, which may hold a cut; what was read beyond them stays ahead."""
        parts, size = [self._ahead], len(self._ahead)
        while size < CUT_WINDOW and not self._ended:
            parts.append(self._pull())
            size += len(parts[-1])
        whole = b"".join(parts)
        self._ahead = whole[CUT_WINDOW:]
        return whole[:CUT_WINDOW]

    def _pull(self) -> bytes:
        try:
            return next(self._blocks)
        except StopIteration:
            self._ended = True
        except (SourceError, RejectedRecordError) as error:
            self._ended, self._failure = True, error
        return b""
