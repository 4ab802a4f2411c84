"""RFC 3339 times to nanoseconds since the epoch, exactly."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from recommender.ingest.rejects import RejectedRecordError, RejectReason

_RFC3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):?(\d\d))", re.ASCII
)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00")
_SECOND: Final = timedelta(seconds=1)
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100
_MINUTE: Final = 60 * 1_000_000_000
_CACHE_LIMIT: Final = 100_000
_HEAD_LENGTH: Final = len("2026-09-13T10:57:")
_SECONDS_LENGTH: Final = len("2026-09-13T10:57:30")
_NANOSECONDS_LENGTH: Final = len("2026-09-13T10:57:30.264664045Z")


def parse_time(text: str) -> int:
    """Nanoseconds since the epoch of an RFC 3339 time with up to nine fractional digits (more are cut off).

    Raises:
        RejectedRecordError: if it is no time, or its year lies outside 2000 to 2100.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise RejectedRecordError(RejectReason.MALFORMED_TIME, text[:40])
    date, clock, fraction, sign, hours, minutes = match.groups()
    leap_second = clock.endswith(":60")
    try:
        moment = datetime.fromisoformat(f"{date}T{clock[:-2]}59" if leap_second else f"{date}T{clock}")
    except ValueError as error:
        reason = RejectReason.IMPLAUSIBLE_TIME if date.startswith("0000") else RejectReason.MALFORMED_TIME
        raise RejectedRecordError(reason, text[:40]) from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise RejectedRecordError(RejectReason.IMPLAUSIBLE_TIME, text[:40])
    seconds = (moment - _EPOCH) // _SECOND + leap_second
    if sign:
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds += -offset if sign == "+" else offset
    return seconds * 1_000_000_000 + int((fraction or "0").ljust(9, "0"))


class Clock:
    """Parses times quickly by remembering the minutes that it has met."""

    def __init__(self) -> None:
        self._minutes: dict[str, int] = {}

    def nanoseconds(self, text: str) -> int:
        """As `parse_time`; the usual form with nine digits and `Z` needs one look-up."""
        if len(text) == _NANOSECONDS_LENGTH and text[-1] == "Z" and text[_SECONDS_LENGTH] == ".":
            minute = self._minutes.get(text[:_HEAD_LENGTH])
            if minute is None:
                return self._remember(text)
            digits = text[_HEAD_LENGTH:_SECONDS_LENGTH] + text[_SECONDS_LENGTH + 1 : -1]
            if digits < "6" and digits.isdecimal():
                return minute + int(digits)
        return parse_time(text)

    def _remember(self, text: str) -> int:
        time = parse_time(text)
        if len(self._minutes) >= _CACHE_LIMIT:
            self._minutes.clear()
        if text[_HEAD_LENGTH] < "6":  # a leap second belongs to the minute after
            self._minutes[text[:_HEAD_LENGTH]] = time - time % _MINUTE
        return time
