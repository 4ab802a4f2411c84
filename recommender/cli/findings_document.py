"""`docs/findings/README.md`: the tables of all findings, renewed by `make docs`.

Rows of findings that have a registry are written from it; rows of others and all other text stay as they are.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recommender.assess.codes import FINDINGS

if TYPE_CHECKING:
    from recommender.assess.finding import Finding

_HUNDRED: Final = "## NPR{}xx"
_COLUMNS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Row:
    """One finding, as the table has it."""

    code: str
    title: str
    severity: str
    meaning: str
    action: str

    @classmethod
    def of(cls, finding: Finding) -> Row:
        """The row of a finding of a registry."""
        severity = " / ".join(item.value for item in finding.severities)
        return cls(
            code=finding.code, title=finding.title, severity=severity, meaning=finding.impact, action=finding.action
        )

    @classmethod
    def parse(cls, line: str) -> Row | None:
        """A line of the table; None if it is no row of a finding."""
        cells = [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split(" | ")]
        if len(cells) != _COLUMNS or not cells[0].startswith("NPR"):
            return None
        code, title, severity, meaning, action = cells
        return cls(code=code, title=title, severity=severity, meaning=meaning, action=action)

    def line(self) -> str:
        """The row as a line of the table."""
        return f"| {self.code} | {self.title} | {self.severity} | {self.meaning} | {self.action} |"


def renewed_table(table: str) -> str:
    """The table with the registries' rows, each in the section of its hundred and in the order of the codes."""
    ours = {finding.code: Row.of(finding) for finding in FINDINGS}
    lines: list[str] = []
    for section in _sections(table):
        hundred = section[0].removeprefix(_HUNDRED.partition("{")[0])[:1]
        rows = {row.code: row for line in section if (row := Row.parse(line))}
        rows |= {code: row for code, row in ours.items() if code[3] == hundred}
        place = next((number for number, line in enumerate(section) if line.startswith("|---")), len(section))
        others = [line for line in section[place + 1 :] if not Row.parse(line)]
        lines += [*section[: place + 1], *(rows[code].line() for code in sorted(rows)), *others]
    return "\n".join(lines) + "\n"


def _sections(table: str) -> list[list[str]]:
    """Lines of the table, cut before every heading of the second level."""
    sections: list[list[str]] = [[]]
    for line in table.splitlines():
        if line.startswith("## "):
            sections.append([])
        sections[-1].append(line)
    return [section for section in sections if section]


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(renewed_table(document.read_text(encoding="utf-8")), encoding="utf-8")
