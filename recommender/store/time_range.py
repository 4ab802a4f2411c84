"""`--since` and `--until`: when a selection starts and ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fractions import Fraction

from recommender.errors import UsageError

_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 24 * 3600 * 10**9,
    "w": 7 * 24 * 3600 * 10**9,
}
_PART = r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)"
_DURATION = re.compile(rf"(?:{_PART})+", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(\.\d{1,9})?(Z|z|[+-]\d\d:\d\d)?)?", re.ASCII)


def moment(text: str, *, flag: str, newest: int) -> int:
    """When the text means, in nanoseconds since the epoch.

    A duration (Go's form, and `d` for days, `w` for weeks) counts back from `newest`, the newest flow of the dataset,
    not from the present: the result of a batch job must not depend on when it runs. A time without a zone is UTC; a
    date is its midnight, UTC.

    Raises:
        UsageError: the text is neither a duration nor a time.
    """
    if _DURATION.fullmatch(text):
        return newest - _nanoseconds(text)
    matched = _TIME.fullmatch(text)
    if matched is None:
        raise _unreadable(text, flag)
    day, clock, fraction, zone = matched.groups()
    try:
        instant = datetime.fromisoformat(f"{day}T{clock or '00:00'}{(zone or 'Z').upper()}")
    except ValueError as error:
        raise _unreadable(text, flag) from error
    whole = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * 10**9 + int((fraction or ".0")[1:].ljust(9, "0"))


def _nanoseconds(text: str) -> int:
    return int(sum(Fraction(number) * _UNITS[unit] for number, unit in re.findall(_PART, text)))


def _unreadable(text: str, flag: str) -> UsageError:
    return UsageError(
        f"cannot read the time {text!r}",
        where=f"--{flag}",
        hint="2026-11-02T08:00:00Z, 2026-11-02, 36h or 7d (back from the newest flow)",
    )
