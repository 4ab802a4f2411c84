"""One range of a capture to rows: lines, records, and what cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, assert_never

import msgspec

from recommender.errors import HumanFormatError
from recommender.ingest.envelopes import FoundEvent, FoundFlow, FoundLogLine, find_record, record_in_log_line
from recommender.ingest.events import LogLineCounter
from recommender.ingest.line_blocks import LineBlock, LinePart, line_blocks
from recommender.ingest.messages import Envelope, Flow
from recommender.ingest.plain_text import TextKind, kind_of_text
from recommender.ingest.records import BrokenRecord, Piece, Record, RecordAssembler, TextLine
from recommender.ingest.rejects import RejectedRecordError, RejectReason, described
from recommender.ingest.text_ranges import is_flow_line
from recommender.ingest.whole_lines import WholeLines
from recommender.model.ingested_file import NO_TEXT, TailReject, TextRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recommender.ingest.envelopes import Found
    from recommender.ingest.tables import Tables
    from recommender.model.decoded import DecodedBatch

_TAIL_REJECTS: Final = 16
"""More than that stand on no line that is merely unfinished."""
_ENVELOPE: Final = msgspec.json.Decoder(Envelope)


@dataclass(slots=True, kw_only=True)
class RangeOutcome:
    """What a range was, once it is read."""

    lines: int = 0
    """Whole lines, whether or not `whole` holds them."""
    whole: TextRange = NO_TEXT
    """The whole lines; reading can go on after them. Empty if something in them goes on after the range."""
    tail: TextRange = NO_TEXT
    """What follows `whole`."""
    tail_rejects: tuple[TailReject, ...] = ()


@dataclass(slots=True, kw_only=True)
class RangeReader:
    """Reads one range into the tables."""

    file: str
    """Name of the source, for rejects."""
    tables: Tables
    continued: bool
    """Whether it is not the first range of its file."""
    lines_before: int = 0
    """Lines of the file before this range, where they are known."""
    outcome: RangeOutcome = field(default_factory=RangeOutcome)
    """Complete once the batches are used up."""
    _assembler: RecordAssembler = field(default_factory=RecordAssembler)
    _log_lines: LogLineCounter = field(default_factory=LogLineCounter)
    _line: int = 0
    """Number of the line after those handed on."""
    _record_seen: bool = False
    _after_flow: bool = False
    """Whether the line before was a flow line."""
    _tail: list[TailReject] | None = None
    """Rejects of the unfinished last line, while it is read."""

    def batches(self, blocks: Iterable[bytes]) -> Iterator[DecodedBatch]:
        """Read to the end; what does not fill a batch stays in the tables.

        Raises:
            HumanFormatError: for `compact`, `table` or `dict` output.
            SourceError: if the file system fails.
            StrictError: at the first reject, if the tables are strict.
        """
        self._line, self._record_seen, self._after_flow = self.lines_before + 1, self.continued, self.continued
        lines = WholeLines(blocks)
        try:
            yield from self._lines(lines)
            clean = self._assembler.clean and lines.kept_together
            self.outcome.lines = self._line - self.lines_before - 1
            if clean:
                self.outcome.whole = replace(lines.lines_range, lines=self.outcome.lines)
                self.outcome.tail = lines.tail_range
                self._tail = []
            else:
                self.outcome.tail = lines.everything
            yield from self._lines([lines.tail])
            yield from self._pieces(self._assembler.finish())
        except RejectedRecordError as cut:
            # A compressed file may still be growing: what could not be unpacked now counts as its unfinished end.
            self._tail = self._tail or []
            self.outcome.tail = lines.everything
            self._reject(cut, self._assembler.start or self._line)
        self.outcome.tail_rejects = tuple(self._tail or ())
        if self._log_lines.count:
            self.tables.events.add_log_lines(self._log_lines)

    def _lines(self, blocks: Iterable[bytes]) -> Iterator[DecodedBatch]:
        for chunk in line_blocks(blocks):
            yield from self._block(chunk) if isinstance(chunk, LineBlock) else self._part(chunk)
            if self.tables.full:
                yield self.tables.take()

    def _block(self, block: LineBlock) -> Iterator[DecodedBatch]:
        """Usual lines are read together; the loop is over the others only."""
        others = self.tables.usual.read(block.text, end=block.end)
        first, expected = self._line, 0
        for number, line in others.texts():
            yield from self._usual_run(number - expected)
            if is_flow_line(line):
                if self._after_flow:
                    yield from self._pieces(self._assembler.separate())
                self._after_flow = self._record_seen = True
            else:
                self._after_flow = False
            yield from self._other(first + number, line)
            expected = number + 1
        yield from self._usual_run(others.lines - expected)
        self._line = first + others.lines
        self.tables.text_bytes += block.end

    def _usual_run(self, length: int) -> Iterator[DecodedBatch]:
        """So many usual lines, which are flow lines, were read already."""
        if length:
            apart = self._after_flow or length > 1
            yield from self._pieces(self._assembler.separate() if apart else self._assembler.interrupt())
            self._after_flow = self._record_seen = True

    def _other(self, number: int, line: bytes) -> Iterator[DecodedBatch]:
        """A line that is a whole flow goes the short way, any other through the assembler."""
        if line.startswith(b'{"') and self._assembler.idle and (plain := _plain_flow(line)):
            self._record_seen = True
            try:
                self.tables.flows.append(*plain)
            except RejectedRecordError as error:
                self._reject(error, number, line)
        elif line:
            yield from self._pieces(self._assembler.feed(number, line))

    def _part(self, part: LinePart) -> Iterator[DecodedBatch]:
        yield from self._pieces(self._assembler.feed_part(self._line, part))
        self.tables.text_bytes += len(part.text)
        self._line += part.last
        self._after_flow = False

    def _pieces(self, pieces: Iterable[Piece]) -> Iterator[DecodedBatch]:
        for piece in pieces:
            match piece:
                case Record():
                    self._record(piece)
                case TextLine():
                    self._text(piece)
                case BrokenRecord():
                    self._reject(piece.error, piece.line, piece.text)
                case _:
                    assert_never(piece)
            if self.tables.full:
                yield self.tables.take()

    def _record(self, record: Record) -> None:
        try:
            plain = _plain_flow(record.text)
            self._found(FoundFlow(envelope=plain[0], flow=plain[1]) if plain else find_record(record.text), record.text)
        except RejectedRecordError as error:
            if error.reason is RejectReason.HUMAN_TEXT:
                self._refuse_human(record.line)
            self._reject(error, record.line, record.text)

    def _found(self, found: Found, text: bytes) -> None:
        match found:
            case FoundFlow():
                self.tables.flows.append(found.envelope, found.flow)
                self._record_seen = True
            case FoundEvent():
                self.tables.events.add(found)
                self._record_seen = True
            case FoundLogLine():
                self._log_lines.add(text)
            case _:
                assert_never(found)

    def _text(self, line: TextLine) -> None:
        match kind_of_text(line.text):
            case TextKind.AGENT_LOG:
                self._log_line(line)
            case TextKind.HUMAN:
                self._refuse_human(line.line)
                self._reject(RejectedRecordError(RejectReason.HUMAN_TEXT), line.line, line.text)
            case TextKind.OTHER:
                self._reject(RejectedRecordError(RejectReason.NOT_JSON), line.line, line.text)

    def _log_line(self, line: TextLine) -> None:
        try:
            self._found(record_in_log_line(line.text) or FoundLogLine(), line.text)
        except RejectedRecordError as error:
            self._reject(error, line.line, line.text)

    def _refuse_human(self, line: int) -> None:
        """Refuse a capture that begins with output for people; amid records such a line costs only itself."""
        if not self._record_seen:
            raise HumanFormatError(
                "this is hubble's output for people (compact, table or dict), which carries no labels",
                where=f"{self.file}:{line}",
                hint="hubble observe -o jsonpb --last 10000 > flows.jsonl",
            )

    def _reject(self, error: RejectedRecordError, line: int, text: bytes = b"") -> None:
        if self._tail is not None and len(self._tail) < _TAIL_REJECTS and not self.tables.rejects.strict:
            self._tail.append(described(error, line=line, text=text))
        else:
            self.tables.rejects.add(error, file=self.file, line=line, text=text)


def _plain_flow(text: bytes) -> tuple[Envelope, Flow] | None:
    """The record, if it is a flow in Hubble's own envelope and spelling; None sends it the long, lenient way."""
    try:
        envelope = _ENVELOPE.decode(text)
        if not text.isascii():
            text.decode()
    except (ValueError, RecursionError):
        return None
    flow = envelope.flow
    return None if flow is None or flow.camel_case else (envelope, flow)
