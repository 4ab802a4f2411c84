"""The view as a JSON file."""

from __future__ import annotations

import json
import re
from typing import Any

_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e]")


def render_json(view: dict[str, Any]) -> str:
    r"""The view as JSON text: keys sorted, indented by two, one line break at the end.

    Readable letters stay as they are; what a terminal or an editor would obey (bidi and control characters, lone
    surrogates) is written as a JSON escape, so that the value survives and the file is safe to print.
    """
    text = json.dumps(view, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return _UNPRINTABLE.sub(_json_escape, text) + "\n"


def _json_escape(match: re.Match[str]) -> str:
    char = match.group()
    return char if char.isprintable() else json.dumps(char)[1:-1]
