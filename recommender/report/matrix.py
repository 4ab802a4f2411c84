"""Who talks to whom, folded into a table of sources and destinations."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recommender.model.disposition import Disposition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST_TABLE = 60
"""Rows beyond which a matrix is listed pair by pair: a wider table can be read on no screen."""

_ALLOWED = frozenset({Disposition.NEEDED, Disposition.IMPLICIT})
_HELD = frozenset({Disposition.QUARANTINED, Disposition.EXCLUDED})


@dataclass(slots=True, kw_only=True)
class Cell:
    """Edges from one row to one column, by what becomes of them."""

    allowed: int = 0
    review: int = 0
    denied: int = 0

    @property
    def title(self) -> str:
        """The cell in words."""
        parts = ((self.allowed, "allowed"), (self.review, "allowed, for review"), (self.denied, "denied"))
        return ", ".join(f"{number:,} {word}" for number, word in parts if number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Row names, column names, and the cells that are not empty."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell] = field(default_factory=dict)

    @property
    def is_table(self) -> bool:
        """Whether it is small enough to be drawn as a table."""
        return max(len(self.rows), len(self.columns)) <= LARGEST_TABLE

    def at(self, row: str, column: str) -> Cell | None:
        """The cell, or None if nothing was seen."""
        return self.cells.get((row, column))


def namespace_matrix(view: dict[str, Any]) -> Matrix:
    """Namespaces by namespaces, with what lies outside of any namespace behind them."""
    return _matrix(view, lambda end, _group: _place(end))


def group_matrix(view: dict[str, Any]) -> Matrix:
    """Groups by groups, with ends that are in no group behind them."""
    return _matrix(view, lambda end, group: (0, group) if group else (1, _place(end)[1]))


def _place(end: dict[str, Any]) -> tuple[int, str]:
    match end["kind"]:
        case "workload":
            cluster = f"{end['cluster']}/" if end["cluster"] else ""
            return (0, f"{cluster}{end['namespace']}")
        case "entity":
            return (1, f"entity {end['name']}")
        case _:
            return (2, "outside the cluster")


def _matrix(view: dict[str, Any], place: Callable[[dict[str, Any], str], tuple[int, str]]) -> Matrix:
    cells: dict[tuple[str, str], Cell] = defaultdict(Cell)
    rows, columns = set(), set()
    for edge in view["edges"]:
        row, column = place(edge["client"], edge["client_group"]), place(edge["server"], edge["server_group"])
        rows.add(row)
        columns.add(column)
        _count(cells[row[1], column[1]], edge["disposition"])
    return Matrix(
        rows=tuple(name for _, name in sorted(rows)),
        columns=tuple(name for _, name in sorted(columns)),
        cells={key: cells[key] for key in sorted(cells)},
    )


def _count(cell: Cell, disposition: str) -> None:
    if disposition in _HELD:
        cell.denied += 1
    elif disposition in _ALLOWED:
        cell.allowed += 1
    else:
        cell.review += 1
