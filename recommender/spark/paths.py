"""Paths as Spark's file systems read them."""

from __future__ import annotations

import re
from typing import Final

_BRACKETED: Final = re.compile(r"\[([*?\[])\]")
_SPECIAL: Final = re.compile(r"([\\*?\[\]{}])")


def spark_path(path: str) -> str:
    """The path for Spark, of one whose glob characters are escaped as DuckDB has it, each in brackets.

    A path without a scheme is one of this machine, whatever Spark's default file system is.
    """
    plain = _SPECIAL.sub(r"\\\1", _BRACKETED.sub(r"\1", path))
    return f"file:{plain}" if plain.startswith("/") else plain
