"""Hostile text made visible: what a terminal or a browser would obey instead of show."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""How does this text read when nothing in it can act?

    Every character that Python does not call printable (controls, bidi overrides and isolates, zero-width characters,
    line separators, unusual spaces, lone surrogates) becomes its escape, such as `\u202e`; "Trojan Source",
    CVE-2021-42574, shows why.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else escaped(char) for char in text)


def printable_lines(text: str) -> str:
    """The same for a text whose line breaks are meant, such as a manifest."""
    return "\n".join(map(printable, text.split("\n")))


def escaped(char: str) -> str:
    r"""One character as `\uXXXX`, or `\UXXXXXXXX` beyond the basic plane."""
    point = ord(char)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"  # noqa: PLR2004 - last point of the basic plane
