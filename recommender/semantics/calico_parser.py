"""Calico's selector expressions, read by its own grammar.

Source: Calico docs, "Selectors"; `libcalico-go/lib/selector` (tokenizer and parser). Literals have no escapes, keys are
of letters, digits and `_ . / -`, `!` binds closest, then `&&`, then `||`; the empty text means everything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.semantics.calico_expression import (
    Compared,
    Comparison,
    Every,
    Everything,
    Global,
    Has,
    Not,
    OneOf,
    Some,
)

if TYPE_CHECKING:
    from recommender.semantics.calico_expression import Expression

_KEY: Final = r"[a-zA-Z0-9_./-]{1,512}"
_SPACE: Final = r"[\t\n\f\r ]*"
_TOKEN: Final = re.compile(
    rf"(?P<literal>\"[^\"]*\"|'[^']*')|(?P<sign>==|!=|&&|\|\||[(){{}},!])"
    rf"|(?P<has>has\({_SPACE}(?P<key>{_KEY}){_SPACE}\))|(?P<all>all\({_SPACE}\))|(?P<global>global\({_SPACE}\))"
    rf"|(?P<label>{_KEY})"
)
_OPERATOR: Final = re.compile(
    rf"(?P<sign>==|!=)|(?P<contains>contains)|(?P<starts>starts{_SPACE}with)|(?P<ends>ends{_SPACE}with)"
    rf"|(?P<notin>not{_SPACE}in\b)|(?P<in>in\b)",
    re.ASCII,
)
_COMPARISONS: Final = {
    "==": Comparison.EQUAL,
    "!=": Comparison.NOT_EQUAL,
    "contains": Comparison.CONTAINS,
    "starts": Comparison.STARTS_WITH,
    "ends": Comparison.ENDS_WITH,
}


def parse_expression(text: str) -> Expression:
    """What does a selector say?

    Raises:
        ValueError: Calico would refuse it; the message says where.
    """
    parser = _Parser(text=text)
    if parser.at_end():
        return Everything()
    try:
        found = parser.some()
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not parser.at_end():
        raise parser.error("an operator or the end")
    return found


@dataclass(slots=True, kw_only=True)
class _Parser:
    """Reads one expression from left to right."""

    text: str
    position: int = 0

    def some(self) -> Expression:
        parts = [self._every()]
        while self._takes("||"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Some(parts=tuple(parts))

    def _every(self) -> Expression:
        parts = [self._operation()]
        while self._takes("&&"):
            parts.append(self._operation())
        return parts[0] if len(parts) == 1 else Every(parts=tuple(parts))

    def _operation(self) -> Expression:
        negated = False
        while self._takes("!"):
            negated = not negated
        found = self._atom()
        return Not(inner=found) if negated else found

    def _atom(self) -> Expression:
        if self._takes("("):
            inner = self.some()
            self._expect(")")
            return inner
        token = self._next()
        if token is None:
            raise self.error("a label, has(), all() or (")
        match token.lastgroup:
            case "has" | "key":
                return Has(key=token["key"])
            case "all":
                return Everything()
            case "global":
                return Global()
            case "label":
                return self._compared(token["label"])
            case _:
                raise self.error("a label, has(), all() or (")

    def _compared(self, key: str) -> Expression:
        self._skip()
        operator = _OPERATOR.match(self.text, self.position)
        if operator is None:
            raise self.error(f"an operator after {key}")
        self.position = operator.end()
        group = operator.lastgroup or ""
        if group in {"in", "notin"}:
            return OneOf(key=key, texts=self._texts(), negated=group == "notin")
        comparison = _COMPARISONS[operator.group() if group == "sign" else group]
        return Compared(key=key, comparison=comparison, text=self._literal())

    def _texts(self) -> frozenset[str]:
        """A set; a comma may stand before the closing brace."""
        self._expect("{")
        found = set()
        while not self._takes("}"):
            found.add(self._literal())
            if not self._takes(","):
                self._expect("}")
                break
        return frozenset(found)

    def _literal(self) -> str:
        token = self._next()
        if token is None or token.lastgroup != "literal":
            raise self.error("a text in quotes")
        return token["literal"][1:-1]

    def _takes(self, sign: str) -> bool:
        self._skip()
        token = _TOKEN.match(self.text, self.position)
        if token is None or token["sign"] != sign:
            return False
        self.position = token.end()
        return True

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise self.error(sign)

    def _next(self) -> re.Match[str] | None:
        self._skip()
        token = _TOKEN.match(self.text, self.position)
        if token is not None:
            self.position = token.end()
        return token

    def _skip(self) -> None:
        while self.text[self.position : self.position + 1] in {" ", "\t"}:
            self.position += 1

    def at_end(self) -> bool:
        self._skip()
        return self.position == len(self.text)

    def error(self, expected: str) -> ValueError:
        return ValueError(f"{self.text!r} at character {self.position + 1}: expected {expected}")
