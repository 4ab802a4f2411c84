"""Where the parts of usual lines lie: flows of layers 3 and 4 as Hubble's own encoder writes them, one a line.

A part is found by the key tokens around it. `,"key":` cannot stand inside a JSON string, where a quote is escaped, so
these are tokens; that they are on the right level shows when the parts are decoded, each on its own: what is not whole
does not decode. A line that differs in any way is no usual line, which costs speed and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from recommender.ingest.block_text import BlockText, Flags, Places

_BEGINNING: Final = b'{"flow":{"time":"'
_TIME_LENGTH: Final = len("2026-09-13T10:57:30.264664045Z")
_BEFORE_UUID: Final = b'","uuid":"'
_UUID_LENGTH: Final = 36
_ETHERNET: Final = b'"ethernet":{"source":"'
_ETHERNET_MIDDLE: Final = b'","destination":"'
_MAC_LENGTH: Final = 17
_OF_MAC: Final = np.isin(np.arange(256), list(b"0123456789abcdef:"))
_ADDRESSES: Final = b'"IP":{"source":"'
_BETWEEN_ADDRESSES: Final = b'","destination":"'
_LONGEST_ADDRESS: Final = 48
_PORTS: Final = b'"source_port":'
_BETWEEN_PORTS: Final = b',"destination_port":'
_SOURCE: Final = b',"source":'
_TYPE: Final = b',"Type":"L3_L4"'
_LAST_TIME: Final = b',"time":"'
_ENDING: Final = b'"}'
_LONGEST_PORT: Final = 6
_SHORTEST: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualLines:
    """Positions within a block, one entry a usual line."""

    line: Places
    """Which line of the block it is, counted from 0."""
    time: Places
    uuid: Places
    opening: Places
    """Emitter, verdict and the like: from here to `opening_end`."""
    opening_end: Places
    source_ip: Places
    source_ip_end: Places
    destination_ip: Places
    destination_ip_end: Places
    """From here to `source_port` and from `destination_port_end` to `ends`: addresses' rest and transport."""
    source_port: Places
    """Of the digits; equal to `ends` where the transport has no ports."""
    source_port_end: Places
    destination_port: Places
    destination_port_end: Places
    ends: Places
    """Source and destination endpoint, without the comma before them."""
    closing: Places
    """Type and all that follows, with the comma before it."""
    closing_end: Places

    def where(self, kept: Flags) -> UsualLines:
        """The lines of which this is true."""
        return UsualLines(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})

    def __len__(self) -> int:
        return len(self.line)


def find_usual_lines(text: BlockText, *, end: int) -> tuple[UsualLines, Places, Places]:
    """The usual lines of a block of whole lines that ends at `end`, and where every line begins and ends."""
    line_ends, braces, letters = text.positions(b"\n{T", end=end)
    line_starts = np.concatenate((np.zeros(min(len(line_ends), 1), np.int64), line_ends[:-1] + 1))
    number = np.flatnonzero(line_ends - line_starts >= _SHORTEST)
    time = line_starts[number] + len(_BEGINNING)
    uuid = time + _TIME_LENGTH + len(_BEFORE_UUID)
    fits = text.equals(line_starts[number], _BEGINNING) & text.equals(time + _TIME_LENGTH, _BEFORE_UUID)
    fits &= text.equals(uuid + _UUID_LENGTH, b'",')
    number, time, uuid = number[fits], time[fits], uuid[fits]
    stop = line_ends[number]

    find = _Finder(text=text, line_starts=line_starts, number=number)
    addresses, has_addresses = find.only(_ADDRESSES, braces, offset=_ADDRESSES.index(b"{"))
    transport, has_ports = find.only(_PORTS, braces, offset=-1)
    source, has_source = find.only(_SOURCE, braces, offset=len(_SOURCE))
    closing, has_closing = find.only(_TYPE, letters, offset=_TYPE.index(b"T"))
    fits = has_addresses & has_source & has_closing & (addresses < source) & (source < closing) & (closing < stop)
    ported = fits & has_ports & (addresses < transport) & (transport < source)
    transport = np.where(ported, transport, source)

    opening = uuid + _UUID_LENGTH + 2
    cuts = _cut_addresses(text, addresses)
    opening_end = _without_ethernet(text, opening, addresses)
    closing_end, ends_well = _closing_end(text, time, stop)
    ports = _cut_ports(text, transport, source, ported)
    fits &= cuts[4] & ports[4] & ends_well & (opening <= opening_end) & (cuts[3] < ports[0]) & (closing < closing_end)
    found = UsualLines(
        line=number,
        time=time,
        uuid=uuid,
        opening=opening,
        opening_end=opening_end,
        source_ip=cuts[0],
        source_ip_end=cuts[1],
        destination_ip=cuts[2],
        destination_ip_end=cuts[3],
        source_port=ports[0],
        source_port_end=ports[1],
        destination_port=ports[2],
        destination_port_end=ports[3],
        ends=source + 1,
        closing=closing,
        closing_end=closing_end,
    )
    return found.where(fits), line_starts, line_ends


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finder:
    """Looks for tokens in some lines of a block."""

    text: BlockText
    line_starts: Places
    """Of all lines."""
    number: Places
    """The lines of interest."""

    def only(self, token: bytes, candidates: Places, *, offset: int) -> tuple[Places, Flags]:
        """Where the token stands in each line of interest, and whether exactly once; `offset` before a candidate."""
        places = candidates[candidates >= offset] - offset
        places = places[self.text.equals(places, token)]
        line = np.searchsorted(self.line_starts, places, side="right") - 1
        found = np.zeros(len(self.line_starts), np.int64)
        found[line] = places
        once: Flags = np.bincount(line, minlength=len(self.line_starts)) == 1
        return found[self.number], once[self.number]


def _cut_addresses(text: BlockText, addresses: Places) -> tuple[Places, Places, Places, Places, Flags]:
    source = addresses + len(_ADDRESSES)
    source_end = text.until(source, b'"', longest=_LONGEST_ADDRESS)
    fits = text.equals(source_end, _BETWEEN_ADDRESSES)
    destination = np.where(fits, source_end + len(_BETWEEN_ADDRESSES), source)
    destination_end = text.until(destination, b'"', longest=_LONGEST_ADDRESS)
    return source, source_end, destination, destination_end, fits


def _without_ethernet(text: BlockText, opening: Places, addresses: Places) -> Places:
    """Where the opening ends if hardware addresses, which nobody stores, follow it in their usual form."""
    ethernet = addresses - (len(_ETHERNET) + 2 * _MAC_LENGTH + len(_ETHERNET_MIDDLE) + len('"},'))
    before = np.maximum(ethernet, 0)
    usual = (ethernet >= opening) & text.equals(before, _ETHERNET)
    first = before + len(_ETHERNET)
    usual &= text.equals(first + _MAC_LENGTH, _ETHERNET_MIDDLE)
    second = first + _MAC_LENGTH + len(_ETHERNET_MIDDLE)
    usual &= text.equals(second + _MAC_LENGTH, b'"},')
    for mac in (first, second):
        usual &= _OF_MAC[text.rows(mac, _MAC_LENGTH)].all(axis=1)
    return np.where(usual, ethernet, addresses)


def _cut_ports(
    text: BlockText, transport: Places, source: Places, ported: Flags
) -> tuple[Places, Places, Places, Places, Flags]:
    first = np.where(ported, transport + len(_PORTS), source)
    _, first_end = text.numbers(first, longest=_LONGEST_PORT)
    fits = text.equals(first_end, _BETWEEN_PORTS)
    second = np.where(fits & ported, first_end + len(_BETWEEN_PORTS), source)
    _, second_end = text.numbers(second, longest=_LONGEST_PORT)
    well_formed = fits & (second_end < source)
    for begin, finish in ((first, first_end), (second, second_end)):
        well_formed &= (finish > begin) & (finish - begin < _LONGEST_PORT)
        # JSON has no leading zeros; a port 0 goes the long way too.
        well_formed &= text.bytes[begin] != ord("0")
    first_end, second_end = np.where(ported, first_end, source), np.where(ported, second_end, source)
    return first, first_end, second, second_end, well_formed | ~ported


def _closing_end(text: BlockText, time: Places, stop: Places) -> tuple[Places, Flags]:
    """Where the closing ends: before the envelope's time if that says the same as the flow's, else before the brace."""
    last = stop - (len(_ENDING) + _TIME_LENGTH)
    key = last - len(_LAST_TIME)
    timed = text.equals(key, _LAST_TIME) & text.equals(stop - len(_ENDING), _ENDING)
    timed &= (text.rows(last, _TIME_LENGTH) == text.rows(time, _TIME_LENGTH)).all(axis=1)
    bare = text.equals(stop - 2, b"}}")
    return np.where(timed, key, stop - 1), timed | bare
