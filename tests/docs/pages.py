"""The documentation's pages, and what stands in their fences."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
DEMO: Final = ROOT / "data" / "demo"
PROGRAM: Final = "netpol-recommend"
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_EXIT: Final = re.compile(r"\s+# exit (\d)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A fenced block of a page."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A command line of ours as a page has it, and how it ends."""

    text: str
    exit_code: int

    @property
    def command(self) -> str:
        """The sub-command; the main job where none is named."""
        return self.text.split()[1]


def pages() -> list[Path]:
    """Every page of docs/, in order."""
    return sorted(DOCS.rglob("*.md"))


def fences(page: Path) -> list[Fence]:
    """The page's fenced blocks in order."""
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [Fence(language=language, text=text) for language, text in found]


def lines(fence: Fence) -> list[Line]:
    """The command lines of ours in a shell block, comments taken off."""
    if fence.language != "sh":
        return []
    ours = [line for line in fence.text.replace("\\\n", " ").splitlines() if line.startswith(f"{PROGRAM} ")]
    return [
        Line(text=line.split("  #")[0].rstrip(), exit_code=int(exits[1]) if (exits := _EXIT.search(line)) else 0)
        for line in ours
    ]


def typed(line: Line, folder: Path) -> subprocess.CompletedProcess[str]:
    """What comes of typing the line in the folder."""
    command = line.text.replace(PROGRAM, f"{sys.executable} -m recommender", 1)
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S602 - lines of our own pages
