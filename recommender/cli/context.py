"""What every command shares with the group, so that it reads the same however it is reached."""

from __future__ import annotations

from typing import Final

# click builds a command's help option once, from the first context that asks: each command must name both spellings
# itself, or the one called first without its group would lose `-h` for the rest of the process.
CONTEXT_SETTINGS: Final = {"help_option_names": ["-h", "--help"]}
