"""How far up the stack rules go."""

from __future__ import annotations

from enum import StrEnum


class Layer7(StrEnum):
    """Which rules above layer 4 a run writes."""

    NONE = "none"
    """None: peers and ports only."""
    HTTP = "http"
    """Methods and paths, between pairs whose HTTP requests were seen well enough."""
