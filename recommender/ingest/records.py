"""Numbered lines to JSON objects: one a line, several a line, or one over many lines, bare or in an array."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from recommender.ingest.line_blocks import RECORD_LIMIT, LinePart
from recommender.ingest.plain_text import TextKind, kind_of_text, strip_log_prefix
from recommender.ingest.rejects import FIRST_BYTES, RejectedRecordError, RejectReason

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\x1e"
"""White space, and the record separator of JSON text sequences."""
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}]', re.DOTALL)
_BETWEEN: Final = re.compile(rb"[\s\x1e]*")
_BETWEEN_ELEMENTS: Final = re.compile(rb"[\s\x1e,\]]*")
_ARRAY: Final = re.compile(rb"\[(?=[\s{\[\]]|$)")
_RECORD_START: Final = re.compile(rb'\{"(?:flow|lost_?[eE]vents|node_?[sS]tatus|agent_?[eE]vent|debug_?[eE]vent)"\s*:')


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A JSON object with balanced braces; what lies between them is not checked yet."""

    line: int
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """A line that begins no JSON object."""

    line: int
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRecord:
    """A JSON object that does not end, or is too long."""

    line: int
    text: bytes
    """How it begins."""
    error: RejectedRecordError


Piece = Record | TextLine | BrokenRecord


def _object_end(text: bytes, start: int, depth: int) -> tuple[int, int]:
    """Where does the object end?

    The position after its last brace and depth 0; or -1 and the depth reached (-1 if the text ends in a string).
    """
    for token in _TOKEN.finditer(text, start):
        kind = token[0]
        if kind == b"{":
            depth += 1
        elif kind == b"}":
            depth -= 1
            if depth == 0:
                return token.end(), 0
        elif kind == b'"':
            return -1, -1
    return -1, depth


class RecordAssembler:
    """Finds the records in lines that are not one whole JSON object each."""

    def __init__(self, *, limit: int = RECORD_LIMIT) -> None:
        self._limit = limit
        self._pending: list[bytes] = []
        """Lines of an object that has not ended; the first one alone if it grew too long."""
        self._pending_size = 0
        self._depth = 0
        self._start = 0
        self._too_long = False
        self._in_array = False
        self._parts: dict[str, tuple[int, list[bytes], int]] = {}
        """Log parts (CRI tag P) by stream: first line, texts, bytes."""
        self._overlong: bytes | None = None
        """The undecided end of an overlong line; None outside one, empty while it is skipped."""

    @property
    def idle(self) -> bool:
        """Whether the next line can begin a record."""
        return not self._pending

    @property
    def start(self) -> int:
        """First line of the unfinished record; 0 if there is none."""
        return self._start if self._pending else min((first for first, _, _ in self._parts.values()), default=0)

    def feed(self, number: int, line: bytes) -> Iterator[Piece]:
        """The records that this line completes, and what else stands on it."""
        text = line.removeprefix(_BOM)
        text, stream, partial = strip_log_prefix(text.lstrip(b"\x1e"))
        if partial or stream in self._parts:
            yield from self._join(number, text, stream, partial=partial)
        elif self._pending:
            yield from self._continue(number, text)
        else:
            yield from self._begin(number, text.strip(_BLANK))

    def feed_part(self, number: int, part: LinePart) -> Iterator[Piece]:
        """As `feed`, for a piece of an overlong line: only a JSON array may be that long, element by element."""
        if self._overlong is None:
            start, counted = (self._start, self._too_long) if self._pending else (number, False)
            is_array = not self._pending and _ARRAY.match(part.text.removeprefix(_BOM).lstrip(_BLANK)) is not None
            self._reset()
            self._overlong = b""
            self._too_long = not is_array
            if not is_array and not counted:
                yield self._broken(start, part.text, RejectReason.TOO_LONG)
        if not self._too_long:
            yield from self._elements(number, part)
        if part.last:
            rest, self._overlong, self._too_long = self._overlong, None, False
            if rest:
                yield from self._begin(number, rest)

    @property
    def clean(self) -> bool:
        """Whether nothing of the lines so far matters for those that follow."""
        return not (self._pending or self._parts or self._in_array) and self._overlong is None

    def separate(self) -> Iterator[Piece]:
        """Two whole flows stand on lines of their own, one after the other: nothing else goes on across them.

        An array has commas between its elements, and the parts of a log line have no lines without prefix between them.
        """
        yield from self.finish()
        self._in_array = False

    def interrupt(self) -> Iterator[Piece]:
        """A whole record stands on a line of its own: what had begun before it does not go on."""
        if self._pending:
            if not self._too_long:
                yield self._broken(self._start, self._pending[0], RejectReason.CUT_RECORD)
            self._reset()

    def finish(self) -> Iterator[Piece]:
        """What is left over at the end of the file."""
        if self._pending and not self._too_long:
            yield self._broken(self._start, self._pending[0], RejectReason.CUT_RECORD)
        for first, texts, _ in self._parts.values():
            yield self._broken(first, b"".join(texts), RejectReason.CUT_RECORD)
        self._parts.clear()
        self._reset()

    def _begin(self, number: int, text: bytes) -> Iterator[Piece]:
        position = 0
        while True:
            between = _BETWEEN_ELEMENTS if self._in_array else _BETWEEN
            position = between.match(text, position).end()  # type: ignore[union-attr] # matches the empty text too
            if position >= len(text):
                return
            if _ARRAY.match(text, position):
                self._in_array = True
                position += 1
                continue
            if text[position] != ord("{"):
                yield TextLine(line=number, text=text[position:])
                return
            end, depth = _object_end(text, position, 0)
            if end < 0:
                yield from self._suspend(number, text[position:], depth)
                return
            yield Record(line=number, text=text[position:end])
            position = end

    def _suspend(self, number: int, text: bytes, depth: int) -> Iterator[Piece]:
        """The object goes on in the next line, unless the line ends within a string."""
        if depth < 0:
            yield self._broken(number, text, RejectReason.CUT_RECORD)
            return
        self._pending, self._pending_size, self._depth, self._start = [text], len(text), depth, number

    def _continue(self, number: int, text: bytes) -> Iterator[Piece]:
        if self._interrupted_by(text):
            yield from self.interrupt()
            yield from self._begin(number, text.strip(_BLANK))
            return
        end, depth = _object_end(text, 0, self._depth) if b"{" in text or b"}" in text else (-1, self._depth)
        if depth < 0:
            yield self._broken(self._start, self._pending[0], RejectReason.MALFORMED_JSON)
            self._reset()
            return
        self._depth = depth
        if not self._too_long:
            self._pending.append(text if end < 0 else text[:end])
            self._pending_size += len(text) + 1
            if self._pending_size > self._limit:
                yield self._broken(self._start, self._pending[0], RejectReason.TOO_LONG)
                self._too_long = True
                del self._pending[1:]
        if end >= 0:
            record, start, whole = b"\n".join(self._pending), self._start, not self._too_long
            self._reset()
            if whole:
                yield Record(line=start, text=record)
            yield from self._begin(number, text[end:])

    def _interrupted_by(self, text: bytes) -> bool:
        """Whether this line shows that the pending object was cut: it begins a record of its own, or is a log line."""
        if _RECORD_START.match(text):
            return True
        if not text.startswith(b'{"'):
            return text[:1].isalpha() and kind_of_text(text) is TextKind.AGENT_LOG
        if self._pending[0] == b"{":
            return False
        try:
            msgspec.json.decode(text)
        except (ValueError, RecursionError):
            return False
        return True

    def _join(self, number: int, text: bytes, stream: str, *, partial: bool) -> Iterator[Piece]:
        first, texts, size = self._parts.pop(stream, (number, [], 0))
        size += len(text)
        if size > self._limit:
            if texts:
                yield self._broken(first, texts[0], RejectReason.TOO_LONG)
            texts = []
        else:
            texts.append(text)
        if partial:
            self._parts[stream] = (first, texts, size)
        elif texts:
            yield from self._begin(first, b"".join(texts).strip(_BLANK))

    def _elements(self, number: int, part: LinePart) -> Iterator[Piece]:
        text, position = (self._overlong or b"") + part.text, 0
        self._in_array = True
        while (start := text.find(b"{", position)) >= 0:
            end, _ = _object_end(text, start, 0)
            if end < 0:
                break
            yield Record(line=number, text=text[start:end])
            position = end
        self._overlong = b"" if start < 0 else text[start:]
        if len(self._overlong) > self._limit:
            yield self._broken(number, self._overlong, RejectReason.TOO_LONG)
            self._overlong, self._too_long = b"", True

    def _broken(self, line: int, text: bytes, reason: RejectReason) -> BrokenRecord:
        return BrokenRecord(line=line, text=text[: FIRST_BYTES * 4], error=RejectedRecordError(reason))

    def _reset(self) -> None:
        self._pending, self._pending_size, self._depth, self._too_long = [], 0, 0, False
