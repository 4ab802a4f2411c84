"""Does a request match a rule of `rules.http`?

Both fields are matched in full by RE2, as Envoy does (cilium `pkg/envoy/policy/envoy_l7_rules_translator.go`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import re2

if TYPE_CHECKING:
    from recommender.model.http_request import HttpRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMatch:
    """One rule of `rules.http`."""

    method: str = ""
    """RE2 expression; empty: every method."""
    path: str = ""
    """RE2 expression for path and query; empty: every path."""
    undecidable: bool = False
    """Whether it also asks for a host or headers, which no request here carries: it then matches none."""

    def admits(self, request: HttpRequest) -> bool:
        """Whether the request matches, sent without a query."""
        if self.undecidable:
            return False
        return _matches(self.method, request.method) and _matches(self.path, request.path)


def _matches(expression: str, text: str) -> bool:
    return not expression or compile_expression(expression).fullmatch(text) is not None


@lru_cache(maxsize=65_536)
def compile_expression(expression: str) -> Any:
    """The compiled expression; RE2 keeps time linear in the text, whatever the expression.

    Raises:
        re2.error: It is no RE2 expression.
    """
    options = re2.Options()
    options.log_errors = False
    return re2.compile(expression, options)
