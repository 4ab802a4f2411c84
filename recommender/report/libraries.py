"""The script libraries of the page: taken from the packages that carry them, packed, and known by their hash.

Nothing of them is copied into this repository. Bokeh (BSD-3-Clause) draws, the DataTables bundle of itables (MIT) sorts
and searches; `docs/adr/0040-a-page-that-runs-offline.md` says why.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_HARDEST: Final = 9
_HARD: Final = 7
"""A little larger than with the hardest, in much less time."""
_GZIP: Final = 31
"""The largest window, with a header and trailer of gzip and no time (zlib, `deflateInit2`)."""
_EXPORTS: Final = re.compile(r"export\s*\{(?P<names>[^{}]*)\}\s*;?\s*(?P<notices>/\*(?:[^*]|\*(?!/))*\*/\s*)?$")
"""The last statement of the bundle, and the licence notices behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One script that the page unpacks when it first needs it."""

    name: str
    """Of the data block that holds it."""
    package: str
    version: str
    licence: str
    about: str
    packed: str
    """The script, gzip without a time, in base64."""
    source_hash: str
    """Of the unpacked script, as a Content-Security-Policy names it."""


@cache
def libraries() -> tuple[Library, ...]:
    """Every library that the page may run, in a fixed order."""
    scripts = "server/static/js"
    return (
        _library("library-tables", "itables", "MIT", "DataTables: search, sort and pages of tables", _tables()),
        _library(
            "library-drawing", "bokeh", "BSD-3-Clause", "BokehJS: pictures", _text("bokeh", f"{scripts}/bokeh.min.js")
        ),
        _library(
            "library-plotting",
            "bokeh",
            "BSD-3-Clause",
            "BokehJS: its plotting interface",
            _text("bokeh", f"{scripts}/bokeh-api.min.js"),
        ),
    )


def source_hash(text: str) -> str:
    """A script as `script-src` names it (Content Security Policy Level 3, hash sources)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def pack(pieces: Iterable[str], *, hard: bool = True) -> str:
    """A text in pieces as gzip in base64; the same text gives the same bytes. `hard`: as small as it can be."""
    packer = zlib.compressobj(_HARDEST if hard else _HARD, wbits=_GZIP)
    packed = [packer.compress(piece.encode()) for piece in pieces]
    return base64.b64encode(b"".join((*packed, packer.flush()))).decode()


def _library(name: str, package: str, licence: str, about: str, script: str) -> Library:
    return Library(
        name=name,
        package=package,
        version=metadata.version(package),
        licence=licence,
        about=about,
        packed=pack((script,)),
        source_hash=source_hash(script),
    )


def _text(package: str, path: str) -> str:
    return resources.files(package).joinpath(path).read_text(encoding="utf-8")


def _tables() -> str:
    """The bundle as a classic script: an inline module could not hand its exports to another script."""
    script = _text("itables", "html/dt_bundle.js")
    found = _EXPORTS.search(script)
    inner_name = re.search(r"([\w$]+) as default\b", found["names"]) if found else None
    if found is None or inner_name is None:
        raise ValueError("the DataTables bundle of itables has no default export")
    inner = f"{script[: found.start()]}\nglobalThis.DataTable = {inner_name[1]};"
    return f"(() => {{\n{inner}\n}})();\n{found['notices'] or ''}"
