"""A rendered page, read back with the standard library's parser."""

from __future__ import annotations

import base64
import gzip
import json
from html.parser import HTMLParser
from typing import Any

COLUMNS = ("edges", "policies", "quarantine")
VOID = {"meta", "br", "link", "img", "input", "hr"}


class PageText(HTMLParser):
    """Collects elements, attributes, ids, headings, scripts and the text of `<pre>` and of everything outside them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.blocks: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.headings: list[int] = []
        self._open = ""
        self.feed(page)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def own_scripts(self) -> list[str]:
        return [text for kind, text in self.scripts if kind is None]

    @property
    def data(self) -> dict[str, Any]:
        """What the script reads."""
        [packed] = [
            text
            for (kind, text), found in zip(self.scripts, self._script_attributes, strict=True)
            if kind and found.get("id") == "page-data"
        ]
        data = json.loads(unpacked(packed))
        return {
            **data,
            "view": {key: rows_of(value) if key in COLUMNS else value for key, value in data["view"].items()},
        }

    @property
    def _script_attributes(self) -> list[dict[str, str | None]]:
        return [found for tag, found in self.tags if tag == "script"]

    @property
    def ids(self) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get("id"))]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in {"pre", "style", "script"}:
            self._open = tag
        match tag:
            case "pre":
                self.blocks.append("")
            case "style":
                self.styles.append("")
            case "script":
                self.scripts.append((dict(attrs).get("type"), ""))
        if tag in {"h1", "h2", "h3", "h4", "h5"}:
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        if tag == self._open:
            self._open = ""

    def handle_data(self, data):
        if self._open == "style":
            self.styles[-1] += data
            return
        if self._open == "script":
            kind, text = self.scripts[-1]
            self.scripts[-1] = kind, text + data
            return
        self.pieces.append(data)
        if self._open == "pre":
            self.blocks[-1] += data


def unpacked(packed: str) -> str:
    return gzip.decompress(base64.b64decode(packed, validate=True)).decode()


def rows_of(found: Any) -> Any:
    """As `rowsOf` in store.js."""
    if isinstance(found, list):
        return found
    fields = {field: rows_of(values) for field, values in found.items()}
    return [dict(zip(fields, row, strict=True)) for row in zip(*fields.values(), strict=True)]
