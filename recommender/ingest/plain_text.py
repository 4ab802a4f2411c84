"""Lines that are not JSON: log lines of the agent, Hubble's human formats, container log prefixes."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec

_VERDICT: Final = rb"(?:FORWARDED|DROPPED|AUDIT|AUDITED|REDIRECTED|ERROR|TRACED|TRANSLATED)\b"
_COLOUR: Final = re.compile(rb"\x1b\[[0-9;]*m")
_LOGFMT: Final = re.compile(rb"(?:time|level|ts)=\S.*\b(?:level|msg)=|level=\w+ ")
_KLOG: Final = re.compile(rb"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ ")
_COMPACT: Final = re.compile(rb".{0,400}? (?:->|<-|<>) .{0,600}?" + _VERDICT)
_TABLE: Final = re.compile(rb"TIMESTAMP\s+(?:NODE\s+)?SOURCE\s+DESTINATION\s+TYPE\b")
_DICT: Final = re.compile(rb"(?:TIMESTAMP|SOURCE|DESTINATION|VERDICT): ")
_LOG_PREFIX: Final = re.compile(
    rb"(?:\[pod/\S+\] )?"  # kubectl logs --prefix
    rb"(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)"  # kubectl logs --timestamps, CRI
    rb"(?: (?P<stream>stdout|stderr) (?P<tag>[FP])(?::\S*)?)?(?: |$))?"
)
_PREFIX_START: Final = b"0123456789["
_QUOTED_OBJECT: Final = re.compile(rb'\bmsg=("\{\\"[^"\\]*+(?:\\.[^"\\]*+)*+")')


class TextKind(StrEnum):
    """What a line of text is."""

    AGENT_LOG = "agent_log"
    HUMAN = "human"
    OTHER = "other"


def kind_of_text(line: bytes) -> TextKind:
    """Is this line, stripped of white space, a log line of the agent, Hubble's output for people, or something else?"""
    if _LOGFMT.match(line) or _KLOG.match(line):
        return TextKind.AGENT_LOG
    bare = _COLOUR.sub(b"", line[:2000])
    if _TABLE.match(bare) or _DICT.match(bare) or _COMPACT.match(bare):
        return TextKind.HUMAN
    return TextKind.OTHER


def quoted_message(line: bytes) -> bytes | None:
    r"""The JSON object that a logfmt line carries as its message, unquoted; None if there is none.

    Go quotes a little more than JSON knows (`\a`, `\x7f`); a JSON encoder has escaped such characters before.
    """
    match = _QUOTED_OBJECT.search(line)
    if match is None:
        return None
    try:
        return msgspec.json.decode(match[1], type=str).encode()
    except ValueError:
        return None


def strip_log_prefix(line: bytes) -> tuple[bytes, str, bool]:
    """The line without what a container runtime or kubectl put before it, its stream, and whether it is only a part.

    CRI: `<time> stdout F <text>`; the tag `P` marks a part that a later `F` line of the same stream completes.
    """
    if line[:1] not in _PREFIX_START or not line:
        return line, "", False
    match = _LOG_PREFIX.match(line)
    if match is None or not match.end():
        return line, "", False
    stream = (match["stream"] or b"").decode()
    return line[match.end() :], stream, match["tag"] == b"P"
