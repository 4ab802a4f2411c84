"""The documentation's pages, and what stands in their fences."""

from __future__ import annotations

import contextlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from click.testing import CliRunner

from recommender.cli.main import netpol_recommend

if TYPE_CHECKING:
    from click.testing import Result

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


def typed(line: Line, folder: Path) -> Result:
    """What comes of typing the line in the folder; a redirection is left out."""
    words = shlex.split(line.text.split(" > ")[0])[1:]
    with contextlib.chdir(folder):
        result = CliRunner().invoke(netpol_recommend, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), f"{line.text}: {result.exception}"
    return result
