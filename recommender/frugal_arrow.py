"""How Arrow takes memory in our own processes."""

from __future__ import annotations

from typing import Final

FRUGAL_ARROW: Final = ("ARROW_DEFAULT_MEMORY_POOL", "system")
"""An environment variable that Arrow reads, and its value: the system's allocator gives freed memory back, of which
Arrow's own keeps a good part."""
