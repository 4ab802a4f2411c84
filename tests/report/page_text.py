"""A rendered page, read back with the standard library's parser."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr"}


class PageText(HTMLParser):
    """Collects elements, attributes, ids, headings and the text of `<pre>` and of everything."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.blocks: list[str] = []
        self.styles: list[str] = []
        self.headings: list[int] = []
        self._open = ""
        self.feed(page)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def ids(self) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get("id"))]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in {"pre", "style"}:
            self._open = tag
            (self.blocks if tag == "pre" else self.styles).append("")
        if tag in {"h1", "h2", "h3", "h4", "h5"}:
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        if tag == self._open:
            self._open = ""

    def handle_data(self, data):
        if self._open == "style":
            self.styles[-1] += data
            return
        self.pieces.append(data)
        if self._open == "pre":
            self.blocks[-1] += data
