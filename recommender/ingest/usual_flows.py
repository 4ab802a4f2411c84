"""Usual lines to FLOW_SCHEMA, a block at a time: distinct parts are decoded once, numbers are read by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommender.ingest.block_times import read_times
from recommender.ingest.event_id import uuid_event_ids
from recommender.ingest.layers import TcpFlags
from recommender.ingest.segments import (
    ADDRESS_COLUMNS,
    ENDS_COLUMNS,
    OPENING_COLUMNS,
    Segments,
    address_row,
    closing_row,
    ends_row,
    ip_row,
    opening_row,
)
from recommender.ingest.usual_lines import UsualLines, find_usual_lines
from recommender.model.flow_schema import FLOW_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from recommender.ingest.block_text import BlockText, Flags, Places
    from recommender.ingest.endpoints import EndpointTable

    Numbers = npt.NDArray[np.int64]

_OWN: Final = ("event_id", "uuid", "time", "source_ip", "destination_ip", "cluster", "node")
_CLOSING_COLUMNS: Final = tuple(
    name
    for name in FLOW_SCHEMA.names
    if name not in {*_OWN, *OPENING_COLUMNS, *ADDRESS_COLUMNS, *ENDS_COLUMNS} or name == "drop_reason"
)
_UUID_LENGTH: Final = 36
_LARGEST_PORT: Final = 65535
_PARTS: Final = ("opening", "address", "ends", "closing", "source_ip", "destination_ip")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLines:
    """The lines of a block that are not usual."""

    text: BlockText
    numbers: Places
    """Counted from 0 within the block."""
    starts: Places
    ends: Places
    lines: int
    """Lines of the block in all."""

    def texts(self) -> Iterator[tuple[int, bytes]]:
        """Number and text of each, in order."""
        for number, start, end in zip(self.numbers.tolist(), self.starts.tolist(), self.ends.tolist(), strict=True):
            yield number, self.text.bytes[start:end].tobytes()


class UsualFlows:
    """Gathers the flows of usual lines and gives them out as one Arrow batch."""

    def __init__(self, endpoints: EndpointTable) -> None:
        self._openings = Segments(opening_row)
        self._addresses = Segments(partial(address_row, flags=TcpFlags()))
        self._ends = Segments(partial(ends_row, endpoints=endpoints))
        self._closings = Segments(partial(closing_row, columns=_CLOSING_COLUMNS))
        self._ips = Segments(ip_row)
        self._gathered: list[dict[str, npt.NDArray[np.generic]]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def read(self, text: BlockText, *, end: int) -> OtherLines:
        """Take the usual lines of a block of whole lines; the others are left to the caller."""
        lines, starts, ends = find_usual_lines(text, end=end)
        left = np.ones(len(starts), np.bool_)
        if len(lines):
            left[self._take(text, lines)] = False
        numbers = np.flatnonzero(left)
        return OtherLines(text=text, numbers=numbers, starts=starts[numbers], ends=ends[numbers], lines=len(starts))

    def take(self) -> pa.RecordBatch | None:
        """The flows gathered since the last call, as FLOW_SCHEMA."""
        gathered, self._gathered, self._count = self._gathered, [], 0
        if not gathered:
            return None
        whole = {name: np.concatenate([one[name] for one in gathered]) for name in gathered[0]}
        batch = self._batch(whole)
        for table in (self._openings, self._addresses, self._ends, self._closings, self._ips):
            table.forget_if_large()
        return batch

    def _take(self, text: BlockText, lines: UsualLines) -> Places:
        found, fits = self._read(text, lines)
        kept = lines.where(fits)
        # Endpoints last: only those of lines that are flows may be learned.
        ends = _numbered(self._ends, text, kept.ends, kept.closing)
        known = ends >= 0
        self._gathered.append({"ends": ends[known]} | {name: values[fits][known] for name, values in found.items()})
        taken = kept.line[known]
        self._count += len(taken)
        return taken

    def _read(self, text: BlockText, lines: UsualLines) -> tuple[dict[str, npt.NDArray[np.generic]], Flags]:
        """Everything but the endpoints, and which lines are flows so far."""
        time, fits = read_times(text, lines.time)
        event_id, has_uuid = uuid_event_ids(text, lines.uuid)
        source_port, _ = text.numbers(lines.source_port, longest=5)
        destination_port, _ = text.numbers(lines.destination_port, longest=5)
        ported = lines.source_port_end > lines.source_port
        fits &= has_uuid & (~ported | (source_port <= _LARGEST_PORT) & (destination_port <= _LARGEST_PORT))
        rows = {
            "opening": _numbered(self._openings, text, lines.opening, lines.opening_end),
            "address": self._address_rows(text, lines),
            "closing": _numbered(self._closings, text, lines.closing, lines.closing_end),
            "source_ip": _numbered(self._ips, text, lines.source_ip, lines.source_ip_end),
            "destination_ip": _numbered(self._ips, text, lines.destination_ip, lines.destination_ip_end),
        }
        for number in rows.values():
            fits &= number >= 0
        found = {
            **rows,
            "time": time,
            "event_id": event_id,
            "ported": ported,
            "source_port": source_port,
            "destination_port": destination_port,
            "uuid": text.rows(lines.uuid, _UUID_LENGTH),
        }
        return found, fits

    def _address_rows(self, text: BlockText, lines: UsualLines) -> Numbers:
        """Of the text before and after the ports together."""
        comma = lines.ends - 1
        ported = lines.source_port_end > lines.source_port
        before, before_parts = _distinct(text, lines.destination_ip_end, lines.source_port)
        after, after_parts = _distinct(text, np.where(ported, lines.destination_port_end, comma), comma)
        pairs, place = np.unique((before * len(after_parts) + after) * 2 + ported, return_inverse=True)
        parts = [
            before_parts[pair // 2 // len(after_parts)]
            + (b"\n" if pair % 2 else b"")
            + after_parts[pair // 2 % len(after_parts)]
            for pair in pairs.tolist()
        ]
        return np.array(self._addresses.numbers(parts), np.int64)[place]

    def _batch(self, rows: dict[str, npt.NDArray[np.generic]]) -> pa.RecordBatch:
        size = len(rows["time"])
        columns: dict[str, pa.Array] = {
            "time": pa.array(rows["time"]).cast(FLOW_SCHEMA.field("time").type),
            "event_id": pa.array(rows["event_id"]),
            "uuid": _fixed_texts(rows["uuid"]),
        }
        for table, part, names in (
            (self._openings, "opening", OPENING_COLUMNS),
            (self._addresses, "address", ADDRESS_COLUMNS),
            (self._ends, "ends", ENDS_COLUMNS),
            (self._ips, "source_ip", ("source_ip",)),
            (self._ips, "destination_ip", ("destination_ip",)),
        ):
            columns |= _looked_up(table, names, rows[part])
        opening_reason = columns.pop("drop_reason")
        columns |= _looked_up(self._closings, (*_CLOSING_COLUMNS, "cluster", "node"), rows["closing"])
        columns["drop_reason"] = pc.coalesce(columns["drop_reason"], opening_reason)
        ported = pa.array(rows["ported"])
        for name in ("source_port", "destination_port"):
            kind = FLOW_SCHEMA.field(name).type
            columns[name] = pc.if_else(ported, pa.array(rows[name].astype(np.int32)).cast(kind), columns[name])
        assert len(columns["time"]) == size  # noqa: S101 - every column is as long as the rows
        return pa.RecordBatch.from_arrays([columns[name] for name in FLOW_SCHEMA.names], schema=FLOW_SCHEMA)


def _numbered(table: Segments, text: BlockText, starts: Places, ends: Places) -> Numbers:
    which, parts = _distinct(text, starts, ends)
    return np.array(table.numbers(parts), np.int64)[which]


def _distinct(text: BlockText, starts: Places, ends: Places) -> tuple[Numbers, list[bytes]]:
    """Which of the distinct texts each one is, and these."""
    encoded = text.views(starts, ends).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _looked_up(table: Segments, names: tuple[str, ...], numbers: npt.NDArray[np.generic]) -> dict[str, pa.Array]:
    used, place = np.unique(numbers, return_inverse=True)
    values, places = table.columns(names, used.tolist()), pa.array(place)
    return {name: _spread(values[name], FLOW_SCHEMA.field(name).type, places) for name in names}


def _spread(values: Sequence[object], kind: pa.DataType, places: pa.Array) -> pa.Array:
    if all(value is None for value in values):
        return pa.nulls(len(places), kind)
    return pa.array(values, kind).take(places)


def _fixed_texts(rows: npt.NDArray[np.generic]) -> pa.Array:
    count, width = rows.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows)))
