"""Times in their usual form, `2026-09-13T10:57:30.264664045Z`, to nanoseconds, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from recommender.ingest.block_text import BlockText, Flags, Places

    Numbers = npt.NDArray[np.int64]

_LENGTH: Final = len("2026-09-13T10:57:30.264664045Z")
_DIGITS: Final = np.array([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, *range(20, 29)])
_MARKS: Final = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: ".", 29: "Z"}
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100
_NANOSECONDS: Final = 1_000_000_000


def read_times(text: BlockText, places: Places) -> tuple[Numbers, Flags]:
    """Nanoseconds since the epoch, and whether a time that surely exists stands there.

    Leap seconds are left to `timestamps.parse_time`, as is whatever has another form.
    """
    rows = text.rows(places, _LENGTH)
    digits = rows[:, _DIGITS] - np.uint8(ord("0"))
    fits: Flags = np.all(digits <= 9, axis=1)  # noqa: PLR2004 - the largest digit
    for column, mark in _MARKS.items():
        fits &= rows[:, column] == ord(mark)
    year, month, day, hour, minute, second = (_number(digits, first, last) for first, last in _FIELDS)
    fits &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12)  # noqa: PLR2004 - months
    fits &= (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)  # noqa: PLR2004 - a clock
    fits &= day <= _DAYS[np.clip(month, 0, 12)] + ((month == 2) & _is_leap(year))  # noqa: PLR2004 - February
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    return seconds * _NANOSECONDS + _number(digits, 14, 23), fits


_FIELDS: Final = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _number(digits: npt.NDArray[np.uint8], first: int, last: int) -> Numbers:
    value = np.zeros(len(digits), np.int64)
    for column in range(first, last):
        value = value * 10 + digits[:, column]
    return value


def _is_leap(year: Numbers) -> Flags:
    found: Flags = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return found


def _days(year: Numbers, month: Numbers, day: Numbers) -> Numbers:
    """Days since the epoch (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil)."""
    year = year - (month <= 2)  # noqa: PLR2004 - the year begins in March
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1  # noqa: PLR2004 - as above
    days: Numbers = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days
