"""Hubble captures to batches of Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

import msgspec
import pyarrow as pa

from recommender.errors import FieldMaskError, HumanFormatError
from recommender.ingest.columns import FlowRows
from recommender.ingest.compression import ByteMeter, decompressed_blocks
from recommender.ingest.endpoints import EndpointTable
from recommender.ingest.envelopes import FoundEvent, FoundFlow, FoundLogLine, find_record, record_in_log_line
from recommender.ingest.events import EventTable, LogLineCounter
from recommender.ingest.line_blocks import LineBlock, LinePart, line_blocks
from recommender.ingest.messages import Envelope, Flow
from recommender.ingest.plain_text import TextKind, kind_of_text
from recommender.ingest.records import BrokenRecord, Piece, Record, RecordAssembler, TextLine
from recommender.ingest.rejects import RejectedRecordError, RejectReason, RejectTable
from recommender.ingest.usual_flows import UsualFlows
from recommender.model.decoded import DecodedBatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recommender.ingest.envelopes import Found
    from recommender.ingest.sources import Source

BATCH_ROWS: Final = 50_000
_BATCH_BYTES: Final = 256 * 2**20
_SIDES: Final = ("source", "destination")
_ENVELOPE: Final = msgspec.json.Decoder(Envelope)

RECOMMENDED_MASK: Final = (
    "time uuid emitter verdict drop_reason_desc IP l4 source destination Type node_name source_names destination_names "
    "l7.type l7.dns is_reply event_type source_service destination_service traffic_direction policy_match_type "
    "trace_observation_point trace_reason sock_xlate_point egress_allowed_by ingress_allowed_by egress_denied_by "
    "ingress_denied_by"
)
"""The export mask that leaves out nothing that inference needs (hubble-format 6)."""


def decode(sources: Iterable[Source], *, strict: bool = False) -> Iterator[DecodedBatch]:
    """Every record of the sources as a flow, an event or a reject, in batches of about 50,000 flows.

    Memory is bounded whatever the files hold. Batches may be empty but for rejects or events.

    Raises:
        SourceError: for a file that cannot be read, or is packed in a way that is not supported.
        HumanFormatError: for `compact`, `table` or `dict` output.
        FieldMaskError: at the end, if flows were found and none of them has labels at one of its ends.
        StrictError: at the first reject, if `strict`.
    """
    tables = _Tables(strict=strict)
    for source in sources:
        yield from _SourceReader(source, tables).batches()
    if not tables.empty:
        yield tables.take()
    tables.check_labels()


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


class _Tables:
    """All five tables while they grow."""

    def __init__(self, *, strict: bool) -> None:
        self.endpoints = EndpointTable()
        self.usual = UsualFlows(self.endpoints)
        self.flows = FlowRows(self.endpoints)
        self.events = EventTable()
        self.rejects = RejectTable(strict=strict)
        self.text_bytes = 0
        """Decompressed bytes behind the rows gathered."""
        self.bytes_read = 0
        self._told = False
        """Whether any flow so far told its ends by address, port or name."""
        self._labelled_sides: set[str] = set()
        self._masked_sides: set[str] = set()

    @property
    def full(self) -> bool:
        return (
            len(self.flows) + len(self.usual) >= BATCH_ROWS
            or len(self.rejects) >= BATCH_ROWS
            or len(self.events) >= BATCH_ROWS
            or self.text_bytes > _BATCH_BYTES
        )

    @property
    def empty(self) -> bool:
        return not (len(self.flows) or len(self.usual) or len(self.rejects) or len(self.events) or self.bytes_read)

    @property
    def flows_met(self) -> int:
        """Flows of all batches."""
        return self.flows.total + self.usual.total

    def take(self) -> DecodedBatch:
        flows = self.flows.take()
        usual = self.usual.take()
        if usual is not None:
            flows = pa.concat_batches([usual, flows]) if len(flows) else usual
        self._look_for_labels(flows)
        endpoints, label_sets = self.endpoints.take()
        bytes_read, self.bytes_read, self.text_bytes = self.bytes_read, 0, 0
        return DecodedBatch(
            flows=flows,
            endpoints=endpoints,
            label_sets=label_sets,
            events=self.events.take(),
            rejects=self.rejects.take(),
            bytes_read=bytes_read,
        )

    def _look_for_labels(self, flows: pa.RecordBatch) -> None:
        self._told = self._told or any(
            flows.column(name).null_count < len(flows)
            for name in ("source_ip", "destination_ip", "protocol", "source_endpoint", "destination_endpoint")
        )
        for side in _SIDES:
            if side not in self._labelled_sides:
                endpoints = flows.column(f"{side}_endpoint").unique().to_pylist()
                if not self.endpoints.labelled.isdisjoint(endpoints):
                    self._labelled_sides.add(side)
                elif not self.endpoints.masked.isdisjoint(endpoints):
                    self._masked_sides.add(side)

    def check_labels(self) -> None:
        """Refuse a capture with an end that never has labels: nothing in it says who talks to whom.

        An end that nothing at all is told of may be nobody's; a pod has labels unless they were masked.
        """
        if not self._told:
            return
        lacking = set(_SIDES) if not self._labelled_sides else self._masked_sides - self._labelled_sides
        if lacking:
            fields = " and ".join(f"{side}.labels" for side in _SIDES if side in lacking)
            raise FieldMaskError(
                f"no flow carries {fields}: the export's field mask leaves them out",
                hint=f"export with this field mask (hubble.export.static.fieldMask): {RECOMMENDED_MASK}",
            )


class _SourceReader:
    """Reads one source into the tables."""

    def __init__(self, source: Source, tables: _Tables) -> None:
        self._source = source
        self._file = source.name
        self._tables = tables
        self._assembler = RecordAssembler()
        self._log_lines = LogLineCounter()
        self._line = 1
        """Number of the line after those handed on."""
        self._flows_before = tables.flows_met
        self._event_seen = False

    def batches(self) -> Iterator[DecodedBatch]:
        """Reads to the end; what does not fill a batch stays in the tables."""
        opened = self._source.open()
        try:
            yield from self._read(ByteMeter(opened, self._file))
        finally:
            self._source.close(opened)

    def _read(self, meter: ByteMeter) -> Iterator[DecodedBatch]:
        tables, counted = self._tables, 0
        try:
            for chunk in line_blocks(decompressed_blocks(meter, self._file)):
                yield from self._block(chunk) if isinstance(chunk, LineBlock) else self._part(chunk)
                tables.bytes_read += meter.consumed - counted
                counted = meter.consumed
                if tables.full:
                    yield tables.take()
            yield from self._pieces(self._assembler.finish())
        except RejectedRecordError as cut:
            self._reject(cut, self._assembler.start or self._line)
        tables.bytes_read += meter.consumed - counted
        if self._log_lines.count:
            tables.events.add_log_lines(self._log_lines.count, self._log_lines.digest())

    def _block(self, block: LineBlock) -> Iterator[DecodedBatch]:
        """Usual lines are read together; the loop is over the others only."""
        others = self._tables.usual.read(block.text, end=block.end)
        first, expected = self._line, 0
        for number, line in others.texts():
            if number > expected:
                yield from self._pieces(self._assembler.interrupt())
            yield from self._other(first + number, line)
            expected = number + 1
        if expected < others.lines:
            yield from self._pieces(self._assembler.interrupt())
        self._line = first + others.lines
        self._tables.text_bytes += block.end

    def _other(self, number: int, line: bytes) -> Iterator[DecodedBatch]:
        """A line that is a whole flow goes the short way, any other through the assembler."""
        if line.startswith(b'{"') and self._assembler.idle and (plain := _plain_flow(line)):
            try:
                self._tables.flows.append(*plain)
            except RejectedRecordError as error:
                self._reject(error, number, line)
        elif line:
            yield from self._pieces(self._assembler.feed(number, line))

    def _part(self, part: LinePart) -> Iterator[DecodedBatch]:
        yield from self._pieces(self._assembler.feed_part(self._line, part))
        self._tables.text_bytes += len(part.text)
        self._line += part.last

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
            if self._tables.full:
                yield self._tables.take()

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
                self._tables.flows.append(found.envelope, found.flow)
            case FoundEvent():
                self._tables.events.add(found)
                self._event_seen = True
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
        if not self._event_seen and self._tables.flows_met == self._flows_before:
            raise HumanFormatError(
                "this is hubble's output for people (compact, table or dict), which carries no labels",
                where=f"{self._file}:{line}",
                hint="hubble observe -o jsonpb --last 10000 > flows.jsonl",
            )

    def _reject(self, error: RejectedRecordError, line: int, text: bytes = b"") -> None:
        self._tables.rejects.add(error, file=self._file, line=line, text=text)
