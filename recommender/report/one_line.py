"""Values as JSON in one line, keys sorted, without spaces: by the standard encoder, or quickly the same text."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

_READABLE: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_ASCII: Final = json.JSONEncoder(sort_keys=True, allow_nan=False, separators=(",", ":"))
_QUICK: Final = msgspec.json.Encoder(order="sorted")
_SMALLEST: Final = b"0.0000"
_EXPONENT: Final = re.compile(rb"e-?[0-9]+(?:[],}]|$)")
"""What numbers end in that Python writes in another way (`1e-07`, `1e+16`), and now and then a text."""


def strict_line(value: Any) -> str:
    """A value as the standard encoder has it, with readable letters.

    Raises:
        ValueError: A number is none.
    """
    return _READABLE.encode(value)


def strict_ascii_line(value: Any) -> str:
    """A value as the standard encoder has it, in ASCII.

    Raises:
        ValueError: A number is none.
    """
    return _ASCII.encode(value)


def quick_line(value: Any) -> str:
    """The same text as `strict_line`, several times as fast, of a value in which every number is one."""
    quick = _quick(value)
    return _READABLE.encode(value) if quick is None else quick.decode()


def quick_ascii_line(value: Any) -> str:
    """The same text as `strict_ascii_line`, several times as fast, of a value in which every number is one."""
    quick = _quick(value)
    return quick.decode() if quick is not None and quick.isascii() and b"\x7f" not in quick else _ASCII.encode(value)


def _quick(value: Any) -> bytes | None:
    """None where msgspec cannot write the value, or may write a number in another way than Python."""
    try:
        text = _QUICK.encode(value)
    except (UnicodeEncodeError, OverflowError):  # A lone surrogate is no UTF-8; a number of more than 64 bits.
        return None
    return None if _SMALLEST in text or _EXPONENT.search(text) else text
